"""Sums of the pattern table by fold (half of the customers): what is learned on one fold is checked on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats

MAX_FOLDED_PATTERNS = 20_000
"""Largest number of patterns with sums by fold; each fold takes as much memory as the table."""
_LEAST_PART = 0.5


@dataclass(frozen=True)
class FoldSums:
    """Counts and sums of the pattern table by fold.

    Attributes
    ----------
    counts
        (n_patterns, n_folds) customers.
    value_weights, sums, squares
        (n_patterns, n_folds, n_outcomes) weight of the customers with a value, sum of the values, and sum of
        their squared differences from the table's origins.
    """

    counts: Floats
    value_weights: Floats
    sums: Floats
    squares: Floats

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.counts.shape[1])

    @classmethod
    def of(
        cls,
        fold: npt.NDArray[np.integer],
        group: npt.NDArray[np.intp],
        shape: tuple[int, int],
        rows: Sequence[npt.NDArray[Any]],
    ) -> Self:
        """Add rows up by pattern (`group`) and fold; `shape` is the number of patterns and of folds.

        `rows` are the counts, value weights, sums and squares of each row.
        """
        cells = group * shape[1] + fold
        return cls(*(_added(values, cells, shape[0] * shape[1], shape) for values in rows))

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """Return the sums of some patterns."""
        return type(self)(*(values[rows] for values in self.arrays().values()))

    def with_outcomes(self, positions: Sequence[int]) -> Self:
        """Return the sums of the outcomes at some positions."""
        kept = list(positions)
        arrays = (values[:, :, kept] for values in (self.value_weights, self.sums, self.squares))
        return type(self)(self.counts, *arrays)

    def grouped(self, group: npt.NDArray[np.intp], n_groups: int) -> Self:
        """Add the sums of patterns up by group."""
        return type(self)(
            *(_added(values, group, n_groups, (n_groups,)) for values in self.arrays().values())
        )

    def scaled(self, by: float) -> Self:
        """Return the sums multiplied by a number."""
        return self if by == 1 else type(self)(*(by * values for values in self.arrays().values()))

    def about(self, origins: Floats, others: Floats) -> Self:
        """Return the sums with squares about other origins."""
        shift = origins - others
        squares = self.squares + 2 * shift * (self.sums - self.value_weights * origins)
        squares = squares + self.value_weights * shift**2
        return type(self)(self.counts, self.value_weights, self.sums, squares)

    def arrays(self) -> dict[str, Floats]:
        """The arrays by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def joined(parts: Sequence[FoldSums]) -> FoldSums:
    """Stack the sums of several tables."""
    return FoldSums(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(FoldSums)))


def _added(
    values: npt.NDArray[Any], cells: npt.NDArray[np.intp], n_cells: int, shape: tuple[int, ...]
) -> Floats:
    total = np.zeros((n_cells, *values.shape[1:]))
    np.add.at(total, cells, values)
    return total.reshape(*shape, *values.shape[1:])


def usable(folds: FoldSums | None) -> FoldSums | None:
    """Return the folds; None where one holds less than half of an equal share, because ids that end alike fall into one."""
    if folds is None:
        return None
    sizes = folds.counts.sum(axis=0)
    return folds if sizes.min() >= _LEAST_PART * sizes.mean() else None
