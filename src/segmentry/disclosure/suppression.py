"""Which cells of a table to withhold, so that small ones can neither be read nor computed from the others."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats, Integers, Mask


def small_cells(counts: Integers | Floats, least: int) -> Mask:
    """Find the counts from 1 to below `least`."""
    return np.asarray((counts > 0) & (counts < least))


def withheld_cells(counts: Integers, least: int, is_exempt: Mask | None = None) -> Mask:
    """Withhold small counts of a table whose row and column sums are known, and others to protect them.

    A small count is withheld with three others that make a rectangle with it: moving customers round its
    corners changes no sum. Its neighbours in the row and in the column hold at least `least` customers each, so the small
    count could be larger by that many (complementary suppression; Cox 1980). Where there is no such
    rectangle, or a column's sum is small itself, everything is withheld.

    Parameters
    ----------
    counts
        (n_rows, n_columns) customers.
    least
        Smallest number that may be shown.
    is_exempt
        (n_columns,) whether the small counts of a column need no protection; by default all need it.

    Returns
    -------
    ndarray (n_rows, n_columns)
        True where a count is withheld.

    Examples
    --------
    >>> withheld_cells(np.array([[3, 97], [50, 50], [80, 20]]), 10).astype(int).tolist()
    [[1, 1], [1, 1], [0, 0]]
    """
    open_columns = np.zeros(counts.shape[1], bool) if is_exempt is None else is_exempt
    small = small_cells(counts, least) & ~open_columns
    if (small_cells(counts.sum(axis=0), least) & ~open_columns).any():
        return np.ones(counts.shape, bool)
    withheld: Mask = np.zeros(counts.shape, bool)
    for i, j in np.argwhere(small):
        corner = _opposite(counts, withheld, int(i), int(j), least)
        if corner is None:
            return np.ones(counts.shape, bool)
        withheld[np.ix_([i, corner[0]], [j, corner[1]])] = True
    return withheld


def withheld_rows(counts: Integers, least: int, is_exempt: Mask | None = None) -> Mask:
    """Withhold whole rows (n_rows,), in tables whose rows are shown as a whole or not at all.

    Sums are known as in `withheld_cells`. A row with a small count is withheld, and with it the smallest other row
    that protects it.

    Examples
    --------
    >>> withheld_rows(np.array([[3, 97], [50, 60], [30, 20]]), 10).tolist()
    [True, False, True]
    """
    open_columns = np.zeros(counts.shape[1], bool) if is_exempt is None else is_exempt
    small = small_cells(counts, least) & ~open_columns
    withheld: Mask = np.asarray(small.any(axis=1))
    if (small_cells(counts.sum(axis=0), least) & ~open_columns).any():
        return np.ones(len(counts), bool)
    for i, j in np.argwhere(small):
        partners = np.flatnonzero((counts[:, j] >= least) & (np.arange(len(counts)) != i))
        has_room = (np.delete(counts[i], j) >= least).any()
        if not len(partners) or not has_room:
            return np.ones(len(counts), bool)
        cost = np.where(withheld[partners], 0, counts[partners].sum(axis=1))
        withheld[partners[cost.argmin()]] = True
    return withheld


def withheld_parts(counts: Floats, least: int) -> Mask:
    """Withhold small counts (n,) whose sum alone is known: at least two counts, of together at least `least` customers.

    Examples
    --------
    >>> withheld_parts(np.array([2.0, 30.0, 9.0, 0.0]), 5).astype(int)
    array([1, 0, 1, 0])
    """
    withheld = small_cells(counts, least)
    while withheld.any() and not withheld.all() and (withheld.sum() < 2 or counts[withheld].sum() < least):
        withheld[np.where(withheld, np.inf, np.where(counts > 0, counts, 1e300)).argmin()] = True
    return withheld


def _opposite(counts: Integers, withheld: Mask, i: int, j: int, least: int) -> tuple[int, int] | None:
    """Find the opposite corner of the rectangle that withholds the fewest further customers."""
    rows = [r for r in range(counts.shape[0]) if r != i and counts[r, j] >= least]
    columns = [c for c in range(counts.shape[1]) if c != j and counts[i, c] >= least]
    cost = np.where(withheld, 0, counts)
    corners = [(int(cost[r, j] + cost[i, c] + cost[r, c]), r, c) for r in rows for c in columns]
    if not corners:
        return None
    _, row, column = min(corners)
    return row, column
