"""Misclassification, and the weights of Bolck, Croon and Hagenaars that correct for it."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.errors import ModelError, SegmentryWarning

Table = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def overlapping() -> tuple[np.ndarray, np.ndarray]:
    """Return rows of three classes that overlap, and the class of each."""
    rng = np.random.default_rng(5)
    truth = rng.choice(3, size=40_000, p=[0.5, 0.3, 0.2])
    yes = np.array(
        [[0.8, 0.7, 0.7, 0.8, 0.7, 0.75], [0.2, 0.3, 0.2, 0.7, 0.8, 0.7], [0.25, 0.2, 0.3, 0.2, 0.3, 0.2]]
    )
    return (rng.random((40_000, 6)) < yes[truth]).astype(int), truth


@pytest.fixture(scope="module")
def fitted(overlapping: tuple[np.ndarray, np.ndarray]) -> LatentClass:
    return LatentClass(3, n_init=10, random_state=0).fit(overlapping[0])


def test_misclassification_follows_its_definition(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(3, random_state=0).fit(X, sample_weight=counts)
    posterior, labels = model.predict_proba(X), model.labels_
    for t in range(3):
        for s in range(3):
            share = counts[labels == s] @ posterior[labels == s, t] / (counts @ posterior[:, t])
            assert model.misclassification_[t, s] == pytest.approx(share)
    np.testing.assert_allclose(model.misclassification_.sum(axis=1), 1)


def test_misclassification_of_weights_equals_that_of_replicated_rows(carcinoma: Table) -> None:
    X, counts = carcinoma
    weighted = LatentClass(3, random_state=0).fit(X, sample_weight=counts)
    replicated = LatentClass(3, random_state=0).fit(X.repeat(counts, axis=0))
    np.testing.assert_allclose(weighted.misclassification_, replicated.misclassification_, rtol=1e-6)
    np.testing.assert_allclose(weighted.bch_weights(X), replicated.bch_weights(X), rtol=1e-6)


def test_misclassification_is_how_often_the_truth_is_missed(
    fitted: LatentClass, overlapping: tuple[np.ndarray, np.ndarray]
) -> None:
    _, truth = overlapping
    for t in range(3):
        shares = np.bincount(fitted.labels_[truth == t], minlength=3) / (truth == t).sum()
        np.testing.assert_allclose(fitted.misclassification_[t], shares, atol=0.04)


def test_bch_weights_recover_means_that_modal_assignment_biases(
    fitted: LatentClass, overlapping: tuple[np.ndarray, np.ndarray]
) -> None:
    X, truth = overlapping
    means = np.array([10.0, 50.0, 200.0])
    outcome = np.random.default_rng(6).normal(means[truth], 20.0)
    modal = np.array([outcome[fitted.labels_ == c].mean() for c in range(3)])
    weights = fitted.bch_weights(X)
    corrected = outcome @ weights / weights.sum(axis=0)
    assert np.abs(modal - means).max() > 15
    np.testing.assert_allclose(corrected, means, atol=5)
    assert (np.abs(corrected - means) < np.abs(modal - means) / 3).all()


def test_bch_weights_recover_a_rate(fitted: LatentClass, overlapping: tuple[np.ndarray, np.ndarray]) -> None:
    X, truth = overlapping
    rates = np.array([0.05, 0.30, 0.60])
    answered = np.random.default_rng(7).random(len(truth)) < rates[truth]
    modal = np.array([answered[fitted.labels_ == c].mean() for c in range(3)])
    weights = fitted.bch_weights(X)
    assert np.abs(modal - rates).max() > 0.04
    np.testing.assert_allclose(answered @ weights / weights.sum(axis=0), rates, atol=0.03)


def test_bch_weights_sum_to_one_by_row_and_to_the_class_sizes_by_column(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(3, prior=0.5, random_state=0).fit(X, sample_weight=counts)
    weights = model.bch_weights(X)
    assert weights.shape == (20, 3)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(counts @ weights, counts @ model.predict_proba(X))
    np.testing.assert_array_equal(model.bch_weights(X[3:4]), weights[3:4])


def test_one_class_is_never_missed(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(1).fit(X, sample_weight=counts)
    assert model.misclassification_.tolist() == [[1.0]]
    assert model.bch_weights(X).tolist() == [[1.0]] * 20


def test_a_class_that_no_row_is_assigned_to_cannot_be_corrected(hidden_class: Table) -> None:
    X, weights = hidden_class
    with pytest.warns(SegmentryWarning, match="no row most probably belongs to class 1"):
        model = LatentClass(2, random_state=0).fit(X, sample_weight=weights)
    with pytest.raises(
        ModelError, match=r"LatentClass: .*has no inverse; ask for fewer classes, or weigh by"
    ):
        model.bch_weights(X)


def test_a_class_without_weight_cannot_be_corrected() -> None:
    model = LatentClass(2)
    model.categories_, model.n_features_in_ = [np.array([0, 1])], 1
    model.class_prior_, model.response_proba_ = np.array([1.0, 0.0]), [np.array([[0.5, 0.5], [0.5, 0.5]])]
    model.misclassification_ = np.array([[1.0, 0.0], [np.nan, np.nan]])
    with pytest.raises(ModelError, match="has no inverse"):
        model.bch_weights([[0]])


def test_a_model_from_an_older_file_says_what_it_lacks(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(2, random_state=0).fit(X, sample_weight=counts)
    del model.misclassification_
    with pytest.raises(ModelError, match="saved without misclassification_, .*fit it again"):
        model.bch_weights(X)
