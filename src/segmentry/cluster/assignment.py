"""Rows assigned to clusters by sums of lookups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.packed_codes import PackedCodes, lookups

_CHUNK = 2**14


def lookup_sums(rows: LevelCodes | PackedCodes, tables: Sequence[Floats]) -> Floats:
    """Return for each row the sum (n_rows, n_clusters) of one lookup per feature, see `lookups`."""
    sums = np.empty((len(rows), tables[0].shape[1]))
    for part, found in lookups(rows, tables):
        sums[part] = found
    return sums


def nearest_with_sums(rows: LevelCodes | PackedCodes, tables: Sequence[Floats]) -> tuple[Indices, Floats]:
    """Return the cluster with the smallest sum per row, of equal ones the first, and that sum."""
    labels, smallest = np.empty(len(rows), np.intp), np.empty(len(rows))
    for part, sums in lookups(rows, tables):
        labels[part] = sums.argmin(axis=1)
        smallest[part] = sums[np.arange(len(sums)), labels[part]]
    return labels, smallest


def nearest_clusters(rows: LevelCodes | PackedCodes, tables: Sequence[Floats]) -> Indices:
    """Return the cluster with the smallest sum per row; of equal ones the first."""
    return nearest_with_sums(rows, tables)[0]


def first_smallest(sums: npt.NDArray[Any]) -> tuple[LevelCodes, npt.NDArray[Any]]:
    """Return the first cluster with the smallest of the sums (..., n_clusters, n_rows), and that sum; faster than `argmin`."""
    smallest = sums[..., 0, :].copy()
    labels = np.zeros(smallest.shape, np.int32)
    for cluster in range(1, sums.shape[-2]):
        np.copyto(labels, cluster, where=sums[..., cluster, :] < smallest)
        np.minimum(smallest, sums[..., cluster, :], out=smallest)
    return labels, smallest


def largest_first(patterns: WeightedPatterns, tables: Sequence[Floats]) -> Indices:
    """Order the clusters so that `nearest_clusters` numbers them by weight, largest first.

    A pattern that is equally near to several clusters goes to the first of them. So the order is built from its start:
    the next cluster is the one that is nearest to most weight among the patterns that no earlier cluster has taken. Of equal
    ones, the cluster with the heaviest single pattern comes first, then the one whose pattern appears first in X.
    """
    return order_by_claims(
        patterns, tables[0].shape[1], lambda rows: lookup_sums(patterns.codes[rows], tables)
    )


def order_by_claims(rows: WeightedPatterns, n_clusters: int, sums_of: Callable[[Any], Floats]) -> Indices:
    """Order the clusters as `largest_first` says; `sums_of` gives the distances (n_chosen, n_clusters)."""
    owner, tied = _sole_owners(len(rows.weights), sums_of)
    claims = _Claims(n_clusters, rows, owner, tied, _is_nearest(sums_of(tied)))
    return np.array([claims.pop() for _ in range(n_clusters)], dtype=np.intp)


def _is_nearest(sums: Floats) -> npt.NDArray[np.bool_]:
    return np.equal(sums, sums.min(axis=1, keepdims=True))


def _sole_owners(n_rows: int, sums_of: Callable[[Any], Floats]) -> tuple[Indices, Indices]:
    """Return the nearest cluster per row (-1 where several are) and the rows with several."""
    owner = np.empty(n_rows, dtype=np.intp)
    for start in range(0, n_rows, _CHUNK):
        sums = sums_of(slice(start, start + _CHUNK))
        first, last = sums.argmin(axis=1), sums.shape[1] - 1 - sums[:, ::-1].argmin(axis=1)
        owner[start : start + _CHUNK] = np.where(first == last, first, -1)
    return owner, np.flatnonzero(owner < 0)


class _Claims:
    """The weight that each cluster would have if it came next, given the clusters already placed."""

    def __init__(
        self,
        n_clusters: int,
        rows: WeightedPatterns,
        owner: Indices,
        tied: Indices,
        is_near: npt.NDArray[np.bool_],
    ) -> None:
        sole = np.flatnonzero(owner >= 0)
        self.left = set(range(n_clusters))
        self.is_near = is_near
        self.weights, self.rows = rows.weights[tied], rows.first_rows[tied]
        self.totals = np.bincount(owner[sole], rows.weights[sole], minlength=n_clusters)
        self.heaviest = np.zeros(n_clusters)
        np.maximum.at(self.heaviest, owner[sole], rows.weights[sole])
        self.first = np.full(n_clusters, np.iinfo(np.intp).max)
        np.minimum.at(self.first, owner[sole], rows.first_rows[sole])

    def pop(self) -> int:
        """Take the next cluster, and with it the tied patterns near it."""
        totals = self.totals + np.einsum("i,ij->j", self.weights, self.is_near)
        best = max(totals[c] for c in self.left)
        chosen = min((c for c in self.left if totals[c] == best), key=self._tie_rule)
        self.left.remove(chosen)
        rest = ~self.is_near[:, chosen]
        self.is_near, self.weights, self.rows = self.is_near[rest], self.weights[rest], self.rows[rest]
        return chosen

    def _tie_rule(self, cluster: int) -> tuple[float, int]:
        near = self.is_near[:, cluster]
        heaviest = max(self.heaviest[cluster], self.weights[near].max(initial=0.0))
        first_row = self.rows[near].min(initial=self.first[cluster])
        return -float(heaviest), int(first_row)
