"""Ordered features of a recipe, from the table to scores: numbers form segments as numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError, ModelError, RecipeError
from segmentry.recipe import Recipe

RECIPE = """
[features.income]
column = "income"
quantiles = 12
distribution = "ordered"
[features.age]
column = "age"
edges = [20, 30, 40, 50, 60, 70]
distribution = "ordered"
[features.grade]
column = "grade"
levels = ["low", "some", "much", "all"]
scale = "ordinal"
distribution = "ordered"
[features.town]
column = "town"
[outcomes.money]
role = "amounts"
columns = ["spend"]
[source]
id = "id"
[model]
range = [1, 3]
"""


def customers(n: int = 1_000, seed: int = 0) -> pd.DataFrame:
    """Two groups: one older, richer and of higher grades; incomes are skewed, and some are unknown."""
    rng = np.random.default_rng(seed)
    group = rng.random(n) < 0.4
    income = np.exp(rng.normal(9 + 1.2 * group, 0.4))
    income[rng.random(n) < 0.05] = np.nan
    grade = np.clip(np.round(rng.normal(1 + 1.4 * group, 0.7)), 0, 3).astype(int)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "income": income,
            "age": rng.normal(35 + 22 * group, 8).round(),
            "grade": np.array(["low", "some", "much", "all"])[grade],
            "town": rng.choice(["a", "b", "c"], n),
            "spend": rng.gamma(2, 10 + 10 * group),
            "group": group,
        }
    )


@pytest.fixture(scope="module")
def result(few_null_tables: None) -> sg.Segmentation:
    return sg.run(customers(), Recipe.from_toml(RECIPE), segments=2)


def test_the_classes_are_the_planted_ones(result: sg.Segmentation) -> None:
    model = result.model
    assert list(model.distributions) == ["ordered", "ordered", "ordered", "levels"]
    apart = np.abs(model.centres_[0] - model.centres_[1])
    assert (apart[:3] > 1).all()
    assert np.isnan(apart[3])
    found = result.assign(customers())["segment"].to_numpy()
    same = (found == 2) == customers()["group"].to_numpy()
    assert max(same.mean(), 1 - same.mean()) > 0.9
    row = result.selection.set_index("k").loc[2]
    n_fine = [len(feature.levels) for feature in result.patterns.features]
    assert min(n_fine[:2]) > 40
    assert row["n_parameters"] == 1 + sum(n - 1 + 2 for n in n_fine[:3]) + 2 * 2
    best = result.selection.set_index("k")["bic"].idxmin()
    assert best == 2


def test_sql_and_python_agree_on_every_pattern(result: sg.Segmentation) -> None:
    checked = result.verify()
    assert checked.n_equal == checked.n_patterns
    assert checked.n_patterns > 1_000


def test_a_saved_segmentation_scores_alike(result: sg.Segmentation, tmp_path: Path) -> None:
    content = json.loads(result.save(tmp_path / "segmentation.json").read_text())
    loaded = sg.Segmentation.from_dict(content)
    later = customers(300, seed=1)
    pd.testing.assert_frame_equal(loaded.assign(later), result.assign(later))
    assert [f.distribution for f in loaded.patterns.features] == ["ordered"] * 3 + ["levels"]
    with pytest.raises(ModelError, match="saved without thresholds_"):
        loaded.model.standard_errors(loaded.patterns.codes)


def test_a_pattern_file_is_modelled_as_the_recipe_says(few_null_tables: None) -> None:
    recipe = Recipe.from_toml(RECIPE)
    plain = Recipe.from_toml(RECIPE.replace('distribution = "ordered"\n', ""))
    table = sg.collect(customers(), plain)
    assert {f.distribution for f in table.features} == {"levels"}
    found = sg.run(table, recipe, segments=2)
    assert [f.distribution for f in found.patterns.features] == ["ordered"] * 3 + ["levels"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('column = "c"', "'ordered' needs levels in an order; give edges"),
        ('column = "c"\nlevels = ["a", "b"]', "'ordered' needs levels in an order"),
        (
            'column = "c"\nedges = [1]\nmissing = "level"',
            'the level that missing = "level" makes has no place in an order',
        ),
        (
            'column = "c"\nlevels = ["a", "b"]\nscale = "ordinal"\nrest = "x"',
            "the level that rest makes has no place in an order",
        ),
    ],
)
def test_what_has_no_order_is_refused(lines: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Recipe.from_toml(f'[features.f]\n{lines}\ndistribution = "ordered"\n')


NUMBER = """
[features.c]
column = "c"
edges = [3]
distribution = "ordered"
[features.town]
column = "town"
[model]
segments = 1
range = [1, 1]
"""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            np.nan,
            r"features\.c: no customer has a value; leave the feature out, or look at how its column is read",
        ),
        ("high", r"features\.c\.edges: 'c' is text, and edges need numbers"),
        (
            pd.Timestamp("2020-01-01"),
            r"features\.c\.edges: 'c' is neither number nor text, .*convert it with sql",
        ),
    ],
)
def test_a_column_that_is_no_number_is_refused(values: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        sg.run(customers(100).assign(c=values), Recipe.from_toml(NUMBER))


@pytest.mark.parametrize("values", [5.0, [0.0, 7.5]])
def test_one_value_is_said_to_form_no_segments_and_two_are_levels(
    values: object, few_null_tables: None
) -> None:
    column = np.resize(values, 100)
    found = sg.run(customers(100).assign(c=column), Recipe.from_toml(NUMBER), analyses=0)
    assert found.model.n_parameters_ == 2 + len(set(column)) - 1
    is_said = any(
        "All customers are alike in C, which so forms no segments" in c for c in found.choice.cautions
    )
    assert is_said == (len(set(column)) == 1)


def test_cuts_outside_the_data_leave_levels_that_nobody_has(few_null_tables: None) -> None:
    content = NUMBER.replace("edges = [3]", "edges = [-1000, 1000]")
    found = sg.run(customers(100).assign(c=np.arange(100) % 7), Recipe.from_toml(content), analyses=0)
    rows = found.features[found.features["feature"] == "c"]
    assert rows["count"].tolist() == [0, 100, 0]
