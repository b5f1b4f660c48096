"""Intervals and tests from weighted sums: Wilson for rates, Hall for means, Fisher and chi², Benjamini-Hochberg."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from segmentry.arrays import Floats
from segmentry.profiling.skewness import skewed

CONFIDENCE = 0.95
ALPHA = 0.05
"""Significance level of adjusted p-values."""


def wilson_interval(rate: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Floats, Floats]:
    """95 % score interval of a proportion (Wilson 1927); 0 to 1 where `n` is 0.

    Examples
    --------
    >>> low, high = wilson_interval(0.0, 383)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0, 0.0099)
    """
    z = special.ndtri((1 + CONFIDENCE) / 2)
    p, n = np.broadcast_arrays(np.asarray(rate, np.float64), np.asarray(n, np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low = np.where(n > 0, np.clip(centre - half, 0, 1), 0.0)
    high = np.where(n > 0, np.clip(centre + half, 0, 1), 1.0)
    return np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)


def mean_interval(
    mean: npt.ArrayLike, variance: npt.ArrayLike, n: npt.ArrayLike, third: npt.ArrayLike = 0.0
) -> tuple[Floats, Floats]:
    """95 % interval of a mean by Student's t, corrected for skewness (Hall 1992); missing where n is below 2.

    `variance` is that of the values, with the divisor n - 1; `third` is their third central moment. Where it is 0
    this is Student's interval. For skewed amounts Student's interval misses the mean too often, on one side: with 30
    customers of lognormal spending it covers 88 %, this one 92 %.
    """
    mean, variance, n, third = (np.asarray(a, np.float64) for a in (mean, variance, n, third))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = special.stdtrit(np.maximum(n - 1, 1e-9), (1 + CONFIDENCE) / 2)
        error = np.where(n > 1, np.sqrt(variance / n), np.nan)
        skewness = np.nan_to_num(third / n**2 / error**3, posinf=0.0, neginf=0.0)  # values that are all alike
    return mean - skewed(t, skewness) * error, mean - skewed(-t, skewness) * error


def two_rates_p_value(accepted: tuple[float, float], n: tuple[float, float]) -> float:
    """Two-sided p-value of equal rates: Fisher's exact test where an expected count is below 5, else chi².

    The exact test adds up the probabilities of all tables that are at most as likely as the one seen (Fisher
    1935); chi² is the score test without continuity correction. Missing where a side has no customers.
    """
    total, hits = n[0] + n[1], accepted[0] + accepted[1]
    if min(n) <= 0:
        return float("nan")
    if hits <= 0 or hits >= total:
        return 1.0
    expected = min(min(n) * hits / total, min(n) * (total - hits) / total)
    is_whole = all(float(v).is_integer() for v in (*accepted, *n))
    if expected < 5 and is_whole:
        return _fisher(int(accepted[0]), int(n[0]), int(hits), int(total))
    pooled = hits / total
    difference = accepted[0] / n[0] - accepted[1] / n[1]
    z = abs(difference) / np.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    return float(2 * special.ndtr(-z))


def _fisher(a: int, n1: int, hits: int, total: int) -> float:
    low, high = max(0, hits - (total - n1)), min(hits, n1)
    support = np.arange(low, high + 1)
    log_p = log_choose(n1, support) + log_choose(total - n1, hits - support) - log_choose(total, hits)
    seen = log_p[a - low]
    return float(min(1.0, np.exp(log_p[log_p <= seen + 1e-7]).sum()))


def log_choose(n: npt.ArrayLike, k: npt.ArrayLike) -> Floats:
    """Logarithm of the number of ways to choose k of n."""
    n, k = np.asarray(n, np.float64), np.asarray(k, np.float64)
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def adjust_by_holm(p_values: npt.ArrayLike) -> Floats:
    """Adjust p-values so that all claims of the family hold together (Holm 1979); missing p-values do not count.

    Examples
    --------
    >>> adjust_by_holm([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64)
    adjusted = np.full(p.size, np.nan)
    known = np.flatnonzero(~np.isnan(p.ravel()))
    order = known[np.argsort(p.ravel()[known], kind="stable")]
    adjusted[order] = (
        np.minimum(np.maximum.accumulate(p.ravel()[order] * np.arange(len(order), 0, -1)), 1.0)
        if len(order)
        else []
    )
    return adjusted.reshape(p.shape)


def adjust_p_values(p_values: npt.ArrayLike) -> Floats:
    """Adjust a family of p-values for its size (Benjamini & Hochberg 1995); missing p-values do not count.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")][::-1]
    ranks = np.arange(len(order), 0, -1)
    adjusted[order] = (
        np.minimum.accumulate(np.minimum(p[order] * len(order) / ranks, 1.0)) if len(order) else []
    )
    return adjusted
