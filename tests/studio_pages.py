"""Random moves on the page of the studio, and what the page then shows beside a run of the saved recipe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import segmentry as sg
from segmentry.report import compose
from segmentry.report.page import report_page
from segmentry.workbench.server import StudioServer

SETTLED = """turn => {
  const { turn: now, settled } = document.body.dataset;
  return Number(now) > turn || Number(settled) === turn || document.querySelector('[data-problem]').textContent;
}"""
SHOWN = """() => {
  const page = document.querySelector('.frames iframe').contentDocument;
  const rows = [...page.querySelectorAll('table.glance tbody tr')];
  return {
    sizes: rows.map((row) => Number(row.querySelector('[data-label=Customers]').dataset.v)),
    names: rows.map((row) => row.querySelector('th a span').textContent),
    verdict: page.querySelector('.answer .big').textContent,
    headline: page.querySelector('h1').textContent,
    figures: [...page.querySelectorAll('[data-v]')].map((node) => node.dataset.v),
    stale: page.querySelectorAll('.stale').length,
  };
}"""
LONG = 1_000 * 600
"""Milliseconds that a page may take on a busy machine."""
KINDS = (
    "studio-feature [data-key^='split']",
    "studio-feature .edge button:enabled",
    "studio-feature select[data-key^='merge']",
    "studio-feature .edge input",
    "studio-feature .handle",
    "studio-feature [data-key=switch]",
    "studio-feature select[data-key=scale]",
    "studio-feature select[data-key=missing]",
    "studio-feature [data-key^='up']",
    "[data-columns] select:enabled",
    "[data-columns] input",
    "[data-cleaning] button",
    "[data-names] input",
    "[data-names] textarea",
    "[data-compare] button",
    "[data-tried] button",
    "[data-segments]",
    "[data-method]",
    "[data-act=undo]:enabled",
    "[data-act=redo]:enabled",
)
"""Places on the page that can be used; one of them is chosen, and then one of its kind."""


class Studio:
    """A page of the studio in a browser, and the server behind it."""

    def __init__(self, page: Any, server: StudioServer, folder: Path) -> None:
        self.page, self.server, self.folder = page, server, folder

    @property
    def turn(self) -> int:
        """The number of the last move."""
        return self.server._desk._turn

    def settle(self) -> dict[str, Any]:
        """Wait until nothing is dimmed, or something cannot be done; return what the report shows."""
        turn = -1
        while turn != self.turn:
            turn = self.turn
            self.page.wait_for_function(SETTLED, arg=turn, timeout=LONG, polling=50)
        return dict(self.page.evaluate(SHOWN))

    def after(self, act: Callable[[], Any]) -> dict[str, Any]:
        """Do something, wait until the server has it, and settle."""
        turn = self.turn
        act()
        self.page.wait_for_function("turn => Number(document.body.dataset.turn) > turn", arg=turn)
        return self.settle()

    def feature(self, name: str) -> Any:
        """Return the card of a feature."""
        return self.page.locator(f"studio-feature[data-feature={name}]")

    def save(self) -> Path:
        """Save by the keyboard; return the file of the recipe."""
        self.page.keyboard.press("Control+s")
        self.page.locator("[data-notice]", has_text="Recipe saved").wait_for()
        state, file = self.server._desk.now, self.server._desk.opened.recipe_file
        for _ in range(500):  # the notice of the save before may be there still
            if file.is_file() and file.read_text(encoding="utf-8") == state.saved_text:
                break
            self.page.wait_for_timeout(20)
        return file


def random_move(studio: Studio, rng: np.random.Generator) -> Callable[[], Any] | None:
    """Choose something that can be done on the page as it is; None where there is nothing of a kind."""
    page = studio.page
    kind = KINDS[int(rng.integers(len(KINDS)))]
    places = page.locator(kind)
    if not places.count():
        return None
    place = places.nth(int(rng.integers(places.count())))
    page.evaluate(
        "() => { for (const menu of document.querySelectorAll('details.menu')) menu.open = false; }"
    )
    place.evaluate(
        "node => { for (let at = node.closest('details'); at; at = at.parentElement.closest('details')) at.open = true; }"
    )
    if "select" in kind or kind in ("[data-segments]", "[data-method]"):
        options = place.locator("option:enabled:not(:checked)").evaluate_all(
            "all => all.map(one => one.value)"
        )
        options = [o for o in options if o in ("auto", "2", "3")] if kind == "[data-segments]" else options
        return (lambda: place.select_option(str(rng.choice(options)))) if options else None
    if "data-names" in kind:
        return lambda: (place.fill(f"They {rng.integers(99)} <b>"), place.blur())
    if kind.endswith(".edge input"):
        return lambda: (
            place.focus(),
            page.keyboard.press(str(rng.choice(["ArrowUp", "ArrowDown", "PageUp"]))),
        )
    if kind.endswith("handle"):
        return None if place.bounding_box() is None else lambda: drag(page, place, int(rng.integers(-60, 60)))
    return place.click


def drag(page: Any, place: Any, by: int) -> None:
    """Drag a handle to the side by some pixels."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 7):
        page.mouse.move(x + by * step / 6, y)
    page.mouse.up()


def differences(shown: dict[str, Any], result: sg.Segmentation) -> list[str]:
    """Compare what the page shows with the report of a run, figure by figure; return what differs."""
    report = compose(result)
    facts, wrong = report.facts, []
    if shown["stale"]:
        wrong.append(f"{shown['stale']} parts are dimmed")
    for name, wanted in (("headline", facts.headline), ("verdict", facts.verdict_text)):
        if shown[name] != wanted:
            wrong.append(f"{name}: {shown[name]!r}, of the run {wanted!r}")
    if len(result.segments) > 1:
        for name, mine in (
            ("sizes", [s.size for s in result.segments]),
            ("names", [s.name for s in result.segments]),
        ):
            if shown[name] != mine:
                wrong.append(f"{name}: {shown[name]}, of the run {mine}")
    figures = re.findall(r'data-v="([^"]*)"', report_page(facts, report.figures))
    if len(figures) != len(shown["figures"]):
        wrong.append(f"{len(shown['figures'])} figures, of the run {len(figures)}")
    pairs = zip(map(number, shown["figures"]), map(number, figures), strict=False)
    wrong += [f"figure {a}, of the run {b}" for a, b in pairs if not is_close(a, b)][:3]
    return wrong


def number(text: str) -> float | str:
    """Return the number that a text is; a text that is none as it is."""
    try:
        return float(text)
    except ValueError:
        return (
            text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#39;", "'")
            .replace("&#34;", '"')
            .replace("&amp;", "&")
        )


def is_close(one: float | str, other: float | str) -> bool:
    """Whether two figures are equal, up to the order in which sums were added up."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(one - other) <= 1e-12 + 1e-9 * abs(other)
