"""Data as people have them, and worse: the page stays whole, right and harmless."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

VALUES = [
    "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "שלום עולם", "مرحبا بالعالم", "x" * 300, "long words " * 27,
    '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "a&b", "日本語のとても長いラベル",
]  # fmt: skip


def _rows(n: int, levels: int, groups: int) -> pd.DataFrame:
    """Customers in groups, each with levels of its own; every value of `VALUES` occurs."""
    rng = np.random.default_rng(0)
    names = [*VALUES, *(f"level {i}" for i in range(levels))][:levels]
    group = rng.integers(groups, size=n)
    own = (group * 3 + rng.integers(3, size=n)) % levels
    noise = rng.integers(levels, size=n)
    columns = {
        f"f{j}": np.array(names, object)[np.where(rng.random(n) < 0.8, (own + j) % levels, noise)]
        for j in range(3)
    }
    amounts = {
        VALUES[0]: rng.gamma(1.0, 50 * (1 + group)),
        "zero": np.zeros(n),
        "missing": np.full(n, np.nan),
    }
    flag = (rng.random(n) < 0.1 * (1 + group % 3)).astype(int)
    named = np.array([*names[:4], *(f"group {i}" for i in range(groups))], object)[group]
    return pd.DataFrame({"id": np.arange(n), "group": named, **columns, **amounts, "flag": flag})


RECIPE = """
title = '''{title}'''
[source]
id = "id"
[features.f0]
label = '''{title}'''
column = "f0"
[features.f1]
column = "f1"
[features.f2]
column = "f2"
[outcomes.amounts]
label = '''{title}'''
role = "amounts"
columns = ['''{title}''', "zero", "missing"]
[outcomes.flags]
role = "flags"
columns = ["flag"]
cost_per_contact = 1
revenue_per_acceptance = 4
"""


@pytest.fixture(scope="module")
def ugly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty levels, twelve segments (given, so that none has to be fitted), and values that try to break out."""
    folder = tmp_path_factory.mktemp("ugly")
    recipe = sg.Recipe.from_toml(RECIPE.format(title=VALUES[0]))
    profile(_rows(2_000, 40, 12), recipe, "group", out=folder, excel=True)
    return folder


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_values_are_shown_and_do_nothing(opened: Callable[..., Any], ugly: Path, width: int) -> None:
    page = opened(ugly / "report.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("article").count() == 12
    assert page.locator("main script, main img").count() == 0
    text = page.locator("main").inner_text()
    for value in VALUES:
        assert value.split()[0] in text
    assert "nan" not in text.lower().split()
    assert page.locator("p.eyebrow").first.inner_text() == VALUES[0]


def test_labels_of_forty_levels_neither_overlap_nor_are_cut(opened: Callable[..., Any], ugly: Path) -> None:
    page = opened(ugly / "report.html")
    frame, texts = page.locator("figure[data-name=map]").evaluate(
        """f => { const box = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
            return [box(f.querySelector('svg')), [...f.querySelectorAll('svg .place')].map(t => [t.textContent, box(t)])]; }"""
    )
    assert len(texts) >= 20
    for words, box in texts:
        assert box[0] >= frame[0] - 1, words
        assert box[2] <= frame[2] + 1, words
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert not (across > 2 and down > 4), f"{one!r} and {other!r} overlap"


def test_long_labels_leave_room_for_the_figures(opened: Callable[..., Any], ugly: Path) -> None:
    page = opened(ugly / "report.html")
    for table in ("#features-table", "#outcomes-table"):
        widths = page.locator(f"{table} tbody tr th[scope=row]").evaluate_all(
            "all => all.map(t => t.getBoundingClientRect().width)"
        )
        assert max(widths) < 400
    assert page.locator(".glance td.apart").evaluate_all(
        "all => Math.max(...all.map(t => t.getBoundingClientRect().height))"
    ) < 130  # fmt: skip


def test_its_files_are_small(ugly: Path) -> None:
    assert (ugly / "report.html").stat().st_size < 2_000_000


def test_no_outcomes_and_one_segment_leave_no_empty_section(
    opened: Callable[..., Any], tmp_path: Path
) -> None:
    recipe = sg.Recipe.from_toml('[features.f0]\ncolumn = "f0"')
    sg.run(_rows(400, 4, 1), recipe, out=tmp_path)
    page = opened(tmp_path / "report.html")
    assert page.locator("section").count() == page.locator("nav a").count() - 1
    for section in page.locator("section").all():
        assert len(section.inner_text()) > 80
    assert page.locator("table.glance, #compare, #certainty, #targeting").count() == 0


def test_an_outcome_without_any_value_is_left_out(opened: Callable[..., Any], ugly: Path) -> None:
    page = opened(ugly / "report.html")
    assert page.locator("#outcomes-table tr[data-label=missing]").count() == 0
    assert page.locator("#outcomes-table tr[data-label=zero]").count() == 1
