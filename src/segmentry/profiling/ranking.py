"""Segments ranked for campaigns: rates shrunk towards that of all customers, and the probability of being the best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from segmentry.arrays import Floats
from segmentry.profiling.intervals import CONFIDENCE, wilson_interval
from segmentry.profiling.moments import moments_of
from segmentry.profiling.quotients import quotient
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.shrinkage import BetaRates, JointRates, joint_rates

if TYPE_CHECKING:
    import pandas as pd

RANKING_COLUMNS = (
    "segment", "group", "outcome", "n", "rate", "shrunken_rate", "shrunken_low", "shrunken_high",
    "rank", "probability_best",
)  # fmt: skip
_POINTS = 200
_SHARES = (np.arange(_POINTS) + 0.5) / _POINTS


def probability_best(rates: BetaRates) -> Floats:
    """(n_segments,) probability that a segment has the highest rate; they sum to 1."""
    return np.array(_probability_best(tuple(rates.a.tolist()), tuple(rates.b.tolist())))


@lru_cache(maxsize=256)
def _probability_best(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """Work it out once: the profile and the run that follows ask for the same rates."""
    rates = BetaRates(np.array(a), np.array(b))
    best = np.array([_mean_below(rates, s) for s in range(len(a))])
    return tuple((best / best.sum()).tolist())


def _mean_below(rates: BetaRates, segment: int) -> float:
    """Probability that all other rates are below that of a segment, over its quantiles.

    Rates that are far apart are told by the outermost quantiles: all of another rate is below these, or nothing of it.
    """
    others = np.arange(len(rates.a)) != segment
    a, b = rates.a[others, None], rates.b[others, None]
    ends = special.betaincinv(rates.a[segment], rates.b[segment], _SHARES[[0, -1]])
    at_ends = special.betainc(a, b, ends)
    if (at_ends[:, 1] == 0).any():
        return 0.0
    near = at_ends[:, 0] < 1
    if not near.any():
        return 1.0
    at = special.betaincinv(rates.a[segment], rates.b[segment], _SHARES)
    return float(special.betainc(a[near], b[near], at).prod(axis=0).mean())


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
    def joint(self) -> JointRates:
        """Rates shrunk towards their common rate."""
        return joint_rates(self.accepted, self.n)

    def interval(self, rates: BetaRates) -> tuple[Floats, Floats]:
        """95 % intervals that hold for the segment with the highest rate, too: the shrunken and the plain one together.

        The plain interval (Wilson) of the rate that looks highest ends too high, the shrunken one of a segment unlike all others too near
        to them.
        """
        low, high = wilson_interval(np.nan_to_num(self.rate), self.n)
        return (
            np.minimum(rates.quantile((1 - CONFIDENCE) / 2), low),
            np.maximum(rates.quantile((1 + CONFIDENCE) / 2), high),
        )


def acceptances_of(segmented: SegmentedPatterns, outcome: int) -> Acceptances:
    """Count the acceptances of a flag, given by its position, by segment."""
    moments = moments_of(segmented, outcome).segments()
    rate = np.nan_to_num(moments.mean)
    return Acceptances(np.clip(rate, 0, 1) * moments.n, moments.n, moments.customers)


def ranking_table(segmented: SegmentedPatterns, *, has_chances: bool = True) -> pd.DataFrame:
    """Rank the segments for every campaign by shrunken rates, so that no small segment leads by chance.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and segments.
    has_chances
        Whether to work out the probabilities of being the best, which take longest; they are missing without.

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
        rates = found.joint.single
        low, high = found.interval(rates)
        best = probability_best(rates) if has_chances else np.full(len(rates.mean), np.nan)
        for rank, s in enumerate(np.argsort(-rates.mean, kind="stable").tolist(), 1):
            rows.append(
                (s + 1, outcome.group, outcome.name, int(found.customers[s]), found.rate[s],
                 rates.mean[s], low[s], high[s], rank, best[s])
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(RANKING_COLUMNS))
