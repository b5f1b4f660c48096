"""The search for means: swaps that pay are kept, one thread, rows of weight 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_info, threadpool_limits

from segmentry.cluster import label_by_means
from segmentry.cluster.kmeans import search
from segmentry.cluster.kmeans.lloyd import best_means, spread_starts
from segmentry.cluster.kmeans.search import find_means


def _points() -> tuple[np.ndarray, np.ndarray]:
    """Return five tight groups, two of them far from the others, and their weights."""
    rng = np.random.default_rng(0)
    middles = np.array([[0, 0], [0, 9], [9, 0], [60, 60], [60, 69.0]])
    points = np.repeat(middles, 12, axis=0) + rng.normal(size=(60, 2))
    return points, rng.integers(1, 9, 60).astype(float)


def _label(weights: list[float], points: np.ndarray, k: int) -> list[int]:
    return label_by_means([(points, np.array(weights))], k, 3, np.random.default_rng(0))[0].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_swaps_find_the_groups_that_single_starts_miss(seed: int) -> None:
    middles = np.array([[x, y] for x in range(4) for y in range(4)]) * 20.0
    points = np.repeat(middles, 5, axis=0) + np.random.default_rng(seed).normal(size=(80, 2))
    weights = np.ones(80)
    truth = KMeans(16, init=middles, n_init=1).fit(points).inertia_
    starts = [KMeans(16, init="random", n_init=1, random_state=i).fit(points).inertia_ for i in range(20)]
    assert np.median(starts) > 5 * truth
    found = find_means(points, weights, 16, 1, 300, np.random.default_rng(seed))
    assert found.inertia == pytest.approx(truth, rel=1e-9)


def test_the_steps_are_those_of_the_best_start() -> None:
    points, weights = _points()
    rng = np.random.default_rng(1)
    starts = spread_starts(points, weights, 5, 2, rng)
    one, other = (best_means(points, weights, start[None], 300) for start in starts)
    found = find_means(points, weights, 5, 2, 300, np.random.default_rng(1))
    assert found.n_iter == min(one, other, key=lambda means: means.inertia).n_iter


@pytest.mark.parametrize("k", [1, 3, 6])
def test_a_start_ends_where_that_of_scikit_learn_ends(k: int) -> None:
    rng = np.random.default_rng(5)
    points, weights = rng.normal(size=(400, 3)), rng.integers(1, 9, 400).astype(float)
    start = points[rng.choice(400, k, replace=False)]
    theirs = KMeans(k, init=start, n_init=1, tol=0).fit(points, sample_weight=weights)
    found = best_means(points, weights, start[None], 300)
    np.testing.assert_allclose(found.centres, theirs.cluster_centers_)
    np.testing.assert_array_equal(found.labels, theirs.labels_)
    assert found.inertia == pytest.approx(theirs.inertia_)


def test_a_centre_that_is_nearest_to_no_point_is_moved_to_one() -> None:
    points, far = np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([[[0.5], [900.0]]])
    found = best_means(points, np.ones(4), far, 300)
    assert sorted(found.centres.ravel()) == [0.5, 10.5]


def test_starts_are_drawn_by_weight_and_far_from_each_other() -> None:
    points, weights = np.array([[0.0], [1.0], [100.0]]), np.array([3.0, 1.0, 1e-9])
    starts = spread_starts(points, weights, 2, 2_000, np.random.default_rng(0))
    first = starts[:, 0, 0]
    assert (first == 0).mean() == pytest.approx(0.75, abs=0.03)
    assert set(np.unique(starts[first == 0][:, 1])) <= {1.0, 100.0}
    even = spread_starts(points, np.ones(3), 2, 500, np.random.default_rng(0))
    assert (even.max(axis=(1, 2)) == 100).mean() > 0.99


def test_the_means_are_those_of_their_points() -> None:
    points, weights = _points()
    found = find_means(points, weights, 4, 2, 300, np.random.default_rng(0))
    for c, centre in enumerate(found.centres):
        mine = found.labels == c
        np.testing.assert_allclose(centre, np.average(points[mine], axis=0, weights=weights[mine]))


def test_fits_run_on_one_thread_and_others_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    points, weights = _points()
    threads: list[int] = []

    def watched(*given: Any) -> Any:
        threads.extend(
            library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
        )
        return best_means(*given)

    monkeypatch.setattr(search, "best_means", watched)
    with threadpool_limits(limits=2):
        find_means(points, weights, 3, 2, 300, np.random.default_rng(0))
        label_by_means([(points, weights)], 3, 2, np.random.default_rng(0))
        assert {library["num_threads"] for library in threadpool_info()} == {2}
    assert len(threads) > 2
    assert set(threads) == {1}


def test_rows_of_weight_0_make_no_means_and_get_labels() -> None:
    rows = np.array([[0.0], [0.1], [5.0], [5.1], [99.0], [-99.0]])
    labels = _label([1.0, 1.0, 1.0, 1.0, 0.0, 0.0], rows, 2)
    assert labels[0] == labels[1] == labels[5] != labels[2]
    assert labels[2] == labels[3] == labels[4]


def test_no_more_clusters_than_rows_that_count() -> None:
    assert _label([1.0, 1.0, 0.0], np.zeros((3, 1)), 5) == [0, 0, 0]
