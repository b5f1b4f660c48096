"""Standard errors: the information is minus the second derivative, and the special cases are exact."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentry.cluster import LatentClass
from segmentry.cluster.latent_class.inference import information
from segmentry.errors import SegmentryWarning

Floats = np.ndarray
_SIZES = (2, 3, 4)


def _softmax(values: Floats) -> Floats:
    odds = np.exp(values - values.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def made_model(
    seed: int, n_classes: int = 2, sizes: tuple[int, ...] = _SIZES, prior: float = 0.0
) -> LatentClass:
    """Return a model with parameters drawn at random, none near the boundary."""
    rng = np.random.default_rng(seed)
    model = LatentClass(n_classes, missing_value=-1, prior=prior)
    model.categories_, model.n_features_in_ = [np.arange(n) for n in sizes], len(sizes)
    model.class_prior_ = _softmax(rng.normal(size=n_classes))
    model.response_proba_ = [_softmax(rng.normal(size=(n_classes, n))) for n in sizes]
    return model


def made_rows(seed: int, n_rows: int = 40, sizes: tuple[int, ...] = _SIZES) -> tuple[np.ndarray, np.ndarray]:
    """Return rows with missing cells, and whole weights from 0."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(n, size=n_rows) for n in sizes])
    X[rng.random(X.shape) < 0.15] = -1
    weights = rng.integers(0, 5, size=n_rows)
    weights[0] = 1
    return X, weights


def _log_likelihood(parameters: Floats, X: np.ndarray, weights: Floats, sizes: tuple[int, ...]) -> float:
    """Return the log-likelihood of parameters (n_classes, 1 + n_columns) by the definition."""
    starts = np.cumsum([1, *sizes])
    total = 0.0
    for row, weight in zip(X, weights, strict=True):
        columns = [0, *(starts[j] + value for j, value in enumerate(row) if value >= 0)]
        total += weight * np.log(parameters[:, columns].prod(axis=1).sum())
    return float(total)


def _hessian(function: Callable[[Floats], float], at: Floats, step: float = 1e-4) -> Floats:
    """Differentiate twice by central differences."""
    n = len(at)
    found = np.empty((n, n))
    for i, j in itertools.combinations_with_replacement(range(n), 2):
        total = 0.0
        for a, b in itertools.product((1, -1), repeat=2):
            point = at.copy()
            point[i] += a * step
            point[j] += b * step
            total += a * b * function(point)
        found[i, j] = found[j, i] = total / (4 * step**2)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_information_is_minus_the_numerical_second_derivative(seed: int) -> None:
    model, (X, weights) = made_model(seed, 3), made_rows(seed)
    parameters = model._parameters()

    def value(flat: Floats) -> float:
        return _log_likelihood(flat.reshape(parameters.shape), X, weights, _SIZES)

    by_hand = -_hessian(value, parameters.ravel(), step=1e-3 * parameters.min())
    found = information(model._design(X, weights), parameters)
    np.testing.assert_allclose(found, by_hand, atol=1e-4 * np.abs(by_hand).max())


@pytest.mark.parametrize("prior", [0.0, 2.0])
def test_standard_errors_equal_those_of_logits_by_numerical_derivatives(prior: float) -> None:
    """At a maximum the delta method gives the same standard errors from any parameters."""
    rng = np.random.default_rng(4)
    truth = rng.random(900) < 0.4
    X = (rng.random((900, 4)) < np.where(truth[:, None], 0.8, 0.25)).astype(int)
    X[:, 3] += rng.random(900) < 0.5  # three levels
    X[rng.random(X.shape) < 0.1] = -1
    X, counts = np.unique(X, axis=0, return_counts=True)
    model = LatentClass(2, missing_value=-1, prior=prior, tol=1e-14, random_state=0).fit(
        X, sample_weight=counts
    )
    sizes = (2, 2, 2, 3)
    margins = [np.bincount(X[X[:, j] >= 0, j], counts[X[:, j] >= 0]) for j in range(4)]

    def as_parameters(logits: Floats) -> Floats:
        shares, rest = _softmax(np.append(0.0, logits[:1])), logits[1:].reshape(2, -1)
        parts = np.split(rest, np.cumsum([n - 1 for n in sizes])[:-1], axis=1)
        return np.hstack(
            [shares[:, None], *(_softmax(np.hstack([np.zeros((2, 1)), part])) for part in parts)]
        )

    def value(logits: Floats) -> float:
        parameters = as_parameters(logits)
        pseudo = prior * np.concatenate([[1 / 2], *(margin / margin.sum() for margin in margins)])
        return _log_likelihood(parameters, X, counts, sizes) + float((np.log(parameters) @ pseudo).sum())

    def logit(p: Floats) -> Floats:
        return np.log(p[..., 1:]) - np.log(p[..., :1])

    at = np.concatenate(
        [logit(model.class_prior_), np.hstack([logit(p) for p in model.response_proba_]).ravel()]
    )
    np.testing.assert_allclose(as_parameters(at), model._parameters(), rtol=1e-9)
    covariance = np.linalg.inv(-_hessian(value, at, step=1e-3))
    steps = 1e-6 * np.eye(len(at))
    slopes = np.array([(as_parameters(at + s) - as_parameters(at - s)).ravel() / 2e-6 for s in steps])
    by_hand = np.sqrt(np.diagonal(slopes.T @ covariance @ slopes)).reshape(2, -1)
    found = model.standard_errors(X, sample_weight=counts)
    np.testing.assert_allclose(
        np.hstack([found.class_prior[:, None], *found.response_proba]), by_hand, rtol=1e-3
    )


def test_standard_errors_of_one_class_are_those_of_shares() -> None:
    X, weights = made_rows(1)
    model = LatentClass(1, missing_value=-1).fit(X, sample_weight=weights)
    found = model.standard_errors(X, sample_weight=weights)
    assert found.class_prior.tolist() == [0.0]
    for j, errors in enumerate(found.response_proba):
        p, total = model.response_proba_[j], weights[X[:, j] >= 0].sum()
        np.testing.assert_allclose(errors, np.sqrt(p * (1 - p) / total), rtol=1e-9)


def _flat(model: LatentClass, X: Any, weights: Any = None) -> Floats:
    found = model.standard_errors(X, sample_weight=weights)
    return np.concatenate([found.class_prior, *(e.ravel() for e in found.response_proba)])


@pytest.fixture(scope="module")
def fitted(carcinoma: tuple[Any, Any]) -> LatentClass:
    X, counts = carcinoma
    return LatentClass(2, prior=1.0, random_state=0).fit(X, sample_weight=counts)


def test_standard_errors_of_weights_equal_those_of_replicated_rows(
    fitted: LatentClass, carcinoma: tuple[Any, Any]
) -> None:
    X, counts = carcinoma
    np.testing.assert_allclose(_flat(fitted, X, counts), _flat(fitted, X.repeat(counts, axis=0)), rtol=1e-9)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n_classes=st.integers(1, 4), prior=st.sampled_from([0.0, 1.5]))
def test_information_of_weights_equals_that_of_replicated_rows(
    seed: int, n_classes: int, prior: float
) -> None:
    model, (X, weights) = made_model(seed, n_classes, prior=prior), made_rows(seed)
    weighted = information(model._design(X, weights), model._parameters())
    replicated = information(model._design(X.repeat(weights, axis=0), None), model._parameters())
    np.testing.assert_allclose(weighted, replicated, rtol=1e-9, atol=1e-9 * np.abs(weighted).max())
    np.testing.assert_allclose(weighted, weighted.T, rtol=1e-9, atol=1e-9 * np.abs(weighted).max())


def test_four_times_the_weight_halves_the_standard_errors(carcinoma: tuple[Any, Any]) -> None:
    X, counts = carcinoma
    model = LatentClass(2, random_state=0).fit(X, sample_weight=counts)
    np.testing.assert_allclose(_flat(model, X, 4 * counts), _flat(model, X, counts) / 2, rtol=1e-9)


def test_probabilities_on_the_boundary_have_no_standard_error(carcinoma: tuple[Any, Any]) -> None:
    X, counts = carcinoma
    model = LatentClass(3, random_state=0).fit(X, sample_weight=counts)
    found = model.standard_errors(X, sample_weight=counts)
    assert (found.class_prior > 0).all()
    n_missing = 0
    for p, errors in zip(model.response_proba_, found.response_proba, strict=True):
        is_inside = (p > 1e-6) & (p < 1 - 1e-6)
        assert np.isnan(errors[~is_inside]).all()
        assert (errors[is_inside] > 0).all()
        n_missing += int((~is_inside).sum())
    assert n_missing == model.n_boundary_ > 0


def test_what_is_not_estimated_has_the_standard_error_zero() -> None:
    X = np.array([["a", "x", None], ["a", "y", None], ["a", "y", None]], dtype=object)
    found = LatentClass(1).fit(X).standard_errors(X)
    assert found.class_prior.tolist() == [0.0]
    assert found.response_proba[0].tolist() == [[0.0]]
    np.testing.assert_allclose(found.response_proba[1], np.sqrt(2 / 9 / 3))
    assert found.response_proba[2].shape == (1, 0)


def test_a_class_without_share_is_held_fixed() -> None:
    model, (X, weights) = made_model(0, 2), made_rows(0)
    model.class_prior_ = np.array([1.0, 0.0])
    found = model.standard_errors(X, sample_weight=weights)
    assert np.isnan(found.class_prior).all()
    for errors in found.response_proba:
        assert np.isnan(errors[1]).all()


@pytest.mark.filterwarnings("ignore:.*degrees of freedom")
@pytest.mark.parametrize(("n_classes", "n_features"), [(3, 4), (2, 2)])
def test_a_model_that_is_not_identified_warns_and_has_none(
    role_conflict: tuple[Any, Any], n_classes: int, n_features: int
) -> None:
    """Three classes of four yes-no features have 14 parameters for 15 free cells, and yet (Goodman 1974)."""
    X, counts = role_conflict[0][:, :n_features], role_conflict[1]
    for seed in range(20):  # some runs of EM end where the likelihood is still curved, or on the boundary
        model = LatentClass(n_classes, random_state=seed).fit(X, sample_weight=counts)
        with pytest.warns(SegmentryWarning, match="not identified.*fewer classes, set a prior") as caught:
            found = model.standard_errors(X, sample_weight=counts)
        assert caught[0].filename == __file__
        assert np.isnan(found.class_prior).all()
    held = LatentClass(n_classes, prior=1.0, random_state=0).fit(X, sample_weight=counts)
    assert (held.standard_errors(X, sample_weight=counts).class_prior > 0).all()


def test_a_table_of_more_cells_than_can_be_listed_is_looked_at_by_sample() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(3, size=3_000)
    yes = rng.uniform(0.1, 0.9, size=(3, 16))
    X = (rng.random((3_000, 16)) < yes[truth]).astype(int)
    model = LatentClass(3, n_init=5, random_state=0).fit(X)
    errors = model.standard_errors(X)
    distance = np.abs(np.sort(model.class_prior_) - 1 / 3).max()
    assert distance < 4 * errors.class_prior.max() < 0.1
    model.response_proba_ = [np.array([p[0], p[0], p[2]]) for p in model.response_proba_]
    with pytest.warns(SegmentryWarning, match="not identified"):
        assert np.isnan(model.standard_errors(X).class_prior).all()
