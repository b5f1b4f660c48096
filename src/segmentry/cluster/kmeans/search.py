"""The search for the means of k-means: scikit-learn's `KMeans` from many starts, then random swaps of centres."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from segmentry.arrays import Floats, Indices

_PATIENCE = 10  # swaps per centre that may bring nothing
_WORK = 4 * 10**6  # points times centres that all swaps together may touch
_GAIN = 1e-9  # a relative fall of the inertia that does not count


def find_means(
    points: Floats, weights: Floats, n_clusters: int, n_init: int, max_iter: int, rng: np.random.Generator
) -> Any:
    """Return the best `KMeans` found for points (n_points, n_features) and their positive weights, with its start's `n_iter_`.

    A swap puts a centre at a point drawn by weight, and is kept if the inertia is lower in the end (Fränti 2018).
    """
    from sklearn.cluster import KMeans

    shared = {"max_iter": max_iter, "tol": 0.0}
    n_swaps, idle = _WORK // (len(points) * n_clusters) if n_clusters > 1 else 0, 0
    with _one_thread():
        best = KMeans(n_clusters, n_init=n_init, random_state=_seed(rng), **shared)
        n_iter = best.fit(points, sample_weight=weights).n_iter_
        for _ in range(n_swaps):
            centres = best.cluster_centers_.copy()
            centres[rng.integers(n_clusters)] = points[rng.choice(len(points), p=weights / weights.sum())]
            found = KMeans(n_clusters, init=centres, n_init=1, **shared).fit(points, sample_weight=weights)
            idle += 1
            if found.inertia_ < best.inertia_ * (1 - _GAIN):
                best, idle = found, 0
            if idle == _PATIENCE * n_clusters:
                break
    best.n_iter_ = n_iter
    return best


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
    with _one_thread():
        return np.stack([_nearest(*table, n_clusters, n_starts, rng, near) for table in tables])


def _nearest(
    points: Floats,
    weights: Floats,
    n_clusters: int,
    n_starts: int,
    rng: np.random.Generator,
    near: Indices | None,
) -> Indices:
    from sklearn.cluster import KMeans

    kept = weights > 0
    n_clusters = min(n_clusters, len(np.unique(points[kept], axis=0)))
    models = [KMeans(n_clusters, n_init=n_starts, random_state=_seed(rng))]
    if near is not None and np.bincount(near[kept], minlength=n_clusters).all():
        models.append(KMeans(n_clusters, init=_means(points[kept], weights[kept], near[kept]), n_init=1))
    fitted = [model.fit(points[kept], sample_weight=weights[kept]) for model in models]
    best = min(fitted, key=lambda model: model.inertia_)
    labels: Indices = best.predict(points).astype(np.intp)
    return labels


def _means(points: Floats, weights: Floats, labels: Indices) -> Floats:
    """Return the means (n_clusters, n_dimensions) of clusters."""
    masses = np.bincount(labels, weights)
    return np.column_stack([np.bincount(labels, weights * column) / masses for column in points.T])


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep scikit-learn's loops and products on one thread.

    Its two threads wait for each other by spinning: beside other work a run by k-means took 40 to 90 s of processor
    time, with one thread 9 s; alone, 92,000 points and ten centres took as long with one as with two.
    """
    import sklearn.cluster  # what is not loaded yet cannot be limited
    from threadpoolctl import threadpool_limits

    lean = sklearn.config_context(assume_finite=True, skip_parameter_validation=True)
    with lean, threadpool_limits(limits=1):
        yield


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
