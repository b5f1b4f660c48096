"""LatentClass with a Dirichlet prior: the formula, and what it is for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.input import collapsed_rows as patterns_module
from segmentry.cluster.latent_class import em, search
from segmentry.errors import SegmentryWarning

Table = tuple[np.ndarray, np.ndarray]


def _log_prior(model: LatentClass, X: np.ndarray, weights: np.ndarray) -> float:
    """Return the log-density of the prior by its definition."""
    k = len(model.class_prior_)
    total = model.prior / k * np.log(model.class_prior_).sum()
    for j, levels in enumerate(model.categories_):
        for r, level in enumerate(levels.tolist()):
            known = np.array([value is not None for value in X[:, j]])
            share = weights[X[:, j] == level].sum() / weights[known].sum()
            total += model.prior * share * np.log(model.response_proba_[j][:, r]).sum()
    return float(total)


def test_a_step_adds_pseudo_rows_by_the_textbook() -> None:
    X, weights = np.array([[0, 0], [0, 1], [1, -1]]), np.array([5.0, 3.0, 2.0])
    training = patterns_module.read_training(LatentClass(missing_value=-1), X, weights)
    prior, first, second = np.array([0.6, 0.4]), np.array([[0.7, 0.3], [0.2, 0.8]]), np.full((2, 2), 0.5)
    parameters = np.column_stack([prior, first, second])[:, None, :]
    plain, before = em.em_step(em.DesignMatrix(training.patterns), parameters)
    updated, values = em.em_step(em.DesignMatrix(training.patterns, 3.0), parameters)
    # margins: 8 of 10 and 2 of 10 rows in feature 0; 5 of 8 and 3 of 8 in feature 1
    np.testing.assert_allclose(updated[:, 0, 0], (10 * plain[:, 0, 0] + 3 / 2) / 13)
    sizes = 10 * plain[:, 0, 0]
    np.testing.assert_allclose(updated[:, 0, 1], (sizes * plain[:, 0, 1] + 3 * 0.8) / (sizes + 3))
    by_hand = (
        3 / 2 * np.log(prior).sum() + 3 * (np.log(first) @ [0.8, 0.2] + np.log(second) @ [5 / 8, 3 / 8]).sum()
    )
    assert values[0] == pytest.approx(before[0] + by_hand)


def test_the_estimate_maximises_the_penalised_likelihood(carcinoma: Table) -> None:
    X, counts = carcinoma
    X = X.astype(object)
    X[::3, 1] = None
    model = LatentClass(2, prior=1.0, tol=1e-13, random_state=0).fit(X, sample_weight=counts)
    best = model.log_likelihood_ + _log_prior(model, X, counts)
    assert model.log_likelihood_ == pytest.approx(118 * model.score(X, sample_weight=counts))
    prior, proba = model.class_prior_.copy(), [p.copy() for p in model.response_proba_]
    for c, j in [(c, j) for c in range(2) for j in range(7)]:
        for step in (-1e-3, 1e-3):
            model.class_prior_, model.response_proba_ = prior.copy(), [p.copy() for p in proba]
            model.class_prior_ += np.array([step, -step])
            model.response_proba_[j][c] += np.array([step, -step])
            moved = 118 * model.score(X, sample_weight=counts) + _log_prior(model, X, counts)
            assert moved < best


def test_a_prior_keeps_probabilities_off_the_boundary(carcinoma: Table) -> None:
    X, counts = carcinoma
    free = LatentClass(3, random_state=0).fit(X, sample_weight=counts)
    held = LatentClass(3, prior=1.0, random_state=0).fit(X, sample_weight=counts)
    assert min(p.min() for p in free.response_proba_) < 1e-6
    assert min(p.min() for p in held.response_proba_) > 1e-3
    assert free.log_likelihood_ - 5 < held.log_likelihood_ < free.log_likelihood_
    assert held.bic_ == pytest.approx(-2 * held.log_likelihood_ + 23 * np.log(118))


def test_an_overwhelming_prior_makes_equal_classes_of_the_margins(carcinoma: Table) -> None:
    X, counts = carcinoma
    with pytest.warns(SegmentryWarning, match="same response probabilities"):
        model = LatentClass(2, prior=1e9, random_state=0).fit(X, sample_weight=counts)
    np.testing.assert_allclose(model.class_prior_, 0.5, atol=1e-4)
    for j, probabilities in enumerate(model.response_proba_):
        share = counts[X[:, j] == "1"].sum() / 118
        np.testing.assert_allclose(probabilities[:, 0], share, atol=1e-4)


def test_one_class_is_the_margins_with_any_prior(carcinoma: Table) -> None:
    X, counts = carcinoma
    free, held = (LatentClass(1, prior=prior).fit(X, sample_weight=counts) for prior in (0, 5))
    assert held.log_likelihood_ == free.log_likelihood_


def test_a_prior_counts_the_same_where_starts_compete_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(3_000) < 0.3
    X = (rng.random((3_000, 9)) < np.where(truth[:, None], 0.8, 0.3)).astype(int)
    whole = LatentClass(2, n_init=5, prior=300.0, random_state=0).fit(X)
    searched = []

    def spy(design: em.DesignMatrix, *rest: Any) -> Any:
        searched.append(design)
        return find_mixture(design, *rest)

    find_mixture = search.find_mixture
    monkeypatch.setattr(search, "find_mixture", spy)
    monkeypatch.setattr(patterns_module, "MAX_SCREENED", 100)
    monkeypatch.setattr(patterns_module, "SAMPLE_STEPS", 60)
    sampled = LatentClass(2, n_init=5, prior=300.0, random_state=0).fit(X)
    assert 30 < len(searched[0]) <= 60 < len(np.unique(X, axis=0))
    assert searched[0].prior == pytest.approx(300 * searched[0].total_weight / 3_000)
    assert sampled.log_likelihood_ == pytest.approx(whole.log_likelihood_, abs=1e-3)
    np.testing.assert_allclose(sampled.class_prior_, whole.class_prior_, atol=1e-4)
