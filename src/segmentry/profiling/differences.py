"""Differences and ratios between a segment and the rest of the customers, with intervals and p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from segmentry.arrays import Floats
from segmentry.profiling.intervals import CONFIDENCE, two_rates_p_value, wilson_interval
from segmentry.profiling.moments import Moments
from segmentry.profiling.skewness import drawn_difference_p_value, skewed, unskewed

_UPPER = (1 + CONFIDENCE) / 2
_FARTHEST = 1e6  # no interval is given for a ratio where it would reach farther


@dataclass(frozen=True)
class Differences:
    """Each segment (n_segments,) compared with the rest: difference and ratio with 95 % intervals, and p-value.

    The ratio is missing where it, or its logarithm, is not defined: nobody accepted on one of the sides, or
    a mean is not above 0.
    """

    difference: Floats
    difference_low: Floats
    difference_high: Floats
    ratio_to_rest: Floats
    ratio_low: Floats
    ratio_high: Floats
    p_value: Floats


def compare_rates(moments: Moments) -> Differences:
    """Compare rates by Newcombe's interval of the difference, the interval of the log ratio, and a chi² or Fisher test.

    Under survey weights all three use the effective number of customers.
    """
    mine, rest = moments.segments(), moments.rest().segments()
    p, q, n, m = mine.mean, rest.mean, mine.n, rest.n
    tests = [
        two_rates_p_value((whole_hits(a, i), whole_hits(b, j)), (float(i), float(j)))
        for a, b, i, j in zip(p, q, n, m, strict=True)
    ]
    return Differences(p - q, *newcombe_interval(p, n, q, m), *_rate_ratio(p, n, q, m), np.asarray(tests))


def newcombe_interval(
    p: npt.ArrayLike, n: npt.ArrayLike, q: npt.ArrayLike, m: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """95 % interval of the difference p - q of two rates, from their Wilson intervals.

    Method 10 of Newcombe (1998): the hybrid score interval, which stays within -1 and 1 and needs no
    count to be above 0. Missing where a side has no customers.

    Examples
    --------
    >>> low, high = newcombe_interval(*(np.array([v]) for v in (56 / 70, 70.0, 48 / 80, 80.0)))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0524, 0.3339)
    """
    (low_p, high_p), (low_q, high_q) = wilson_interval(p, n), wilson_interval(q, m)
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    low = p - q - np.sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
    high = p - q + np.sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    return low, high


def _rate_ratio(p: Floats, n: Floats, q: Floats, m: Floats) -> tuple[Floats, Floats, Floats]:
    """Ratio of rates, with the interval of its logarithm (Katz and others 1978)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt((1 - p) / (n * p) + (1 - q) / (m * q))
        ratio = np.where((p > 0) & (q > 0), p / q, np.nan)
        reach = np.exp(special.ndtri(_UPPER) * error)
    return ratio, ratio / reach, ratio * reach


def whole_hits(rate: float, n: float) -> float:
    """Return the number of customers who accepted; whole where only rounding errors kept it from being whole."""
    hits = float(rate * n) if n > 0 else 0.0
    return float(round(hits)) if abs(hits - round(hits)) < 1e-6 else hits


def compare_means(moments: Moments) -> Differences:
    """Compare means without assuming equal variances (Welch 1947), corrected for the skewness of their difference.

    The p-value is the larger of two: that of the interval of the difference, and that of customers dealt out to
    the sides at random (`drawn_difference_p_value`). So no difference is claimed that the interval
    does not support, nor one that random sides would often show.
    """
    mine, rest = moments.segments(), moments.rest().segments()
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [side.variance / side.n for side in (mine, rest)]
        error = np.sqrt(parts[0] + parts[1])
        freedom = error**4 / (parts[0] ** 2 / (mine.n - 1) + parts[1] ** 2 / (rest.n - 1))
        thirds = mine.third / mine.n**2 - rest.third / rest.n**2
        skewness = np.nan_to_num(thirds / error**3, posinf=0.0, neginf=0.0)
        difference = mine.mean - rest.mean
        t = special.stdtrit(np.maximum(freedom, 1e-9), _UPPER)
        low = difference - skewed(t, skewness) * error
        high = difference - skewed(-t, skewness) * error
        by_interval = 2 * special.stdtr(freedom, -np.abs(unskewed(difference / error, skewness)))
    is_flat = error == 0
    low, high = np.where(is_flat, difference, low), np.where(is_flat, difference, high)
    by_interval = np.where(is_flat, (difference == 0).astype(np.float64), by_interval)
    drawn = drawn_difference_p_value(
        difference, mine.n, rest.n, float(moments.spread[-1]), float(moments.third[-1])
    )
    has_both = (mine.n > 1) & (rest.n > 1)
    p_value = np.where(has_both, np.maximum(by_interval, drawn), np.nan)
    return Differences(difference, low, high, *_mean_ratio(mine, rest, freedom), p_value)


def _mean_ratio(mine: Moments, rest: Moments, freedom: Floats) -> tuple[Floats, Floats, Floats]:
    """Ratio of means above 0, with the interval of its logarithm (delta method)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error = np.sqrt(sum(s.variance / s.n / s.mean**2 for s in (mine, rest)))
        ratio = np.where((mine.mean > 0) & (rest.mean > 0), mine.mean / rest.mean, np.nan)
        reach = np.exp(special.stdtrit(np.maximum(np.nan_to_num(freedom), 1e-9), _UPPER) * error)
    reach = np.where(error == 0, 1.0, np.where(reach < _FARTHEST, reach, np.nan))
    return ratio, ratio / reach, ratio * reach
