"""Random swaps of k-means centres on weighted points, to leave a local optimum."""

from __future__ import annotations

import numpy as np

from segmentry.cluster._patterns import Floats
from segmentry.cluster._swap import draw_index

_TRIALS = 300
_WORK = 10**7  # points times centres that all trials together may touch
_FEWEST = 10
_STEPS = 5
_MOST_STEPS = 300
_GAIN = 1e-9
_PROMISING = 1.01  # a trial this near the best is followed until it stands still


def swap_centres(
    points: Floats, weights: Floats, centres: Floats, rng: np.random.Generator
) -> tuple[Floats, float]:
    """Move one centre at random to a point drawn by weight, repair, keep if better (Fränti 2018).

    `points` (n_points, n_features), `centres` (n_clusters, n_features). The number of trials follows from
    the size; none are made where fewer than ten would fit. Returns the centres and their inertia.
    """
    best, inertia = _repair(points, weights, centres, _MOST_STEPS)
    n_trials = min(_TRIALS, _WORK // (len(points) * len(centres)))
    if n_trials < _FEWEST or len(centres) == 1:
        return best, inertia
    for _ in range(n_trials):
        moved = best.copy()
        moved[rng.integers(len(best))] = points[draw_index(weights, rng)]
        moved, cost = _repair(points, weights, moved, _STEPS)
        if cost < inertia * _PROMISING:
            moved, cost = _repair(points, weights, moved, _MOST_STEPS)
        if cost < inertia * (1 - _GAIN):
            best, inertia = moved, cost
    return best, inertia


def _repair(points: Floats, weights: Floats, centres: Floats, n_steps: int) -> tuple[Floats, float]:
    """Take Lloyd steps while they lower the inertia; an empty cluster keeps its centre."""
    norms, inertia = (points**2).sum(axis=1), np.inf
    columns = np.arange(len(points))
    for _ in range(n_steps):
        near = (centres**2).sum(axis=1)[:, None] - 2 * centres @ points.T
        labels = near.argmin(axis=0)
        cost = float(weights @ (near[labels, columns] + norms))
        if cost >= inertia * (1 - _GAIN):
            break
        best, inertia = centres, cost
        members = np.zeros((len(centres), len(points)))
        members[labels, columns] = weights
        sizes = members.sum(axis=1)[:, None]
        centres = np.where(sizes > 0, members @ points / np.where(sizes > 0, sizes, 1.0), centres)
    return best, inertia
