"""Codes of several features packed into one number, so that a row takes few lookups instead of one per feature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from segmentry.arrays import Floats, Indices, LevelCodes

_LARGEST = 2**12  # combinations of levels in a group: its table stays in a core's cache
_CHUNK = 2**14


class PackedCodes:
    """Rows as combinations of levels: `numbers` (n_rows,) for each of the `groups` of neighbouring features.

    A feature has `sizes` levels, the missing one (code -1) last; a group has at most `largest` combinations.
    """

    def __init__(self, codes: LevelCodes, sizes: Sequence[int], largest: int = _LARGEST) -> None:
        self.sizes = list(sizes)
        self.groups = feature_groups(self.sizes, largest)
        self.numbers = [self._pack(codes, group) for group in self.groups]

    def __len__(self) -> int:
        return len(self.numbers[0])

    def _pack(self, codes: LevelCodes, group: range) -> LevelCodes:
        numbers = np.zeros(len(codes), np.int32)
        for j in group:
            numbers *= self.sizes[j]
            numbers += np.where(codes[:, j] < 0, self.sizes[j] - 1, codes[:, j])
        return numbers

    def totals(self, labels: Indices, weights: Floats, n_clusters: int) -> list[Floats]:
        """Return per feature the weight (n_clusters, size) of every level in every cluster."""
        found = []
        for group, numbers in zip(self.groups, self.numbers, strict=True):
            shape = [self.sizes[j] for j in group]
            n_cells = int(np.prod(shape))
            sums = np.bincount(labels * n_cells + numbers, weights, n_clusters * n_cells)
            cube = sums.astype(np.float64, copy=False).reshape(n_clusters, *shape)
            axes = range(1, cube.ndim)
            found += [cube.sum(axis=tuple(a for a in axes if a != axis)) for axis in axes]
        return found


def lookups(rows: LevelCodes | PackedCodes, tables: Sequence[Floats]) -> Iterator[tuple[slice, Floats]]:
    """Yield slices of the rows, and for each row the sum (n, n_clusters) of one lookup per feature.

    Each of `tables` is (n_levels + 1, n_clusters), its last row for the code -1. Sums are taken by groups of
    features in a fixed order, so a row gets the same bits whatever comes beside it.
    """
    sizes = [len(table) for table in tables]
    if not isinstance(rows, PackedCodes) and len(rows) >= _LARGEST:
        rows = PackedCodes(rows, sizes)
    if not isinstance(rows, PackedCodes):
        groups = feature_groups(sizes)
        parts = ([np.take(tables[j], rows[:, j], axis=0) for j in group] for group in groups)
        yield slice(0, len(rows)), reduce(np.add, (reduce(np.add, part) for part in parts))
        return
    merged = merged_tables(tables, rows.groups)
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        found = [
            np.take(table, numbers[part], axis=0, mode="clip")  # no index is out of bounds; clipping is fast
            for table, numbers in zip(merged, rows.numbers, strict=True)
        ]
        yield part, reduce(np.add, found)


def merged_tables(tables: Sequence[Floats], groups: Sequence[range]) -> list[Floats]:
    """Return per group the sums (n_combinations, n_clusters) of every combination of its features' rows."""
    return [reduce(_merge, [tables[j] for j in group]) for group in groups]


def _merge(first: Floats, second: Floats) -> Floats:
    """Return the sums (n_first * n_second, n_clusters) of all pairs of rows."""
    return (first[:, None] + second).reshape(-1, first.shape[1])


def feature_groups(sizes: Sequence[int], largest: int = _LARGEST) -> list[range]:
    """Split the features, given their numbers of levels, into runs with at most so many combinations."""
    groups, start, n_cells = [], 0, 1
    for j, size in enumerate(sizes):
        if n_cells * size > largest and j > start:
            groups.append(range(start, j))
            start, n_cells = j, 1
        n_cells *= size
    return [*groups, range(start, len(sizes))] if sizes else []
