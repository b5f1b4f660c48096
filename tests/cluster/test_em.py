"""EM steps: the likelihood never falls, and a step is the textbook's."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.input.collapsed_rows import read_training
from segmentry.cluster.latent_class import em
from segmentry.cluster.latent_class import starts as starts_module

Table = tuple[np.ndarray, np.ndarray]


def _design(X: np.ndarray, weights: np.ndarray, prior: float = 0.0) -> em.DesignMatrix:
    return em.DesignMatrix(read_training(LatentClass(missing_value=-1), X, weights).patterns, prior)


@pytest.mark.parametrize("prior", [0.0, 2.5])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("step", [em.em_step, em.accelerated_cycle])
def test_em_likelihood_never_falls(text_patterns: Table, step: object, n_classes: int, prior: float) -> None:
    patterns, counts = text_patterns
    holed = patterns.copy()
    holed[::5, 1], holed[::7, 3] = -1, -1
    design = _design(holed, counts, prior)
    parameters = starts_module.random_starts(design, n_classes, 5, np.random.default_rng(0))
    values = []
    for _ in range(60):
        parameters, before = step(design, parameters)
        values.append(before)
    rises = np.diff(np.array(values), axis=0)
    assert rises.min() >= -1e-8
    assert rises[0].min() > 0.1


def test_em_step_equals_the_textbook_on_a_table_with_a_missing_cell() -> None:
    X, weights = np.array([[0, 0], [0, 1], [1, -1]]), np.array([5.0, 3.0, 2.0])
    design = _design(X, weights)
    prior, first, second = (
        np.array([0.6, 0.4]),
        np.array([[0.7, 0.3], [0.2, 0.8]]),
        np.array([[0.5, 0.5], [0.9, 0.1]]),
    )
    parameters = np.column_stack([prior, first, second])
    updated, values = em.em_step(design, parameters[:, None, :])
    joint = np.array(
        [prior * first[:, 0] * second[:, 0], prior * first[:, 0] * second[:, 1], prior * first[:, 1]]
    )
    assert values[0] == pytest.approx(weights @ np.log(joint.sum(axis=1)))
    parts = weights[:, None] * joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(updated[:, 0, 0], parts.sum(axis=0) / 10)
    np.testing.assert_allclose(updated[:, 0, 1], (parts[0] + parts[1]) / parts.sum(axis=0))
    np.testing.assert_allclose(updated[:, 0, 3], parts[0] / (parts[0] + parts[1]))


def test_runs_followed_side_by_side_end_where_each_ends_alone(text_patterns: Table) -> None:
    design = _design(*text_patterns)
    starts = starts_module.random_starts(design, 3, 4, np.random.default_rng(1))
    limits = starts_module.StoppingRule(max_iter=5000, tol=1e-9)
    together = starts_module.follow_runs(design, starts, limits)
    for i, found in enumerate(together):
        (alone,) = starts_module.follow_runs(design, starts[:, [i]], limits)
        assert (found.has_converged, found.n_steps) == (alone.has_converged, alone.n_steps)
        assert found.log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-6)
        np.testing.assert_allclose(found.parameters, alone.parameters, atol=1e-6)
    assert len({found.n_steps for found in together}) > 1


def test_runs_cut_short_say_so(text_patterns: Table) -> None:
    design = _design(*text_patterns)
    starts = starts_module.random_starts(design, 3, 2, np.random.default_rng(1))
    for found in starts_module.follow_runs(design, starts, starts_module.StoppingRule(max_iter=9, tol=1e-15)):
        assert (found.has_converged, found.n_steps) == (False, 9)


@pytest.mark.parametrize("prior", [0.0, 2.5])
def test_single_precision_gives_the_same_step(text_patterns: Table, prior: float) -> None:
    design = _design(*text_patterns, prior)
    parameters = starts_module.random_starts(design, 4, 6, np.random.default_rng(0))
    assert next(design.rough().blocks(1))[0].dtype == np.float32
    for _ in range(4):
        exact, values = em.em_step(design, parameters)
        rough, rough_values = em.em_step(design.rough(), parameters)
        np.testing.assert_allclose(rough, exact, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(rough_values, values, atol=1e-6 * design.total_weight)
        parameters = em.accelerated_cycle(design, parameters)[0]


@pytest.mark.parametrize(("is_rough", "tolerance"), [(False, 1e-9), (True, 1e-4)])
def test_rows_that_no_class_allows_are_placed_by_the_largest_log_probability(
    is_rough: bool, tolerance: float
) -> None:
    X = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]])
    weights = np.array([5.0, 3.0, 2.0, 1.0])
    design = _design(X, weights)
    parameters = np.array([[0.5, 1, 0, 1, 0, 1, 0], [0.5, 1, 0, 1, 0, 0.5, 0.5]])[:, None, :]
    updated, values = em.em_step(design.rough() if is_rough else design, parameters)
    twice_impossible = 2 * np.log(1e-300)  # what stands for the logarithm of 0, more than a number holds
    by_row = np.log([0.75, 0.25, 0.75, 0.25]) + twice_impossible * np.array([0, 0, 1, 1])
    assert values[0] == pytest.approx(weights @ by_row, rel=tolerance)
    assert updated[0, 0, 0] == pytest.approx((5 + 2) * (0.5 / 0.75) / 11, rel=tolerance)
    assert updated[1, 0, 2] == pytest.approx((2 / 3 + 1) / (7 / 3 + 4), rel=tolerance)


@pytest.mark.parametrize("n_features", [5, 60])
@pytest.mark.parametrize("weight", [1e-60, 1e-9, 1e16])
def test_the_size_of_weights_changes_no_class(weight: float, n_features: int) -> None:
    X = np.random.default_rng(0).integers(0, 6, (300, n_features))
    X[:150, :4] = X[:1, :4]
    plain, scaled = (
        LatentClass(2, n_init=4, random_state=0).fit(X, sample_weight=np.full(300, w)) for w in (1.0, weight)
    )
    assert scaled.log_likelihood_ == pytest.approx(plain.log_likelihood_ * weight, rel=1e-6)
    np.testing.assert_allclose(scaled.class_prior_, plain.class_prior_, rtol=1e-3)
