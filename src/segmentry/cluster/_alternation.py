"""Weighted alternation for k-modes where the grid of candidates is too large: assign, then new modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmentry.cluster._assignment import lookup_sums
from segmentry.cluster._distance import Distance
from segmentry.cluster._patterns import Floats, Indices, Patterns
from segmentry.cluster._swap import draw_index
from segmentry.cluster._table import Codes

_CHUNK = 2**14


@dataclass(frozen=True)
class Alternated:
    """Modes (n_clusters, n_features) as level codes, and their cost."""

    modes: Codes
    cost: float
    n_iter: int


def alternate(patterns: Patterns, distances: Sequence[Distance], modes: Codes, max_iter: int) -> Alternated:
    """Assign patterns to the nearest mode and move the modes, while the cost falls (Huang 1998)."""
    labels, away = _assign(patterns, distances, modes)
    cost = float(patterns.weights @ away)
    for n_iter in range(1, max_iter + 1):  # noqa: B007
        moved = _new_modes(patterns, distances, modes, labels, away)
        labels, away = _assign(patterns, distances, moved)
        new_cost = float(patterns.weights @ away)
        if new_cost >= cost * (1 - 1e-12):
            break
        modes, cost = moved, new_cost
    return Alternated(modes, cost, n_iter)


def draw_modes(
    patterns: Patterns, distances: Sequence[Distance], n_clusters: int, rng: np.random.Generator
) -> Codes:
    """Draw patterns by weight times the distance to those drawn before; missing cells get heavy levels."""
    away = np.full(len(patterns), np.inf)
    mass = patterns.weights
    modes = np.empty((n_clusters, patterns.codes.shape[1]), np.int32)
    for c in range(n_clusters):
        index = draw_index(mass, rng) if mass.any() else c
        modes[c] = complete(patterns, patterns.codes[index])
        tables = [d.table(modes[c : c + 1, j]) for j, d in enumerate(distances)]
        away = np.minimum(away, lookup_sums(patterns.codes, tables)[:, 0])
        mass = patterns.weights * away
    return modes


def complete(patterns: Patterns, codes: Codes) -> Codes:
    """Fill missing cells with the heaviest level of their feature; `codes` ends in the feature axis."""
    heaviest = np.array([order[0] if len(order) else -1 for order in patterns.level_orders], np.int32)
    return np.where(codes < 0, heaviest, codes)


def _assign(patterns: Patterns, distances: Sequence[Distance], modes: Codes) -> tuple[Indices, Floats]:
    """Return the nearest mode of every pattern and the distance to it."""
    tables = [d.table(modes[:, j]) for j, d in enumerate(distances)]
    labels = np.empty(len(patterns), dtype=np.intp)
    away = np.empty(len(patterns))
    for start in range(0, len(patterns), _CHUNK):
        rows = slice(start, start + _CHUNK)
        sums = lookup_sums(patterns.codes[rows], tables)
        labels[rows], away[rows] = sums.argmin(axis=1), sums.min(axis=1)
    return labels, away


def _new_modes(
    patterns: Patterns, distances: Sequence[Distance], modes: Codes, labels: Indices, away: Floats
) -> Codes:
    """Return the best mode of every cluster; an empty cluster takes the pattern that costs most."""
    n_clusters = len(modes)
    moved = np.empty_like(modes)
    for j, distance in enumerate(distances):
        width = distance.n_levels + 1
        cells = labels * width + patterns.codes[:, j] + 1
        sums: Floats = np.bincount(cells, patterns.weights, n_clusters * width).astype(np.float64, copy=False)
        totals = sums.reshape(n_clusters, width)[:, 1:]
        moved[:, j] = distance.best_levels(totals, patterns.level_orders[j])
    empty = np.setdiff1d(np.arange(n_clusters), labels)
    costliest = np.argsort(-patterns.weights * away, kind="stable")[: len(empty)] if len(empty) else empty
    moved[empty] = complete(patterns, patterns.codes[costliest])
    return moved
