"""The command line: in this process, which is fast, or in a process of its own, as users start it."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from unittest.mock import patch

import pytest

from segmentry.cli import main


def segmentry(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in this process."""
    return _checked(called(*arguments), code)


def called(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, whatever its exit code is."""
    command = ["segmentry", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with streams[0], streams[1], patch.object(sys, "argv", command), pytest.raises(SystemExit) as end:
        main()
    return subprocess.CompletedProcess(command, int(end.value.code or 0), *(s.getvalue() for s in (out, err)))


def segmentry_process(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "segmentry", *map(str, arguments)]
    return _checked(subprocess.run(command, capture_output=True, text=True, check=False), code)


def _checked(done: subprocess.CompletedProcess[str], code: int) -> subprocess.CompletedProcess[str]:
    assert done.returncode == code, done.stdout + done.stderr
    return done
