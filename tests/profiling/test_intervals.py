import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from segmentry.profiling.intervals import (
    adjust_p_values,
    mean_interval,
    two_rates_p_value,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("accepted", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_matches_newcombe_1998(accepted, n, low, high):
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    found = wilson_interval(accepted / n, n)
    assert [round(float(v), 4) for v in found] == [low, high]


def test_wilson_of_none_and_all():
    assert [round(float(v), 4) for v in wilson_interval(0.0, 383)] == [0, 0.0099]
    assert [round(float(v), 4) for v in wilson_interval(1.0, 383)] == [0.9901, 1]
    assert [float(v) for v in wilson_interval(0.0, 0)] == [0, 1]


@given(st.integers(1, 500), st.data())
def test_wilson_is_scipys(n, data):
    accepted = data.draw(st.integers(0, n))
    expected = stats.binomtest(accepted, n).proportion_ci(method="wilson")
    np.testing.assert_allclose(wilson_interval(accepted / n, n), expected, atol=1e-12)


VALUES = st.lists(st.floats(-1e3, 1e3).map(lambda v: round(v, 3)), min_size=2, max_size=12)


@given(VALUES.filter(lambda v: np.var(v) > 1e-6))
def test_mean_interval_is_students(values):
    expected = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    found = mean_interval(np.mean(values), np.var(values, ddof=1), len(values))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_mean_interval_of_values_that_are_all_alike_is_the_value():
    """Their third moment is what rounding leaves of it, and not 0."""
    assert mean_interval(3.0, 0.0, 50, 1e-16) == (3.0, 3.0)


def test_mean_interval_of_one_customer_is_missing():
    assert np.isnan(mean_interval(3.0, np.nan, 1)).all()
    assert np.isnan(mean_interval(np.nan, np.nan, 0)).all()


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_two_rates_are_fishers_or_chi_square(n1, n2, data):
    a, b = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    table = np.array([[a, n1 - a], [b, n2 - b]])
    found = two_rates_p_value((a, b), (n1, n2))
    if a + b in (0, n1 + n2):
        assert found == 1
        return
    if stats.contingency.expected_freq(table).min() < 5:
        expected = stats.fisher_exact(table).pvalue
    else:
        expected = stats.chi2_contingency(table, correction=False).pvalue
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-12)


def test_two_rates_of_millions_and_of_nobody():
    table = np.array([[1_050_000, 8_950_000], [1_000_000, 9_000_000]])
    expected = stats.chi2_contingency(table, correction=False).pvalue
    found = two_rates_p_value((1_050_000.0, 1_000_000.0), (1e7, 1e7))
    assert found == pytest.approx(expected, rel=1e-6)
    assert np.isnan(two_rates_p_value((0, 0), (0, 7)))


@given(st.lists(st.floats(0, 1) | st.just(np.nan), max_size=30))
def test_adjusted_p_values_are_scipys(p):
    known = ~np.isnan(p)
    found = adjust_p_values(p)
    assert np.isnan(found[~known]).all()
    if known.any():
        np.testing.assert_allclose(
            found[known], stats.false_discovery_control(np.asarray(p)[known]), rtol=1e-12
        )
