"""A signal ends the command with its code, also in a call that does not listen, and leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import ctypes, sys, time
from pathlib import Path
from segmentry.system.ending import ended_by_signals
from segmentry.system.whole_files import whole_file
with ended_by_signals(), whole_file(Path(sys.argv[1])) as file:
    file.write_text("new")
    print("ready", flush=True)
    time.sleep(60) if sys.argv[2] == "listens" else ctypes.CDLL(None).sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("way", ["listens", "is deaf"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_work_and_leaves_the_old_file(
    number: int, code: int, way: str, tmp_path: Path
) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    command = [sys.executable, "-c", PROGRAM, str(target), way]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)  # the call itself takes a minute
    assert (process.returncode, "Traceback" in errors) == (code, False)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


AT_ITS_PLACE = """
import os, signal
from segmentry.system.ending import ended_by_signals, undisturbed
with ended_by_signals(), undisturbed():
    os.kill(os.getpid(), signal.SIGTERM)
    sum(range(1000))
    print("done", flush=True)
print("never")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_waits_while_files_take_their_places() -> None:
    command = [sys.executable, "-c", AT_ITS_PLACE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (143, "done\n", "")
