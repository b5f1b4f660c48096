"""How many customers change segment when the bins of ordinal features are drawn otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.selection.count_tables import CountTables
from segmentry.selection.refits import SegmentedTable
from segmentry.selection.stability import share_moved

SHIFT = 0.05
"""Share of every level's customers that go to the level below when bins are jittered; as many go to the level above."""


def moved_by_merging(segmented: SegmentedTable, ordinal: Sequence[int], rng: np.random.Generator) -> float:
    """Return the largest share of customers that change segment when two neighbouring levels are one.

    Every pair of neighbours of every ordinal feature is merged in turn, and the segments are made anew.

    Parameters
    ----------
    segmented
        Table with its segments.
    ordinal
        Positions of the ordinal features.
    rng
        Source of the random starts.

    Returns
    -------
    float
        Not a number where no ordinal feature has three levels: of two merged ones nothing would be left.
    """
    table, moved = segmented.table, []
    for j in ordinal:
        for level in range(table.n_levels[j] - 1 if table.n_levels[j] > 2 else 0):
            codes, n_levels = table.codes.copy(), list(table.n_levels)
            codes[:, j] -= codes[:, j] > level
            n_levels[j] -= 1
            again = segmented.refit(
                CountTables(codes, n_levels, table.weights, table.is_ordered), segmented.k, rng
            )[0]
            moved.append(share_moved(segmented.labels, again, segmented.weights))
    return max(moved, default=float("nan"))


def moved_by_jitter(
    segmented: SegmentedTable, ordinal: Sequence[int], n_tables: int, rng: np.random.Generator
) -> float:
    """Return the mean share of customers that change segment when the edges of ordinal bins move a little.

    In each of `n_tables` tables, `SHIFT` of the customers of every level go to the level below, and as many to the
    level above. The segments are made anew, and both segments of each customer are compared.

    Parameters
    ----------
    segmented
        Table with its segments.
    ordinal
        Positions of the ordinal features.
    n_tables
        Number of jittered tables.
    rng
        Source of the shifts and of the random starts.

    Returns
    -------
    float
        Not a number without ordinal features.
    """
    table = segmented.table
    columns = [j for j in ordinal if table.n_levels[j] > 1]
    if not columns:
        return float("nan")
    drawn = [jittered(table, columns, rng) for _ in range(n_tables)]
    distinct, places = np.unique(
        np.concatenate([codes for _, codes, _ in drawn]), axis=0, return_inverse=True
    )
    ends = np.cumsum([len(counts) for _, _, counts in drawn])[:-1]
    patterns = np.split(places.reshape(-1), ends)
    weights = np.stack(
        [
            np.bincount(pattern, counts, len(distinct))
            for (_, _, counts), pattern in zip(drawn, patterns, strict=True)
        ]
    )
    again = segmented.refit(
        CountTables(distinct, table.n_levels, weights.astype(np.float64), table.is_ordered), segmented.k, rng
    )
    moved = [
        share_moved(segmented.labels[origin], refitted[pattern], counts)
        for refitted, (origin, _, counts), pattern in zip(again, drawn, patterns, strict=True)
    ]
    return float(np.mean(moved))


def jittered(
    table: CountTables, columns: Sequence[int], rng: np.random.Generator
) -> tuple[Indices, LevelCodes, Floats]:
    """Return rows after the shifts: the pattern that each comes from, its codes, its customers."""
    counts = np.round(table.weights[0]).astype(np.int64)
    origin, codes = np.arange(len(counts)), table.codes
    for j in columns:
        column = codes[:, j]
        below = np.where(column > 0, SHIFT, 0.0)
        above = np.where((column >= 0) & (column < table.n_levels[j] - 1), SHIFT, 0.0)
        parts = rng.multinomial(counts, np.column_stack([below, above, 1 - below - above]))
        row, way = np.nonzero(parts)
        counts, origin, codes = parts[row, way], origin[row], codes[row].copy()
        codes[:, j] += np.array([-1, 1, 0], np.int32)[way]
    return origin, codes, counts.astype(np.float64)
