"""How many customers change segment when the bins of ordinal features are drawn otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Labels
from segmentry.selection.draws import Cells
from segmentry.selection.refits import Refit
from segmentry.selection.stability import match_clusters

SHIFT = 0.05
"""When bins are jittered, this share of every level's customers goes to the level below, and as many above."""


def moved_by_merging(
    cells: Cells, labels: Labels, k: int, ordinal: Sequence[int], refit: Refit, rng: np.random.Generator
) -> float:
    """Return the largest share of customers that change segment when two neighbouring levels are one.

    Every pair of neighbours of every ordinal feature is merged in turn, and the segments are made anew.

    Parameters
    ----------
    cells
        One table.
    labels : ndarray of int (n_patterns,)
        The segment of each pattern.
    k
        How many segments there are.
    ordinal
        The columns of ordinal features.
    refit
        How the method is fitted.
    rng
        Of the starts.

    Returns
    -------
    float
        Not a number where no ordinal feature has three levels: merging two would leave nothing.
    """
    rows = np.arange(len(labels))
    moved = []
    for j in ordinal:
        for level in range(cells.n_levels[j] - 1 if cells.n_levels[j] > 2 else 0):
            codes, n_levels = cells.codes.copy(), list(cells.n_levels)
            codes[:, j] -= codes[:, j] > level
            n_levels[j] -= 1
            again = refit(Cells(codes, n_levels, cells.weights), k, rng)[0]
            moved.append(_moved(labels, again, cells.weights[0], rows, rows))
    return max(moved, default=float("nan"))


def moved_by_jitter(
    cells: Cells,
    labels: Labels,
    k: int,
    ordinal: Sequence[int],
    refit: Refit,
    n_tables: int,
    rng: np.random.Generator,
) -> float:
    """Return the mean share of customers that change segment when the edges of ordinal bins move a little.

    In each of `n_tables` tables, `SHIFT` of the customers of every level go to the level below, and as many to the
    level above; the segments are made anew, and a customer's are compared. The other parameters are those of
    `moved_by_merging`. Not a number without ordinal features.
    """
    columns = [j for j in ordinal if cells.n_levels[j] > 1]
    if not columns:
        return float("nan")
    drawn = [_jittered(cells, columns, rng) for _ in range(n_tables)]
    distinct, places = np.unique(
        np.concatenate([codes for _, codes, _ in drawn]), axis=0, return_inverse=True
    )
    ends = np.cumsum([len(counts) for _, _, counts in drawn])[:-1]
    tables = [
        (origin, counts, place)
        for (origin, _, counts), place in zip(drawn, np.split(places.reshape(-1), ends), strict=True)
    ]
    weights = np.stack([np.bincount(place, counts, len(distinct)) for _, counts, place in tables])
    again = refit(Cells(distinct, cells.n_levels, weights.astype(np.float64)), k, rng)
    moved = [
        _moved(labels, refitted, counts, origin, place)
        for refitted, (origin, counts, place) in zip(again, tables, strict=True)
    ]
    return float(np.mean(moved))


def _jittered(
    cells: Cells, columns: Sequence[int], rng: np.random.Generator
) -> tuple[Labels, npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return rows after the shifts: the pattern that each comes from, its codes, its customers."""
    counts = np.round(cells.weights[0]).astype(np.int64)
    origin, codes = np.arange(len(counts)), cells.codes
    for j in columns:
        column = codes[:, j]
        below = np.where(column > 0, SHIFT, 0.0)
        above = np.where((column >= 0) & (column < cells.n_levels[j] - 1), SHIFT, 0.0)
        parts = rng.multinomial(counts, np.column_stack([below, above, 1 - below - above]))
        row, way = np.nonzero(parts)
        counts, origin, codes = parts[row, way], origin[row], codes[row].copy()
        codes[:, j] += np.array([-1, 1, 0], np.int32)[way]
    return origin, codes, counts.astype(np.float64)


def _moved(
    labels: Labels, again: Labels, weights: npt.NDArray[np.float64], origin: Labels, place: Labels
) -> float:
    """Return the share of customers whose segments are not each other's counterparts."""
    size = int(max(labels.max(), again.max())) + 1
    shared = np.bincount(labels[origin] * size + again[place], weights, minlength=size * size)
    overlap = shared.astype(np.float64).reshape(size, size)
    return float(1 - overlap[np.arange(size), match_clusters(overlap)].sum() / weights.sum())
