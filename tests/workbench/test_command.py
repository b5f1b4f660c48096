"""`segmentry studio` says where its page is, and Ctrl-C ends it and everything that it started."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="starlette and uvicorn are not installed")


def children(pid: int) -> set[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return {int(child) for child in found.read_text().split()} if found.is_file() else set()


def is_there(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.is_file() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_ctrl_c_ends_it_and_what_it_started(shop: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "segmentry",
        "studio",
        "shop.csv",
        "--recipe",
        "shop.toml",
        "--no-browser",
    ]
    with subprocess.Popen(
        command, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        line = started.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{20,}/", line)
        assert address is not None, started.stderr.read() if started.stderr else line
        assert "The studio is open, on shop.csv" in line
        with urllib.request.urlopen(address[0], timeout=30) as answer:  # noqa: S310 - its own page
            assert b"studio.js" in answer.read()
        helpers = children(started.pid)
        started.send_signal(signal.SIGINT)
        out, errors = started.communicate(timeout=60)
        assert (started.returncode, errors) == (0, "")
        assert "Ended." in out
    end = time.monotonic() + 10
    while any(map(is_there, helpers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_there, helpers))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nothing.csv", "--recipe", "shop.toml"], "nothing.csv"),
        (["shop.csv", "--recipe", "nothing.toml"], "no such file, nor a bundled recipe"),
        (["--recipe", "shop.toml"], "name the data"),
    ],
)
def test_a_mistake_is_one_line(shop: Path, arguments: list[str], problem: str) -> None:
    command = [sys.executable, "-m", "segmentry", "studio", *arguments, "--no-browser"]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1
