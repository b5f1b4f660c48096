"""Classes whose customers differ inside: their number is found where BIC of classes alone takes more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentry.selection import InnerDependence, choose_k, inner_dependence, measure_inner_dependence, scan
from segmentry.selection.continuum import TraitShape, as_mixture, fit_traits
from segmentry.selection.count_tables import observed_table
from structures import as_table, classes, independent_columns

RNG = np.random.default_rng


def cut(values: np.ndarray, n: int = 4) -> np.ndarray:
    return np.column_stack([np.searchsorted(np.quantile(v, np.arange(1, n) / n), v) for v in values.T])


def acquiescent(rng: np.random.Generator, n: int) -> np.ndarray:
    """Three classes by what they answer; inside, some agree with everything more than others."""
    truth = rng.choice(3, n, p=[0.4, 0.35, 0.25])
    means = 1.4 * np.array([[1, 1, -1, -1, 0, 0], [-1, 0, 1, 0, 1, -1], [0, -1, 0, 1, -1, 1]])
    return cut(means[truth] + 0.8 * rng.standard_normal((n, 1)) + 0.9 * rng.standard_normal((n, 6)))


def copied_inside(rng: np.random.Generator, n: int) -> np.ndarray:
    """Three classes of nominal answers; in one pair of features the second follows the first."""
    truth = rng.choice(3, n, p=[0.4, 0.35, 0.25])
    typical = rng.permuted(np.tile(np.arange(3), (6, 1)), axis=1)[:, truth].T
    codes = np.where(rng.random((n, 6)) < 0.7, typical, rng.integers(0, 3, (n, 6)))
    follows = rng.random(n) < 0.4
    codes[follows, 1] = codes[follows, 0]
    return codes


def two_scales(rng: np.random.Generator, n: int) -> np.ndarray:
    place = rng.standard_normal((n, 2))
    return cut(np.repeat(place, 3, axis=1) + 0.8 * rng.standard_normal((n, 6)))


@pytest.mark.parametrize("made", [acquiescent, copied_inside])
@pytest.mark.parametrize("seed", range(2))
def test_classes_that_depend_inside_are_counted_right(made, seed: int) -> None:
    table = as_table(made(RNG(seed), 2_000))
    inside = measure_inner_dependence(table, seed=seed)
    assert (inside.is_found, inside.is_continuum, inside.n_mixed) == (True, False, 3)
    found = scan(table, k=range(1, 8))
    choice = choose_k(found.table, "latent-class", inside=inside)
    assert choice.recommended == choice.k == 3
    assert choice.best_by_bic >= 3


def test_scales_without_classes_are_a_continuum() -> None:
    inside = measure_inner_dependence(as_table(two_scales(RNG(0), 2_000)))
    assert inside.is_continuum


def test_classes_that_are_alike_inside_need_no_trait() -> None:
    inside = measure_inner_dependence(classes(RNG(4), 2_000, [3, 4, 3, 5, 3, 4], 4))
    assert (inside.is_found, inside.n_classes) == (False, 4)


def test_independent_features_are_one_class() -> None:
    inside = measure_inner_dependence(independent_columns(RNG(0), 2_000, [5, 4, 4, 4, 2]))
    assert (inside.is_found, inside.n_classes, inside.n_mixed) == (False, 1, 0)


def test_more_customers_are_looked_at_through_a_sample() -> None:
    inside = measure_inner_dependence(as_table(acquiescent(RNG(3), 30_000)))
    assert (inside.n_customers, inside.n_mixed) == (2_500, 3)


@pytest.mark.parametrize(
    ("n", "answers", "is_found"),
    [
        (6_000, [True, False, False], False),
        (6_000, [True, False, True], True),
        (6_000, [True, True], True),
        (2_000, [True], True),
    ],
)
def test_what_is_found_in_a_sample_is_found_again_in_another(
    monkeypatch: pytest.MonkeyPatch, n: int, answers: list[bool], is_found: bool
) -> None:
    left = list(answers)
    monkeypatch.setattr(inner_dependence._Search, "is_better", lambda *_: left.pop(0))
    inside = measure_inner_dependence(as_table(acquiescent(RNG(3), n)))
    assert (inside.is_found, inside.n_mixed) == (is_found, 3 if is_found else 0)
    assert not left


@pytest.mark.parametrize("is_by_rank", [False, True])
def test_classes_beside_a_trait_nest_the_classes_and_are_their_own_mixture(is_by_rank: bool) -> None:
    data = observed_table(as_table(acquiescent(RNG(1), 1_500)), RNG(0))[0].replicates()
    alone = data.fit(3, 10, RNG(0))
    found = fit_traits(data, TraitShape(1, False, is_by_rank, 3), alone.parameters[:, 0])
    assert found.log_likelihoods[0] > alone.log_likelihoods[0]
    mixture = as_mixture(data, found)
    np.testing.assert_allclose(data.values(mixture), found.log_likelihoods, rtol=1e-9)
    assert mixture[:, 0].sum() == pytest.approx(1)


def test_parameters_of_classes_beside_traits_are_counted_by_hand() -> None:
    levels = [2, 4, 1]  # 4 free shares a class
    assert TraitShape(1, False, False, 3).n_parameters(levels) == 2 + 3 * 4 + 4
    assert TraitShape(1, False, True, 3).n_parameters(levels) == 2 + 3 * 4 + 2
    assert TraitShape(2, False, True, 2).n_parameters(levels) == 1 + 2 * 4 + 2 * 2 - 1


CRITERIA = pd.DataFrame(
    {
        "k": range(1, 7),
        "bic": [900.0, 700, 600, 550, 540, 545],
        "log_likelihood": [-440.0, -330, -260, -230, -220, -216],
    }
)
ALIKE = InnerDependence(2_000, 5, 540.0, 4, 560.0, float("inf"))
DIFFER = InnerDependence(2_000, 5, 540.0, 3, 500.0, 520.0)
CONTINUUM = InnerDependence(2_000, 5, 540.0, 3, 500.0, 480.0)


@pytest.mark.parametrize(
    ("inside", "k", "words"),
    [
        (None, 5, "BIC is lowest at 5 segments"),
        (ALIKE, 5, "BIC is lowest at 5 segments"),
        (DIFFER, 3, r"3 segments recommended: .* describe 2,000 customers .* \(BIC 40 lower\)"),
        (CONTINUUM, 4, "4 segments recommended: .* 4 explain 95.5\xa0% of the dependence .* that 5 explain"),
    ],
)
def test_the_number_and_its_reason(inside: InnerDependence | None, k: int, words: str) -> None:
    choice = choose_k(CRITERIA, "latent-class", inside=inside)
    assert (choice.k, choice.recommended, choice.best_by_bic) == (k, k, 5)
    assert __import__("re").search(words, choice.reason)
    assert "BIC is lowest at 5 segments (540)" in choice.reason
    asked = choose_k(CRITERIA, "latent-class", 6, inside)
    assert (asked.k, asked.recommended) == (6, k)
    assert not __import__("re").search(r"\d\. \d", asked.reason), "two numbers would be read as one"
