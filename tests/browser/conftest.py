"""A real browser, and pages of the report in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from studio_pages import Studio
from visitors import desks, write_shop

EXPECTED = ("422", "ERR_CONNECTION_REFUSED")
"""What the console says of a move that is refused, and of a server that was ended."""


@dataclass(frozen=True)
class Written:
    """A report with its facts as a run wrote them."""

    page: Path
    facts: dict[str, Any]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The report of generated customers with four segments, and every index with its null band."""
    folder = tmp_path_factory.mktemp("report")
    sg.run(sample_households(rows=2_000, seed=8, dirt=True), "households", segments=4, out=folder)
    return Written(folder / "report.html", json.loads((folder / "report.json").read_text(encoding="utf-8")))


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page at a width; whatever goes wrong in it fails the test."""
    pages, wrong = [], []

    def open_page(path: Path, width: int = 1280, **context: Any) -> Any:
        page = browser.new_context(viewport={"width": width, "height": 900}, **context).new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else wrong.append(r.url),
        )
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert wrong == []


@pytest.fixture
def studio(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """Open the studio on a table and a recipe; what goes wrong in the page fails the test."""
    from segmentry.workbench.server import StudioServer

    wrong: list[str] = []
    with desks() as open_desk:
        servers: list[tuple[StudioServer, Thread, Any]] = []

        def open_studio(data: Path | None = None, recipe: Path | None = None, **context: Any) -> Studio:
            if data is None:
                write_shop(tmp_path)
                data, recipe = tmp_path / "shop.csv", tmp_path / "shop.toml"
            server = StudioServer(open_desk(data, recipe))
            thread = Thread(target=server.run)
            thread.start()
            page = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context}).new_page()
            servers.append((server, thread, page))
            page.on(
                "console",
                lambda m: (
                    None
                    if m.type != "error" or any(said in m.text for said in EXPECTED)
                    else wrong.append(m.text)
                ),
            )
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
            page.on(
                "request", lambda r: None if r.url.startswith((server.url, "data:")) else wrong.append(r.url)
            )
            page.goto(server.url)
            made = Studio(page, server, data.parent)
            made.settle()
            page.wait_for_selector(
                ".strip", timeout=60_000
            )  # finer levels are collected when all else is done
            return made

        yield open_studio
        for server, thread, page in servers:
            page.context.close()
            server.stop()
            thread.join(timeout=30)
            assert not thread.is_alive()
    assert wrong == []
