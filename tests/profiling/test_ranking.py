"""Shrunken rates and the probability of being the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import special

from segmentry.profiling import SegmentedPatterns, ranking_table, shrunken_rates
from segmentry.profiling.ranking import probability_best
from segmentry.profiling.shrinkage import BetaRates


def test_a_small_segment_is_shrunk_more_and_does_not_lead_by_luck():
    accepted, n = np.array([2.0, 300.0, 200.0, 240.0]), np.array([4.0, 1000.0, 1000.0, 1000.0])
    rates = shrunken_rates(accepted, n)
    common = accepted.sum() / n.sum()
    raw = accepted / n
    kept = (rates.mean - common) / (raw - common)
    assert kept[0] < 0.5
    assert 0.9 < kept[1] < 1
    assert rates.mean.argmax() == 1 != raw.argmax()


def test_equal_rates_are_pooled_and_different_large_ones_stay():
    equal = shrunken_rates(np.array([10.0, 12, 9, 11]), np.full(4, 100.0))
    assert np.ptp(equal.mean) < 0.35 * 0.03
    apart = shrunken_rates(np.array([1000.0, 5000]), np.full(2, 10_000.0))
    np.testing.assert_allclose(apart.mean, [0.1, 0.5], rtol=3e-3)


def test_the_posterior_is_the_mixture_over_the_common_rate_and_the_spread():
    """Against a fine grid over the common rate and the prior's share, integrated here."""
    accepted, n = np.array([3.0, 0, 40]), np.array([10.0, 5, 400])
    share = (np.arange(2_000) + 0.5) / 2_000
    size = (3 / (1 / n).sum() * share / (1 - share))[:, None, None]
    common = ((np.arange(400) + 0.5) / 400)[:, None]
    yes, no = size * common, size * (1 - common)
    log_weight = (special.betaln(accepted + yes, n - accepted + no) - special.betaln(yes, no)).sum(axis=2)
    log_weight -= np.log(common[:, 0] * (1 - common[:, 0])) / 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    expected = np.einsum("ij,ijs->s", weight, (accepted + yes) / (n + size))
    np.testing.assert_allclose(shrunken_rates(accepted, n).mean, expected, rtol=0.06)


@pytest.mark.parametrize(("accepted", "n"), [([0.0, 0.0], [5.0, 9.0]), ([5.0, 9.0], [5.0, 9.0]), ([0.0, 3.0], [0.0, 9.0]),
                                             ([4e9, 1e9], [1e10, 1e10]), ([0.0], [0.0])])  # fmt: skip
def test_extreme_counts_stay_inside_zero_and_one(accepted, n):
    rates = shrunken_rates(np.array(accepted), np.array(n))
    assert ((rates.mean > 0) & (rates.mean < 1)).all()
    assert (rates.quantile(0.025) <= rates.mean).all()
    assert (rates.quantile(0.975) >= rates.mean).all()
    assert probability_best(rates).sum() == pytest.approx(1)


def test_probability_of_the_best_is_that_of_draws():
    rates = BetaRates(np.array([30.0, 25, 8]), np.array([70.0, 75, 22]))
    draws = np.random.default_rng(0).beta(rates.a, rates.b, (200_000, 3))
    expected = np.bincount(draws.argmax(axis=1), minlength=3) / 200_000
    np.testing.assert_allclose(probability_best(rates), expected, atol=0.004)


@pytest.mark.parametrize("size", [3.0, 400.0, 1e5, 1e8])
def test_probability_of_the_best_is_that_of_all_quantiles(size):
    rates = np.random.default_rng(int(size)).beta(1, 5, (30, 4))
    rates[::3, 2] = rates[::3, 1] + 0.3 / np.sqrt(size)
    shares = (np.arange(200) + 0.5) / 200
    for rate in np.clip(rates, 1e-6, 1 - 1e-6):
        a, b = rate * size + 0.5, (1 - rate) * size + 0.5
        at = special.betaincinv(a[:, None], b[:, None], shares)
        below = special.betainc(a[:, None, None], b[:, None, None], at[None])
        below[np.arange(4), np.arange(4)] = 1.0
        expected = below.prod(axis=0).mean(axis=1)
        found = probability_best(BetaRates(a, b))
        np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-12, atol=1e-300)


def test_ranking_without_chances_is_the_same_but_for_them(case):
    whole, quick = ranking_table(case.segmented), ranking_table(case.segmented, has_chances=False)
    assert quick["probability_best"].isna().all()
    pd.testing.assert_frame_equal(
        quick.drop(columns="probability_best"), whole.drop(columns="probability_best")
    )


def test_ranking_has_one_row_per_flag_and_segment_best_first(case):
    table = ranking_table(case.segmented)
    assert table["outcome"].tolist() == ["first"] * 3 + ["second"] * 3 + ["never"] * 3
    assert table["rank"].tolist() == [1, 2, 3] * 3
    for _, rows in table.groupby("outcome"):
        assert rows["shrunken_rate"].is_monotonic_decreasing
        assert rows["probability_best"].sum() == pytest.approx(1)
    first = table[table["outcome"] == "first"].set_index("segment")
    third = case.frame[case.frame["town"] == "a"]["first"]
    assert first.loc[3, "n"] == len(third)
    assert first.loc[3, "rate"] == pytest.approx(third.mean())
    assert first.loc[3, "shrunken_low"] < first.loc[3, "shrunken_rate"] < first.loc[3, "shrunken_high"]
    never = table[table["outcome"] == "never"]
    assert (never["n"] == 0).all()
    assert never["rate"].isna().all()


def test_weights_equal_replicated_rows(replicated, replicated_patterns):
    one, other = (ranking_table(c.segmented) for c in (replicated, replicated_patterns))
    pd.testing.assert_frame_equal(one, other)


def test_survey_weights_of_one_kind_change_nothing(case):
    from dataclasses import replace

    p = case.patterns
    doubled = replace(
        p,
        weights=2.0 * p.counts,
        squared_weights=4.0 * p.counts,
        value_weights=2.0 * p.n_values,
        sums=2 * p.sums,
    )
    one, other = (ranking_table(SegmentedPatterns(q, case.labels, 3)) for q in (p, doubled))
    pd.testing.assert_frame_equal(one, other)
