"""What every contestant's process does: load the library, read the codes, fit, and write down what it found.

Needs numpy alone, so that it runs in the environment of any peer. The first argument is a JSON file with the task.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[Any]
Found = dict[str, Any]
"""`modes`, or `prior` and `probabilities` (one array per feature), or `labels`; and numbers worth a note."""
WARM_UP_ROWS = 300


@dataclass(frozen=True)
class Fit:
    """One model to fit: `data` is codes (.npy, -1 is missing) or the path of a table."""

    data: str
    k: int
    weights: str | None = None


@dataclass(frozen=True)
class Task:
    """What a process has to do; `needs` says whether labels are wanted beside the model."""

    method: str
    fits: list[Fit]
    out: str
    starts: int = 1
    seed: int = 0
    max_iter: int = 100_000
    needs_labels: bool = False
    options: dict[str, Any] = field(default_factory=dict)


Solve = Callable[[Any, Task, int, Any, Any], Found]


def main(load: Callable[[Task], Any], solve: Solve, *, compiles: bool = False) -> None:
    """Do the task; a library that compiles at its first call may do so before the clock starts."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    task = Task(**{**given, "fits": [Fit(**one) for one in given["fits"]]})
    started = time.perf_counter()
    library = load(task)
    loading = time.perf_counter() - started
    tables = {path: _read(path) for one in task.fits for path in (one.data, one.weights) if path}
    if compiles:
        solve(library, task, 2, tables[task.fits[0].data][:WARM_UP_ROWS], None)
    seconds, found = [], []
    for one in task.fits:
        started = time.perf_counter()
        found.append(solve(library, task, one.k, tables[one.data], tables.get(one.weights or "")))
        seconds.append(time.perf_counter() - started)
    _write(task.out, found)
    print(json.dumps({"loading": loading, "seconds": seconds, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """Return the largest resident size of this process.

    `ru_maxrss` of a started process may begin at the size of the one that started it; Linux counts afresh in VmHWM.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def n_levels(codes: Codes) -> list[int]:
    return [int(column.max()) + 1 for column in codes.T]


def missing_as_level(codes: Codes) -> Codes:
    """Give missing cells a level of their own, for libraries that know none."""
    return codes + 1 if (codes < 0).any() else codes


def _read(path: str) -> Any:
    return np.load(path) if path.endswith(".npy") else path


def _write(out: str, found: list[Found]) -> None:
    """Write arrays as `<index>/<name>`; the probabilities of feature j as `<index>/probabilities/<j>`."""
    arrays = {}
    for index, model in enumerate(found):
        for name, value in model.items():
            if isinstance(value, list):
                arrays.update({f"{index}/{name}/{j}": np.asarray(part) for j, part in enumerate(value)})
            else:
                arrays[f"{index}/{name}"] = np.asarray(value)
    np.savez(out, **arrays)
