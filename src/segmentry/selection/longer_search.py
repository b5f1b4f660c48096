"""Whether refits reach their optimum: some are searched for longer, and it is counted how often better segments are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.selection.count_tables import CountTables
from segmentry.selection.refits import Refitted, Search, SegmentedTable
from segmentry.selection.stability import share_moved

TABLES_SEARCHED, EFFORT = 5, 4
"""Redrawn tables that are searched again, and how many times as many random starts each has then."""
_OTHER_SEGMENTS = 0.01
"""Share of the customers in other segments from which on the better segments are others, and not the same but for rounding."""


@dataclass(frozen=True)
class LongerSearch:
    """Of `n_tables` redrawn tables, those in which a longer search found other segments that fit better."""

    n_tables: int
    n_better: int


def search_longer(
    segmented: SegmentedTable, drawn: CountTables, found: Refitted, rng: np.random.Generator
) -> LongerSearch:
    """Search the first of the redrawn tables again.

    Parameters
    ----------
    segmented
        The segments that are refitted.
    drawn
        The redrawn tables.
    found
        What the usual search found in them.
    rng
        Source of the random starts.
    """
    few = drawn.first(TABLES_SEARCHED)
    again = segmented.refit.fit(few, segmented.k, Search(rng, segmented.labels, EFFORT))
    is_better = [
        again.losses[i] < found.losses[i]
        and share_moved(found.labels[i], again.labels[i], weights) > _OTHER_SEGMENTS
        for i, weights in enumerate(few.weights)
    ]
    return LongerSearch(len(is_better), sum(is_better))
