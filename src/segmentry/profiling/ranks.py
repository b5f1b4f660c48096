"""Rank test of amounts: whether the customers of a segment have larger or smaller values than the others, whatever the tails."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import ValueCounts
from segmentry.profiling.skewness import drawn_difference_p_value


def rank_p_values(counts: ValueCounts, n: Floats) -> Floats:
    """(n_segments,) two-sided p-values of equal ranks in each segment and among the other customers.

    Parameters
    ----------
    counts
        Counts of the values by segment.
    n
        (n_segments,) customers that intervals count on.

    Notes
    -----
    Test of Wilcoxon (1945) and Mann & Whitney (1947) with mid-ranks: the mean rank is compared with its distribution when
    customers are dealt out to the segments at random. It claims differences of unrelated amounts at its level, however long their
    tails, because no rank is far out.
    """
    mass = counts.customers if counts.weights is None else counts.weights
    _, place = np.unique(counts.values, return_inverse=True)
    of_value = np.bincount(place, mass)
    rank = (np.cumsum(of_value) - of_value / 2) / of_value.sum()
    mine = np.bincount(counts.segments - 1, mass, minlength=len(n))[: len(n)]
    total = np.bincount(counts.segments - 1, mass * rank[place], minlength=len(n))[: len(n)]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = total / mine - (total.sum() - total) / (mine.sum() - mine)
    centred = rank - 0.5  # mid-ranks have the mean 1/2
    share = of_value / of_value.sum()
    known = n * counts.share
    return drawn_difference_p_value(
        gap, known, known.sum() - known, float(share @ centred**2), float(share @ centred**3)
    )
