"""Lloyd's algorithm on weighted points: runs from many starts side by side, each until no point changes its cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Indices

_MOST_ENTRIES = 2**20  # points times clusters of runs that are side by side
_BLOCK = 2**16  # the same of a block of points, to stay in a core's cache


@dataclass(frozen=True)
class Means:
    """Means found from one start.

    Attributes
    ----------
    centres
        (n_clusters, n_features) centres.
    labels
        (n_points,) nearest centre of each point.
    inertia
        Weighted squared distance of the points to their centres.
    n_iter
        Steps that were taken.
    """

    centres: Floats
    labels: Indices
    inertia: float
    n_iter: int


def best_means(points: Floats, weights: Floats, starts: Floats, max_iter: int) -> Means:
    """Follow starts (n_runs, n_clusters, n_features) to their ends, and return the best.

    Parameters
    ----------
    points
        (n_points, n_features) points.
    weights
        (n_points,) positive weights.
    starts
        Centres to begin with.
    max_iter
        Largest number of steps.
    """
    step = runs_at_once(points, starts.shape[1])
    parts = [starts[i : i + step] for i in range(0, len(starts), step)]
    return min((_best_of(points, weights, part, max_iter) for part in parts), key=lambda found: found.inertia)


def runs_at_once(points: Floats, n_clusters: int) -> int:
    """Return how many runs are worked on at once."""
    return max(1, _MOST_ENTRIES // (len(points) * n_clusters))


def _best_of(points: Floats, weights: Floats, starts: Floats, max_iter: int) -> Means:
    columns = np.column_stack([weights[:, None] * points, weights])
    centres, running = starts.copy(), np.arange(len(starts))
    labels = np.full((len(starts), len(points)), -1)
    n_iter = np.zeros(len(starts), np.intp)
    for _ in range(max_iter):
        nearest, sums = _assigned(points, columns, centres[running])
        moves = (nearest != labels[running]).any(axis=1)
        labels[running], running = nearest, running[moves]
        if not len(running):
            break
        n_iter[running] += 1
        centres[running] = _moved(points, weights, centres[running], nearest[moves], sums[moves])
    labels = nearest_centres(points, centres)
    inertias = [_inertia(points, weights, *one) for one in zip(centres, labels, strict=True)]
    best = int(np.argmin(inertias))
    return Means(centres[best], labels[best], inertias[best], int(n_iter[best]))


def _inertia(points: Floats, weights: Floats, centres: Floats, labels: Indices) -> float:
    return float(weights @ ((points - centres[labels]) ** 2).sum(axis=1))


def _assigned(points: Floats, columns: Floats, centres: Floats) -> tuple[Indices, Floats]:
    """Return the nearest centre (n_runs, n_points) of each point, and the sums (n_runs, n_clusters, n_columns) of the columns by it."""
    n_runs, n_clusters, _ = centres.shape
    labels = np.empty((n_runs, len(points)), np.intp)
    sums = np.zeros((n_runs, n_clusters, columns.shape[1]))
    numbers, height = np.arange(n_clusters)[:, None], max(64, _BLOCK // (n_runs * n_clusters))
    for start in range(0, len(points), height):
        rows = slice(start, start + height)
        labels[:, rows] = nearest_centres(points[rows], centres)
        own = labels[:, None, rows]
        is_in = np.empty((n_runs, n_clusters, own.shape[2]))
        np.equal(own, numbers, out=is_in)
        sums += is_in @ columns[rows]
    return labels, sums


def nearest_centres(points: Floats, centres: Floats) -> Indices:
    """Return the nearest centre (n_runs, n_points) of each point among those of each run; the first of equal ones."""
    n_runs, n_clusters, n_features = centres.shape
    flat = centres.reshape(-1, n_features)
    away = (-2 * flat) @ points.T
    away += (flat**2).sum(axis=1)[:, None]
    away = away.reshape(n_runs, n_clusters, -1)
    least, numbers = away[:, 0].copy(), np.arange(n_clusters, dtype=np.min_scalar_type(n_clusters))
    labels = np.zeros((n_runs, len(points)), numbers.dtype)
    for c in range(1, n_clusters):
        np.maximum(labels, numbers[c] * (away[:, c] < least), out=labels)
        np.minimum(least, away[:, c], out=least)
    return labels.astype(np.intp)


def _moved(points: Floats, weights: Floats, centres: Floats, labels: Indices, sums: Floats) -> Floats:
    """Return the means of the clusters (n_runs, n_points), by their sums, in place of the centres.

    A centre that is nearest to no point goes to the point that adds most to the inertia.
    """
    masses = sums[..., -1:]
    moved = sums[..., :-1] / np.where(masses > 0, masses, 1.0)
    for run in np.flatnonzero((masses == 0).any(axis=(1, 2))):
        empty = np.flatnonzero(masses[run, :, 0] == 0)
        added = weights * ((points - centres[run, labels[run]]) ** 2).sum(axis=1)
        moved[run, empty] = points[np.argsort(-added, kind="stable")[: len(empty)]]
    return moved


def spread_starts(
    points: Floats, weights: Floats, n_clusters: int, n_starts: int, rng: np.random.Generator
) -> Floats:
    """Draw centres (n_starts, n_clusters, n_features) far from each other: greedy k-means++ (Arthur & Vassilvitskii 2007).

    Each further centre is the best of a few points that are drawn by their weighted squared distance to the centres so far.
    """
    n_tried = 2 + int(np.log(n_clusters))
    step = max(1, runs_at_once(points, n_tried))
    parts = [min(step, n_starts - i) for i in range(0, n_starts, step)]
    return np.concatenate([_spread(points, weights, (n, n_clusters, n_tried), rng) for n in parts])


def _spread(points: Floats, weights: Floats, sizes: tuple[int, int, int], rng: np.random.Generator) -> Floats:
    n_starts, n_clusters, n_tried = sizes
    squares = (points**2).sum(axis=1)

    def distances(chosen: Indices) -> Floats:
        inner = points[chosen.ravel()] @ points.T
        found = squares[chosen][..., None] - 2 * inner.reshape(*chosen.shape, -1) + squares
        return np.maximum(found, 0.0)

    chosen = np.empty((n_starts, n_clusters), np.intp)
    chosen[:, 0] = rng.choice(len(points), n_starts, p=weights / weights.sum())
    closest = distances(chosen[:, 0])
    for c in range(1, n_clusters):
        sums = np.cumsum(weights * closest, axis=1)
        aims = rng.random((n_starts, n_tried)) * sums[:, -1:]
        tried = np.stack(
            [np.searchsorted(own, aim, side="right") for own, aim in zip(sums, aims, strict=True)]
        )
        tried = np.minimum(tried, len(points) - 1)
        left = np.minimum(closest[:, None], distances(tried))
        best = (left @ weights).argmin(axis=1)
        runs = np.arange(n_starts)
        chosen[:, c], closest = tried[runs, best], left[runs, best]
    return points[chosen]
