"""Contestants: each does the same task in a process of its own, several times; medians, and why one failed."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from peers import NotInstalledError, environment, interpreter, title

SCRIPTS = Path(__file__).with_name("contestants")
ENOUGH_SECONDS = 12.0
"""No further run starts once the runs of a contestant took so long."""
REPEATS = 5
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")

Found = dict[str, Any]


@dataclass(frozen=True)
class Contestant:
    """Who does what: a script in contestants/, the environment it runs in, and what it is told."""

    script: str
    label: str = ""
    needs: str = "segmentry"
    task: dict[str, Any] = field(default_factory=dict)
    limit: float = 150.0
    is_single: bool = False
    """Whether its libraries get one thread, because others run beside it."""

    @property
    def title(self) -> str:
        return title(self.needs) + (f", {self.label}" if self.label else "")


@dataclass(frozen=True)
class Result:
    """Medians over the runs, and what the last run found; or why there is nothing."""

    contestant: Contestant
    failed: str = ""
    each_seconds: tuple[float, ...] = ()
    loading: float = 0.0
    peak_mb: float = 0.0
    n_runs: int = 0
    found: tuple[Found, ...] = ()

    @property
    def seconds(self) -> float:
        return sum(self.each_seconds)


def compete(contestant: Contestant, task: dict[str, Any], folder: Path, repeats: int = REPEATS) -> Result:
    """Run a contestant until it took enough time or ran often enough."""
    runs: list[dict[str, Any]] = []
    started = time.perf_counter()
    try:
        while len(runs) < repeats and (not runs or time.perf_counter() - started < ENOUGH_SECONDS):
            runs.append(_run(contestant, {**task, **contestant.task}, folder))
    except (NotInstalledError, _FailedError) as error:
        print(f"  {contestant.title}: {error}", flush=True)
        return Result(contestant, failed=str(error))
    each = np.median([run["seconds"] for run in runs], axis=0)
    result = Result(
        contestant,
        each_seconds=tuple(float(seconds) for seconds in each),
        loading=statistics.median(run["loading"] for run in runs),
        peak_mb=statistics.median(run["peak_mb"] for run in runs),
        n_runs=len(runs),
        found=tuple(_read(folder / "answer.npz")),
    )
    print(f"  {contestant.title}: {result.seconds:.3f} s", flush=True)
    return result


class _FailedError(Exception):
    """A process ended without an answer, and the text says why."""


def _run(contestant: Contestant, task: dict[str, Any], folder: Path) -> dict[str, Any]:
    given = folder / "task.json"
    given.write_text(json.dumps({**task, "out": str(folder / "answer.npz")}), encoding="utf-8")
    command = [str(interpreter(contestant.needs)), str(SCRIPTS / f"{contestant.script}.py"), str(given)]
    one_thread = dict.fromkeys(THREADS, "1") if contestant.is_single else {}
    out = _output(command, {**environment(contestant.needs), **one_thread}, contestant.limit)
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    return answer


def _output(command: list[str], variables: dict[str, str], limit: float) -> str:
    """Return what a process prints; it and all that it started end at the limit."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=variables, start_new_session=True, **pipes) as process:
        try:
            out, err = process.communicate(timeout=limit)
        except BaseException as error:  # an interrupted benchmark leaves no process behind either
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise _FailedError(f"> {limit:.0f} s") from None
            raise
    if process.returncode:
        lines = [line.strip() for line in err.splitlines() if line.strip()]
        raise _FailedError(lines[-1] if lines else f"ended with {process.returncode}")
    return out


def _read(path: Path) -> list[Found]:
    """Read the models back: a name that ends in a number is one of a list."""
    found: dict[int, Found] = {}
    with np.load(path, allow_pickle=False) as arrays:
        for key in arrays.files:
            index, name, *place = key.split("/")
            model = found.setdefault(int(index), {})
            if place:
                model.setdefault(name, []).append(arrays[key])
            else:
                model[name] = arrays[key]
    return [found[index] for index in sorted(found)]
