"""Drawn tests: their p-values, when they stop; the one-factor model; stability by hand."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.selection.continuum import TraitShape, as_mixture, fit_traits
from segmentry.selection.count_tables import observed_table
from segmentry.selection.null_tests import drawn_test
from segmentry.selection.stability import measure_stability
from structures import continuum

RNG = np.random.default_rng


def test_a_statistic_beyond_every_table_stops_at_once() -> None:
    found = drawn_test(10.0, lambda n: np.linspace(0, 1, n), max_tables=200)
    assert (found.n_tables, found.p_value, found.is_beyond) == (20, 1 / 21, True)
    assert (found.null_low, found.null_high) == (pytest.approx(0.05), pytest.approx(0.95))


def test_a_statistic_among_the_tables_stops_when_five_are_above() -> None:
    found = drawn_test(0.5, lambda n: np.linspace(0, 1, n), max_tables=200)
    assert (found.n_tables, found.is_beyond) == (20, False)
    assert found.p_value == (1 + 10) / 21


def test_a_close_statistic_draws_all_tables() -> None:
    drawn: list[int] = []

    def draw(n: int) -> np.ndarray:
        drawn.append(n)
        return np.array([1.0] + [0.0] * (n - 1)) if len(drawn) <= 3 else np.zeros(n)

    found = drawn_test(0.5, draw, max_tables=90)
    assert drawn == [20, 20, 20, 20, 10]
    assert (found.n_tables, found.p_value) == (90, 4 / 91)


def test_drawn_tests_keep_their_level() -> None:
    rng = RNG(0)
    rejected = [drawn_test(rng.random(), rng.random, 100).is_beyond for _ in range(2_000)]
    assert 0.03 <= np.mean(rejected) <= 0.08


@pytest.mark.parametrize("slope", [0.8, 2.0])
def test_the_one_factor_model_describes_a_continuum(slope: float) -> None:
    table = continuum(RNG(1), 5_000, [3, 4, 5, 3, 4], slope)
    data = observed_table(table, RNG(0))[0].replicates()
    factor = fit_traits(data)
    margins = data.fit(1, 1, RNG(0)).log_likelihoods
    two = data.fit(2, 10, RNG(0)).log_likelihoods
    assert (factor.log_likelihoods > two).all()
    assert (two > margins).all()
    mixture = as_mixture(data, factor)
    np.testing.assert_allclose(mixture[:, 0].sum(), 1)
    np.testing.assert_allclose(data.values(mixture), factor.log_likelihoods, rtol=1e-9)
    plain = fit_traits(data, TraitShape(1, has_squares=False))
    assert (plain.log_likelihoods <= factor.log_likelihoods + 0.5).all()


def test_the_same_segments_under_other_numbers_are_stable() -> None:
    labels = np.array([0, 0, 1, 2, 2])
    found = measure_stability(labels, np.array([[2, 2, 0, 1, 1], [0, 0, 1, 2, 2]]), np.ones(5), 3)
    assert found.jaccard == (1.0, 1.0, 1.0)
    assert (found.moved, found.n_unmatched, found.n_refits) == (0.0, (0, 0, 0), 2)


def test_jaccard_similarities_by_hand() -> None:
    labels, weights = np.array([0, 0, 1, 1]), np.array([4.0, 1.0, 3.0, 2.0])
    found = measure_stability(labels, np.array([[1, 0, 0, 0]]), weights, 2)
    assert found.jaccard == (4 / 5, 5 / 6)
    assert found.moved == pytest.approx(0.1)
    assert found.lowest == 0.8


def test_a_segment_without_counterpart_counts_as_zero_and_is_counted() -> None:
    labels = np.array([0, 0, 1, 2])
    found = measure_stability(labels, np.array([[0, 0, 0, 1], [0, 0, 1, 2]]), np.ones(4), 3)
    assert found.n_unmatched == (0, 1, 0)
    assert found.jaccard == (pytest.approx((2 / 3 + 1) / 2), 0.5, 1.0)
