"""Quartiles from value counts, and the value counts from the engine."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentry.patterns import ValueCounts
from segmentry.profiling import quartile_table
from segmentry.recipe import Recipe
from segmentry.runs.partition import Partition
from segmentry.runs.reading import complete_customers, read_segments
from segmentry.runs.sources import collect_customers, open_table
from segmentry.selection import Choice

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
[features.age]
column = "age"
edges = [30, 50]
[outcomes.money]
role = "amounts"
columns = ["wine", "bread"]
[outcomes.campaign]
role = "flags"
columns = ["first"]
"""


def counted(values, weights=None) -> ValueCounts:
    values = np.asarray(values, float)
    found = np.unique(values)
    masses = None if weights is None else np.array([np.asarray(weights)[values == v].sum() for v in found])
    customers = np.array([(values == v).sum() for v in found], float)
    return ValueCounts("spend", np.ones(len(found), int), found, customers, masses, is_exact=True)


def figures(count: ValueCounts) -> list[float]:
    row = quartile_table([count], 1).iloc[0]
    return [row[name] for name in ("lower_quartile", "median", "upper_quartile", "any_share")]


@settings(max_examples=50)
@given(st.lists(st.integers(-3, 9), min_size=1, max_size=40))
def test_quartiles_from_counts_are_those_of_the_customers(values):
    expected = [*np.quantile(values, [0.25, 0.5, 0.75]), np.mean(np.asarray(values) > 0)]
    np.testing.assert_allclose(figures(counted(values)), expected, rtol=1e-12)


def test_weighted_quartiles_are_reached_by_the_share_of_the_weight():
    assert figures(counted([1, 2, 3, 4], [1, 1, 1, 7]))[:3] == [3, 4, 4]
    assert figures(counted([0, 5], [3, 1]))[3] == 0.25


def test_a_segment_without_values_has_none():
    table = quartile_table([counted([1, 2])], 2)
    assert table["median"].isna().tolist() == [False, True]


def of_table(frame: pd.DataFrame, recipe: str = RECIPE):
    """The value counts of segments by age, counted from the engine; and the segment of each customer."""
    read = Recipe.from_toml(recipe)
    with open_table(frame, read) as source:
        customers = complete_customers(collect_customers(source, frame, read))
        labels = np.minimum(np.asarray(customers.patterns.codes[:, 0]), 1)
        partition = Partition("given", Choice(2, True, 0, "as the ages are"), labels, np.ones(len(labels)))
        return read_segments(customers, partition, ()).values, np.where(frame["age"] < 30, 1, 2)


def frame_of(n: int) -> pd.DataFrame:
    random = np.random.default_rng(n)
    wine = np.where(random.random(n) < 0.3, 0.0, random.lognormal(3, 1.5, n))
    return pd.DataFrame(
        {"age": random.integers(18, 70, n), "wine": wine, "bread": random.integers(-2, 30, n),
         "first": random.random(n) < 0.2, "w": random.integers(1, 5, n)}
    ).assign(wine=lambda f: f["wine"].mask(f.index % 11 == 0))  # fmt: skip


@pytest.mark.parametrize("weight", ["", '[source]\nweight = "w"\n'])
def test_values_are_counted_in_the_engine(weight):
    frame = frame_of(400)
    counts, segment = of_table(frame, RECIPE + weight)
    assert [c.outcome for c in counts] == ["wine", "bread"]
    table = quartile_table(counts, 2)
    assert set(table["quartiles"]) == {"exact"}
    assert counts[1].n_negative == (frame["bread"] < 0).sum() > 0
    for row in table.itertuples():
        mine = frame.loc[segment == row.segment].dropna(subset=row.outcome)
        if weight:
            repeated = mine.loc[mine.index.repeat(mine["w"]), row.outcome]
            low = np.quantile(repeated, [0.25, 0.5, 0.75], method="inverted_cdf")
            assert row.any_share == pytest.approx((repeated > 0).mean())
        else:
            low = np.quantile(mine[row.outcome], [0.25, 0.5, 0.75])
            assert row.any_share == pytest.approx((mine[row.outcome] > 0).mean())
        np.testing.assert_allclose([row.lower_quartile, row.median, row.upper_quartile], low, rtol=1e-9)


def test_more_than_10_000_values_are_put_into_buckets_and_said_to_be():
    frame = frame_of(30_000)
    counts, segment = of_table(frame)
    assert [c.is_exact for c in counts] == [False, True]
    assert len(counts[0].values) < 6_000
    assert counts[0].customers.sum() == frame["wine"].notna().sum()
    table = quartile_table(counts, 2).query("outcome == 'wine'")
    assert set(table["quartiles"]) == {"approximate"}
    for row in table.itertuples():
        mine = frame.loc[segment == row.segment, "wine"].dropna()
        found = [row.lower_quartile, row.median, row.upper_quartile]
        np.testing.assert_allclose(found, np.quantile(mine, [0.25, 0.5, 0.75]), rtol=0.006)
        assert row.any_share == pytest.approx((mine > 0).mean())


def test_a_pattern_table_has_no_quartiles():
    import segmentry as sg

    patterns = sg.collect(frame_of(300), Recipe.from_toml(RECIPE))
    result = sg.run(patterns, Recipe.from_toml(RECIPE), segments=2)
    assert result.outcomes["median"].isna().all()
    assert set(result.outcomes["quartiles"]) == {""}
