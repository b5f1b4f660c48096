"""Twenty moves a second for a minute, by HTTP and on the page: how soon each is answered, memory, and whether a state is lost.

`python benchmarks/run.py --only studio-storm` on the customer personality file; `--only studio-large` has a drag on many households.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cases.bench import Bench
from data import CUSTOMERS
from studio import Opened, memory_mb, opened_studio

PER_SECOND = 20
KEY = """([back, repeat]) => {
  const handle = document.querySelector('studio-feature .handle');
  handle.dispatchEvent(new KeyboardEvent('keydown', { key: back ? 'ArrowLeft' : 'ArrowRight', repeat, bubbles: true }));
}"""
ANSWERED = """() => performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/move')).map((one) => one.duration / 1000)"""


@dataclass(frozen=True)
class Storm:
    """Seconds until each move was answered, megabytes at the start, half way and at the end, seconds until all was shown, states."""

    answered: list[float]
    memory: list[float]
    settled: float
    n_states: int
    is_last: bool

    def said(self, title: str) -> str:
        p95 = np.quantile(self.answered, 0.95)
        memory = ", ".join(f"{mb:,.0f}" for mb in self.memory)
        kept = "the last is shown" if self.is_last else "THE LAST IS NOT SHOWN"
        return (
            f"{title}: {len(self.answered)} moves answered in {statistics.median(self.answered):.3f} s in the median, {p95:.3f} at the 95th "
            f"percentile, {max(self.answered):.3f} at most; {self.settled:.1f} s after the last everything was that of the last; memory "
            f"{memory} MB at the start, half way and at the end; {self.n_states} states kept, {kept}."
        )


def storm(studio: Opened, seconds: int, move: Callable[[int], float | None], in_page: bool) -> Storm:
    """Make moves at a steady pace; `move` makes one and returns the seconds until it was answered, if it waits for that."""
    page, memory, answered = studio.page, [memory_mb(studio.pid)], list[float]()
    n = seconds * PER_SECOND
    started = time.perf_counter()
    for i in range(n):
        time.sleep(max(0.0, started + i / PER_SECOND - time.perf_counter()))
        if (took := move(i)) is not None:
            answered.append(took)
        if i == n // 2:
            memory.append(memory_mb(studio.pid))
    last = time.perf_counter()
    page.wait_for_timeout(1_000)
    turn = int(page.locator("body").get_attribute("data-turn"))
    page.wait_for_function("turn => Number(document.body.dataset.settled) >= turn", arg=turn)
    settled = time.perf_counter() - last
    memory.append(memory_mb(studio.pid))
    edges = page.evaluate("() => document.querySelector('studio-feature').data.edges")
    what = page.locator("[data-tried] [aria-current]").text_content() or ""
    is_last = f"{edges[0]:,}" in what and f"{edges[1]:,}" in what
    return Storm(
        page.evaluate(ANSWERED) if in_page else answered,
        memory,
        settled,
        page.locator("[data-tried] li").count(),
        is_last,
    )


def by_http(studio: Opened, seconds: int, gesture: str = "") -> Storm:
    """Ask for edges, each a state of its own, or with a gesture all one step of undo."""
    feature = studio.page.locator("studio-feature:has(.handle)").first.evaluate("node => node.data")
    edges = feature["edges"]
    near = [cut for cut in feature["cuts"] if len(edges) < 2 or cut < edges[1]]

    def move(i: int) -> float:
        content = {"kind": "edges", "feature": feature["name"], "edges": [near[i % len(near)], *edges[1:]]}
        asked = time.perf_counter()
        _ask(studio, i + 1, content, gesture)
        return time.perf_counter() - asked

    return storm(studio, seconds, move, in_page=False)


def on_the_page(studio: Opened, seconds: int) -> Storm:
    """Hold arrow keys down on a handle, to and fro."""
    studio.page.evaluate("() => performance.setResourceTimingBufferSize(100_000)")

    def move(i: int) -> None:
        studio.page.evaluate(KEY, [i // 5 % 2 == 1, i % 5 > 0])

    return storm(studio, seconds, move, in_page=True)


def _ask(studio: Opened, n: int, move: dict[str, Any], gesture: str) -> int:
    content = json.dumps({"tab": f"storm {gesture}", "n": n, "gesture": gesture, "move": move}).encode()
    origin = "/".join(studio.url.split("/")[:3])
    headers = {"Content-Type": "application/json", "Origin": origin}
    request = urllib.request.Request(f"{studio.url}move", content, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return int(json.load(answer)["turn"])


def studio_storm(bench: Bench) -> str:
    """Measure the studio on the customer personality file while moves come without a pause."""
    seconds = bench.size(60, 3)
    data = Path(shutil.copy(CUSTOMERS, bench.folder))
    with opened_studio(data, "customer-personality") as studio:
        storms = [
            by_http(studio, seconds, "drag").said("A drag by HTTP"),
            by_http(studio, seconds).said("States by HTTP"),
            on_the_page(studio, seconds).said(
                "Keys held down on the page, which puts moves that wait together"
            ),
        ]
    return "\n\n".join(storms)
