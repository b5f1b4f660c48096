"""The studio on 10 million households, on a pattern file of a billion customers; a drag by the browser's own trace; a minute of moves.

`python benchmarks/run.py --only studio-large`; the data are 300 MB. A billion customers are 100 tables of 10
million, each of another seed, whose pattern tables are merged: this takes a quarter of an hour.
"""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
from cases.bench import Bench
from data import households, merged_households
from page import table
from studio import HEADER, Opened, opened_studio, timed, words
from studio_storm import by_http

FRAME_MS = 16


def studio_large(bench: Bench) -> str:
    """Measure the studio where rows are many, and its page while a handle is dragged."""
    rows, moves = bench.size(10_000_000, 20_000), bench.size(20, 2)
    data = households(bench.folder, rows)
    tables = bench.size(100, 2)
    merged = merged_households(bench.folder, tables, rows)
    done = [
        timed(data, "households", moves).row(f"{rows:,} generated households"),
        timed(merged, "households", moves).row(f"pattern file of {tables * rows:,} customers"),
    ]
    with opened_studio(data, "households") as studio:
        said = [
            _dragged(studio),
            by_http(studio, bench.size(60, 3), "drag").said("20 moves a second of one drag"),
        ]
    return "\n\n".join([words(moves), table(HEADER, done), *said])


def _dragged(studio: Opened) -> str:
    """Drag a handle to and fro, and add up what the browser's trace says of each frame."""
    page = studio.page
    session = page.context.new_cdp_session(page)
    traced: list[Any] = []
    session.on("Tracing.dataCollected", lambda told: traced.extend(told["value"]))
    ended: list[Any] = []
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    box = page.locator(".handle").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    session.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel", "devtools.timeline"]}})
    page.mouse.down()
    for step in range(200):
        page.mouse.move(x + 80 * np.sin(step / 10), y)
    page.mouse.up()
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    work = frames_of(traced)
    if not work:
        raise RuntimeError("the trace holds no frames")
    late = sum(ms > FRAME_MS for ms in work)
    return (
        f"A handle dragged over 200 positions, {len(work)} frames by the browser's trace: processor time of the page's main thread per frame "
        f"{statistics.median(work):.1f} ms in the median, {np.quantile(work, 0.95):.1f} at the 95th percentile, {max(work):.1f} at most; "
        f"{late} above {FRAME_MS} ms."
    )


def frames_of(traced: list[Any]) -> list[float]:
    """Return milliseconds of processor time of the main thread of the busiest page, from one frame to the next."""
    tasks = [
        e
        for e in traced
        if e.get("name") in ("RunTask", "ThreadControllerImpl::RunTask") and e.get("ph") == "X"
    ]
    frames = [
        e
        for e in traced
        if e.get("name") in ("BeginMainThreadFrame", "AnimationFrame")
        or e.get("name") == "FireAnimationFrame"
    ]
    begun = [e for e in traced if e.get("name") == "BeginMainThreadFrame"] or frames
    if not begun:
        return []
    threads = [(e["pid"], e["tid"]) for e in begun]
    thread = max(set(threads), key=threads.count)
    starts = np.sort([e["ts"] for e in begun if (e["pid"], e["tid"]) == thread])
    mine = [e for e in tasks if (e["pid"], e["tid"]) == thread]
    at = np.searchsorted(starts, [e["ts"] for e in mine], side="right")
    work = np.bincount(at, [e.get("tdur", e.get("dur", 0)) / 1000 for e in mine], minlength=len(starts) + 1)
    return [float(ms) for ms in work[1:] if ms > 0]
