"""Rows of patterns put together: which become equal, and what they sum to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Indices

_FEW = 2**14  # entries that numpy adds up before scipy has loaded
_MANY = 2**22  # entries of all arrays from which on two threads add up
_CHUNK = 2**15  # rows whose codes stay in a core's cache
_MOST_KEYS = 2**62
_COUNTED = 2**24  # keys up to which presence is counted; beyond it, they are sorted


@dataclass(frozen=True)
class Grouping:
    """Groups of equal rows, in the order of their codes: `codes` (n_groups, n_features), `group` (n_rows,) of each row."""

    codes: npt.NDArray[np.int32]
    group: Indices

    def added(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the sums of values (n_rows,) or (n_rows, n_columns) by group, in the order of the rows."""
        if values.size <= _FEW:
            total = np.zeros((len(self.codes), *values.shape[1:]), values.dtype)
            np.add.at(total, self.group, values)
            return total
        adding = self._adding_whole if values.dtype == np.int64 else self._adding
        return np.asarray(adding @ values).astype(values.dtype, copy=False)

    def added_each(self, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Return the sums of several arrays; large ones are added up two at a time."""
        if sum(values.size for values in arrays.values()) < _MANY:
            return {name: self.added(values) for name, values in arrays.items()}
        _ = self._adding, self._adding_whole  # once, not in each thread
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(arrays, pool.map(self.added, arrays.values()), strict=True))

    @cached_property
    def _adding(self) -> Any:
        """Return the matrix (n_groups, n_rows) of ones that adds rows up."""
        return self._ones(np.float64)

    @cached_property
    def _adding_whole(self) -> Any:
        """Return the same for whole numbers, which would be copied first to be added as others."""
        return self._ones(np.int64)

    def _ones(self, kind: type[np.generic]) -> Any:
        from scipy.sparse import csc_array

        ends = np.arange(len(self.group) + 1, dtype=np.int32)
        parts = (np.ones(len(self.group), kind), self.group.astype(np.int32), ends)
        return csc_array(parts, shape=(len(self.codes), len(self.group)))


def regroup(
    codes: npt.NDArray[np.integer], new_codes: Sequence[Indices], n_levels: Sequence[int]
) -> Grouping | None:
    """Find the rows that are equal in new codes; None where there are too many combinations to number them.

    `new_codes` has per feature the new code of every code, last that of missing (-1); `n_levels` the number of the new
    levels.
    """
    sizes = [n + 1 for n in n_levels]
    strides = np.cumprod([1, *sizes[:0:-1]], dtype=np.float64)[::-1]
    n_keys = float(np.prod(np.array(sizes, dtype=np.float64)))
    if n_keys > _MOST_KEYS:
        return None
    digits = [(new + 1) * int(stride) for new, stride in zip(new_codes, strides, strict=True)]
    keys = np.zeros(len(codes), np.int64)
    for start in range(0, len(codes), _CHUNK):
        part = codes[start : start + _CHUNK]
        for j, digit in enumerate(digits):
            keys[start : start + _CHUNK] += digit[part[:, j]]
    found, group = _distinct(keys, int(n_keys))
    columns = [found // int(stride) % size - 1 for stride, size in zip(strides, sizes, strict=True)]
    joined = np.column_stack(columns) if columns else np.zeros((len(found), 0))
    return Grouping(joined.astype(np.int32), group)


def _distinct(keys: npt.NDArray[np.int64], n_keys: int) -> tuple[npt.NDArray[np.int64], Indices]:
    if n_keys > min(_COUNTED, 64 * max(len(keys), 1)):
        return np.unique(keys, return_inverse=True)
    is_present = np.zeros(n_keys, bool)
    is_present[keys] = True
    return np.flatnonzero(is_present), (np.cumsum(is_present) - 1)[keys]
