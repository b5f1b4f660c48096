"""Bivariate residuals: Pearson's chi-square per pair of features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentry.cluster import LatentClass


def _holed(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(n, size=50) for n in (2, 3, 4)])
    X[rng.random(X.shape) < 0.1] = -1
    X[:4] = np.arange(4)[:, None] % [2, 3, 4]  # every level is there
    return X, rng.integers(1, 5, size=50)


def test_with_one_class_they_are_the_chi_square_of_independence() -> None:
    from scipy.stats import chi2_contingency  # loading it takes a second

    X, weights = _holed(0)
    X = X[(X >= 0).all(axis=1)]
    weights = weights[: len(X)]
    found = LatentClass(1).fit(X, sample_weight=weights).bivariate_residuals(X, sample_weight=weights)
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        table = np.zeros((X[:, i].max() + 1, X[:, j].max() + 1))
        np.add.at(table, (X[:, i], X[:, j]), weights)
        reference = chi2_contingency(table, correction=False)
        assert found[i, j] == pytest.approx(reference.statistic / reference.dof)


def test_a_pair_is_its_definition_by_hand() -> None:
    model = LatentClass(2, missing_value=-1)
    model.categories_, model.n_features_in_ = [np.array([0, 1])] * 2, 2
    model.class_prior_ = np.array([0.5, 0.5])
    model.response_proba_ = [np.array([[0.8, 0.2], [0.4, 0.6]]), np.array([[0.6, 0.4], [0.2, 0.8]])]
    # the model's table: 0.28 0.32 / 0.12 0.28; the third row has no pair
    found = model.bivariate_residuals([[0, 0], [0, 1], [1, -1], [1, 1]], sample_weight=[40, 30, 99, 30])
    by_hand = (40 - 28) ** 2 / 28 + (30 - 32) ** 2 / 32 + 12 + (30 - 28) ** 2 / 28
    assert found[0, 1] == pytest.approx(by_hand)
    np.testing.assert_array_equal(found, found.T)
    assert np.isnan(np.diagonal(found)).all()


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_weights_equal_replicated_rows(seed: int) -> None:
    X, weights = _holed(seed)
    model = LatentClass(2, n_init=1, missing_value=-1, random_state=0).fit(X, sample_weight=weights)
    weighted = model.bivariate_residuals(X, sample_weight=weights)
    np.testing.assert_allclose(weighted, model.bivariate_residuals(X.repeat(weights, axis=0)), rtol=1e-9)
    np.testing.assert_array_equal(weighted, weighted.T)


def test_the_largest_is_the_pair_that_the_classes_leave_dependent() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(20_000) < 0.5
    X = (rng.random((20_000, 6)) < np.where(truth[:, None], 0.8, 0.2)).astype(int)
    copied = rng.random(20_000) < 0.3
    X[copied, 4] = X[copied, 1]
    found = LatentClass(2, n_init=5, random_state=0).fit(X).bivariate_residuals(X)
    assert np.unravel_index(np.nanargmax(found), found.shape) == (1, 4)
    assert found[1, 4] > 100
    rest = np.delete(np.delete(found, [1, 4], axis=0), [1, 4], axis=1)
    assert np.nanmax(rest) < found[1, 4] / 10


def test_the_right_number_of_classes_leaves_residuals_of_about_one() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(5_000) < 0.5
    X = (rng.random((5_000, 6)) < np.where(truth[:, None], 0.8, 0.2)).astype(int)
    one, two = (LatentClass(k, n_init=5, random_state=0).fit(X).bivariate_residuals(X) for k in (1, 2))
    assert np.nanmin(one) > 100
    assert np.nanmax(two) < 8


def test_features_without_two_levels_have_none() -> None:
    X = np.array([["a", "x", None, "p"], ["a", "y", None, "q"], ["a", "y", None, "p"]], dtype=object)
    found = LatentClass(1).fit(X).bivariate_residuals(X)
    assert found.shape == (4, 4)
    assert np.isfinite(found).sum() == 2
    assert np.isfinite(found[1, 3])


def test_an_impossible_cell_is_infinitely_far_and_an_empty_pair_has_none() -> None:
    model = LatentClass(1, missing_value=-1)
    model.categories_, model.n_features_in_ = [np.array([0, 1])] * 3, 3
    model.class_prior_ = np.ones(1)
    model.response_proba_ = [np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])]
    found = model.bivariate_residuals([[0, 0, -1], [1, 1, -1], [0, -1, 1]])
    assert np.isinf(found[0, 1])
    assert np.isnan(found[1, 2])
    assert found[0, 2] == pytest.approx(1.0)  # one row where the model has two halves


def test_a_table_without_any_value_has_none() -> None:
    X = [[None, None], [None, None]]
    assert np.isnan(LatentClass(1).fit(X).bivariate_residuals(X)).all()
