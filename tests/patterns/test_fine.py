"""Fine levels: put together as the recipe says, they are the table that the recipe collects."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segmentry as sg
from fine_tables import SHAPES, SHOP, assert_equal, recipes, table
from segmentry.collecting import collection, finding
from segmentry.errors import DataError, RecipeError, SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe
from segmentry.recipe.levels import display, without_fine


def collected_fine(data: Any, recipe: Recipe) -> collection.Collected:
    from segmentry.scoring import open_data

    engine = open_data(data, recipe)
    try:
        return collection.collect_sums(
            engine, recipe, fine=collection.Fine([f.name for f in recipe.features])
        )
    finally:
        engine.close()


@settings(max_examples=40)
@given(st.sampled_from(sorted(SHAPES)), st.integers(0, 1_000), recipes())
def test_fine_levels_add_up_to_those_of_the_recipe(shape: str, seed: int, content: dict[str, Any]) -> None:
    data, recipe = table(shape, seed), Recipe.from_dict(content)
    found = collected_fine(data, recipe)
    finer = found.matched.recipe
    coarse, fine = sg.collect(data, recipe), sg.collect(data, recipe, fine=True)
    assert_equal(fine, found.patterns)
    assert_equal(fine.roll_up(display(finer)), coarse)
    assert max(len(f.levels) for f in fine.features) <= 65
    for feature in without_fine(finer).features:
        assert feature in without_fine(coarse_recipe(finer)).features
    shown = fine.as_shown()
    assert shown.features == coarse.features
    np.testing.assert_array_equal(shown.counts, fine.counts)
    if shape in ("skewed", "wide"):
        assert fine.n_patterns > coarse.n_patterns


def coarse_recipe(recipe: Recipe) -> Recipe:
    return recipe.model_copy(
        update={"features": tuple(f.model_copy(update={"fine": None}) for f in recipe.features)}
    )


def test_a_sqlite_file_gives_the_same_fine_table(tmp_path: Path) -> None:
    data = table("skewed", 3)
    with sqlite3.connect(tmp_path / "shop.sqlite") as connection:
        data.to_sql("shop", connection, index=False)
    found = sg.collect(f"sqlite:///{tmp_path}/shop.sqlite?table=shop", SHOP, fine=True)
    assert_equal(found, sg.collect(data, SHOP, fine=True))
    assert 60 < len(found.features[0].levels) <= 64


def test_tables_with_other_cuts_add_up_on_their_common_ones(tmp_path: Path) -> None:
    parts = [table("skewed", seed) for seed in (1, 2)]
    for i, part in enumerate(parts):
        part["id"] += 1_000 * i
    parts[1]["city"] = parts[1]["city"].replace("Genf", "Sion")
    fine = [sg.collect(part, SHOP, fine=True) for part in parts]
    with pytest.warns(
        SegmentryWarning,
        match=r"only those that all tables have are left \(Number: \d+ of 6\d; City: 6 of 7\)",
    ):
        both = fine[0].merge(fine[1])
    whole = sg.collect(pd.concat(parts), SHOP)
    assert len(whole.features[0].levels) < len(both.features[0].levels) < 64
    assert set(both.features[1].levels) == {"Bern", "Basel", "Chur", "(empty)", "'Other'", "Other"}
    edges, city = [10, 100], dict(zip(both.features[1].levels, both.features[1].shown_codes, strict=True))
    groups = {label: [v for v, c in city.items() if c == i] for i, label in enumerate(both.features[1].shown)}
    np.testing.assert_array_equal(both.roll_up(number=edges, city=groups).counts, whole.counts)
    assert both.roll_up(number=edges, city=groups).made_by == whole.made_by
    both.save(tmp_path / "both.parquet")
    assert_equal(PatternTable.load(tmp_path / "both.parquet"), both)
    with pytest.warns(SegmentryWarning, match=r"Number: 3 of 6\d; "):
        with_coarse = fine[0].merge(sg.collect(parts[1], SHOP))
    assert with_coarse.features == whole.features
    np.testing.assert_array_equal(with_coarse.counts, whole.counts)


def test_a_run_of_a_fine_table_is_that_of_the_recipes_levels(few_null_tables: None) -> None:
    data = table("skewed", 5)
    fine, coarse = (
        sg.run(sg.collect(data, SHOP, fine=is_fine), SHOP, segments=2) for is_fine in (True, False)
    )
    assert fine.patterns.features == coarse.patterns.features
    assert [s.size for s in fine.segments] == [s.size for s in coarse.segments]


def test_any_cut_of_a_fine_table_can_be_an_edge() -> None:
    fine = sg.collect(table("years", 4), SHOP, fine=True)
    cut = json.loads(fine.made_by["features.number"])["fine"][30]
    assert fine.roll_up(number=[cut]).features[0].levels == (f"under {cut}", f"{cut} and over")
    with pytest.raises(DataError, match=r"1,950.5 is none of its cuts: .* are the nearest of \d+ cuts"):
        fine.roll_up(number=[1950.5])


def test_levels_put_together_by_name_have_no_edges_any_more() -> None:
    fine = sg.collect(table("years", 4), SHOP, fine=True)
    named = fine.roll_up(number={"early": list(fine.features[0].levels[:9])})
    with pytest.raises(DataError, match="has no numbers that edges could divide"):
        named.roll_up(number=[10])


def test_too_many_patterns_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MAX_PATTERNS", 100)
    with pytest.warns(
        SegmentryWarning, match=r"at most \d+ levels, not 64: about \d+ patterns, where 100 are the most"
    ):
        found = sg.collect(table("skewed", 6), SHOP, fine=True)
    assert found.n_patterns <= 100


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("edges = [1, 2]\nfine = [1, 3]", "features.f.fine: must hold all the edges; 2 is not in it"),
        ("edges = [2]\nfine = [2, 1]", "cuts must be numbers that increase"),
        ("quantiles = 3\nfine = [2, 1]", "fine goes with edges, groups or levels"),
        (
            'groups = { x = ["a", "b"] }\nfine = ["a"]',
            "must hold all the values of the levels; 'b' is not in it",
        ),
        ('levels = ["a", "b"]\nfine = ["a", "b", "c"]', "'c' is in no level; give the feature a rest"),
    ],
)
def test_fine_levels_that_do_not_add_up_are_refused(lines: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Recipe.from_toml(f'[features.f]\ncolumn = "c"\n{lines}\n')


def test_declared_fine_levels_are_those_that_are_collected() -> None:
    recipe = SHOP.with_(features=[{"name": "number", "column": "number", "edges": [10], "fine": [5, 10, 20]}])
    data = table("skewed", 7)
    assert len(sg.collect(data, recipe, fine=True).features[0].levels) == 4
    assert sg.collect(data, recipe).features[0].levels == ("under 10", "10 and over")
