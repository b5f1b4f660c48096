"""`segmentry studio` says where its page is, and Ctrl-C ends it and everything that it started."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="starlette and uvicorn are not installed")


def children(pid: int) -> set[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return {int(child) for child in found.read_text().split()} if found.is_file() else set()


def is_there(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.is_file() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def assert_ended(pids: set[int]) -> None:
    end = time.monotonic() + 10
    while any(map(is_there, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_there, pids))


@contextmanager
def started(shop: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a studio as users do; yield its process and the address of its page."""
    command = [sys.executable, "-m", "segmentry", "studio", "shop.csv", "--recipe", "shop.toml"]
    with subprocess.Popen(
        [*command, "--no-browser"], cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{20,}/", line)
        assert address is not None, process.stderr.read() if process.stderr else line
        assert "The studio is open, on shop.csv" in line
        yield process, address[0]


def test_ctrl_c_ends_it_and_what_it_started(shop: Path) -> None:
    with started(shop) as (process, address):
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - its own page
            assert b"studio.js" in answer.read()
        helpers = children(process.pid)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
        assert "Ended." in out
    assert_ended(helpers)


def test_a_killed_process_leaves_every_answered_move_and_no_helper(shop: Path) -> None:
    with started(shop) as (process, address):
        for n in (1, 2, 3):
            move = {"kind": "edges", "feature": "income", "edges": [30_000 + n]}
            content = json.dumps({"tab": "a", "n": n, "gesture": "", "move": move}).encode()
            headers = {
                "Content-Type": "application/json",
                "Origin": address.rpartition("/")[0].rpartition("/")[0],
            }
            asked = urllib.request.Request(f"{address}move", content, headers)  # noqa: S310 - its own page
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                assert json.load(answer) == {"turn": n + 1}
        helpers = children(process.pid)
        process.kill()
        process.communicate(timeout=60)
    assert_ended(helpers)
    kept = json.loads((shop / "shop.studio.json").read_text(encoding="utf-8"))
    assert [state["what"] for state in kept["states"][1:]] == [f"Income: edges 30,00{n}" for n in (1, 2, 3)]
    assert kept["position"] == 3
    assert {path.name for path in shop.iterdir()} == {"shop.csv", "shop.toml", "shop.studio.json"}


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
