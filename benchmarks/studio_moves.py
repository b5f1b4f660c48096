"""Random moves on the page of the studio; after each the page is compared with a run of the saved recipe, figure by figure.

`python benchmarks/studio_moves.py --moves 1000` on the customer personality file, or `--rows 1000000` on generated households;
`--few-tables` draws few null tables for the verdicts, on both sides. It ends with how many moves were made, and how many differ (exit 1 if any).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from data import CUSTOMERS, households

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import segmentry as sg
from few_tables import few_tables
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
            page = browser.new_page(viewport={"width": 1440, "height": 900})
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


def soak(studio: Studio, n_moves: int, rng: np.random.Generator) -> tuple[int, list[str]]:
    """Make moves until so many have settled; return their number, and what differed."""
    made, wrong = 0, list[str]()
    while made < n_moves:
        turn, act = studio.turn, random_move(studio, rng)
        if act is None:
            continue
        act()
        studio.page.wait_for_timeout(250)
        if studio.turn == turn:
            continue
        shown = studio.settle()
        what = studio.server._desk.now.what
        if said := studio.page.locator("[data-problem]").inner_text():
            print(f"      {what}: {said}", flush=True)
            studio.after(lambda: studio.page.keyboard.press("Control+z"))
            continue
        made += 1
        found = differences(shown, sg.run(studio.server._desk.opened.data, studio.save()))
        wrong += [f"{what}: {one}" for one in found]
        print(f"{made:5} {what}{' DIFFERS: ' + '; '.join(found) if found else ''}", flush=True)
    return made, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, help="generated households in place of the customer file")
    parser.add_argument("--few-tables", action="store_true")
    asked: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, few_tables() if asked.few_tables else nullcontext():
        folder = Path(name)
        data, recipe = (
            (households(folder, asked.rows), "households")
            if asked.rows
            else (Path(shutil.copy(CUSTOMERS, folder)), "customer-personality")
        )
        with opened(data, recipe) as studio:
            made, wrong = soak(studio, asked.moves, np.random.default_rng(asked.seed))
    print(f"{made} moves, {len(wrong)} differences")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
