"""The audit's page in a real browser: nothing is fetched, nothing scrolls sideways."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import segmentry as sg
from segmentry.datasets import sample_households

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine; install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    customers = sample_households(rows=2_000, seed=8, dirt=True)
    customers["a name as long as a sentence; with <b>tags</b> and 🦊 " + "x" * 80] = "long value " * 40
    return sg.audit(customers).save(tmp_path_factory.mktemp("audit")) / "audit.html"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_fetches_nothing(browser: Any, audited: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
    page.goto(audited.as_uri())
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("article.card").count() == 30
    assert page.locator("section b:not([class])").count() == 0
    page.get_by_text("The query for these rows").first.click()
    assert page.locator("details[open] code").first.inner_text().startswith("SELECT")
    page.close()
