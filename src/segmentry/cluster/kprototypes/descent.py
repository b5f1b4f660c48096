"""Prototypes of mixed rows: the dissimilarity, the best prototypes of given clusters, and the descent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.assignment import first_smallest, order_by_claims
from segmentry.cluster.input.collapsed_mixed_rows import MixedRows
from segmentry.cluster.kmodes.distance import FeatureDistance, mode_tables
from segmentry.cluster.packed_codes import PackedCodes, feature_groups, merged_tables

_CHUNK = 2**13  # rows whose dissimilarities to all clusters stay in a core's cache
_JOINT = 256  # combinations of levels that share one lookup
_GAIN = 1e-12


@dataclass(frozen=True)
class Prototypes:
    """What stands for each cluster: `means` (n_clusters, n_numeric), `modes` (n_clusters, n_categorical)."""

    means: Floats
    modes: LevelCodes

    def __len__(self) -> int:
        return len(self.means)

    def moved(self, by: Floats) -> Prototypes:
        """Return the prototypes with their means moved by (n_numeric,)."""
        return Prototypes(self.means + by, self.modes)

    def chosen(self, clusters: Indices) -> Prototypes:
        """Return some of the prototypes, or all in another order."""
        return Prototypes(self.means[clusters], self.modes[clusters])


@dataclass(frozen=True)
class DescentResult:
    """Prototypes, their cost, and how many steps led to them."""

    prototypes: Prototypes
    cost: float
    n_iter: int


class Dissimilarity:
    """Squared differences of the numbers, plus `gamma` for each level that differs from the mode.

    Neighbouring categorical features share a lookup while the combinations of their levels are few.
    """

    def __init__(self, n_levels: Sequence[int], gamma: float) -> None:
        self.gamma = gamma
        self.distances = [FeatureDistance(kind="matching", weight=1.0, n_levels=n) for n in n_levels]
        self.sizes = [n + 1 for n in n_levels]
        self.groups = feature_groups(self.sizes, _JOINT)

    def tables(self, modes: LevelCodes) -> list[Floats]:
        """Return per group the dissimilarity (n_clusters, n_combinations) of every combination."""
        n_differ = merged_tables(mode_tables(self.distances, modes), self.groups)
        return [np.ascontiguousarray(table.T) * self.gamma for table in n_differ]


class MixedPoints:
    """Rows made ready for many assignments.

    With `is_exact` a row has the same dissimilarities, to the last bit, alone as among a million. Without,
    the squared differences of the numbers come from products of matrices: faster where there are many, and
    as precise as the numbers are near 0.
    """

    def __init__(self, rows: MixedRows, dissimilarity: Dissimilarity, *, is_exact: bool = True) -> None:
        self.rows, self.dissimilarity = rows, dissimilarity
        self.weights = rows.weights
        self.cells = PackedCodes(rows.codes, dissimilarity.sizes, _JOINT)
        self.norms = None if is_exact else (rows.numbers**2).sum(axis=0)

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def origin(self) -> Floats:
        """Return the weighted means (n_numeric,)."""
        return self.rows.mean

    @cached_property
    def shares(self) -> Floats:
        """Return what each row adds to its cluster's mean about the origin (n_numeric, n_rows)."""
        return self.weights * (self.rows.numbers - self.origin[:, None])

    def sums(self, prototypes: Prototypes, chosen: Any = slice(None)) -> Floats:
        """Return the exact dissimilarities (n_clusters, n_chosen)."""
        sums = _squares(self.rows.numbers[:, chosen], prototypes.means)
        return self._add_lookups(sums, self.dissimilarity.tables(prototypes.modes), chosen)

    def chunks(self, prototypes: Prototypes) -> Iterator[tuple[slice, Floats]]:
        """Yield slices of the rows with their dissimilarities (n_clusters, n_chosen)."""
        tables = self.dissimilarity.tables(prototypes.modes)
        lengths = (prototypes.means**2).sum(axis=1)[:, None]
        for start in range(0, len(self), _CHUNK):
            part = slice(start, start + _CHUNK)
            numbers = self.rows.numbers[:, part]
            if self.norms is None:
                sums = _squares(numbers, prototypes.means)
            else:
                sums = (-2 * prototypes.means) @ numbers
                sums += lengths
                sums += self.norms[part]
            yield part, self._add_lookups(sums, tables, part)

    def assign(self, prototypes: Prototypes) -> tuple[Indices, Floats]:
        """Return the nearest cluster of each row, of equally near ones the first, and how far it is."""
        labels, away = np.empty(len(self), dtype=np.intp), np.empty(len(self))
        for part, sums in self.chunks(prototypes):
            labels[part], away[part] = first_smallest(sums)
        return labels, np.maximum(away, 0, out=away)

    def nearest_two(self, prototypes: Prototypes) -> tuple[Indices, Floats, Floats]:
        """Return the nearest cluster of each row, how far it is, and how far the second nearest is."""
        labels, away = self.assign(prototypes)
        second = np.empty_like(away)
        for part, sums in self.chunks(prototypes):
            sums[labels[part], np.arange(sums.shape[1])] = np.inf
            second[part] = sums.min(axis=0)
        return labels, away, second

    def best(self, labels: Indices, away: Floats, prototypes: Prototypes) -> Prototypes:
        """Return the means and modes of the clusters; an empty one takes the row that costs most."""
        n_clusters = len(prototypes)
        sizes = np.bincount(labels, self.weights, n_clusters)
        means = np.empty_like(prototypes.means)
        for j, shares in enumerate(self.shares):
            sums = np.bincount(labels, shares, n_clusters)
            means[:, j] = self.origin[j] + sums / np.where(sizes > 0, sizes, 1)
        moved = Prototypes(means, self._modes(labels, n_clusters))
        empty = np.flatnonzero(sizes == 0)
        if len(empty):
            costliest = np.argsort(-self.weights * away, kind="stable")[: len(empty)]
            rows = self.at(costliest)
            moved.means[empty], moved.modes[empty] = rows.means, rows.modes
        return moved

    def at(self, chosen: Indices) -> Prototypes:
        """Return rows as prototypes; a missing level becomes the heaviest of its feature."""
        heaviest = np.array([o[0] if len(o) else -1 for o in self.rows.orders], np.int32)
        codes = self.rows.codes[chosen]
        return Prototypes(self.rows.numbers[:, chosen].T.copy(), np.where(codes < 0, heaviest, codes))

    def _modes(self, labels: Indices, n_clusters: int) -> LevelCodes:
        modes = np.empty((n_clusters, len(self.rows.orders)), np.int32)
        totals = self.cells.totals(labels, self.weights, n_clusters)
        for j, (distance, order) in enumerate(
            zip(self.dissimilarity.distances, self.rows.orders, strict=True)
        ):
            modes[:, j] = distance.best_levels(totals[j][:, :-1], order)
        return modes

    def _add_lookups(self, sums: Floats, tables: Sequence[Floats], chosen: Any) -> Floats:
        """Add to `sums` (n_clusters, n_chosen) what the levels of the chosen rows cost."""
        for table, numbers in zip(tables, self.cells.numbers, strict=True):
            sums += np.take(table, numbers[chosen], axis=1, mode="clip")
        return sums


def descend(points: MixedPoints, start: Prototypes, max_iter: int) -> DescentResult:
    """Assign the rows and move the prototypes, while the cost falls (Huang 1998)."""
    prototypes = start
    labels, away = points.assign(prototypes)
    cost = float(points.weights @ away)
    for n_iter in range(1, max_iter + 1):  # noqa: B007
        moved = points.best(labels, away, prototypes)
        labels, away = points.assign(moved)
        new_cost = float(points.weights @ away)
        if new_cost >= cost * (1 - _GAIN):
            break
        prototypes, cost = moved, new_cost
    return DescentResult(prototypes, cost, n_iter)


def settle(points: MixedPoints, start: Prototypes, max_iter: int) -> DescentResult:
    """Descend, number the clusters largest first, and repeat while that numbering lowers the cost.

    It can: a row equally near to two clusters goes to the first.
    """
    found = descend(points, start, max_iter)
    while True:
        ordered = found.prototypes.chosen(_largest_first(points, found.prototypes))
        again = descend(points, ordered, max_iter)
        if again.cost >= found.cost * (1 - _GAIN):
            return DescentResult(ordered, found.cost, found.n_iter)
        found = again


def _largest_first(points: MixedPoints, prototypes: Prototypes) -> Indices:
    return order_by_claims(points.rows, len(prototypes), lambda chosen: points.sums(prototypes, chosen).T)


def _squares(numbers: Floats, means: Floats) -> Floats:
    """Return the squared distances (n_clusters, n_rows) of `numbers` (n_numeric, n_rows)."""
    sums = np.zeros((len(means), numbers.shape[1]))
    away = np.empty_like(sums)
    for column, centres in zip(numbers, means.T, strict=True):
        np.subtract(column, centres[:, None], out=away)
        np.multiply(away, away, out=away)
        np.add(sums, away, out=sums)
    return sums
