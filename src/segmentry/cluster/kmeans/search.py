"""The search for the means of k-means: many starts side by side, then random swaps of centres."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.kmeans.lloyd import Means, best_means, nearest_centres, runs_at_once, spread_starts
from segmentry.cluster.threads import one_thread

_PATIENCE = 20  # swaps per centre that may bring nothing
_WORK = 4 * 10**6  # points times centres that all swaps together may touch
_GAIN = 1e-9  # a relative fall of the inertia that does not count
_STEPS = 300  # of runs whose number nobody sets


def find_means(
    points: Floats, weights: Floats, n_clusters: int, n_init: int, max_iter: int, rng: np.random.Generator
) -> Means:
    """Return the best means found for points (n_points, n_features) and their positive weights, with its start's `n_iter`.

    A swap puts a centre at a point drawn by weight, and is kept if the inertia is lower in the end (Fränti 2018). As many
    are tried at once as there are centres, and the best of them is kept.
    """
    with one_thread():
        start = best_means(points, weights, spread_starts(points, weights, n_clusters, n_init, rng), max_iter)
        best, idle = start, 0
        n_swaps = _WORK // (len(points) * n_clusters) if n_clusters > 1 else 0
        at_once = min(n_clusters, runs_at_once(points, n_clusters))
        for done in range(0, n_swaps, at_once):
            n = min(at_once, n_swaps - done)
            swapped = np.repeat(best.centres[None], n, axis=0)
            drawn = rng.choice(len(points), n, p=weights / weights.sum())
            swapped[np.arange(n), rng.integers(n_clusters, size=n)] = points[drawn]
            found = best_means(points, weights, swapped, max_iter)
            idle += n
            if found.inertia < best.inertia * (1 - _GAIN):
                best, idle = found, 0
            if idle >= _PATIENCE * n_clusters:
                break
    return replace(best, centres=_means(points, weights, best), n_iter=start.n_iter)


def _means(points: Floats, weights: Floats, found: Means) -> Floats:
    """Return the centres as means whose sums are taken point by point: the same bits by every linear algebra.

    What points are apart from the centres is added, so equal points have exactly their own value as mean.
    """
    centres = found.centres.copy()
    masses = np.bincount(found.labels, weights, len(centres))
    for feature, x in enumerate(points.T):
        apart = weights * (x - centres[found.labels, feature])
        sums = np.bincount(found.labels, apart, len(centres))
        centres[:, feature] += sums / np.where(masses > 0, masses, 1.0)
    return centres


def label_by_means(
    tables: Iterable[tuple[Floats, Floats]],
    n_clusters: int,
    n_starts: int,
    rng: np.random.Generator,
    near: Indices | None = None,
) -> Indices:
    """Return the nearest means (n_tables, n_points) of the best of a few starts, for each table's points and weights.

    Points of weight 0 make no means; there are no more clusters than other points that differ. The means of clusters
    (n_points,) that are given as `near` are one start more.
    """
    with one_thread():
        return np.stack([_nearest(*table, n_clusters, n_starts, rng, near) for table in tables])


def _nearest(
    points: Floats,
    weights: Floats,
    n_clusters: int,
    n_starts: int,
    rng: np.random.Generator,
    near: Indices | None,
) -> Indices:
    counted = weights > 0
    kept, own = points[counted], weights[counted]
    n_clusters = min(n_clusters, len(np.unique(kept, axis=0)))
    starts = spread_starts(kept, own, n_clusters, n_starts, rng)
    if near is not None:
        parts = np.arange(n_clusters)[:, None] == near[counted]
        if parts.any(axis=1).all():
            masses = parts * own
            starts = np.concatenate([starts, [masses @ kept / masses.sum(axis=1, keepdims=True)]])
    found = best_means(kept, own, starts, _STEPS)
    return nearest_centres(points, found.centres[None])[0]
