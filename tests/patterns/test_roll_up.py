"""Roll-ups: a table that was collected coarse equals a fine one whose levels are put together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

import segmentry as sg
from segmentry.errors import DataError
from segmentry.patterns import FeatureLevels, OutcomeInfo, PatternTable, as_codes, group_patterns, sums
from segmentry.patterns.sums import Grouping, regroup
from segmentry.recipe import Recipe

FINE, CITIES = [10, 20, 25, 30, 50, 60, 80], ["Bern", "Basel", "Chur", "Genf"]


def shop(seed: int, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.integers(0, 100, n).astype(float)
    age[rng.random(n) < 0.1] = np.nan
    city = rng.choice([*CITIES, "elsewhere"], n)
    visits, spent = rng.integers(0, 4, n), rng.integers(0, 90, n)
    bought = (rng.random(n) < 0.3).astype(int)
    return pd.DataFrame(
        {
            "id": np.arange(n) + 1_000 * seed,
            "age": age,
            "city": city,
            "visits": visits,
            "spent": spent,
            "bought": bought,
        }
    )


def recipe(age: dict[str, Any], city: dict[str, Any], visits: dict[str, Any] | None) -> Recipe:
    features = {"age": {"column": "age", **age}, "city": {"column": "city", "rest": "Other", **city}}
    if visits is not None:
        features["visits"] = {"column": "visits", **visits}
    outcomes = {
        "money": {"role": "amounts", "columns": ["spent"]},
        "offer": {"role": "flags", "columns": ["bought"]},
    }
    content = {"source": {"id": "id"}, "features": features, "outcomes": outcomes}
    return Recipe.from_toml(tomlkit.dumps(content))


def assert_equal(one: PatternTable, other: PatternTable) -> None:
    assert one.features == other.features
    assert one.made_by == other.made_by
    assert one.cleaning == other.cleaning
    np.testing.assert_array_equal(one.codes, other.codes)
    for name in ("counts", "n_values", "sums"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("squares", "cubes", "origins"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-6)
    assert one.folds is not None
    assert other.folds is not None
    np.testing.assert_array_equal(one.folds.counts, other.folds.counts)
    np.testing.assert_allclose(one.folds.squares, other.folds.squares, rtol=1e-12, atol=1e-6)


@settings(max_examples=12)
@given(
    st.integers(0, 1_000),
    st.lists(st.sampled_from(FINE), min_size=1, unique=True).map(sorted),
    st.sampled_from(["left", "right"]),
    st.sampled_from(["keep", "level"]),
    st.integers(1, 3),
)
def test_a_table_collected_coarse_equals_a_fine_one_rolled_up(
    seed: int, edges: list[int], closed: str, missing: str, n_together: int
) -> None:
    data, age = shop(seed), {"closed": closed, "missing": missing}
    fine = sg.collect(data, recipe({"edges": FINE, **age}, {"levels": CITIES}, {"levels": [0, 1, 2, 3]}))
    groups = {"Together": CITIES[:n_together], **{c: [c] for c in CITIES[n_together:]}}
    coarse = sg.collect(data, recipe({"edges": edges, **age}, {"groups": groups}, {"edges": [2]}))
    assert_equal(fine.roll_up(age=edges, city=groups, visits=[2]), coarse)
    without = sg.collect(data, recipe({"edges": edges, **age}, {"groups": groups}, None))
    assert_equal(fine.roll_up({"visits": None, "city": groups}, age=edges), without)
    assert_equal(fine.roll_up(), fine)


def test_tables_with_other_cuts_add_up_on_their_common_ones(tmp_path: Path) -> None:
    parts = [
        sg.collect(shop(seed), recipe({"edges": edges}, {"levels": CITIES}, None))
        for seed, edges in ((1, [20, 30, 50]), (2, [20, 25, 50, 80]))
    ]
    both = parts[0].roll_up(age=[20, 50]).merge(parts[1].roll_up(age=[20, 50]))
    whole = sg.collect(pd.concat([shop(1), shop(2)]), recipe({"edges": [20, 50]}, {"levels": CITIES}, None))
    np.testing.assert_array_equal(both.counts, whole.counts)
    np.testing.assert_array_equal(both.sums, whole.sums)
    both.save(tmp_path / "both.parquet")
    assert PatternTable.load(tmp_path / "both.parquet").made_by == both.made_by


def test_what_the_rest_holds_stays_the_rest() -> None:
    fine = sg.collect(shop(3), recipe({"edges": [30]}, {"levels": CITIES}, None))
    asked = {"Abroad": ["Other", "Genf"], "North": ["Basel"]}
    coarse = fine.roll_up(city=asked)
    assert coarse.features[1].levels == ("North", "Bern", "Chur", "Abroad")
    made = json.loads(coarse.made_by["features.city"])
    assert (made["rest"], made["groups"]) == (
        "Abroad",
        {"North": ["Basel"], "Bern": ["Bern"], "Chur": ["Chur"]},
    )


def test_groups_that_break_an_order_leave_a_nominal_feature() -> None:
    data = shop(4)
    fine = sg.collect(data, recipe({"edges": [30, 60]}, {"levels": CITIES}, None))
    assert fine.features[0].scale == "ordinal"
    first, second, third = fine.features[0].levels
    assert fine.roll_up(age={"old": [second, third]}).features[0].scale == "nominal"
    kept = fine.roll_up(age={first: [first], "old": [second, third]}).features[0]
    assert (kept.scale, kept.levels) == ("ordinal", (first, "old"))


def test_customers_dropped_for_want_of_a_value_are_remembered() -> None:
    fine = sg.collect(shop(5), recipe({"edges": [30], "missing": "drop"}, {"levels": CITIES}, None))
    left = fine.roll_up(age=None)
    whole = sg.collect(shop(5), recipe({"edges": [30]}, {"levels": CITIES}, None)).roll_up(age=None)
    with pytest.raises(DataError, match="features differ"):
        left.merge(whole)


def test_more_combinations_than_numbers_are_sorted() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(-1, 60, (400, 12)).astype(np.int32)
    codes[200:] = codes[:200]
    features = tuple(FeatureLevels(f"f{j}", "", tuple(map(str, range(60)))) for j in range(12))
    first, _ = group_patterns(codes)
    table = PatternTable(features, as_codes(codes), np.arange(400))
    assert regroup(codes, [np.arange(61)] * 12, [60] * 12) is None
    rolled = table.roll_up()
    np.testing.assert_array_equal(rolled.codes, codes[first])
    assert rolled.counts.sum() == table.counts.sum()
    few = table.roll_up({f"f{j}": None for j in range(10)})
    pairs, place = np.unique(codes[:, 10:], axis=0, return_inverse=True)
    np.testing.assert_array_equal(few.codes, pairs)
    np.testing.assert_array_equal(few.counts, np.bincount(place.ravel(), np.arange(400)))


def test_large_sums_are_those_of_numpy() -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    outcomes = tuple(OutcomeInfo(f"o{j}", "", "g", "", "amounts") for j in range(3))
    table = PatternTable(
        tuple(FeatureLevels(f"f{j}", "", ("a", "b", "c")) for j in range(2)),
        as_codes(rng.integers(0, 3, (n, 2))),
        rng.integers(1, 9, n),
        outcomes,
        n_values=rng.integers(0, 9, (n, 3)),
        sums=rng.random((n, 3)),
        squares=rng.random((n, 3)),
        cubes=rng.random((n, 3)),
        origins=np.zeros(3),
    )
    rolled = table.roll_up(f1=None)
    group = np.asarray(table.codes)[:, 0]
    assert rolled.n_values.dtype == np.int64
    for name in ("n_values", "sums", "squares", "cubes"):
        expected = [[v[group == g].sum() for g in range(3)] for v in getattr(table, name).T]
        np.testing.assert_allclose(getattr(rolled, name).T, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"ages": [30]}, "has no feature 'ages' .*did you mean 'age'"),
        ({"age": [35]}, "roll_up: age: 35 is none of its cuts: 10, 20, 25, 30, 50, 60, 80"),
        ({"age": [30, 20]}, r"edges must increase; got \[30, 20\]"),
        ({"age": "30"}, "takes edges, groups of levels, or None to be left out; got '30'"),
        ({"age": []}, r"got \[\]"),
        ({"city": [3]}, "has no numbers that edges could divide"),
        ({"city": {"x": ["Basl"]}}, "has no level 'Basl' .*'Basel'"),
        ({"city": {"x": ["Basel"], "y": ["Basel"]}}, "'Basel' is in 'x' and in 'y'; a level has one group"),
        ({"city": {"all": [*CITIES, "Other"]}}, "would have one level; leave it out with None"),
    ],
)
def test_what_cannot_be_put_together_is_said(asked: dict[str, Any], said: str) -> None:
    table = sg.collect(shop(6), recipe({"edges": FINE}, {"levels": CITIES}, None))
    with pytest.raises(DataError, match=said):
        table.roll_up(asked)


def test_two_threads_add_up_as_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, n = np.random.default_rng(0), 20_000
    group = rng.integers(0, 300, n)
    grouping = Grouping(np.arange(300, dtype=np.int32)[:, None], group)
    arrays = {"counts": rng.integers(0, 9, n), **{f"sums{j}": rng.random((n, 3)) for j in range(5)}}
    one = {name: grouping.added(values) for name, values in arrays.items()}
    monkeypatch.setattr(sums, "_MANY", 0)
    two = Grouping(grouping.codes, group).added_each(arrays)
    assert list(two) == list(arrays)
    for name, values in one.items():
        np.testing.assert_array_equal(two[name], values)
        assert two[name].dtype == arrays[name].dtype
