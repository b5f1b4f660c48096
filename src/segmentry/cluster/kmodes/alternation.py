"""Weighted alternation for k-modes where the grid of candidates is too large: assign, then new modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.assignment import nearest_with_sums
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.kmodes.distance import FeatureDistance, mode_tables
from segmentry.cluster.packed_codes import PackedCodes

_GAIN = 1e-12  # the relative gain for which alternation goes on


@dataclass(frozen=True)
class AlternationResult:
    """Modes (n_clusters, n_features) as level codes, and their cost."""

    modes: LevelCodes
    cost: float
    n_iter: int


class Alternation:
    """The patterns, packed once for many passes."""

    def __init__(
        self, patterns: WeightedPatterns, distances: Sequence[FeatureDistance], max_iter: int
    ) -> None:
        self.patterns = patterns
        self.distances = distances
        self.max_iter = max_iter
        self.cells = PackedCodes(patterns.codes, [d.n_levels + 1 for d in distances])

    def descend(self, modes: LevelCodes) -> AlternationResult:
        """Assign patterns to the nearest mode and move the modes, while the cost falls (Huang 1998)."""
        weights = self.patterns.weights
        labels, away = nearest_with_sums(self.cells, mode_tables(self.distances, modes))
        cost = float(weights @ away)
        for n_iter in range(1, self.max_iter + 1):  # noqa: B007
            moved = self._new_modes(len(modes), labels, away)
            labels, away = nearest_with_sums(self.cells, mode_tables(self.distances, moved))
            new_cost = float(weights @ away)
            if new_cost >= cost * (1 - _GAIN):
                break
            modes, cost = moved, new_cost
        return AlternationResult(modes, cost, n_iter)

    def _new_modes(self, n_clusters: int, labels: Indices, away: Floats) -> LevelCodes:
        """Return the best mode of every cluster; an empty cluster takes the pattern that costs most."""
        patterns = self.patterns
        totals = self.cells.totals(labels, patterns.weights, n_clusters)
        moved = np.empty((n_clusters, len(totals)), np.int32)
        for j, (distance, part) in enumerate(zip(self.distances, totals, strict=True)):
            moved[:, j] = distance.best_levels(part[:, :-1], patterns.level_orders[j])
        empty = np.setdiff1d(np.arange(n_clusters), labels)
        costliest = np.argsort(-patterns.weights * away, kind="stable")[: len(empty)] if len(empty) else empty
        moved[empty] = fill_missing(patterns, patterns.codes[costliest])
        return moved


def fill_missing(patterns: WeightedPatterns, codes: LevelCodes) -> LevelCodes:
    """Fill missing cells with the heaviest level of their feature; `codes` ends in the feature axis."""
    heaviest = np.array([order[0] if len(order) else -1 for order in patterns.level_orders], np.int32)
    return np.where(codes < 0, heaviest, codes)
