"""KModes: against brute force, against proved optima, and where the grid is too large."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from segmentry.cluster import KModes
from segmentry.errors import SegmentryWarning

Table = tuple[np.ndarray, np.ndarray]

# Proved by HiGHS on the radius formulation of the p-median (design.md, "Estimators").
PROVED = {2: 4863, 3: 4298, 4: 3960, 5: 3678, 6: 3473, 8: 3143}


def _feature_distances(kind: str, n_levels: int) -> np.ndarray:
    ranks = np.arange(n_levels)
    if kind == "matching":
        return (ranks[:, None] != ranks).astype(float)
    return np.abs(ranks[:, None] - ranks) / max(n_levels - 1, 1)


def brute_force(X: np.ndarray, weights: np.ndarray, k: int, kind: str, scales: list[float]) -> float:
    """Return the smallest cost over all sets of k modes from the grid of observed levels."""
    levels = [np.unique(column) for column in X.T]
    grid = list(product(*[range(len(found)) for found in levels]))
    codes = np.column_stack([np.searchsorted(f, column) for f, column in zip(levels, X.T, strict=True)])
    tables = [s * _feature_distances(kind, len(f)) for s, f in zip(scales, levels, strict=True)]
    away = sum(table[codes[:, j]][:, [mode[j] for mode in grid]] for j, table in enumerate(tables))
    return min(float(weights @ away[:, list(s)].min(axis=1)) for s in combinations(range(len(grid)), k))


@st.composite
def tiny_tables(draw: st.DrawFn) -> Table:
    n_rows = draw(st.integers(4, 9))
    cells = st.lists(st.integers(0, 2), min_size=3, max_size=3)
    X = np.array(draw(st.lists(cells, min_size=n_rows, max_size=n_rows)))
    X[:, 0] = np.minimum(X[:, 0], 1)
    weights = draw(st.lists(st.integers(1, 9), min_size=n_rows, max_size=n_rows))
    return X, np.array(weights, dtype=float)


@settings(max_examples=25, derandomize=True)
@given(tiny_tables(), st.integers(1, 3), st.sampled_from(["matching", "rank"]))
def test_kmodes_equals_brute_force(table: Table, k: int, kind: str) -> None:
    X, weights = table
    k = min(k, len(np.unique(X, axis=0)))
    scales = [1.0, 2.0, 0.5]
    model = KModes(k, distance=kind, feature_weights=scales, random_state=0).fit(X, sample_weight=weights)
    assert model.cost_ == pytest.approx(brute_force(X, weights, k, kind, scales), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("k", PROVED)
def test_kmodes_alternation_stays_within_a_tenth_of_the_optimum(original_patterns: Table, k: int) -> None:
    patterns, counts = original_patterns
    for seed in range(5):
        model = KModes(k, max_grid=100, random_state=seed).fit(patterns, sample_weight=counts)
        assert PROVED[k] <= model.cost_ <= 1.1 * PROVED[k]


def _planted(n_rows: int, n_features: int, noisy: float = 0.2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.integers(4, size=n_rows)
    modes = rng.integers(4, size=(4, n_features))
    noise = rng.integers(4, size=(n_rows, n_features))
    return np.where(rng.random((n_rows, n_features)) < noisy, noise, modes[truth]), truth, modes


def test_kmodes_finds_planted_modes_of_20_features() -> None:
    X, truth, modes = _planted(2000, 20)
    model = KModes(4, n_init=5, random_state=0).fit(X)
    assert {tuple(mode) for mode in model.cluster_modes_} == {tuple(mode) for mode in modes}
    assert model.cost_ == (X[:, None] != modes).sum(axis=2).min(axis=1).sum()
    of_truth = model.predict(modes)
    assert (of_truth[truth] == model.labels_).mean() > 0.99


def test_kmodes_searches_a_sample_of_many_patterns_and_finishes_on_all() -> None:
    X, _, modes = _planted(60_000, 20, noisy=0.5)
    assert len(np.unique(X, axis=0)) > 50_000
    model = KModes(4, n_init=2, random_state=0).fit(X)
    assert {tuple(mode) for mode in model.cluster_modes_} == {tuple(mode) for mode in modes}


def _modes_of_one_hot_k_means(X: np.ndarray, levels: list[int], k: int, n_init: int, seed: int) -> float:
    """Return the cost of the most frequent levels of the clusters of k-means on one-hot columns."""
    one_hot = np.hstack([X[:, [j]] == np.arange(n) for j, n in enumerate(levels)]).astype(np.float32)
    labels = KMeans(k, n_init=n_init, random_state=seed).fit(one_hot).labels_
    clusters = [X[labels == c] for c in range(k)]
    modes = np.array([[np.bincount(column).argmax() for column in part.T] for part in clusters])
    return float((X[:, None] != modes).sum(axis=2).min(axis=1).sum())


# Shares of a class's own profile: 0.4 is hardly apart, 0.9 well.
@pytest.mark.parametrize(("own", "k", "n_init"), [(0.4, 10, 1), (0.55, 8, 1), (0.7, 6, 10), (0.9, 6, 1)])
def test_kmodes_of_distinct_patterns_costs_no_more_than_modes_of_one_hot_k_means(
    own: float, k: int, n_init: int
) -> None:
    rng = np.random.default_rng(round(100 * own))
    levels, truth = [2, 3, 4, 5] * 4, rng.integers(k, size=8_000)
    columns = []
    for n in levels:
        profiles = (1 - own) * rng.dirichlet(np.full(n, 5.0)) + own * rng.dirichlet(np.full(n, 0.5), size=k)
        columns.append((rng.random(len(truth))[:, None] > profiles.cumsum(axis=1)[truth, :-1]).sum(axis=1))
    X = np.column_stack(columns)
    lowest = min(_modes_of_one_hot_k_means(X, levels, k, n_init, seed) for seed in range(3))
    for seed in range(3):
        assert KModes(k, n_init=n_init, random_state=seed).fit(X).cost_ <= lowest


def test_kmodes_cost_is_the_weighted_distance_to_the_nearest_mode(original_patterns: Table) -> None:
    patterns, counts = original_patterns
    model = KModes(4, random_state=0).fit(patterns, sample_weight=counts)
    away = model.transform(patterns)
    np.testing.assert_array_equal(away, (patterns[:, None] != model.cluster_modes_).sum(axis=2))
    assert counts @ away.min(axis=1) == model.cost_
    assert model.n_best_ >= 1


def test_kmodes_of_one_cluster_is_the_heaviest_level_of_each_feature() -> None:
    X = [["a", 1], ["b", 2], ["c", 2], ["b", 1]]
    model = KModes(1, random_state=0).fit(X, sample_weight=[5, 2, 1, 2])
    assert model.cluster_modes_.tolist() == [["a", 1]]
    assert model.cost_ == (2 + 1 + 2) + (2 + 1)


def test_kmodes_of_every_pattern_costs_nothing(original_patterns: Table) -> None:
    patterns, _ = original_patterns
    few = patterns[:12]
    assert KModes(12, random_state=0).fit(few).cost_ == 0


def test_kmodes_rank_mode_of_one_cluster_is_the_weighted_median() -> None:
    model = KModes(1, distance="rank", random_state=0).fit([[0], [1], [2], [3]], sample_weight=[4, 1, 1, 3])
    assert model.cluster_modes_.tolist() == [[1]]
    assert model.cost_ == pytest.approx((4 + 1 + 2 * 3) / 3, rel=1e-6)


def test_kmodes_takes_one_distance_and_weight_per_feature() -> None:
    X = [["low", "x"], ["mid", "y"], ["top", "x"]]
    model = KModes(1, distance=["rank", "matching"], feature_weights=[2, 0.5], random_state=0)
    away = model.fit(X, sample_weight=[5, 1, 1]).transform(X)
    assert model.cluster_modes_.tolist() == [["low", "x"]]
    np.testing.assert_allclose(away[:, 0], [0, 1 + 0.5, 2])


@pytest.mark.parametrize("max_grid", [10_000, 1])
def test_kmodes_missing_cells_cost_nothing_and_an_empty_feature_has_no_mode(max_grid: int) -> None:
    X = [["a", None, None], ["a", "x", None], ["b", "y", None], [None, "y", None]]
    model = KModes(2, max_grid=max_grid, random_state=0).fit(X)
    assert model.cost_ == 0
    assert model.cluster_modes_.tolist() == [["a", "x", None], ["b", "y", None]]
    assert model.transform([[None, None, None]]).tolist() == [[0, 0]]


def test_kmodes_warns_of_clusters_without_rows() -> None:
    model = KModes(2, feature_weights=[0, 0], random_state=0)
    with pytest.warns(SegmentryWarning, match="KModes: 1 of 2 clusters have rows.*ask for n_clusters=1"):
        model.fit([[0, 1], [1, 0]])
