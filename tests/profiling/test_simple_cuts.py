"""Held-out explained variation, against scikit-learn on the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentry.collecting.collection import collect_patterns
from segmentry.engine import open_engine
from segmentry.profiling import SegmentedPatterns, comparison_table, gains_table
from segmentry.profiling.simple_cuts import ALL_OUTCOMES, CUTS
from segmentry.recipe import Recipe

RECIPE = """
[source]
id = "id"
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
levels = ["a", "b", "c", "d"]
[outcomes.money]
role = "amounts"
columns = ["spent", "noise"]
[outcomes.flag]
role = "flags"
columns = ["yes"]
"""


def rows(n=4_000, seed=1):
    random = np.random.default_rng(seed)
    town = random.integers(0, 4, n)
    age = random.integers(18, 70, n)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "age": age,
            "town": np.array(list("abcd"))[town],
            "spent": 1000 + 30.0 * (town == 2) + 10 * (age < 30) + random.normal(0, 20, n),
            "noise": random.normal(0, 1, n),
            "yes": random.random(n) < np.where(town == 2, 0.6, 0.2),
        }
    )


def collected(frame):
    engine = open_engine(frame)
    try:
        return collect_patterns(engine, Recipe.from_toml(RECIPE)).patterns
    finally:
        engine.close()


@pytest.fixture(scope="module")
def frame():
    return rows()


@pytest.fixture(scope="module")
def patterns(frame):
    return collected(frame)


def by(table, outcome):
    return table[table["outcome"] == outcome].set_index("cut")


def test_the_cut_that_was_planted_is_found(patterns):
    labels = np.asarray(patterns.codes)[:, 0] // 2  # segments by age, which matters little
    table = comparison_table(SegmentedPatterns(patterns, labels, 2))
    spent = by(table, "spent")
    assert spent.loc["one feature", "detail"] == "Town"
    assert (table["cut"].to_numpy().reshape(-1, 5) == CUTS).all()
    assert (table[~table["cut"].isin(["all patterns"])]["n_groups"] == 2).all()
    assert spent.loc["segments", "explained"] < 0.1
    assert spent.loc["one feature", "explained"] > 0.25
    assert spent.loc["all patterns", "explained"] > spent.loc["one feature", "explained"]
    assert by(table, "noise")["explained"].abs().max() < 0.01


def test_explained_is_that_of_the_rows(frame, patterns):
    """Means of one half predict the other, then the halves change places; groups are too large to be shrunk."""
    labels = (np.asarray(patterns.codes)[:, 1] == 2).astype(int)
    found = by(comparison_table(SegmentedPatterns(patterns, labels, 2)), "spent").loc["segments", "explained"]
    fold = np.arange(len(frame)) * 1583458089 % 2147483647 % 2
    y, group = frame["spent"].to_numpy(), (frame["town"] == "c").to_numpy().astype(int)
    errors = base = 0.0
    for f in (0, 1):
        learn, test = fold != f, fold == f
        means = np.array([y[learn & (group == g)].mean() for g in (0, 1)])
        errors += ((y[test] - means[group[test]]) ** 2).sum()
        base += ((y[test] - y[learn].mean()) ** 2).sum()
    assert found == pytest.approx(1 - errors / base, abs=1e-4)


def test_the_ceiling_is_the_adjusted_share_of_one_way_variance(frame, patterns):
    from scipy.stats import f_oneway

    table = comparison_table(SegmentedPatterns(patterns, np.arange(patterns.n_patterns) % 2, 2))
    ages = pd.cut(frame["age"], [0, 29, 49, 99])
    groups = [g["spent"].to_numpy() for _, g in frame.groupby([ages, "town"], observed=True)]
    n, k = len(frame), len(groups)
    statistic = f_oneway(*groups).statistic
    epsilon = (k - 1) * (statistic - 1) / ((k - 1) * statistic + n - k)  # Kelley 1935
    assert by(table, "spent").loc["all patterns", "explained"] == pytest.approx(epsilon, rel=1e-9)


def test_the_mean_is_over_the_outcomes_that_vary(patterns):
    labels = np.arange(patterns.n_patterns) % 2
    table = comparison_table(SegmentedPatterns(patterns, labels, 2))
    mean = by(table, ALL_OUTCOMES)["explained"]
    others = table[table["outcome"] != ALL_OUTCOMES].groupby("cut")["explained"].mean()
    pd.testing.assert_series_equal(mean.sort_index(), others.sort_index(), check_names=False)


def test_segments_of_noise_explain_nothing(patterns):
    random = np.random.default_rng(0)
    table = comparison_table(SegmentedPatterns(patterns, random.integers(0, 2, patterns.n_patterns), 2))
    assert by(table, "noise").loc["segments", "explained"] == pytest.approx(0, abs=0.002)


def test_nothing_is_compared_without_folds_or_with_one_segment(patterns):
    labels = np.zeros(patterns.n_patterns, int)
    assert len(comparison_table(SegmentedPatterns(patterns, labels, 1))) == 0
    without = comparison_table(SegmentedPatterns(replace(patterns, folds=None), labels, 2))
    assert list(without) == ["outcome", "cut", "detail", "n_groups", "n", "explained"]
    assert len(without) == 0


def test_folds_add_up_and_survive_saving_and_merging(frame, patterns, tmp_path):
    folds = patterns.folds
    np.testing.assert_array_equal(folds.counts.sum(axis=1), patterns.counts)
    np.testing.assert_array_equal(folds.value_weights.sum(axis=1), patterns.n_values)
    np.testing.assert_allclose(folds.sums.sum(axis=1), patterns.sums)
    np.testing.assert_allclose(folds.squares.sum(axis=1), patterns.squares)
    patterns.save(tmp_path / "p.parquet")
    merged = collected(frame[:1500]).merge(collected(frame[1500:]))
    for other in (type(patterns).load(tmp_path / "p.parquet"), merged):
        for name, values in other.folds.about(other.origins, patterns.origins).arrays().items():
            np.testing.assert_allclose(values, folds.arrays()[name], rtol=1e-9, atol=1e-6)
    first = patterns.take(np.array([0, 2]))
    np.testing.assert_array_equal(first.folds.sums, folds.sums[[0, 2]])
    assert patterns.merge(replace(patterns, folds=None)).folds is None


def test_ids_that_end_alike_give_no_held_out_figures(frame):
    table = collected(frame.assign(id=frame["id"].map("{}@shop.example".format)))
    labels = table.codes[:, 1].astype(np.intp)
    assert not len(comparison_table(SegmentedPatterns(table, labels, 4)))
    gains = gains_table(SegmentedPatterns(table, labels, 4))
    assert gains["held_out_share"].isna().all()
    assert gains["share"].notna().all()
