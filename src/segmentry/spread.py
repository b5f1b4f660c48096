"""How values spread within the patterns of a large table, from the part of its customers that is read again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from segmentry.folds import MAX_FOLDED_PATTERNS, FoldSums
from segmentry.patterns import PatternTable, group_patterns

Floats = npt.NDArray[np.float64]


def with_spread(table: PatternTable, sampled: PatternTable, share: float) -> PatternTable:
    """Give a table of counts and sums the squares, cubes and folds that a sample of its customers tells.

    Counts, sums and means stay those of all customers, and so does what lies between patterns. Within a pattern p with
    n customers and mean m, the sample tells the variance v and the third central moment t about its own mean; each is
    shrunk by the weight of one customer towards that of all patterns together, which stands alone where the
    sample has nobody. Then, about the origin o and with d = m - o::

        squares = (n - 1) v + n d²
        cubes   = n t + 3 (n - 1) v d + n d³

    Values of flags are 0 and 1, so that their squares and cubes are their sums, of all customers.

    Parameters
    ----------
    table
        All customers: counts, values and sums.
    sampled
        A part of them, collected by the same recipe, about the same origins.
    share
        How large a part; 1 where the sample is the whole table, which is then taken as it is.
    """
    if share == 1.0:
        spread = {name: getattr(sampled, name) for name in ("squares", "cubes", "origins", "folds")}
        return replace(table, **spread)
    rows, found = _places(table, sampled)
    n, total = table.n_values.astype(np.float64), table.sums
    some, origins = sampled.take(found), sampled.origins
    within, third = (np.zeros(n.shape) for _ in range(2))
    seen = np.zeros(n.shape)
    seen[rows] = some.n_values
    within[rows], third[rows] = _about_means(some)
    pooled = _over(within.sum(axis=0), np.maximum(seen - 1, 0).sum(axis=0))
    pooled_third = _over(third.sum(axis=0), seen.sum(axis=0))
    variance = (within + pooled) / np.maximum(seen, 1)
    skewed = (third + pooled_third) / (seen + 1)
    d = np.where(n > 0, _over(total, n) - origins, 0.0)
    inside = np.maximum(n - 1, 0) * variance
    squares = inside + n * d**2
    cubes = n * skewed + 3 * inside * d + n * d**3
    flags = np.array([o.role == "flags" for o in table.outcomes], bool)
    return replace(
        table,
        squares=np.where(flags, total, squares),
        cubes=np.where(flags, total, cubes),
        origins=origins,
        folds=_folds(table, some, rows),
        spread_share=share,
    )


def _places(table: PatternTable, sampled: PatternTable) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows of the table, and of the sample, that are the same pattern; rows may have come in between the two."""
    _, group = group_patterns(np.vstack([table.codes, sampled.codes]))
    place = np.full(group.max(initial=-1) + 1, -1, np.intp)
    place[group[: table.n_patterns]] = np.arange(table.n_patterns)
    at = place[group[table.n_patterns :]]
    return at[at >= 0], np.flatnonzero(at >= 0)


def _about_means(sampled: PatternTable) -> tuple[Floats, Floats]:
    """(n_patterns, n_outcomes) sums of squared and of cubed differences from each pattern's own mean."""
    n, squares = sampled.n_values.astype(np.float64), sampled.squares
    cubes = sampled.cubes if sampled.cubes is not None else np.zeros_like(squares)
    d = np.where(n > 0, _over(sampled.sums, n) - sampled.origins, 0.0)
    return np.maximum(squares - n * d**2, 0.0), cubes - 3 * d * squares + 2 * n * d**3


def _folds(table: PatternTable, some: PatternTable, rows: npt.NDArray[np.intp]) -> FoldSums | None:
    if some.folds is None or table.n_patterns > MAX_FOLDED_PATTERNS:
        return None
    placed = {}
    for name, values in some.folds.arrays().items():
        placed[name] = np.zeros((table.n_patterns, *values.shape[1:]))
        placed[name][rows] = values
    return FoldSums(**placed)


def _over(top: Floats, bottom: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, 0.0)
