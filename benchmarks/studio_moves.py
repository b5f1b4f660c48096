"""Random moves on the page of the studio; after each the page is compared with a run of the saved recipe, figure by figure.

`python benchmarks/studio_moves.py --moves 1000` on the customer personality file, or `--rows 1000000` on generated households;
`--few-tables` draws few null tables for the verdicts, on both sides alike, and with `--full-each 20` all of them at each 20th move; `--most 5` tries
up to five segments where none are asked for; `--minutes` ends it earlier. The last line says how many moves were made, and how many differ (exit 1 if any).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from data import CUSTOMERS, households

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import segmentry as sg
from few_tables import few_tables
from segmentry.recipe import Recipe
from segmentry.workbench.desk import Desk
from segmentry.workbench.opening import open_for_studio
from segmentry.workbench.server import StudioServer
from studio_pages import Studio, differences, random_move


@contextmanager
def opened(data: Path, recipe: str) -> Iterator[Studio]:
    """Serve a studio, and open its page in Chromium."""
    from playwright.sync_api import sync_playwright

    desk = Desk(open_for_studio(str(data), recipe))
    desk.open()
    server = StudioServer(desk)
    thread = Thread(target=server.run)
    thread.start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
            page.set_default_timeout(600_000)
            page.goto(server.url)
            studio = Studio(page, server, data.parent)
            studio.settle()
            page.wait_for_selector("[data-column]", state="attached")
            yield studio
            browser.close()
    finally:
        server.stop()
        thread.join()
        desk.close()


@dataclass(frozen=True)
class Tables:
    """How much the verdicts rest on: few null tables, and at each so many-th move (0 for none) all of them."""

    are_few: bool
    full_each: int = 0

    def are_full_at(self, move: int) -> bool:
        return not self.are_few or (self.full_each > 0 and move % self.full_each == 0)

    def at(self, move: int) -> AbstractContextManager[None]:
        return nullcontext() if self.are_full_at(move) else few_tables()


def soak(
    studio: Studio, n_moves: int, rng: np.random.Generator, tables: Tables, minutes: float
) -> tuple[int, list[str]]:
    """Make moves until so many have settled, or the time is over; return their number, and what differed."""
    end, made, wrong = time.monotonic() + 60 * minutes, 0, list[str]()
    was_full = tables.are_full_at(1)
    while made < n_moves and time.monotonic() < end:
        act = random_move(studio, rng)
        if act is None:
            continue
        if tables.are_full_at(made + 1) != was_full:
            was_full = not was_full
            forget_evidence(studio)
        with tables.at(made + 1):
            found = settled(studio, act)
        if found is None:
            continue
        made += 1
        wrong += found
        print(f"{made:5} {studio.server._desk.now.what}{'; all tables' if was_full else ''}", flush=True)
        for one in found:
            print(f"      DIFFERS: {one}", flush=True)
    return made, wrong


def settled(studio: Studio, act: Callable[[], Any]) -> list[str] | None:
    """Make a move and compare what the page shows then with a run of the saved recipe; None where nothing was to be compared."""
    turn, desk = studio.turn, studio.server._desk
    act()
    for _ in range(25):
        studio.page.wait_for_timeout(10)
        if studio.turn != turn:
            break
    else:
        return None
    shown = studio.settle()
    if said := studio.page.locator("[data-problem]").inner_text():
        print(f"      {desk.now.what}: {said}", flush=True)
        studio.after(lambda: studio.page.keyboard.press("Control+z"))
        return None
    return [f"{desk.now.what}: {one}" for one in differences(shown, sg.run(desk.opened.data, studio.save()))]


def forget_evidence(studio: Studio) -> None:
    """Have the next verdict worked out anew, and by as many tables as there are now."""
    live = studio.server._desk._stages._live
    if live is not None:
        live.fit = None
        studio.server._desk._stages._shown.clear()
        live.close()


def recipe_file(folder: Path, bundled: str, most: int) -> str:
    """Write a bundled recipe with another largest number of segments; return its path."""
    path = folder / f"{bundled}.toml"
    recipe = Recipe.load(bundled)
    path.write_text(
        recipe.with_(model={**recipe.model.model_dump(exclude_unset=True), "range": [1, most]}).to_toml(),
        encoding="utf-8",
    )
    return str(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, help="generated households in place of the customer file")
    parser.add_argument("--few-tables", action="store_true")
    parser.add_argument("--full-each", type=int, default=0)
    parser.add_argument("--most", type=int)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    asked: Any = parser.parse_args()
    tables = Tables(asked.few_tables, asked.full_each)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        data, recipe = (
            (households(folder, asked.rows), "households")
            if asked.rows
            else (Path(shutil.copy(CUSTOMERS, folder)), "customer-personality")
        )
        if asked.most:
            recipe = recipe_file(folder, recipe, asked.most)
        with tables.at(1):
            studio = stack.enter_context(opened(data, recipe))
        made, wrong = soak(studio, asked.moves, np.random.default_rng(asked.seed), tables, asked.minutes)
    print(f"{made} moves, {len(wrong)} differences")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
