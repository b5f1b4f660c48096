"""OrdinalKMeans: against the reference inertias and scikit-learn's KMeans on the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from segmentry.cluster import OrdinalKMeans

Table = tuple[np.ndarray, np.ndarray]

REFERENCE = dict(
    enumerate([11080.0, 8552.6, 7228.0, 6310.8, 5639.9, 5093.0, 4668.6, 4391.3, 4096.9, 3838.2], start=1)
)


def _inertia(table: Table, k: int, **parameters: int) -> float:
    patterns, counts = table
    return OrdinalKMeans(k, **parameters).fit(patterns, sample_weight=counts).inertia_


@pytest.mark.parametrize("seed", range(5))
def test_ordinal_kmeans_reaches_the_best_known_means_of_four_to_a_hundredth_of_a_percent(
    original_patterns: Table, seed: int
) -> None:
    assert _inertia(original_patterns, 4, random_state=seed) == pytest.approx(6309.1976, rel=1e-4)


@pytest.mark.parametrize("k", REFERENCE)
def test_ordinal_kmeans_is_at_most_half_a_percent_above_the_reference(
    original_patterns: Table, k: int
) -> None:
    assert _inertia(original_patterns, k, random_state=0) <= 1.005 * REFERENCE[k]


def test_ordinal_kmeans_of_one_cluster_is_rows_times_features(original_patterns: Table) -> None:
    assert _inertia(original_patterns, 1) == pytest.approx(2216 * 5)


@pytest.mark.parametrize("k", [3, 4, 6])
def test_ordinal_kmeans_is_never_above_scikit_learn_on_the_rows(original_patterns: Table, k: int) -> None:
    patterns, counts = original_patterns
    rows = StandardScaler().fit_transform(patterns.repeat(counts, axis=0))
    for seed in range(3):
        theirs = KMeans(k, n_init=10, random_state=seed).fit(rows).inertia_
        assert _inertia(original_patterns, k, n_init=10, random_state=seed) <= theirs * (1 + 1e-9)


def test_ordinal_kmeans_inertia_is_the_weighted_squared_distance(original_patterns: Table) -> None:
    patterns, counts = original_patterns
    model = OrdinalKMeans(4, random_state=0).fit(patterns, sample_weight=counts)
    rows = patterns.repeat(counts, axis=0)
    np.testing.assert_allclose(model.mean_, rows.mean(axis=0))
    np.testing.assert_allclose(model.scale_, rows.std(axis=0))
    standard = (patterns - model.mean_) / model.scale_
    away = ((standard[:, None] - model.cluster_centers_) ** 2).sum(axis=2)
    assert model.inertia_ == pytest.approx(counts @ away.min(axis=1))
    np.testing.assert_allclose(model.transform(patterns), np.sqrt(away), atol=1e-9)
    for c in range(4):
        mine = model.labels_ == c
        centre = counts[mine] @ standard[mine] / counts[mine].sum()
        np.testing.assert_allclose(model.cluster_centers_[c], centre, atol=1e-6)


def test_ordinal_kmeans_codes_are_the_numbers_and_the_positions_of_text_and_of_ordered_levels() -> None:
    sizes = pd.Categorical(["s", "l", "m", "s"], categories=["s", "m", "l", "xl"], ordered=True)
    X = pd.DataFrame({"number": [10, 20, 40, 10], "text": ["b", "a", "c", "b"], "size": sizes})
    model = OrdinalKMeans(2, random_state=0).fit(X)
    assert [levels.tolist() for levels in model.categories_] == [
        [10, 20, 40],
        ["a", "b", "c"],
        ["s", "m", "l"],
    ]
    assert [codes.tolist() for codes in model.level_codes_] == [[10, 20, 40], [0, 1, 2], [0, 1, 2]]


def test_ordinal_kmeans_constant_feature_changes_nothing(original_patterns: Table) -> None:
    patterns, counts = original_patterns
    wide = np.column_stack([patterns, np.full(len(patterns), 7)])
    model = OrdinalKMeans(3, random_state=0).fit(wide, sample_weight=counts)
    assert model.inertia_ == pytest.approx(_inertia(original_patterns, 3, random_state=0), rel=1e-9)
    assert model.scale_[-1] == 1


def test_ordinal_kmeans_leaves_a_missing_feature_out_of_the_distances_where_asked() -> None:
    model = OrdinalKMeans(2, handle_unknown="missing", random_state=0).fit([[0, 0], [0, 1], [9, 8], [9, 9]])
    away = model.transform([[0, None], [0, 77]])
    by_hand = np.abs((0 - model.mean_[0]) / model.scale_[0] - model.cluster_centers_[:, 0])
    np.testing.assert_allclose(away, [by_hand, by_hand])


def five_groups(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the incomes and spending scores (200, 2) of shoppers, and which of five groups each is in."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(range(5), [81, 39, 35, 22, 23])
    centres = np.array([[55, 50], [88, 82], [86, 17], [26, 79], [26, 21]])
    spreads = np.array([[9, 6], [16, 9], [16, 10], [7, 10], [7, 12]])
    return np.round(rng.normal(centres[groups], spreads[groups])), groups


def test_five_groups_of_two_ordered_numbers_are_found_whatever_their_scale() -> None:
    values, groups = five_groups(0)
    values[0, 0] = 140.0
    models = [
        OrdinalKMeans(5, distributions="ordered", random_state=0).fit(X)
        for X in (values, np.exp(values / 20), np.where(values == 140, 1e6, values))
    ]
    assert adjusted_rand_score(groups, models[0].labels_) > 0.88
    for other in models[1:]:
        np.testing.assert_array_equal(other.labels_, models[0].labels_)


def test_ordered_scores_are_normal_scores_of_shares() -> None:
    model = OrdinalKMeans(2, distributions=["ordered", "levels"], random_state=0)
    model.fit([[1, 5], [1, 6], [7, 5], [90, 9]], sample_weight=[1, 1, 2, 4])
    np.testing.assert_allclose(ndtr(model.level_codes_[0]), [1 / 8, 3 / 8, 6 / 8])
    assert model.level_codes_[1].tolist() == [5, 6, 9]
    doubled = OrdinalKMeans(2, distributions=["ordered", "levels"], random_state=0)
    doubled.fit([[1, 5], [1, 6], [7, 5], [90, 9]] * 2, sample_weight=[1, 1, 2, 4] * 2)
    np.testing.assert_allclose(doubled.level_codes_[0], model.level_codes_[0])
