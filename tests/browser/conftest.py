"""A real browser, and pages of the report in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import segmentry as sg
from segmentry.datasets import sample_households


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
