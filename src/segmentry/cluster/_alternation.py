"""Weighted alternation for k-modes where the grid of candidates is too large: assign, then new modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmentry.cluster._assignment import lookup_sums, nearest
from segmentry.cluster._cells import Cells
from segmentry.cluster._distance import Distance, mode_tables
from segmentry.cluster._patterns import Floats, Indices, Patterns
from segmentry.cluster._swap import draw_index
from segmentry.cluster._table import Codes

_SHORT, _LONG = 8, 50  # steps of k-means: of the runs that compete, and of the best of them at most
_GAIN, _SOFT_GAIN = 1e-12, 1e-4  # relative gains for which alternation and k-means go on


@dataclass(frozen=True)
class Alternated:
    """Modes (n_clusters, n_features) as level codes, and their cost."""

    modes: Codes
    cost: float
    n_iter: int


@dataclass(frozen=True)
class Means:
    """Clusters by k-means: tables of squared distances, the nearest cluster of every pattern, and how far it is."""

    tables: Sequence[Floats]
    labels: Indices
    away: Floats
    inertia: float


class Alternation:
    """The patterns, packed once for many passes."""

    def __init__(self, patterns: Patterns, distances: Sequence[Distance], max_iter: int) -> None:
        self.patterns = patterns
        self.distances = distances
        self.max_iter = max_iter
        self.cells = Cells(patterns.codes, [d.n_levels + 1 for d in distances])

    def start(self, n_clusters: int, n_draws: int, rng: np.random.Generator) -> Alternated:
        """Alternate from the modes of the best of some short runs of k-means.

        A mode knows a level alone, where a mean knows how sure a cluster is of it: alternation from drawn
        modes stops early, at several per cent above the cost of what k-means finds.
        """
        draws = (mode_tables(self.distances, self._draw(n_clusters, rng)) for _ in range(n_draws))
        runs = [self._average(tables, _SHORT) for tables in draws]
        best = self._average(min(runs, key=lambda run: run.inertia).tables, _LONG)
        return self.descend(self._new_modes(n_clusters, best.labels, best.away))

    def descend(self, modes: Codes) -> Alternated:
        """Assign patterns to the nearest mode and move the modes, while the cost falls (Huang 1998)."""
        weights = self.patterns.weights
        labels, away = nearest(self.cells, mode_tables(self.distances, modes))
        cost = float(weights @ away)
        for n_iter in range(1, self.max_iter + 1):  # noqa: B007
            moved = self._new_modes(len(modes), labels, away)
            labels, away = nearest(self.cells, mode_tables(self.distances, moved))
            new_cost = float(weights @ away)
            if new_cost >= cost * (1 - _GAIN):
                break
            modes, cost = moved, new_cost
        return Alternated(modes, cost, n_iter)

    def _draw(self, n_clusters: int, rng: np.random.Generator) -> Codes:
        """Draw patterns by weight times the distance to those drawn before; missing cells get heavy levels."""
        patterns = self.patterns
        away = np.full(len(patterns), np.inf)
        mass = patterns.weights
        modes = np.empty((n_clusters, patterns.codes.shape[1]), np.int32)
        for c in range(n_clusters):
            index = draw_index(mass, rng) if mass.any() else c
            modes[c] = complete(patterns, patterns.codes[index])
            tables = mode_tables(self.distances, modes[c : c + 1])
            away = np.minimum(away, lookup_sums(self.cells, tables)[:, 0])
            mass = patterns.weights * away
        return modes

    def _average(self, tables: Sequence[Floats], n_steps: int) -> Means:
        """Take steps of k-means, with ``-distance`` as its kernel: for matching, that of one-hot columns."""
        weights, inertia = self.patterns.weights, np.inf
        for _ in range(n_steps):
            labels, away = nearest(self.cells, tables)
            before, inertia = inertia, float(weights @ away)
            if inertia >= before * (1 - _SOFT_GAIN):
                break
            totals = self.cells.totals(labels, weights, tables[0].shape[1])
            tables = [d.soft_table(part[:, :-1]) for d, part in zip(self.distances, totals, strict=True)]
        return Means(tables, labels, away, inertia)

    def _new_modes(self, n_clusters: int, labels: Indices, away: Floats) -> Codes:
        """Return the best mode of every cluster; an empty cluster takes the pattern that costs most."""
        patterns = self.patterns
        totals = self.cells.totals(labels, patterns.weights, n_clusters)
        moved = np.empty((n_clusters, len(totals)), np.int32)
        for j, (distance, part) in enumerate(zip(self.distances, totals, strict=True)):
            moved[:, j] = distance.best_levels(part[:, :-1], patterns.level_orders[j])
        empty = np.setdiff1d(np.arange(n_clusters), labels)
        costliest = np.argsort(-patterns.weights * away, kind="stable")[: len(empty)] if len(empty) else empty
        moved[empty] = complete(patterns, patterns.codes[costliest])
        return moved


def complete(patterns: Patterns, codes: Codes) -> Codes:
    """Fill missing cells with the heaviest level of their feature; `codes` ends in the feature axis."""
    heaviest = np.array([order[0] if len(order) else -1 for order in patterns.level_orders], np.int32)
    return np.where(codes < 0, heaviest, codes)
