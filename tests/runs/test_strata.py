"""Bands that form no segments: outcomes compared within them, against pandas on the customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError, RecipeError
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
strata = ["age", { name = "tenure", label = "Customer for", column = "months", edges = [12, 36] }]
[source]
id = "id"
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
[outcomes.spend]
role = "amounts"
columns = ["wine"]
[outcomes.campaign]
role = "flags"
columns = ["first"]
"""


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Old customers accept often, and segment b is of old ones; within each band its rate is the lower one."""
    random = np.random.default_rng(6)
    n = 3_000
    group = random.choice(["a", "b"], n)
    months = np.where(random.random(n) < np.where(group == "b", 0.85, 0.15), 48, random.integers(0, 24, n))
    rate = np.where(months >= 36, 0.6, 0.15) - 0.08 * (group == "b")
    return pd.DataFrame({
        "id": range(n), "group": group, "months": months, "age": random.integers(18, 80, n),
        "town": random.choice(["x", "y"], n), "wine": random.gamma(2, 10, n).round(), "first": random.random(n) < rate,
    })  # fmt: skip


def test_a_band_reverses_a_difference_that_comes_from_who_is_in_the_segment(customers):
    result = profile(customers, sg.Recipe.from_toml(RECIPE), "group")
    by_label = {s.label: s.id for s in result.segments}
    table = result.strata.set_index(["feature", "outcome", "segment"]).sort_index()
    row = table.loc[("tenure", "first", by_label["b"])]
    assert row["difference"] > 0.1
    assert row["finding"] == "reversed"
    assert set(result.strata["feature"]) == {"age", "tenure"}
    (note,) = [n for n in result.notes if n.kind == "reversal" and f"Segment {by_label['b']}:" in n.text]
    assert "beside customers who are alike in Customer for" in note.text

    bands, up, low, gaps, sizes = pd.cut(customers["months"], [-1, 11, 35, 99]), 0.0, 0.0, [], []
    for _, mine in customers.groupby(bands, observed=True):
        b, a = mine[mine["group"] == "b"]["first"], mine[mine["group"] == "a"]["first"]
        up, low = up + b.sum() * len(a) / len(mine), low + a.sum() * len(b) / len(mine)
        gaps, sizes = [*gaps, b.mean() - a.mean()], [*sizes, len(mine)]
    assert row["standardised"] == pytest.approx(np.average(gaps, weights=sizes))
    assert row["mantel_haenszel"] == pytest.approx(up / low)
    assert row["n_strata"] == 3


def test_a_band_forms_no_segments(customers):
    """The same patterns, model and profile as without it; only strata are more, for one scan more."""
    banded = sg.run(customers, sg.Recipe.from_toml(RECIPE), segments=2)
    plain = sg.run(customers, sg.Recipe.from_toml(RECIPE).with_(strata=["age"]), segments=2)
    assert [f.name for f in banded.patterns.features] == ["age", "town"]
    pd.testing.assert_frame_equal(banded.outcomes, plain.outcomes)
    pd.testing.assert_frame_equal(banded.features, plain.features)
    assert set(banded.strata["feature"]) - set(plain.strata["feature"]) == {"tenure"}
    pd.testing.assert_frame_equal(banded.strata.query("feature == 'age'"), plain.strata)


def test_bands_of_a_loaded_and_of_a_withheld_result(customers, tmp_path):
    recipe = sg.Recipe.from_toml(RECIPE)
    result = profile(customers, recipe, "group", min_cell=10)
    assert "Customer for" in next(n.text for n in result.notes if n.kind == "reversal")
    result.save(tmp_path / "s.json")
    loaded = sg.load(tmp_path / "s.json")
    assert loaded.recipe == result.recipe
    assert loaded.recipe.bands == recipe.bands
    assert sg.Recipe.from_toml(recipe.to_toml()) == recipe


def test_a_pattern_table_has_no_column_to_cut(customers):
    recipe = sg.Recipe.from_toml(RECIPE)
    result = sg.run(sg.collect(customers, recipe), recipe, segments=2)
    assert set(result.strata["feature"]) == {"age"}


@pytest.mark.parametrize(
    ("strata", "error", "message"),
    [
        ([{"name": "t", "column": "tenure"}], DataError, r"^strata\.t\.column: the table has no column 'tenure'"),
        ([{"name": "t", "sql": "id + 1"}], DataError, r"^strata\.t: 3,000 different values; 100 levels are the most"),
        ([{"name": "t", "column": "id"}], RecipeError, r"^strata\.t\.column: 'id' is the id .* no two customers share"),
        ([{"name": "t", "column": "wine", "edges": [9]}], RecipeError, r"'wine' is also outcomes\.spend\.columns\.wine;"),
        ([{"name": "t", "sql": "wine / 2", "edges": [9]}], RecipeError, r"^strata\.t\.sql: 'wine' is also outcomes"),
        ([{"name": "age", "column": "months"}], RecipeError, "strata: 'age' is a feature; write its name alone, or give the band"),
        (["months"], RecipeError, "strata: there is no feature 'months'; known: age, town; for another column write"),
        ([{"name": "t", "colum": "months"}], RecipeError, r"strata\.0\.colum: unknown key; did you mean 'column'"),
        ([3], RecipeError, r"strata\.0: must be a table of keys; got 3"),
    ],
)  # fmt: skip
def test_mistakes_are_named_as_the_recipe_has_them(customers, strata, error, message):
    with pytest.raises(error, match=message):
        profile(customers, sg.Recipe.from_toml(RECIPE).with_(strata=strata), "group")
