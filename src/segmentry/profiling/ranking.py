"""Segments ranked for campaigns: rates shrunk towards that of all customers, and the probability of being the best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from segmentry.arrays import Floats
from segmentry.profiling.intervals import CONFIDENCE
from segmentry.profiling.moments import moments_of
from segmentry.profiling.quotients import quotient
from segmentry.profiling.segmented import SegmentedPatterns

if TYPE_CHECKING:
    import pandas as pd

RANKING_COLUMNS = (
    "segment", "group", "outcome", "n", "rate", "shrunken_rate", "shrunken_low", "shrunken_high",
    "rank", "probability_best",
)  # fmt: skip
_GRID = 80
_LOG_ODDS = (-18.0, 12.0)
_POINTS = 200


@dataclass(frozen=True)
class BetaRates:
    """Posterior beta distributions of rates, in arrays of any shape."""

    a: Floats
    b: Floats

    @classmethod
    def of(cls, mean: Floats, variance: Floats) -> BetaRates:
        """Return the beta distributions with these means and variances."""
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
        """Return the rate that is not exceeded with this probability."""
        return np.asarray(special.betaincinv(self.a, self.b, share), np.float64)

    def above(self, rate: float) -> Floats:
        """Return the probability of a rate above the given one."""
        return np.asarray(special.betaincc(self.a, self.b, np.clip(rate, 0, 1)), np.float64)


def shrunken_rates(accepted: Floats, n: Floats) -> BetaRates:
    """Shrink rates of segments towards their common rate: more for few customers, and where rates differ little.

    Parameters
    ----------
    accepted
        (n_segments,) customers who accepted; real numbers from 0 up.
    n
        (n_segments,) customers with a value; real numbers from 0 up.

    Returns
    -------
    BetaRates
        (n_segments,) the posterior of each rate.

    Notes
    -----
    Beta-binomial model: the rates of the segments are draws of a beta distribution whose mean is the common rate.
    Its spread is unknown: the prior's share B = M / (M + h) in a segment of the harmonic mean size h
    is uniform a priori (uniform shrinkage prior; Daniels 1999), and is integrated out on a grid. Each rate's
    mixture of beta distributions is replaced by the beta distribution of the same mean and variance.

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
    """Acceptances of one flag by segment.

    Attributes
    ----------
    accepted
        (n_segments,) acceptances, out of `n`.
    n
        (n_segments,) customers that intervals count on.
    customers
        (n_segments,) customers with a value.
    """

    accepted: Floats
    n: Floats
    customers: Floats

    @property
    def rate(self) -> Floats:
        """Share that accepted; missing where nobody has a value."""
        return quotient(self.accepted, self.n)

    @property
    def shrunken(self) -> BetaRates:
        """Rates shrunk towards their common rate."""
        return shrunken_rates(self.accepted, self.n)


def acceptances_of(segmented: SegmentedPatterns, outcome: int) -> Acceptances:
    """Count the acceptances of a flag, given by its position, by segment."""
    moments = moments_of(segmented, outcome).segments()
    rate = np.nan_to_num(moments.mean)
    return Acceptances(np.clip(rate, 0, 1) * moments.n, moments.n, moments.customers)


def ranking_table(segmented: SegmentedPatterns) -> pd.DataFrame:
    """Rank the segments for every campaign by shrunken rates, so that no small segment leads by chance.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and segments.

    Returns
    -------
    DataFrame
        One row per campaign (a flag that the recipe does not except) and segment, best first: ``segment``,
        ``group``, ``outcome``, ``n`` customers with a value, ``rate``, ``shrunken_rate`` with its 95 % interval
        ``shrunken_low`` to ``shrunken_high``, ``rank``, and ``probability_best``, the probability that no other
        segment has a higher rate.
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for j, outcome in enumerate(segmented.patterns.outcomes):
        if not outcome.is_campaign:
            continue
        found = acceptances_of(segmented, j)
        rates = found.shrunken
        low, high = rates.quantile((1 - CONFIDENCE) / 2), rates.quantile((1 + CONFIDENCE) / 2)
        best = probability_best(rates)
        for rank, s in enumerate(np.argsort(-rates.mean, kind="stable").tolist(), 1):
            rows.append(
                (s + 1, outcome.group, outcome.name, int(found.customers[s]), found.rate[s],
                 rates.mean[s], low[s], high[s], rank, best[s])
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(RANKING_COLUMNS))
