"""Rates shrunk towards the rate of all customers, and how probably a segment is the best for a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.arrays import Labels

RANKING_COLUMNS = (
    "segment", "group", "outcome", "n", "rate", "shrunken_rate", "shrunken_low", "shrunken_high",
    "rank", "probability_best",
)  # fmt: skip
_GRID = 80
_LOG_ODDS = (-18.0, 12.0)
_POINTS = 200
_LEVEL = 0.95


@dataclass(frozen=True)
class BetaRates:
    """What is known of the segments' rates after shrinkage: one beta distribution each, any shape of array."""

    a: Floats
    b: Floats

    @classmethod
    def of(cls, mean: Floats, variance: Floats) -> BetaRates:
        """The beta distributions with these means and variances."""
        size = mean * (1 - mean) / variance - 1
        return cls(mean * size, (1 - mean) * size)

    @property
    def mean(self) -> Floats:
        """Expected rate."""
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> Floats:
        """Variance of the rate."""
        return self.mean * (1 - self.mean) / (self.a + self.b + 1)

    def quantile(self, share: float) -> Floats:
        """Rate that is not exceeded with this probability."""
        return np.asarray(special.betaincinv(self.a, self.b, share), np.float64)

    def above(self, rate: float) -> Floats:
        """Probability of a rate above the given one."""
        return np.asarray(special.betaincc(self.a, self.b, np.clip(rate, 0, 1)), np.float64)


def shrunken_rates(accepted: Floats, n: Floats) -> BetaRates:
    """Shrink rates of segments towards their common rate, the more the fewer customers and differences.

    Parameters
    ----------
    accepted, n
        (n_segments,) customers who accepted, and all customers with a value; real numbers from 0 up.

    Returns
    -------
    BetaRates
        (n_segments,) the posterior of each rate.

    Notes
    -----
    Beta-binomial model: segments' rates are draws of a beta distribution whose mean is the common rate. Its
    spread is not known; the share B = M / (M + h) that the prior has in a segment of the harmonic mean size h
    is uniform a priori (uniform shrinkage prior; Daniels 1999), and is integrated out on a grid. Each rate's
    mixture of beta distributions is replaced by the one of the same mean and variance.

    Examples
    --------
    >>> rates = shrunken_rates(np.array([3.0, 0.0, 40.0]), np.array([10.0, 5.0, 400.0]))
    >>> rates.mean.round(3).tolist()
    [0.16, 0.085, 0.101]
    """
    has = n > 0
    common = (accepted.sum() + 0.5) / (n.sum() + 1.0)
    typical = float(has.sum() / (1 / n[has]).sum()) if has.any() else 1.0
    odds = np.exp(np.linspace(*_LOG_ODDS, _GRID))
    prior = (typical * odds)[:, None]
    yes, no = prior * common, prior * (1 - common)
    log_weight = (special.betaln(accepted + yes, n - accepted + no) - special.betaln(yes, no)).sum(axis=1)
    log_weight += np.log(odds) - 2 * np.log1p(odds)  # B is uniform, its log-odds are on the grid
    weight = np.exp(log_weight - log_weight.max())[:, None]
    weight /= weight.sum()
    means = (accepted + yes) / (n + prior)
    mean = (weight * means).sum(axis=0)
    within = means * (1 - means) / (n + prior + 1)
    variance = (weight * (within + (means - mean) ** 2)).sum(axis=0)
    return BetaRates.of(mean, variance)


def probability_best(rates: BetaRates) -> Floats:
    """(n_segments,) probability that a segment has the highest rate; they sum to 1."""
    at = special.betaincinv(rates.a[:, None], rates.b[:, None], (np.arange(_POINTS) + 0.5) / _POINTS)
    below = special.betainc(rates.a[:, None, None], rates.b[:, None, None], at[None])
    own = np.arange(len(rates.a))
    below[own, own] = 1.0
    best = below.prod(axis=0).mean(axis=1)
    return np.asarray(best / best.sum())


@dataclass(frozen=True)
class Acceptances:
    """Acceptances of one flag by segment, and the customers that they rest on (Kish's number under weights)."""

    accepted: Floats
    n: Floats
    customers: Floats

    @property
    def rate(self) -> Floats:
        """Share that accepted; missing where nobody has a value."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.n > 0, self.accepted / self.n, np.nan)


def acceptances(patterns: PatternTable, labels: Labels, n_segments: int, outcome: int) -> Acceptances:
    """Acceptances of a flag per segment, from the pattern table."""

    def by_segment(values: Floats) -> Floats:
        return np.asarray(np.bincount(labels, values, minlength=n_segments), np.float64)

    customers = by_segment(patterns.n_values[:, outcome].astype(np.float64))
    weight = by_segment(patterns.weight_of_values[:, outcome])
    n = customers
    if patterns.weights is not None and patterns.squared_weights is not None:
        total, squares = by_segment(patterns.weights), by_segment(patterns.squared_weights)
        n = np.minimum(customers, total**2 / np.where(squares > 0, squares, 1.0))
    rate = by_segment(patterns.sums[:, outcome]) / np.where(weight > 0, weight, 1.0)
    return Acceptances(np.clip(rate, 0, 1) * n, n, customers)


def ranking_table(patterns: PatternTable, labels: Labels, n_segments: int) -> pd.DataFrame:
    """Rank the segments for every campaign by shrunken rates: a small segment does not lead by luck.

    Parameters
    ----------
    patterns
        The pattern table, with its outcomes.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.

    Returns
    -------
    DataFrame
        One row per campaign (a flag that the recipe does not except) and segment, best first: ``segment``, ``group``, ``outcome``, ``n`` customers with a
        value, ``rate``, ``shrunken_rate`` with its 95 % interval ``shrunken_low`` to ``shrunken_high``,
        ``rank``, and ``probability_best``, that no other segment has a higher rate.
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for j, outcome in enumerate(patterns.outcomes):
        if not outcome.is_campaign:
            continue
        found = acceptances(patterns, labels, n_segments, j)
        rates = shrunken_rates(found.accepted, found.n)
        low, high = rates.quantile((1 - _LEVEL) / 2), rates.quantile((1 + _LEVEL) / 2)
        best = probability_best(rates)
        for rank, s in enumerate(np.argsort(-rates.mean, kind="stable").tolist(), 1):
            rows.append(
                (s + 1, outcome.group, outcome.name, int(found.customers[s]), found.rate[s],
                 rates.mean[s], low[s], high[s], rank, best[s])
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(RANKING_COLUMNS))
