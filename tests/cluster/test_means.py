"""The search for means: Lloyd steps against scikit-learn's, moves against all moves, rows of weight 0."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from segmentry.cluster import _means, label_by_means
from segmentry.cluster._lloyd import Points


def _points(seed: int, n: int = 60) -> Points:
    rng = np.random.default_rng(seed)
    rows = rng.integers(4, size=(n, 3)) - 1.5 + 1e-3 * rng.random((n, 3))
    return Points(rows, rng.integers(1, 9, size=n).astype(np.float64))


def _cost(points: Points, centres: np.ndarray) -> float:
    away = ((points.rows[:, None] - centres) ** 2).sum(axis=2)
    return float(points.weights @ away.min(axis=1))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_runs_side_by_side_end_where_scikit_learn_ends_from_the_same_starts(k: int) -> None:
    points = _points(k)
    starts = points.rows[points.spread(k, 8, np.random.default_rng(0))]
    runs = points.descend(starts, 300)
    for start, centres, cost in zip(starts, runs.centres, runs.costs, strict=True):
        theirs = KMeans(k, init=start, n_init=1, tol=0).fit(points.rows, sample_weight=points.weights)
        assert cost == pytest.approx(theirs.inertia_) == pytest.approx(_cost(points, centres))
        np.testing.assert_allclose(centres, theirs.cluster_centers_, atol=1e-9)


@pytest.mark.parametrize("block", [1, 300])
def test_points_taken_in_parts_change_nothing(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    points = _points(0, n=500)
    starts = points.rows[points.spread(4, 5, np.random.default_rng(0))]
    whole = points.descend(starts, 20), points.labels(starts[0]), points.away(starts[0])
    monkeypatch.setattr("segmentry.cluster._lloyd._BLOCK", block)
    parts = points.descend(starts, 20), points.labels(starts[0]), points.away(starts[0])
    np.testing.assert_allclose(parts[0].centres, whole[0].centres)
    np.testing.assert_array_equal(parts[1], whole[1])
    np.testing.assert_allclose(parts[2], whole[2])


def test_starts_drawn_in_parts_are_as_many_and_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segmentry.cluster._lloyd._DRAWN", 1)
    chosen = _points(0).spread(4, 6, np.random.default_rng(0))
    assert chosen.shape == (6, 4)
    assert all(len(set(row)) == 4 for row in chosen.tolist())


@pytest.mark.parametrize("seed", range(4))
def test_no_single_move_lowers_the_cost_where_the_search_ends(seed: int) -> None:
    points = _points(seed, n=25)
    centres = _means.find_means(points, 3, 2, 300, np.random.default_rng(seed)).centres[0]
    labels = points.labels(centres)
    for point in range(25):
        for other in range(3):
            moved = labels.copy()
            moved[point] = other
            means = [
                np.average(points.rows[moved == c], axis=0, weights=points.weights[moved == c])
                for c in range(3)
            ]
            assert _cost(points, np.array(means)) >= _cost(points, centres) * (1 - 1e-9)


def test_starts_of_many_points_end_in_an_optimum_and_stop_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_means, "_MANY", 0)
    monkeypatch.setattr(_means, "_WORK", 0)
    points = _points(0)
    found = _means.find_means(points, 4, 20, 300, np.random.default_rng(0))
    again = points.descend(found.centres, 300)
    assert again.costs[0] == pytest.approx(found.costs[0])
    assert found.n_steps[0] > 1
    for most in (1, 2, 7):
        assert _means.find_means(points, 4, 20, most, np.random.default_rng(0)).n_steps[0] <= most


def test_rows_of_weight_0_make_no_means_and_get_labels() -> None:
    rows = np.array([[0.0], [0.1], [5.0], [5.1], [99.0], [-99.0]])
    labels = label_by_means(rows, np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0]), 2, 3, np.random.default_rng(0))
    assert labels[0] == labels[1] == labels[5] != labels[2]
    assert labels[2] == labels[3] == labels[4]


def test_no_more_clusters_than_rows_that_count() -> None:
    labels = label_by_means(np.zeros((3, 1)), np.array([1.0, 1.0, 0.0]), 5, 3, np.random.default_rng(0))
    assert labels.tolist() == [0, 0, 0]
