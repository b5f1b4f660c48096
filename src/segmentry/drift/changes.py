"""Changes of the outcomes of segments between the old and the new population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from segmentry.patterns import OutcomeInfo
from segmentry.profiling.differences import newcombe_interval, whole_hits
from segmentry.profiling.intervals import CONFIDENCE, two_rates_p_value
from segmentry.profiling.population import Population


@dataclass(frozen=True)
class Change:
    """Change of an outcome in a segment: of the rate of a flag, else of the mean per customer.

    Attributes
    ----------
    segment
        Number of the segment.
    outcome
        Outcome.
    n_old, n_new
        Customers with a value.
    old, new
        Rates or means.
    low, high
        95 % interval of the difference: Newcombe's for rates (1998, method 10), Welch's for means.
    p_value
        P-value of the difference; for means the larger of that of Student's test, with the pooled variance, and that of
        Welch's. Amounts are skewed: in small segments the first is wrong for samples that hold large values by chance,
        the second for samples that lack them by chance.
    p_adjusted
        P-value adjusted for all outcomes and segments.
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
        """New value less the old one."""
        return self.new - self.old

    @property
    def is_rate(self) -> bool:
        """Whether the values are rates."""
        return self.outcome.role == "flags"


def compare_outcome(old: Population, new: Population, segment: int, j: int, outcome: OutcomeInfo) -> Change:
    """Compare outcome `j` in a segment, given by its position."""
    n = float(old.n_values[segment, j]), float(new.n_values[segment, j])
    mean = float(old.means[segment, j]), float(new.means[segment, j])
    if min(n) < 2 or np.isnan(mean).any():
        nan = float("nan")
        return Change(segment + 1, outcome, *n, *mean, nan, nan, nan)
    if outcome.role == "flags":
        low, high = (float(v) for v in newcombe_interval(mean[1], n[1], mean[0], n[0]))
        p = two_rates_p_value((whole_hits(mean[0], n[0]), whole_hits(mean[1], n[1])), n)
    else:
        sides = _Means(mean, (float(old.variances[segment, j]), float(new.variances[segment, j])), n)
        low, high, p_welch = _welch(sides)
        p = max(_student(sides), p_welch)
    return Change(segment + 1, outcome, *n, *mean, low, high, p)


@dataclass(frozen=True)
class _Means:
    """Means, variances and numbers of customers of the old and the new side."""

    mean: tuple[float, float]
    variance: tuple[float, float]
    n: tuple[float, float]

    @property
    def difference(self) -> float:
        return self.mean[1] - self.mean[0]


def _welch(sides: _Means) -> tuple[float, float, float]:
    """Compute the interval of the difference and the p-value of equal means, with unequal variances (Welch 1947)."""
    difference = sides.difference
    parts = sides.variance[0] / sides.n[0], sides.variance[1] / sides.n[1]
    error = sum(parts)
    if error == 0:
        return difference, difference, float(difference == 0)
    freedom = error**2 / sum(p**2 / (m - 1) for p, m in zip(parts, sides.n, strict=True))
    half = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * float(np.sqrt(error))
    p_value = float(2 * special.stdtr(freedom, -abs(difference) / np.sqrt(error)))
    return difference - half, difference + half, p_value


def _student(sides: _Means) -> float:
    """Compute the two-sided p-value of equal means, with pooled variances (Student 1908)."""
    n, variance = sides.n, sides.variance
    freedom = n[0] + n[1] - 2
    pooled = ((n[0] - 1) * variance[0] + (n[1] - 1) * variance[1]) / freedom
    if pooled == 0:
        return float(sides.difference == 0)
    t = abs(sides.difference) / np.sqrt(pooled * (1 / n[0] + 1 / n[1]))
    return float(2 * special.stdtr(freedom, -t))
