"""The audit's page in a real browser: nothing is fetched, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from accessible import WCAG, broken_rules
from segmentry.datasets import sample_households


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


@pytest.fixture(scope="module")
def ugly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 columns; emoji, right to left, names of 300 letters, hostile values; gaps in thirty columns."""
    rng = np.random.default_rng(0)
    n = 120
    columns: dict[str, Any] = {
        "🦊🔥 income 💶": rng.gamma(2, 9e3, n).round(2),
        "اسم المدينة": rng.choice(["الرياض", "جدة", "مكة المكرمة"], n),
        "x" * 300: rng.normal(size=n),
        '<img src=x onerror=alert(1)> "quoted"': rng.choice(
            ["<script>alert(1)</script>", "🙂", "word " * 60], n
        ),
        "contact": [f"p{i}@example.org" for i in range(n)],
        "nothing": [None] * n,
    }
    columns |= {f"gap {i}": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)) for i in range(30)}
    columns |= {f"column {i}": rng.integers(0, 5, n) for i in range(2_000 - len(columns))}
    return sg.audit(pd.DataFrame(columns)).save(tmp_path_factory.mktemp("ugly")) / "audit.html"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (768, "dark"), (390, "light")])
def test_an_ugly_table_has_a_whole_page(
    opened: Callable[..., Any], ugly: Path, width: int, scheme: str
) -> None:
    page = opened(ugly, width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("article.card").count() == 120
    assert page.locator("#columns table.plain tbody tr").count() == 1_880
    assert page.locator("img, script").count() == 0
    assert "p7@example.org" not in page.content()


def test_many_findings_of_a_kind_are_folded(opened: Callable[..., Any], ugly: Path) -> None:
    page = opened(ugly)
    gaps = page.locator("article.finding", has_text="without a value (")
    assert (gaps.count(), gaps.filter(visible=True).count()) == (30, 3)
    page.get_by_text("27 more of this kind").click()
    assert gaps.filter(visible=True).count() == 30


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing(opened: Callable[..., Any], audited: Path, width: int, scheme: str) -> None:
    page = opened(audited, width, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert broken_rules(page, runOnly=WCAG) == []


def test_the_page_prints_what_is_folded_as_a_line(opened: Callable[..., Any], ugly: Path) -> None:
    page = opened(ugly)
    page.emulate_media(media="print")
    assert page.get_by_text("27 more of this kind").is_visible()
    assert not page.get_by_text("The query for these rows").first.is_visible()
