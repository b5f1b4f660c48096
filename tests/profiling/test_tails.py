"""Amounts with tails: tests by ranks, and intervals that allow for large values that are lacking by chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from segmentry.patterns import OutcomeInfo, PatternTable, ValueCounts, as_codes
from segmentry.profiling import SegmentedPatterns, outcome_notes, outcome_table
from segmentry.profiling.moments import moments_of
from segmentry.profiling.ranks import rank_p_values
from segmentry.profiling.tails import Shape, Side


def counted(groups, name="spend"):
    """Value counts of the groups as segments."""
    pairs = [(s, *np.unique(g, return_counts=True)) for s, g in enumerate(groups, 1)]
    segments = np.concatenate([np.full(len(v), s) for s, v, _ in pairs])
    values, customers = (np.concatenate([p[i] for p in pairs]).astype(float) for i in (1, 2))
    return ValueCounts(name, segments, values, customers, None, True)


def segmented(groups):
    origin = float(np.concatenate(groups).mean())
    sums, squares, cubes = (
        np.array([[f(np.asarray(g, float))] for g in groups])
        for f in (np.sum, lambda v: ((v - origin) ** 2).sum(), lambda v: ((v - origin) ** 3).sum())
    )
    n = np.array([len(g) for g in groups])
    table = PatternTable(
        features=(), codes=as_codes(np.zeros((len(n), 0))), counts=n,
        outcomes=(OutcomeInfo("spend", "Spend", "s", "S", "amounts"),),
        n_values=n[:, None], sums=sums, squares=squares, cubes=cubes, origins=np.array([origin]),
    )  # fmt: skip
    return SegmentedPatterns(table, np.arange(len(n)), len(n))


def table_of(groups):
    return outcome_table(segmented(groups), counts=(counted(groups),))


@pytest.mark.parametrize("step", [0.0, 0.3])
def test_p_values_of_ranks_are_those_of_mann_and_whitney(step):
    rng = np.random.default_rng(3)
    mine, rest = rng.poisson(2 + step, 150), rng.poisson(2, 400)
    found = rank_p_values(counted([mine, rest]), np.array([150.0, 400.0]))
    expected = stats.mannwhitneyu(mine, rest, use_continuity=False, method="asymptotic").pvalue
    assert found == pytest.approx([expected] * 2, rel=0.02)


def test_ranks_do_not_know_how_large_the_largest_value_is():
    mine, rest = np.arange(40.0), np.arange(100.0)
    n = np.array([40.0, 100.0])
    further = np.where(rest == 99, 1e9, rest)
    assert (rank_p_values(counted([mine, rest]), n) == rank_p_values(counted([mine, further]), n)).all()


def test_weights_that_are_all_alike_change_no_p_value_of_ranks():
    plain = counted([np.arange(40.0), np.arange(100.0)])
    weighted = replace(plain, weights=3 * plain.customers)
    n = np.array([40.0, 100.0])
    np.testing.assert_allclose(rank_p_values(plain, n), rank_p_values(weighted, n))


def test_segments_that_differ_in_scale_have_one_shape():
    values = np.random.default_rng(0).gamma(1, size=500)
    shape, alone = (
        Shape.of(moments_of(segmented(g), 0).segments()) for g in ([values, 30 * values], [values, values])
    )
    assert shape.variation == pytest.approx(alone.variation) == pytest.approx(values.std() / values.mean())
    assert shape.skewness == pytest.approx(stats.skew(values))


def test_a_large_segment_counts_by_its_own_values_and_a_small_one_by_all():
    own = {"mean": np.ones(2), "variance": np.full(2, 0.5), "third": np.zeros(2)}
    wary = Shape(2.0, 5.0).wary(Side(**own, n=np.array([1e12, 30.0])))
    assert wary.variance == pytest.approx([0.5, 4.0])
    assert wary.third == pytest.approx([0.0, 40.0], abs=1e-4)


@pytest.mark.parametrize("shape", ["lognormal", "exponential", "two in three zero"])
def test_intervals_hold_means_of_eighty_customers_beside_many(shape):
    """95 % and what 300 tables vary by chance; Hall's interval by the segment alone ends below up to 7 %."""
    rng = np.random.default_rng(7)
    draws = rng.exponential if shape == "exponential" else lambda size: rng.lognormal(size=size)
    mean = 1.0 if shape == "exponential" else float(np.exp(0.5))
    thins = 1 / 3 if shape == "two in three zero" else 1.0
    held, known = [], []
    for _ in range(300):
        values = draws(size=1_000) * (rng.random(1_000) < thins)
        row = table_of([values[:80], values[80:500], values[500:]]).iloc[0]
        known.append(row["is_mean_known"])
        if row["is_mean_known"]:
            held.append(row["low"] <= thins * mean <= row["high"])
    assert np.mean(known) > 0.9
    assert np.mean(held) > 0.92


@pytest.mark.parametrize("kind", ["sigma 2", "98 in 100 zero"])
def test_a_mean_that_cannot_be_known_has_no_interval_and_a_note(kind):
    rng = np.random.default_rng(1)
    values = (
        rng.lognormal(0, 2, 4_000)
        if kind == "sigma 2"
        else rng.lognormal(size=4_000) * (rng.random(4_000) < 0.02)
    )
    table = table_of([values[:100], values[100:]])
    first = table.iloc[0]
    assert not first["is_mean_known"]
    assert first[["low", "high", "difference_low", "difference_high", "ratio_to_rest"]].isna().all()
    assert first["value"] == pytest.approx(values[:100].mean())
    notes = outcome_notes(table, table.iloc[:0], (), {"spend": "Spend"}, {})
    assert [n.kind for n in notes] == ["tail"]
    assert notes[0].text.startswith("Spend: few customers make up most of the sum")


def test_a_difference_of_long_tailed_amounts_is_found_by_ranks():
    rng = np.random.default_rng(1)
    table = table_of([3 * rng.lognormal(0, 2, 100), rng.lognormal(0, 2, 900)])
    assert not table["is_mean_known"].iloc[0]
    assert table["p_adjusted"].max() < 0.001


def test_unrelated_long_tailed_amounts_are_seldom_claimed():
    """Two segments each; at most 5 % of 200, and what these vary by chance."""
    rng = np.random.default_rng(11)
    drawn = [rng.lognormal(0, 2, 400) for _ in range(200)]
    p = np.array([table_of([v[:60], v[60:]])["p_value"].iloc[0] for v in drawn])
    assert (p < 0.05).mean() <= 0.09


def test_means_that_differ_are_claimed_where_ranks_are_alike():
    """Everybody in one segment spends a middling amount; of the others a half spends little, a half four times as much."""
    rng = np.random.default_rng(3)
    middling = rng.gamma(4, 50, 700)
    others = np.concatenate([rng.gamma(4, 20, 400), rng.gamma(4, 150, 400)])
    groups = [middling, others]
    by_ranks = rank_p_values(counted(groups), np.array([700.0, 800.0]))
    table = table_of(groups)
    assert by_ranks[0] > 0.05
    assert table["p_value"].iloc[0] < 0.001
    assert table["difference_high"].iloc[0] < 0
