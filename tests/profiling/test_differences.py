import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from segmentry.profiling.differences import compare_means, compare_rates, newcombe_interval
from segmentry.profiling.moments import Moments
from segmentry.profiling.skewness import drawn_difference_p_value, skewed, unskewed


@pytest.mark.parametrize(
    ("mine", "rest", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_differences_of_rates_match_newcombe_1998(mine, rest, low, high):
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    sides = [np.array([v], float) for v in (mine[0] / mine[1], mine[1], rest[0] / rest[1], rest[1])]
    assert [round(float(v[0]), 4) for v in newcombe_interval(*sides)] == [low, high]


def moments_of(*groups) -> Moments:
    """The moments of groups of values, about 3."""
    groups = [np.asarray(g, float) for g in groups]

    def sums(function):
        found = np.array([function(g) for g in groups], float)
        return np.append(found, found.sum())

    n = sums(len)
    powers = [sums(lambda g, p=p: ((g - 3) ** p).sum()) for p in (2, 3)]
    return Moments(n, n, None, None, sums(np.sum), *powers, origin=3.0)


def test_ratio_of_rates_is_the_log_ratio_of_katz():
    """Myocardial infarction without and with aspirin, 189 of 11,034 and 104 of 11,037 physicians.

    Agresti (2002), Categorical Data Analysis, section 3.1: relative risk 1.82, interval 1.43 to 2.30.
    """
    groups = [np.repeat([1, 0], [189, 11_034 - 189]), np.repeat([1, 0], [104, 11_037 - 104])]
    found = compare_rates(moments_of(*groups))
    values = [found.ratio_to_rest[0], found.ratio_low[0], found.ratio_high[0]]
    assert [round(float(v), 1) for v in values] == [1.8, 1.4, 2.3]
    assert round(float(values[0]), 2) == 1.82


VALUES = st.lists(st.floats(-1e3, 1e3).map(lambda v: round(v, 2)), min_size=3, max_size=12).filter(
    lambda v: np.var(v) > 1e-2
)


@given(VALUES, VALUES)
def test_difference_of_mirrored_values_is_welchs(a, b):
    """Values beside their mirror images are not skewed; then interval and p-value are Welch's."""
    a, b = ([*v, *(2 * np.mean(v) - np.asarray(v))] for v in (a, b))
    found, welch = compare_means(moments_of(a, b)), stats.ttest_ind(a, b, equal_var=False)
    interval = welch.confidence_interval()
    low, high = found.difference_low[0], found.difference_high[0]
    scale = high - low
    np.testing.assert_allclose([low, high], [interval.low, interval.high], atol=1e-6 * scale)
    assert found.p_value[0] >= welch.pvalue - 1e-6


@given(VALUES, VALUES)
def test_p_value_never_contradicts_the_interval(a, b):
    found = compare_means(moments_of(a, b))
    excludes = found.difference_low[0] > 0 or found.difference_high[0] < 0
    assert excludes or found.p_value[0] > 0.05 - 1e-9
    np.testing.assert_allclose(found.difference[0], -found.difference[1], atol=1e-9)
    np.testing.assert_allclose(found.p_value[0], found.p_value[1], atol=1e-9)


@pytest.mark.parametrize("n", [30, 60, 150, 250])
def test_drawn_p_value_is_that_of_dealing_the_customers_out_at_random(n):
    """Skewed spending of 300 customers, dealt out 20,000 times: the tails of the mean of n of them."""
    random = np.random.default_rng(n)
    values = random.lognormal(0, 1, 300)
    deals = random.permuted(np.tile(values, (20_000, 1)), axis=1)[:, :n].mean(axis=1)
    tails = np.array([0.002, 0.01, 0.99, 0.998])
    difference = (np.quantile(deals, tails) - values.mean()) * 300 / (300 - n)
    centred, n_mine = values - values.mean(), np.full(4, float(n))
    found = drawn_difference_p_value(
        difference, n_mine, 300 - n_mine, np.mean(centred**2), np.mean(centred**3)
    )
    times = found / (2 * np.minimum(tails, 1 - tails))
    assert 0.7 < times.min() <= times.max() < 2.5


@pytest.mark.parametrize(("a", "n", "hits", "total"), [(1, 20, 40, 400), (9, 50, 30, 300), (9, 60, 60, 240)])
def test_drawn_p_value_of_flags_is_near_the_hypergeometric(a, n, hits, total):
    rate = hits / total
    difference = np.array([a / n - (hits - a) / (total - n)])
    spread, third = rate * (1 - rate), rate * (1 - rate) * (1 - 2 * rate)
    found = drawn_difference_p_value(difference, np.array([n]), np.array([total - n]), spread, third)
    draw = stats.hypergeom(total, hits, n)
    middle = min(draw.cdf(a) - draw.pmf(a) / 2, draw.sf(a) + draw.pmf(a) / 2)
    assert found[0] == pytest.approx(2 * middle, rel=0.15)


def test_means_without_spread():
    same = compare_means(moments_of([2, 2, 2], [2, 2]))
    assert same.p_value.tolist() == [1, 1]
    assert same.ratio_low.tolist() == same.ratio_high.tolist() == [1, 1]
    apart = compare_means(moments_of([2] * 30, [5] * 30))
    assert (apart.p_value < 1e-6).all()
    assert (apart.difference_low == apart.difference_high).all()
    alone = compare_means(moments_of([2], [5, 6, 7]))
    assert np.isnan(alone.p_value).all()


def test_ratio_of_means_needs_means_above_zero():
    found = compare_means(moments_of([-5, -4, -6], [1, 2, 3]))
    assert np.isnan([found.ratio_to_rest, found.ratio_low, found.ratio_high]).all()
    assert (found.difference != 0).all()


@given(st.floats(-30, 30), st.floats(-3, 3))
def test_skewed_is_the_inverse_of_unskewed(t, skewness):
    assert skewed(unskewed(t, skewness), skewness) == pytest.approx(t, abs=1e-3)
