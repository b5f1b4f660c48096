"""Pattern tables with a known answer: independent features, classes, a continuum. For tests and benchmarks of the verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from segmentry.arrays import LevelCodes
from segmentry.patterns import FeatureLevels, PatternTable, as_codes


def structure_table(rows: LevelCodes, n_levels: list[int]) -> PatternTable:
    """Count the rows (n_rows, n_features) of level codes as a pattern table."""
    codes, counts = np.unique(rows, axis=0, return_counts=True)
    features = tuple(
        FeatureLevels(f"f{j}", f"F{j}", tuple(f"level {i}" for i in range(n))) for j, n in enumerate(n_levels)
    )
    return PatternTable(features, as_codes(codes), counts.astype(np.int64))


def as_table(rows: LevelCodes, weight: float | None = None) -> PatternTable:
    """Count rows of codes whose levels are those that occur, each customer with the same survey weight, if any."""
    table = structure_table(rows, [int(column.max()) + 1 for column in rows.T])
    if weight is None:
        return table
    return replace(table, weights=table.counts * weight, squared_weights=table.counts * weight**2)


def independent_columns(rng: np.random.Generator, n: int, n_levels: list[int]) -> PatternTable:
    """Draw independent columns with uneven margins, as of demographic columns."""
    columns = [rng.choice(m, n, p=rng.dirichlet(np.full(m, 3.0))) for m in n_levels]
    return structure_table(np.column_stack(columns), n_levels)


def classes(
    rng: np.random.Generator, n: int, n_levels: list[int], k: int, purity: float = 0.7
) -> PatternTable:
    """Draw classes, of which any two differ in the typical level of at least half of the features."""
    while True:
        modes = np.column_stack([rng.integers(m, size=k) for m in n_levels])
        differ = (modes[:, None] != modes).sum(axis=2) + len(n_levels) * np.eye(k)
        if differ.min() >= len(n_levels) / 2:
            break
    label = rng.choice(k, n, p=0.7 * rng.dirichlet(np.full(k, 8.0)) + 0.3 / k)
    noise = np.column_stack([rng.integers(m, size=n) for m in n_levels])
    return structure_table(np.where(rng.random(noise.shape) < purity, modes[label], noise), n_levels)


def dependent_pair(rng: np.random.Generator, n: int, n_clear: int = 3) -> LevelCodes:
    """Draw rows of two classes: clear features of two levels, and two of three levels that depend on each other inside the classes."""
    label = rng.integers(0, 2, n)
    clear = np.where(rng.random((n, n_clear)) < 0.8, label[:, None], 1 - label[:, None])
    first = np.where(rng.random(n) < 0.4, label, rng.integers(0, 3, n))
    second = np.where(rng.random(n) < 0.6, first, rng.integers(0, 3, n))
    return np.column_stack([clear, first, second]).astype(np.int32)


def continuum(
    rng: np.random.Generator,
    n: int,
    n_levels: list[int],
    slopes: float | npt.ArrayLike,
    margins: list[npt.NDArray[np.float64]] | None = None,
    factor: npt.NDArray[np.float64] | None = None,
) -> PatternTable:
    """Draw ordinal features that depend on one factor: logistic responses, cut so that the levels have their margins.

    Parameters
    ----------
    rng
        Source of the draws.
    n
        Number of customers.
    n_levels
        Number of levels of each feature.
    slopes
        Slope of the features on the factor, one for all or one for each.
    margins
        Shares of the levels of each feature; by default equal.
    factor
        (n,) values of the factor; by default normal.
    """
    place = rng.standard_normal(n) if factor is None else factor
    columns = []
    for j, (m, slope) in enumerate(zip(n_levels, np.broadcast_to(slopes, len(n_levels)), strict=True)):
        response = slope * place + rng.logistic(size=n)
        below = np.cumsum(np.full(m, 1 / m) if margins is None else margins[j])[:-1]
        columns.append(np.searchsorted(np.quantile(response, below), response))
    return structure_table(np.column_stack(columns), n_levels)
