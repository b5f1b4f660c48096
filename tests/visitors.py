"""A small shop behind a desk of the studio, whose runs draw few null tables, a page of it without a browser, and figures of pages."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

import segmentry as sg
from few_tables import few_tables
from segmentry.datasets import write_sample
from segmentry.recipe import Recipe
from segmentry.report import compose
from segmentry.report.page import report_page
from segmentry.workbench.desk import Desk
from segmentry.workbench.opening import open_for_studio

OpenDesk = Callable[..., Desk]

SECONDS = 120


class Visitor:
    """A page without a browser: makes moves, and waits until the desk has answered the newest."""

    def __init__(self, desk: Desk, name: str = "tab") -> None:
        self.desk, self.name, self.n = desk, name, 0

    def move(self, gesture: str = "", **move: Any) -> int:
        self.n += 1
        return self.desk.move({"tab": self.name, "n": self.n, "gesture": gesture, "move": move})

    def told(self, name: str) -> Any:
        return json.loads(dict(self.desk.board.since(0)[1])[name])

    def wait(self, turn: int = 1) -> str:
        """Wait for the report of a turn, or for what is wrong with it; return its page, or the problem."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            page = self.desk.page("whole", str(turn))
            problem = self.told("problem")
            if page is not None or problem:
                return page or str(problem["text"])
            time.sleep(0.02)
        raise AssertionError(f"no answer to turn {turn}: {self.told('progress')}")

    def wait_for(self, name: str, is_there: Callable[[Any], bool]) -> Any:
        """Wait until what is told under a name is as it is expected; return it."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            texts = dict(self.desk.board.since(0)[1])
            if name in texts and is_there(found := json.loads(texts[name])):
                return found
            time.sleep(0.02)
        raise AssertionError(f"never told: {name}")


def write_shop(folder: Path) -> Path:
    """Write a table and its recipe, with up to three segments, into a folder."""
    write_sample(folder / "shop.csv", 600, seed=3, dirt=True)
    text = Recipe.text_of("households").replace("[model]", "[model]\nrange = [1, 3]")
    (folder / "shop.toml").write_text(text, encoding="utf-8")
    return folder


def closed(desk: Desk) -> None:
    """End a desk and its thread, which a query may keep for a while on a busy machine."""
    thread = desk._stages._thread
    if not desk.close() and thread is not None:
        thread.join(SECONDS)


@contextmanager
def desks() -> Iterator[OpenDesk]:
    """Yield what opens a desk on a table or a file, with few null tables; all are closed at the end."""
    with few_tables(), ExitStack() as stack:

        def open_desk(data: Path, recipe: Path | None = None) -> Desk:
            desk = Desk(open_for_studio(str(data), None if recipe is None else str(recipe)))
            desk.open()
            stack.callback(closed, desk)
            return desk

        yield open_desk


def figures(page: str) -> list[str]:
    """Every exact figure of a report's page, and its headline."""
    return re.findall(r'data-v="([^"]*)"', page) + re.findall(r"<h1>(.*?)</h1>", page)


def close(page: str, other: str) -> bool:
    """Whether two pages show the same figures, up to the order in which sums were added up."""
    mine, theirs = figures(page), figures(other)
    assert len(mine) == len(theirs) > 50

    def is_close(a: str, b: str) -> bool:
        try:
            return float(a) == pytest.approx(float(b), rel=1e-9, abs=1e-12)
        except ValueError:
            return a == b

    return all(map(is_close, mine, theirs))


def cold_page(data: Path, text: str) -> str:
    """The page of a run of a recipe."""
    result = sg.run(data, sg.Recipe.from_toml(text))
    report = compose(result)
    return report_page(report.facts, report.figures)
