"""A process that ends while the studio is in a query ends at once, and whole; a query that nobody waits for is ended."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from segmentry.engine.duckdb import DuckDBEngine
from segmentry.workbench.desk import Desk
from visitors import Visitor

ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c"
ENDS = f"""
from threading import Event
import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.engine.duckdb import DuckDBEngine

is_in = Event()

def endless(engine, text):
    is_in.set()
    return engine._rows({ENDLESS!r})

DuckDBEngine._arrow = endless
here = sg.studio(sample_households(rows=200), "households")
assert is_in.wait(60)
print("in a query", flush=True)
"""


CLOSED_WHILE_IT_WRITES = """
import segmentry as sg
from segmentry.datasets import sample_households

here = sg.studio(sample_households(rows=1_000), "households")
print(here._desk.export("written", csv=False), flush=True)
here.close()
"""


@pytest.mark.parametrize("end", ["", "here.close()"])
def test_a_process_that_ends_in_a_query_ends_whole(end: str) -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    done = subprocess.run(
        [sys.executable, "-c", ENDS + end], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stdout) == (0, "in a query\n"), done.stderr[-2_000:]


def test_a_process_that_ends_while_a_closed_studio_writes_leaves_whole_files(tmp_path: Path) -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_WHILE_IT_WRITES], cwd=tmp_path, capture_output=True, text=True, timeout=200,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["written"]
    assert (tmp_path / "written" / "report.html").is_file()


def test_a_move_ends_the_query_of_the_state_before(
    shop: Path, desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(shop / "shop.csv", shop / "shop.toml")
    visitor = Visitor(desk)
    visitor.wait()
    visitor.wait_for("cleaning", lambda found: found["offers"])
    arrow, is_in, is_slow = DuckDBEngine._arrow, Event(), Event()

    def slow(engine: DuckDBEngine, text: str) -> object:
        if is_slow.is_set():
            is_slow.clear()
            is_in.set()
            engine._rows(ENDLESS)
        return arrow(engine, text)

    monkeypatch.setattr(DuckDBEngine, "_arrow", slow)
    is_slow.set()
    visitor.move(kind="missing", feature="income", missing="drop")
    assert is_in.wait(60)
    time.sleep(0.2)  # it is in the query
    turn = visitor.move(kind="undo")
    assert visitor.wait(turn).startswith("<!doctype html>")
    assert visitor.told("problem") is None
