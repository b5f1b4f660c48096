"""Helpers of a run: modules of segmentry in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import Any

_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # what `process_group` is on Windows


def start(module: str, **pipes: Any) -> subprocess.Popen[bytes]:
    """Run a module by this interpreter, with the libraries that this process finds and none of the current folder's.

    An interrupt from the keyboard reaches this process alone: it is for the one who started the other to end it.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(path) for path in sys.path if path)}
    return subprocess.Popen(  # noqa: S603 - this package, by this interpreter
        [sys.executable, "-P", "-m", module],
        env=environment,
        process_group=0,
        creationflags=_OWN_GROUP,
        **pipes,
    )


def can_start() -> bool:
    """Whether there is an interpreter to start: not where Python is part of another program."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, whatever it is at, and close its pipes."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # what nobody will read
                pipe.close()
