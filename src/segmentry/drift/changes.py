"""What the customers of a segment do, then and now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from segmentry.patterns import OutcomeInfo
from segmentry.profiling.intervals import CONFIDENCE, two_rates_p_value, wilson_interval
from segmentry.profiling.population import Population


@dataclass(frozen=True)
class Change:
    """An outcome in a segment then and now: a rate of flags, else a mean per customer.

    `low` to `high` is the 95 % interval of the difference: Newcombe's for rates (1998, method 10), Welch's
    for means. The p-value of means is the larger one of Student's test, with the variance of both together, and
    Welch's: amounts are lopsided, and in small segments the first is fooled by samples that happen to hold
    large values, the second by samples that happen to lack them.
    `n_old`, `n_new` are the customers with a value.
    """

    segment: int
    outcome: OutcomeInfo
    n_old: float
    n_new: float
    old: float
    new: float
    low: float
    high: float
    p_value: float
    p_adjusted: float = float("nan")

    @property
    def difference(self) -> float:
        """New less old."""
        return self.new - self.old

    @property
    def is_rate(self) -> bool:
        """Whether the values are rates."""
        return self.outcome.role == "flags"


def change_of(old: Population, new: Population, segment: int, j: int, outcome: OutcomeInfo) -> Change:
    """Compare outcome `j` in a segment counted from 0."""
    n = float(old.n_values[segment, j]), float(new.n_values[segment, j])
    mean = float(old.means[segment, j]), float(new.means[segment, j])
    if min(n) < 2 or np.isnan(mean).any():
        nan = float("nan")
        return Change(segment + 1, outcome, *n, *mean, nan, nan, nan)
    if outcome.role == "flags":
        low, high = _newcombe(mean, n)
        p = two_rates_p_value((_whole(mean[0] * n[0]), _whole(mean[1] * n[1])), n)
    else:
        variance = float(old.variances[segment, j]), float(new.variances[segment, j])
        low, high = _welch(mean, variance, n)
        p = max(_student(mean, variance, n), _welch_p_value(mean, variance, n))
    return Change(segment + 1, outcome, *n, *mean, low, high, p)


def _newcombe(rate: tuple[float, float], n: tuple[float, float]) -> tuple[float, float]:
    (l1, u1), (l2, u2) = (
        tuple(float(v) for v in wilson_interval(r, m)) for r, m in zip(rate, n, strict=True)
    )
    difference = rate[1] - rate[0]
    down, up = np.hypot(rate[1] - l2, u1 - rate[0]), np.hypot(u2 - rate[1], rate[0] - l1)
    return float(difference - down), float(difference + up)


def _welch(
    mean: tuple[float, float], variance: tuple[float, float], n: tuple[float, float]
) -> tuple[float, float]:
    parts = variance[0] / n[0], variance[1] / n[1]
    error = sum(parts)
    if error == 0:
        return mean[1] - mean[0], mean[1] - mean[0]
    freedom = error**2 / sum(p**2 / (m - 1) for p, m in zip(parts, n, strict=True))
    half = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * float(np.sqrt(error))
    return mean[1] - mean[0] - half, mean[1] - mean[0] + half


def _student(mean: tuple[float, float], variance: tuple[float, float], n: tuple[float, float]) -> float:
    """Two-sided p-value of equal means, the variances pooled (Student 1908)."""
    freedom = n[0] + n[1] - 2
    pooled = ((n[0] - 1) * variance[0] + (n[1] - 1) * variance[1]) / freedom
    if pooled == 0:
        return float(mean[0] == mean[1])
    t = abs(mean[1] - mean[0]) / np.sqrt(pooled * (1 / n[0] + 1 / n[1]))
    return float(2 * special.stdtr(freedom, -t))


def _welch_p_value(mean: tuple[float, float], variance: tuple[float, float], n: tuple[float, float]) -> float:
    """Two-sided p-value of equal means without equal variances (Welch 1947)."""
    parts = variance[0] / n[0], variance[1] / n[1]
    error = sum(parts)
    if error == 0:
        return float(mean[0] == mean[1])
    freedom = error**2 / sum(p**2 / (m - 1) for p, m in zip(parts, n, strict=True))
    return float(2 * special.stdtr(freedom, -abs(mean[1] - mean[0]) / np.sqrt(error)))


def _whole(hits: float) -> float:
    return float(round(hits)) if abs(hits - round(hits)) < 1e-6 else hits
