"""Many segments, many features, endless labels: no page is wider than its window, and what scrolls says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

LABELS = ("x" * 200, "שלום עולם " * 20, "مرحبا" * 40, "👩\u200d👩\u200d👧" * 60, "a_b-c/" * 40, "日本語" * 50)
BEYOND = """() => [...document.querySelectorAll('.scroll')].filter(e => e.offsetParent !== null)
    .map(e => [e.scrollWidth > e.clientWidth + 1, e.previousElementSibling.matches('.wider:not([hidden])'), e.scrollWidth])"""
"""Per place of a table: whether it is wider than its place, whether a hint says so, and how wide it is."""


def recipe(features: dict[str, str], amount: str, title: str) -> sg.Recipe:
    parts = [f'title = "{title}"\n[source]\nid = "id"']
    parts += [
        f'[features.f{j}]\ncolumn = "{c}"\nlabel = "{label}"' for j, (c, label) in enumerate(features.items())
    ]
    parts += [f'[outcomes.a]\nrole = "amounts"\nlabel = "{title}"\ncolumns = ["{amount}"]']
    parts += [
        '[outcomes.b]\nrole = "flags"\ncolumns = ["ok"]\ncost_per_contact = 1\nrevenue_per_acceptance = 6'
    ]
    return sg.Recipe.from_toml("\n".join(parts))


def people(levels: tuple[str, ...], names: list[str], n_segments: int, amount: str) -> pd.DataFrame:
    rng, n = np.random.default_rng(1), 1_200
    group = rng.integers(n_segments, size=n)
    noise = [rng.integers(len(levels), size=n) for _ in names]
    codes = [np.where(rng.random(n) < 0.7, group + j, noise[j]) % len(levels) for j in range(len(names))]
    columns = {name: np.array(levels, object)[code] for name, code in zip(names, codes, strict=True)}
    team = np.array([f"{levels[g % len(levels)]} {g}" for g in group], object)
    return pd.DataFrame({"id": range(n), "team": team, **columns, amount: rng.gamma(1, 20, n), "ok": rng.random(n) < 0.2})  # fmt: skip


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifteen segments of twenty features."""
    names = [f"feature {j}" for j in range(20)]
    frame = people(("level a", "level b", "level c", "level d"), names, 15, "amount")
    folder = tmp_path_factory.mktemp("many")
    profile(frame, recipe({n: n for n in names}, "amount", "Wide"), "team", out=folder)
    return folder / "report.html"


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels of levels, features, outcomes and segments of 200 signs and more, without a place to break them."""
    labels = {"c0": "F" * 200, "c1": "تسمية" * 40, "c2": "🎉" * 120}
    folder, amount = tmp_path_factory.mktemp("endless"), "y" * 200
    profile(people(LABELS, list(labels), 6, amount), recipe(labels, amount, "T" * 200), "team", out=folder)
    return folder / "report.html"


@pytest.fixture(scope="module")
def usual(customers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usual")
    sg.run(customers, "customer-personality", segments=3, out=folder)
    return folder / "report.html"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("which", ["usual", "many", "endless"])
def test_no_page_is_wider_than_its_window_and_what_scrolls_says_so(
    opened: Callable[..., Any], request: pytest.FixtureRequest, which: str, width: int
) -> None:
    page = opened(request.getfixturevalue(which), width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    places = page.evaluate(BEYOND)
    assert len(places) > 3
    assert [is_told for _, is_told, _ in places] == [is_wider for is_wider, _, _ in places]
    if which == "many":
        assert any(is_wider for is_wider, _, _ in places)
    if which == "endless" and width == 1280:
        assert max(wide for *_, wide in places) < 1.2 * width


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_column_stays_in_sight_while_a_table_scrolls(
    opened: Callable[..., Any], many: Path, width: int
) -> None:
    page = opened(many, width)
    for table in ("#features-table", "#outcomes-table"):
        left, right, inside = page.locator(table).evaluate(
            """t => { const place = t.closest('.scroll'); place.scrollLeft = 400;
                const [head, frame] = [t.querySelector('tr[data-label] th').getBoundingClientRect(), place.getBoundingClientRect()];
                return [head.left - frame.left, head.width, place.clientWidth]; }"""
        )
        assert abs(left) < 3
        assert right < inside / 2


def test_colours_that_repeat_have_a_second_mark(opened: Callable[..., Any], many: Path) -> None:
    page = opened(many)
    marks = page.locator("figure[data-name=map] g.mark[data-segment]").evaluate_all(
        "all => all.filter(g => !g.querySelector('text')).map(g => [Number(g.dataset.segment), g.firstElementChild.tagName])"
    )
    assert {tag for segment, tag in marks if segment <= 8} == {"circle"}
    assert {tag for segment, tag in marks if segment > 8} == {"rect"}
    assert page.locator(".sizes .again").count() == 7
