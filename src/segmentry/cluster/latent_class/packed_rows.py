"""Rows of a large design as combinations of levels: a mixture's sums are looked up by them, and counts added up by them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import islice
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, LevelCodes
from segmentry.cluster.packed_codes import PackedCodes

_LARGEST = 2**13  # combinations of a group: two ordered features of 64 levels


class PackedRows:
    """Rows with a code per feature, of `n_levels` levels; -1 is missing.

    What stands for all models (n_models, 1 + n_columns) has a constant first, then a number for every level of every feature.
    A cell is a combination of levels of a group of features; a row has one of each group.
    """

    def __init__(self, codes: LevelCodes, n_levels: Sequence[int]) -> None:
        packed = PackedCodes(codes, [n + 1 for n in n_levels], _LARGEST)
        self._groups = [[packed.sizes[j] for j in group] for group in packed.groups]
        self._starts = np.cumsum([0, *(prod(sizes) for sizes in self._groups)])
        self._ends = np.cumsum([1, *n_levels])
        self._cells = np.empty((len(packed), len(self._groups)), np.int32)
        for column, start in zip(self._cells.T, self._starts[:-1], strict=True):
            np.add(packed.numbers.pop(0), start, out=column, casting="unsafe")

    @property
    def n_cells(self) -> int:
        """Return the number of combinations of all groups."""
        return int(self._starts[-1])

    def tables(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return for each cell the sum (n_cells, n_models) of the numbers of its levels; the first group has the constants."""
        parts = iter(np.split(numbers, self._ends[:-1], axis=1)[1:])
        padded = (np.pad(part, ((0, 0), (0, 1))) for part in parts)  # a missing cell adds nothing
        tables = [reduce(_merge, islice(padded, len(sizes))) for sizes in self._groups]
        tables[0] += numbers[:, :1]
        return np.ascontiguousarray(np.hstack(tables).T)

    def sums(self, tables: npt.NDArray[Any], rows: slice) -> npt.NDArray[Any]:
        """Return the sum (n_models, n_rows) of what the tables have for each of some rows."""
        return np.ascontiguousarray((self._incidence(rows, tables.dtype) @ tables).T)

    def totals(self, weights: Floats, rows: slice = slice(None)) -> Floats:
        """Return the weights (n_models, n_rows) of some rows as totals (n_cells, n_models) of the cells."""
        columns = np.ascontiguousarray(weights.T, np.float64)
        return np.asarray(self._incidence(rows, columns.dtype).T @ columns)

    def by_level(self, totals: Floats) -> Floats:
        """Return totals of cells as numbers (n_models, 1 + n_columns): all rows, then the rows of every level."""
        parts = np.split(totals.T, self._starts[1:-1], axis=1)
        columns = [parts[0].sum(axis=1, keepdims=True)]
        for sizes, part in zip(self._groups, parts, strict=True):
            cube = part.reshape(len(part), *sizes)
            axes = range(1, cube.ndim)
            columns += [cube.sum(axis=tuple(a for a in axes if a != axis))[:, :-1] for axis in axes]
        return np.hstack(columns)

    def _incidence(self, rows: slice, kind: npt.DTypeLike) -> Any:
        """Return a sparse matrix (n_rows, n_cells) with a 1 for each cell of a row."""
        from scipy.sparse import csr_array

        cells = self._cells[rows]
        ends = np.arange(0, cells.size + 1, cells.shape[1], dtype=np.int32)
        return csr_array((np.ones(cells.size, kind), cells.ravel(), ends), (len(cells), self.n_cells))


def _merge(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the sums (n_models, n_first * n_second) of all pairs of columns."""
    return (first[:, :, None] + second[:, None, :]).reshape(len(first), -1)
