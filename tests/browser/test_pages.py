"""The report in a real browser: nothing is fetched, nothing scrolls sideways, nothing overlaps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import segmentry as sg
from segmentry.datasets import sample_households

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


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
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = sg.run(sample_households(rows=2_000, seed=8, dirt=True), "households", segments=4)
    return result.report(tmp_path_factory.mktemp("report") / "report.html")


@pytest.mark.parametrize("width", [1280, 768, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_fits_and_fetches_nothing(browser: Any, report: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
    page.goto(report.as_uri())
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("article").count() == 4
    page.close()


def test_chart_texts_do_not_overlap(browser: Any, report: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].map(svg => [...svg.querySelectorAll('text')]
            .filter(t => t.textContent.trim()).map(t => { const r = t.getBoundingClientRect();
                return [t.textContent, r.left, r.top, r.right, r.bottom]; }))"""
    )
    assert len(boxes) == 3
    for texts in boxes:
        for i, (one, *a) in enumerate(texts):
            for other, *b in texts[i + 1 :]:
                across = min(a[2], b[2]) - max(a[0], b[0])
                down = min(a[3], b[3]) - max(a[1], b[1])
                assert not (across > 2 and down > 4), f"{one!r} and {other!r} overlap"
    page.close()


def test_the_details_open_and_show_the_queries(browser: Any, report: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    page.get_by_text("Collect the pattern table").click()
    assert page.locator("details[open] code").inner_text().startswith("WITH")
    page.close()
