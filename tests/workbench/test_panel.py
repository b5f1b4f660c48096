"""What the recipe panel shows: shares of all customers, cuts where edges can go, values that are together."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmentry.recipe import Recipe
from segmentry.runs.live import live_source
from segmentry.workbench.panel import Panel, panel_of
from segmentry.workbench.state import State


def panel(shop: Path, text: str, off: tuple[str, ...] = ()) -> Panel:
    state = State(text, off)
    with live_source(shop / "shop.csv", state.recipe) as live:
        assert live.refine([state.whole])
        customers, fine = live.quick_customers(state.recipe)
        return panel_of(state, customers.recipe, customers.patterns, fine, None)


@pytest.mark.parametrize("distribution", ["levels", "ordered"])
def test_a_number_has_cuts_among_which_its_edges_are(shop: Path, distribution: str) -> None:
    text = Recipe.text_of("households").replace(
        "[features.income]", f'[features.income]\ndistribution = "{distribution}"'
    )
    income = panel(shop, text).features[0]
    assert income.scale == {"levels": "ordinal", "ordered": "ordered"}[distribution]
    assert len(income.levels) == len(income.edges) + 1 == 5
    assert set(income.edges) < set(income.cuts)
    assert len(income.fine) == len(income.cuts) + 1
    known = sum(level.customers for level in income.levels)
    assert sum(income.fine) == pytest.approx(known)
    assert sum(level.share for level in income.levels) == pytest.approx(known / (known + income.n_missing))


def test_values_that_are_together_are_listed_and_what_is_off_has_no_levels(shop: Path) -> None:
    found = panel(shop, Recipe.text_of("households"), off=("income",))
    shown = {feature.name: feature for feature in found.features}
    assert not shown["income"].is_on
    assert shown["income"].levels == ()
    grouped = [level for level in shown["education"].levels if len(level.values) > 1]
    assert grouped
    assert all(level.label not in ("", None) for level in grouped)
    assert {name: feature.numbers for name, feature in shown.items() if feature.edges} == {
        "birth_year": "year"
    }


def test_a_number_of_days_is_written_as_dates(shop: Path) -> None:
    text = """
[features.joined]
sql = "date_diff('day', DATE '1970-01-01', Dt_Customer)"
edges = [2013-01-01, 2013-07-01]
[features.children]
sql = "Kidhome + Teenhome > 0"
yes_no = true
"""
    joined = panel(shop, text).features[0]
    assert joined.numbers == "day"
    assert joined.levels[0].label == "under 2013-01-01"
    assert set(joined.edges) < set(joined.cuts)
    assert all(cut == round(cut) for cut in joined.cuts)
