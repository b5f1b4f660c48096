"""Rows of a large design as combinations of levels: a mixture's sums are looked up by them, and counts added up by them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from segmentry.arrays import Floats, LevelCodes
from segmentry.cluster.packed_codes import PackedCodes

_LARGEST = 2**13  # combinations of a group: two ordered features of 64 levels


class PackedRows:
    """Rows with a code per feature, of `n_levels` levels; -1 is missing.

    What stands for all models (n_models, 1 + n_columns) has a constant first, then a number for every level of every feature.
    """

    def __init__(self, codes: LevelCodes, n_levels: Sequence[int]) -> None:
        self._packed = PackedCodes(codes, [n + 1 for n in n_levels], _LARGEST)
        self._ends = np.cumsum([1, *n_levels])

    def tables(self, numbers: Floats) -> list[Floats]:
        """Return for each group the sum (n_models, n_combinations) of the numbers of its features; the first has the constants."""
        parts = [numbers[:, a:b] for a, b in zip(self._ends[:-1], self._ends[1:], strict=True)]
        parts = [np.pad(part, ((0, 0), (0, 1))) for part in parts]  # a missing cell adds nothing
        tables = [reduce(_merge, (parts[j] for j in group)) for group in self._packed.groups]
        return [tables[0] + numbers[:, :1], *tables[1:]]

    def sums(self, tables: Sequence[Floats], rows: slice) -> Floats:
        """Return the sum (n_models, n_rows) of what the tables have for each of some rows."""
        found = None
        for table, at in zip(tables, self._packed.numbers, strict=True):
            part = np.take(
                table, at[rows], axis=1, mode="clip"
            )  # no index is out of bounds; clipping is fast
            found = part if found is None else np.add(found, part, out=found)
        return np.asarray(found)

    def add(self, totals: Sequence[Floats], rows: slice, weights: Floats) -> None:
        """Add the weights (n_models, n_rows) of some rows to the totals (n_models, n_combinations) of every group."""
        for total, at in zip(totals, self._packed.numbers, strict=True):
            for k, weight in enumerate(weights):
                total[k] += np.bincount(at[rows], weight, total.shape[1])

    def totals(self, weights: Floats) -> Floats:
        """Return the weights (n_models, n_rows) of all rows as totals (n_models, 1 + n_columns)."""
        found = [np.zeros((len(weights), n)) for n in self._n_combinations()]
        self.add(found, slice(None), weights)
        return self.by_level(found)

    def _n_combinations(self) -> list[int]:
        return [int(np.prod([self._packed.sizes[j] for j in group])) for group in self._packed.groups]

    def by_level(self, totals: Sequence[Floats]) -> Floats:
        """Return totals of combinations as numbers (n_models, 1 + n_columns): all rows, then the rows of every level."""
        columns = [totals[0].sum(axis=1, keepdims=True)]
        for group, total in zip(self._packed.groups, totals, strict=True):
            cube = total.reshape(len(total), *(self._packed.sizes[j] for j in group))
            axes = range(1, cube.ndim)
            columns += [cube.sum(axis=tuple(a for a in axes if a != axis))[:, :-1] for axis in axes]
        return np.hstack(columns)


def _merge(first: Floats, second: Floats) -> Floats:
    """Return the sums (n_models, n_first * n_second) of all pairs of columns."""
    return (first[:, :, None] + second[:, None, :]).reshape(len(first), -1)
