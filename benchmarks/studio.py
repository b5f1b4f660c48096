"""The studio in a browser: opened, an edge moved until the page shows what it makes, scan and verdict, memory.

`python benchmarks/run.py --only studio`; needs a Chromium and playwright. It is a process of its own, as users have it.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cases.bench import Bench
from data import CUSTOMERS, households
from page import table

WATCH = """() => {
  window.seen = {};
  const look = () => {
    const turn = Number(document.body.dataset.turn), now = performance.now();
    const sizes = document.querySelector('[data-sizes]'), { settled, searched, glanced, looked } = document.body.dataset;
    const isWhole = Number(settled) === turn;
    const at = (window.seen[turn] ??= {});
    if (!sizes.classList.contains('old')) at.sizes ??= now;
    if (Number(glanced) === turn) at.glance ??= now;
    if (Number(searched) === turn && Number(glanced) === turn) at.searched ??= now;
    if (Number(looked) === turn) at.look ??= now;
    if (isWhole) at.whole ??= now;
    requestAnimationFrame(look);
  };
  look();
}"""
FOCUS = """feature => document.querySelector(`studio-feature[data-feature=${feature}] .handle`).focus()"""
MOVE = """([feature, back]) => {
  const handle = document.querySelector(`studio-feature[data-feature=${feature}] .handle`);
  window.moved = performance.now();
  handle.dispatchEvent(new KeyboardEvent('keydown', { key: back ? 'ArrowLeft' : 'ArrowRight', bubbles: true }));
}"""


STAGES = ("sizes", "glance", "searched", "look", "whole")
HEADER = [
    "",
    "opened, s: recipe / first report",
    "sizes, s",
    "segments at a glance, s",
    "those of a search, s",
    "whole profile, s",
    "scan and verdict, s",
    "CPU of a move, s",
    "peak MB",
]

_IN_TURN = 6
"""Moves of one edge before another feature's is moved; an edge that comes back meets other edges than before."""


@dataclass(frozen=True)
class Opened:
    """A studio in a process of its own, with its page: seconds until the recipe can be changed, and until the first report."""

    page: Any
    pid: int
    url: str
    seconds: tuple[float, float]


@dataclass(frozen=True)
class Timed:
    """Seconds of one table: until the recipe and until the first report, and of each move until its stages."""

    opened: tuple[float, float]
    stages: dict[str, list[float]]
    cpu: list[float]
    peak_mb: float

    def row(self, title: str) -> list[str]:
        parts = [f"{statistics.median(t):.2f} / {np.quantile(t, 0.95):.2f}" for t in self.stages.values()]
        return [
            title,
            " / ".join(f"{seconds:.1f}" for seconds in self.opened),
            *parts,
            f"{statistics.median(self.cpu):.1f}",
            f"{self.peak_mb:,.0f}",
        ]


def studio(bench: Bench) -> str:
    """Measure the studio on generated households and on the customer personality file."""
    rows, moves = bench.size(1_000_000, 5_000), bench.size(20, 2)
    done = [timed(households(bench.folder, rows), "households", moves).row(f"{rows:,} generated households")]
    if CUSTOMERS.is_file():
        copied = Path(shutil.copy(CUSTOMERS, bench.folder))  # states are kept beside it
        done.append(timed(copied, "customer-personality", moves).row("customer personality file"))
    return f"{words(moves)}\n\n{table(HEADER, done)}"


def words(moves: int) -> str:
    """Say what was measured."""
    return (
        f"`segmentry studio` with a page in Chromium; {moves} moves of an edge by one cut, each to a recipe that was not shown before and after all was "
        "settled, from the key on a handle that has the focus to the frame that shows it: median / 95th percentile. Sizes and segments at a glance are those before, as they go on with the "
        "moved edge; those of a search follow."
    )


def timed(data: Path, recipe: str, n_moves: int) -> Timed:
    """Open a studio, and measure moves."""
    with opened_studio(data, recipe) as studio:
        stages, cpu = _moves(studio.page, n_moves, studio.pid)
        return Timed(studio.seconds, stages, cpu, peak_mb(studio.pid))


@contextmanager
def opened_studio(data: Path, recipe: str) -> Iterator[Opened]:
    """Open a studio as users do, in a browser that runs, without states of an earlier time, and wait until it has nothing to do."""
    from playwright.sync_api import sync_playwright

    data.with_suffix(".studio.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "segmentry", "studio", str(data), "--recipe", recipe, "--no-browser"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(600_000)
        page.goto("data:text/html,<title>Before</title>")
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                found = re.search(r"http://\S+/", process.stdout.readline())
                if found is None:
                    raise RuntimeError("the studio did not open")
                page.goto(found[0])
                page.wait_for_selector("studio-feature .handle")
                recipe_shown = time.perf_counter() - started
                page.wait_for_selector("body[data-settled]")
                seconds = recipe_shown, time.perf_counter() - started
                page.wait_for_selector(".strip")
                page.wait_for_selector("[data-column]", state="attached")
                page.wait_for_timeout(15_000)  # finer levels, columns and findings are read in the background
                yield Opened(page, process.pid, found[0], seconds)
                browser.close()
            finally:
                process.send_signal(2)
                process.wait(60)


def _moves(page: Any, n_moves: int, pid: int) -> tuple[dict[str, list[float]], list[float]]:
    movable = page.locator("studio-feature:has(.handle)").all()
    features = [one.get_attribute("data-feature") for one in movable]
    page.evaluate(WATCH)
    times: dict[str, list[float]] = {name: [] for name in STAGES}
    cpu = []
    for i in range(n_moves):
        turn, before = int(page.locator("body").get_attribute("data-turn")), cpu_of(pid)
        feature = features[i // _IN_TURN % len(features)]
        page.evaluate(FOCUS, feature)
        page.wait_for_timeout(200)  # the panel scrolls to it
        page.evaluate(MOVE, [feature, i // _IN_TURN // len(features) % 2 == 1])
        page.wait_for_function("turn => Number(document.body.dataset.settled) > turn", arg=turn)
        page.wait_for_timeout(200)
        at = page.evaluate("turn => ({ ...window.seen[turn], moved: window.moved })", turn + 1)
        for name, seconds in times.items():
            seconds.append((at[name] - at["moved"]) / 1000)
        cpu.append(cpu_of(pid) - before)
    return times, cpu


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def cpu_of(pid: int) -> float:
    """Seconds of processor time of the studio and its helper."""
    ticks = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def peak_mb(pid: int) -> float:
    """Largest memory of the studio and of its helper, added up."""
    return _memory(pid, "VmHWM")


def memory_mb(pid: int) -> float:
    """Memory of the studio and of its helper now."""
    return _memory(pid, "VmRSS")


def _memory(pid: int, kind: str) -> float:
    found = (re.search(rf"{kind}:\s+(\d+)", Path(f"/proc/{one}/status").read_text()) for one in _family(pid))
    return sum(int(size[1]) for size in found if size) / 1024
