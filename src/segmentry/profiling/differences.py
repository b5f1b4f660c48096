"""Differences and ratios between a segment and the rest of the customers, with intervals and p-values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from segmentry.arrays import Floats, Mask
from segmentry.profiling.intervals import CONFIDENCE, two_rates_p_value, wilson_interval
from segmentry.profiling.moments import Moments
from segmentry.profiling.skewness import drawn_difference_p_value, skewed, unskewed
from segmentry.profiling.tails import Shape, Side

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

    Under survey weights all three use the effective number of customers, and that of a sample's design where it is known.
    """
    mine, rest = moments.sides()
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


def compare_means(
    moments: Moments, shape: Shape | None = None, by_ranks: Floats | None = None
) -> Differences:
    """Compare means without assuming equal variances (Welch 1947), corrected for the skewness of their difference.

    The p-value is the largest of three: that of the interval of the difference, that of customers dealt out to
    the sides at random (`drawn_difference_p_value`), and, where the mean of a side is skewed, that of their ranks. So no difference is claimed that the interval
    does not support, nor one that random sides would often show, nor one that a few large values make.

    Parameters
    ----------
    moments
        Sums of the outcome.
    shape
        Shape of the values within segments: intervals allow for large values that one side lacks by chance, and are missing where
        the mean cannot be bounded. Such a segment's p-value is that of the ranks. Without a shape every side counts as it is.
    by_ranks
        (n_segments,) p-values of `rank_p_values`; None where values were not counted.
    """
    mine, rest = moments.sides()
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [side.variance / side.n for side in (mine, rest)]
        error = np.sqrt(parts[0] + parts[1])
        freedom = error**4 / (parts[0] ** 2 / (mine.n - 1) + parts[1] ** 2 / (rest.n - 1))
        thirds = mine.third / mine.n**2 - rest.third / rest.n**2
        skewness = np.nan_to_num(thirds / error**3, posinf=0.0, neginf=0.0)
        difference = mine.mean - rest.mean
        t = np.asarray(special.stdtrit(np.maximum(freedom, 1e-9), _UPPER), np.float64)
        by_interval = 2 * special.stdtr(freedom, -np.abs(unskewed(difference / error, skewness)))
    one, other = Side.of(mine), Side.of(rest)
    readings = [(one, other)]
    if shape is not None:  # the large values of one side do not say that the other lacks none
        readings += [(shape.wary(one), other.unskewed), (one.unskewed, shape.wary(other))]
    low, high = _outer_interval(readings, t)
    is_flat = error == 0
    low, high = np.where(is_flat, difference, low), np.where(is_flat, difference, high)
    by_interval = np.where(is_flat, (difference == 0).astype(np.float64), by_interval)
    drawn = drawn_difference_p_value(
        difference, mine.n, rest.n, float(moments.spread[-1]), float(moments.third[-1])
    )
    has_both = (mine.n > 1) & (rest.n > 1)
    p_value = np.maximum(by_interval, drawn)
    if by_ranks is not None:
        is_tailed = shape is None or shape.is_tailed(np.minimum(mine.n, rest.n))
        p_value = np.where(is_tailed, np.fmax(p_value, by_ranks), p_value)
    p_value = np.where((low <= 0) & (high >= 0), np.fmax(p_value, 1 - CONFIDENCE), p_value)
    sides = (one, other) if shape is None else (shape.wary(one), shape.wary(other))
    found = Differences(
        difference, low, high, *_mean_ratio(*sides, freedom), np.where(has_both, p_value, np.nan)
    )
    return found if shape is None else _where_known(found, shape.knows(np.minimum(mine.n, rest.n)), by_ranks)


def _outer_interval(readings: list[tuple[Side, Side]], t: Floats) -> tuple[Floats, Floats]:
    """The widest of the skewness-corrected intervals (Hall 1992) of several readings of two sides."""
    lows, highs = [], []
    for one, other in readings:
        error = np.sqrt(one.error + other.error)
        with np.errstate(divide="ignore", invalid="ignore"):
            skewness = (one.third_of_mean - other.third_of_mean) / error**3
        skewness = np.nan_to_num(skewness, posinf=0.0, neginf=0.0)  # values that are all alike
        lows.append(one.mean - other.mean - skewed(t, skewness) * error)
        highs.append(one.mean - other.mean - skewed(-t, skewness) * error)
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _where_known(found: Differences, is_known: Mask, by_ranks: Floats | None) -> Differences:
    """Leave out the intervals of means that cannot be bounded; their p-value is that of the ranks."""
    ends = ("difference_low", "difference_high", "ratio_to_rest", "ratio_low", "ratio_high")
    kept = {name: np.where(is_known, getattr(found, name), np.nan) for name in ends}
    p_value = found.p_value if by_ranks is None else np.where(is_known, found.p_value, by_ranks)
    return replace(found, **kept, p_value=p_value)


def _mean_ratio(mine: Side, rest: Side, freedom: Floats) -> tuple[Floats, Floats, Floats]:
    """Ratio of means above 0, with the interval of its logarithm (delta method)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error = np.sqrt(sum(s.error / s.mean**2 for s in (mine, rest)))
        ratio = np.where((mine.mean > 0) & (rest.mean > 0), mine.mean / rest.mean, np.nan)
        reach = np.exp(special.stdtrit(np.maximum(np.nan_to_num(freedom), 1e-9), _UPPER) * error)
    reach = np.where(error == 0, 1.0, np.where(reach < _FARTHEST, reach, np.nan))
    return ratio, ratio / reach, ratio * reach
