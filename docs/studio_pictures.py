"""Draws the studio in pictures for the docs: `python docs/studio_pictures.py`; needs playwright, Chromium."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import sync_playwright

from segmentry.datasets import write_sample
from segmentry.workbench.desk import Desk
from segmentry.workbench.opening import open_for_studio
from segmentry.workbench.server import StudioServer

IMAGES = Path(__file__).parent / "images"
WINDOW = {"width": 1440, "height": 900}
COMPARED = {"x": 480, "y": 0, "width": 960, "height": 720}
SETTLED = "turn => Number(document.body.dataset.settled) >= turn"
LOOKED = "turn => Number(document.body.dataset.looked) >= turn"
MOVED = "() => document.querySelector('[data-moved]') !== null"


def draw(page: Any) -> None:
    """As it was opened; a feature off, before its verdict has come; who moved by that."""
    page.wait_for_function(SETTLED, arg=1)
    page.wait_for_selector(".strip")
    page.wait_for_selector("[data-column]", state="attached")
    page.screenshot(path=IMAGES / "studio.png")
    page.locator("[data-compare] > summary").click()
    page.locator("[data-compare] button").first.click()
    page.locator("[data-compare] table").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("studio-feature[data-feature=income] [data-key=switch]").click()
    page.wait_for_function(LOOKED, arg=2)
    page.screenshot(path=IMAGES / "studio-first-look.png")
    page.wait_for_function(SETTLED, arg=2)
    page.wait_for_function(MOVED)
    page.locator("[data-compare] > summary").click()
    page.screenshot(path=IMAGES / "studio-compare.png", clip=COMPARED)


def main() -> None:
    """Open a studio on generated households, and draw its page."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        desk = Desk(open_for_studio(str(write_sample(Path(folder) / "households.csv", 4_000)), "households"))
        desk.open()
        server = StudioServer(desk)
        serving = Thread(target=server.run)
        serving.start()
        try:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport=WINDOW, reduced_motion="reduce")
            page.set_default_timeout(600_000)
            page.goto(server.url)
            draw(page)
            browser.close()
        finally:
            server.stop()
            serving.join()
            desk.close()


if __name__ == "__main__":
    main()
