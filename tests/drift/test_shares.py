"""Distances of shares against hand-made figures; withheld cells; the outcomes' intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentry.drift.changes import compare_outcome
from segmentry.drift.draws import Redraws
from segmentry.drift.shares import (
    WITHHELD,
    compare_dropped_rows,
    compare_shares,
    stability_index,
    total_variation,
)
from segmentry.patterns import OutcomeInfo

FLAG = OutcomeInfo("c", "Campaign", "g", "Campaigns", "flags")
AMOUNT = OutcomeInfo("m", "Meat", "g", "Spend", "amounts")


def test_distances_by_hand():
    old, new = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    assert float(total_variation(old, new)) == pytest.approx(0.1)
    by_hand = 0.1 * np.log(0.3 / 0.2) - 0.1 * np.log(0.4 / 0.5)
    assert float(stability_index(old, new, 1e12, 1e12)) == pytest.approx(by_hand)


def test_the_index_is_finite_where_nobody_was():
    assert 0 < float(stability_index(np.array([1.0, 0.0]), np.array([0.9, 0.1]), 100, 100)) < 10


def test_chance_is_the_95_percent_quantile_of_the_same_population():
    """The expected total variation of two halves: half the sum of normal deviations, sqrt(2/pi)·sd each."""
    p = np.array([0.25, 0.25, 0.5])
    found = compare_shares("f", "F", ("a", "b", "c"), (p * 1e4, p * 1e4), (1e4, 1e4), Redraws(20_000, 0))
    sd = np.sqrt(p * (1 - p) * 2 / 1e4)
    assert found.total_variation.value == 0
    assert found.total_variation.p_value == 1
    mean = 0.5 * np.sqrt(2 / np.pi) * sd.sum()
    assert mean * 1.5 < found.total_variation.chance < mean * 2.5


def test_withheld_levels_are_compared_as_one():
    old, new = np.array([50.0, np.nan, np.nan, 30.0]), np.array([50.0, 5.0, 15.0, 30.0])
    found = compare_shares("f", "F", ("a", "b", "c", "d"), (old, new), (100.0, 100.0), Redraws(100, 0))
    assert found.cells == ("a", "d", WITHHELD)
    assert found.old.tolist() == pytest.approx([0.5, 0.3, 0.2])
    assert found.new.tolist() == pytest.approx([0.5, 0.3, 0.2])


def test_levels_that_nobody_ever_had_are_left_out():
    found = compare_shares(
        "f", "F", ("a", "b"), (np.array([9.0, 0.0]), np.array([9.0, 0.0])), (9, 9), Redraws(100, 0)
    )
    assert found.cells == ("a",)
    assert (found.total_variation.value, found.stability_index.value) == (0, 0)


def test_a_share_of_rows_has_the_score_test_of_two_rates():
    """chi² of (20 of 100, 40 of 100) without correction: 9.5238, p 0.00203 (R 4.2: prop.test(correct=FALSE))."""
    assert compare_dropped_rows((20, 100), (40, 100)).p_value == pytest.approx(0.002028, abs=1e-6)


def _moments(model, n, mean, variance):
    arrays = {"n_values": n, "means": mean, "variances": variance}
    return replace(model.population, **{k: np.array([[float(v)]]) for k, v in arrays.items()})


def test_the_interval_of_a_rate_is_newcombes(model):
    """Newcombe 1998, table II, (a): 56/70 and 48/80, method 10: 0.0524 to 0.3339."""
    old, new = _moments(model, 80, 0.6, 0.24), _moments(model, 70, 0.8, 0.16)
    found = compare_outcome(old, new, 0, 0, FLAG)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_means_have_the_larger_p_value_of_student_and_welch(model):
    found = compare_outcome(_moments(model, 20, 10, 4), _moments(model, 30, 12, 9), 0, 0, AMOUNT)
    from scipy import stats

    both = [stats.ttest_ind_from_stats(10, 2, 20, 12, 3, 30, equal_var=e).pvalue for e in (True, False)]
    assert found.p_value == pytest.approx(max(both))
    welch = stats.ttest_ind_from_stats(12, 3, 30, 10, 2, 20, equal_var=False).statistic
    assert (found.high - found.low) / 2 == pytest.approx(2 / welch * stats.t.ppf(0.975, 47.97), rel=1e-3)


def test_too_few_customers_give_no_test(model):
    found = compare_outcome(_moments(model, 20, 10, 4), _moments(model, 1, 12, np.nan), 0, 0, AMOUNT)
    assert np.isnan([found.p_value, found.low, found.high]).all()
