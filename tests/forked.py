"""Program of the tests: runs commands, each in a process that is forked from this one, which has imported everything already.

It takes a request as JSON on each line and answers with one. A command is killed after some time, at a step of the file system, or not at all.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STEPS = "steps.json"
"""File in the folder for temporary files that says which steps a command took that was not killed at one."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code (below 0 the signal), what it wrote aside, its steps of the file system, its seconds."""

    code: int
    said: str
    steps: list[str]
    seconds: float


class Launcher:
    """The program, as the tests start it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        command = [sys.executable, str(Path(__file__)), str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, arguments: list[str], cwd: Path, *, seconds: float = 0, step: int = 0) -> Ended:
        """Run a command, killed after so many seconds or at a step, counted from 1; 0 is never."""
        request = {"arguments": arguments, "cwd": str(cwd), "seconds": seconds, "step": step}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the program."""
        self._process.communicate()


def _import_everything() -> None:
    import segmentry

    for module in pkgutil.walk_packages(segmentry.__path__, "segmentry."):
        if not module.name.endswith("__main__"):
            with suppress(ImportError):  # of an extra
                importlib.import_module(module.name)
    for name in ("duckdb", "pandas", "pyarrow.parquet", "scipy.optimize", "jinja2"):
        importlib.import_module(name)


def _command(request: dict[str, Any], folder: Path) -> None:
    """Be the command; it ends this process."""
    from segmentry.cli import main
    from steps import at_step, kill

    os.setsid()
    os.chdir(request["cwd"])
    (folder / "temporary").mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "temporary")
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    for number, where in ((0, os.devnull), (1, os.devnull), (2, str(folder / "said"))):
        os.dup2(os.open(where, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["segmentry", *request["arguments"]]
    with at_step(request["step"], kill) as seen:
        try:
            main()
        finally:
            (folder / STEPS).write_text(json.dumps(seen))


def _ended(child: int, seconds: float) -> int:
    end = time.monotonic() + seconds
    while seconds and time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    if seconds:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _serve(folder: Path) -> None:
    from few_tables import few_tables

    _import_everything()
    with few_tables():
        for line in sys.stdin:
            request = json.loads(line)
            (folder / STEPS).unlink(missing_ok=True)
            began = time.monotonic()
            child = os.fork()
            if not child:
                _command(request, folder)
            status = _ended(child, request["seconds"])
            said = (folder / "said").read_text("utf-8", "replace") if (folder / "said").exists() else ""
            steps = json.loads((folder / STEPS).read_text()) if (folder / STEPS).exists() else []
            ended = Ended(os.waitstatus_to_exitcode(status), said, steps, time.monotonic() - began)
            print(json.dumps(vars(ended)), flush=True)  # noqa: T201


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
