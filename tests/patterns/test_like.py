"""Tables collected with the edges and cuts of another one add up with it, and nothing is lost."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segmentry as sg
from fine_tables import SHAPES, SHOP, assert_equal, recipes, table
from segmentry.errors import DataError
from segmentry.recipe import Recipe

QUARTERS = SHOP.with_(features=[{"name": "number", "column": "number", "quantiles": 4}])


@settings(max_examples=40)
@given(recipes(), st.sampled_from(sorted(SHAPES)), st.booleans(), st.integers(0, 99))
def test_two_tables_add_up_to_the_one_of_all_customers(
    written: dict[str, Any], shape: str, is_fine: bool, seed: int
) -> None:
    recipe = Recipe.from_dict(written)
    parts = [table(shape, seed + i) for i in range(2)]
    parts[1]["id"] += 1_000
    first = sg.collect(parts[0], recipe, fine=is_fine)
    second, whole = (sg.collect(data, recipe, like=first) for data in (parts[1], pd.concat(parts)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        both = first.merge(second)
    assert both.made_by == whole.made_by
    assert both.features == whole.features
    np.testing.assert_array_equal(both.codes, whole.codes)
    np.testing.assert_array_equal(both.counts, whole.counts)


def test_a_table_like_itself_is_itself(tmp_path: Path) -> None:
    first = sg.collect(table("skewed", 1), SHOP, fine=True)
    first.save(tmp_path / "first.parquet")
    assert_equal(sg.collect(table("skewed", 1), SHOP, like=tmp_path / "first.parquet"), first)


def test_quantiles_of_another_table_are_taken_and_a_run_knows_its_recipe(few_null_tables: None) -> None:
    first = sg.collect(table("skewed", 1), QUARTERS)
    other = sg.collect(table("skewed", 2), QUARTERS, like=first)
    assert other.features == first.features
    assert sg.collect(table("skewed", 2), QUARTERS).features != first.features
    for merged in (first.merge(other), other.merge(first)):
        assert sg.run(merged, QUARTERS, segments=2).patterns.n_customers == merged.n_customers


def test_levels_that_are_values_stay_to_be_found() -> None:
    recipe = SHOP.with_(features=[{"name": "city", "column": "city"}])
    parts = [table("skewed", seed) for seed in (1, 2)]
    parts[1]["city"] = parts[1]["city"].replace("Genf", "Sion")
    first = sg.collect(parts[0], recipe)
    both = first.merge(sg.collect(parts[1], recipe, like=first))
    assert {"Genf", "Sion"} < set(both.features[0].levels)


def test_a_table_of_another_recipe_is_refused() -> None:
    other = SHOP.with_(features=[{"name": "number", "column": "number", "edges": [11]}])
    with pytest.raises(DataError, match=r"pattern table: was collected by another recipe: features differ"):
        sg.collect(table("skewed", 1), other, like=sg.collect(table("skewed", 1), SHOP, fine=True))


def test_a_table_that_does_not_know_its_recipe_is_refused() -> None:
    first = replace(sg.collect(table("skewed", 1), QUARTERS), made_by={})
    with pytest.raises(
        DataError, match=r"pattern table: does not say which edges and cuts .* collect it again"
    ):
        sg.collect(table("skewed", 2), QUARTERS, like=first)
