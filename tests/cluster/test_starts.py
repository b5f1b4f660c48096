"""The contest of k-means runs: its arithmetic is that of one-hot columns, and its modes cost what it says."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.kmodes.distance import FeatureDistance
from segmentry.cluster.kmodes.starts import IndicatorPoints, MeansRuns, best_mean_starts

_SQUARES = np.subtract.outer(np.arange(3.0), np.arange(3.0)) ** 2
MATCHING = [
    FeatureDistance("matching", 1.0, 3),
    FeatureDistance("matching", 2.0, 3),
    FeatureDistance("matching", 1.0, 0),
]


def _patterns(n_patterns: int = 40, missing: float = 0.0) -> WeightedPatterns:
    rng = np.random.default_rng(0)
    codes = np.column_stack([rng.integers(3, size=(n_patterns, 2)), np.full(n_patterns, -1)]).astype(np.int32)
    codes[:, :2][rng.random((n_patterns, 2)) < missing] = -1
    orders = [np.arange(3), np.arange(3), np.arange(0)]
    weights = rng.integers(1, 9, n_patterns).astype(float)
    return WeightedPatterns(codes, weights, np.arange(n_patterns), [3, 3, 0], orders)


def _clusters() -> np.ndarray:
    return np.array([[[3, 1, 0, 2, 2, 0], [0, 2, 2, 1, 0, 3]]], np.float32) / 14


def test_a_step_of_means_is_that_of_k_means_on_one_hot_columns() -> None:
    patterns = _patterns()
    found = IndicatorPoints(patterns, MATCHING).step(_clusters(), is_by_modes=False)
    one_hot = np.hstack([np.eye(3)[patterns.codes[:, 0]], np.eye(3)[patterns.codes[:, 1]] * np.sqrt(2)])
    shares = _clusters()[0].reshape(2, 2, 3)
    centres = (shares / shares.sum(axis=2, keepdims=True) * [[1], [np.sqrt(2)]]).reshape(2, 6)
    away = ((one_hot[:, None] - centres) ** 2).sum(axis=2) / 2
    weights = patterns.weights / patterns.weights.sum()
    assert found.costs[0] == pytest.approx(weights @ away.min(axis=1), rel=1e-4)
    for c in range(2):
        own = away.argmin(axis=1) == c
        totals = [weights[own & (patterns.codes[:, j] == level)].sum() for j in (0, 1) for level in range(3)]
        np.testing.assert_allclose(found.totals[0, c], totals, atol=1e-6)


def test_a_step_of_modes_costs_their_distances_and_missing_cells_cost_nothing() -> None:
    patterns = _patterns(missing=0.3)
    points = IndicatorPoints(patterns, MATCHING)
    modes = np.array([[0, 1, -1], [2, 2, -1]], np.int32)
    found = points.step(points.clusters_of(modes)[None], is_by_modes=True)
    differs = (patterns.codes[:, None, :2] != modes[:, :2]) & (patterns.codes[:, None, :2] >= 0)
    away = (differs * [1.0, 2.0]).sum(axis=2).min(axis=1)
    assert found.costs[0] == pytest.approx(patterns.weights @ away / patterns.weights.sum(), abs=1e-5)
    np.testing.assert_array_equal(points.modes_of(points.clusters_of(modes)), modes)


def test_means_of_squared_differences_are_averages() -> None:
    patterns = _patterns()
    points = IndicatorPoints(patterns, [FeatureDistance("matrix", 1.0, 3, _SQUARES), *MATCHING[1:]])
    level_of_means = _clusters()[0][:, :3] @ np.arange(3) / _clusters()[0][:, :3].sum(axis=1)
    squares = (np.arange(3)[None] - level_of_means[:, None]) ** 2
    np.testing.assert_allclose(points._tables(_clusters()[0])[:, :3], squares, atol=1e-4)


def test_an_empty_cluster_is_not_the_nearest_of_everything() -> None:
    points = IndicatorPoints(_patterns(), MATCHING)
    with_empty = _clusters()
    with_empty[0, 1] = 0
    found = points.step(with_empty, is_by_modes=False)
    assert (found.totals[0].sum(axis=1) > 0).all()


def test_starts_are_drawn_apart_and_more_of_them_than_rows_are_alike() -> None:
    points = IndicatorPoints(_patterns(), MATCHING)
    drawn = points.draw(9, 5, np.random.default_rng(0))
    assert drawn.shape == (5, 9, 6)
    assert [len(np.unique(run, axis=0)) for run in drawn] == [9] * 5
    assert points.draw(12, 1, np.random.default_rng(0)).shape == (1, 12, 6)


def test_crosses_find_what_starts_do_not() -> None:
    rng = np.random.default_rng(4)
    modes = rng.integers(4, size=(8, 12))
    noise = rng.integers(4, size=(1_500, 12))
    codes = np.where(rng.random(noise.shape) < 0.55, noise, modes[rng.integers(8, size=1_500)]).astype(
        np.int32
    )
    patterns = WeightedPatterns(codes, np.ones(1_500), np.arange(1_500), [4] * 12, [np.arange(4)] * 12)
    starts, best = best_mean_starts(
        IndicatorPoints(patterns, [FeatureDistance("matching", 1.0, 4)] * 12), 8, 10, rng
    )
    assert best.costs[0] < starts.costs.min()


def test_one_run_of_each_cost_is_kept_best_first() -> None:
    runs = MeansRuns(np.arange(4, dtype=np.float32)[:, None, None], np.array([2.0, 1.0, 2.0, 3.0]))
    assert runs.best_distinct(2).totals.ravel().tolist() == [1, 0]
    assert runs.best_distinct(9).costs.tolist() == [1, 2, 3]


def test_a_sample_keeps_the_weight_and_the_heavy_patterns() -> None:
    patterns = _patterns(40)
    patterns.weights[7] = 1e6
    part = patterns.sample(np.random.default_rng(0), 10)
    assert part.total_weight == pytest.approx(patterns.total_weight)
    assert 7 in part.first_rows
    assert len(part) <= 10
    assert patterns.sample(np.random.default_rng(0), 40) is patterns
