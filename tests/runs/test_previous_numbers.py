"""Segments of numbers keep their numbers and names: models with other fine levels are compared by the cuts of both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.runs.common_levels import CommonLevels, Side
from segmentry.scoring import score_patterns

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
[source]
id = "id"
[features.income]
column = "income"
edges = [8000, 20000]
distribution = "ordered"
[features.age]
column = "age"
edges = [30, 50]
distribution = "ordered"
[features.town]
column = "town"
weight = 0.1
[model]
segments = 2
range = [1, 2]
"""


def customers(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Two groups: the smaller one is older and richer."""
    rng = np.random.default_rng(seed)
    group = rng.random(n) < 0.4
    income = np.exp(rng.normal(9 + 1.2 * group, 0.4))
    income[rng.random(n) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "income": income,
            "age": rng.normal(35 + 22 * group, 6).round(),
            "town": rng.choice(["a", "b"], n),
        }
    )


@pytest.fixture(scope="module")
def before() -> sg.Segmentation:
    """The larger segment is number 2, under a name that somebody gave."""
    result = sg.run(customers(), RECIPE, analyses=0)
    turned = (
        replace(result.segments[1], id=1, name="Elder"),
        replace(result.segments[0], id=2, name="Younger"),
    )
    core = result.core.reordered(np.array([1, 0]))
    return replace(result, segments=turned, labels=1 - result.labels, core=core)


@pytest.mark.parametrize("is_saved", [False, True])
def test_the_same_customers_stay_where_they_were(
    before: sg.Segmentation, tmp_path: Path, is_saved: bool
) -> None:
    known = before.save(tmp_path / "s.json") if is_saved else before
    again = sg.run(customers(), RECIPE, analyses=0, previous=known)
    assert [(s.name, s.size) for s in again.segments] == [(s.name, s.size) for s in before.segments]
    assert not again.migration["moves"].any()
    assert "2 of 2 previous segments survive" in again.choice.reason
    assert ("told by the cuts of Income and Age that both have" in again.choice.reason) == is_saved


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_later_customers_with_other_fine_levels_keep_numbers_and_names(
    before: sg.Segmentation, method: str
) -> None:
    later = customers(350, seed=5).dropna()
    again = sg.run(later, RECIPE, analyses=0, method=method, previous=before)
    mine, theirs = before.recipe.features[0].fine, again.recipe.features[0].fine
    assert set(mine) != set(theirs)
    assert [s.name for s in again.segments] == ["Elder", "Younger"]
    assert again.segments[0].size < again.segments[1].size
    assert again.migration.loc[again.migration["moves"], "customers"].sum() < 0.1 * 400
    assert again.migration["customers"].sum() == 400


def test_numbers_are_kept_where_bands_become_numbers_and_back(before: sg.Segmentation) -> None:
    bands = RECIPE.replace('distribution = "ordered"\n', "")
    as_bands = sg.run(customers(), bands, analyses=0, previous=before)
    assert [s.name for s in as_bands.segments] == ["Elder", "Younger"]
    as_numbers = sg.run(customers(), RECIPE, analyses=0, previous=as_bands)
    assert [s.name for s in as_numbers.segments] == ["Elder", "Younger"]


def test_a_class_has_of_common_levels_the_sum_of_its_probabilities(before: sg.Segmentation) -> None:
    """So a model that is asked by common levels says what one says that was collected by them."""
    later = sg.run(customers(350, seed=5), RECIPE, analyses=0)
    then, now = (Side(r.recipe, r.patterns) for r in (before, later))
    common = CommonLevels.of(then, now)
    cuts = common.cuts[0]
    assert set(cuts) == set(before.recipe.features[0].fine) & set(later.recipe.features[0].fine)
    assert {8000, 20000} <= set(cuts)
    placing = common.placing(later.core, later.recipe)
    table = placing.assignment_tables().tables[0]
    np.testing.assert_allclose(np.exp(-table).sum(axis=0), 1)
    fine = (-np.inf, *later.recipe.features[0].fine)
    lowest = [i for i, cut in enumerate(fine) if cut < cuts[0]]
    np.testing.assert_allclose(np.exp(-table[0]), later.core.response_proba_[0][:, lowest].sum(axis=1))
    by_cuts = score_patterns(placing, common.codes(now, is_now=False))[0]
    assert later.patterns.counts[by_cuts == later.labels].sum() > 0.97 * 350


def test_numbers_without_a_common_cut_are_refused(before: sg.Segmentation) -> None:
    other = RECIPE.replace("[30, 50]", "[30.5, 50.5]")
    with pytest.raises(sg.DataError, match=r"--previous: features\.age: has no cut that it had before"):
        sg.run(customers().assign(age=lambda d: d["age"] + 0.25), other, analyses=0, previous=before)
