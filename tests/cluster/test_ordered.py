"""Ordered features of latent classes: only the order of levels counts, and one class has every margin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from segmentry.cluster import LatentClass
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.latent_class import distributions, ordered_inference
from segmentry.cluster.latent_class.em import DesignMatrix, accelerated_cycle, em_step, expected_counts
from segmentry.cluster.latent_class.grouped_normals import Columns, GroupedNormals, maximise
from segmentry.cluster.latent_class.inference import information
from segmentry.cluster.latent_class.starts import StoppingRule, follow_runs, random_starts
from segmentry.errors import ModelError

SEEDS = st.integers(0, 10_000)


def classes_of_numbers(seed: int, n: int = 200) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Draw three numbers whose two classes lie apart, cut into 12, 8 and 5 levels."""
    rng = np.random.default_rng(seed)
    classes = (rng.random(n) < 0.4).astype(np.intp)
    values = rng.normal(size=(n, 3)) + classes[:, None] * [2.5, -2.0, 2.0]
    cuts = [np.quantile(values[:, j], np.arange(1, size) / size) for j, size in enumerate((12, 8, 5))]
    return np.column_stack([np.searchsorted(c, values[:, j]) for j, c in enumerate(cuts)]).astype(
        float
    ), classes


def design_of(
    X: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], is_ordered: list[bool]
) -> DesignMatrix:
    codes = np.where(np.isnan(X), -1, X).astype(np.int32)
    n_levels = [int(column.max()) + 1 for column in codes.T]
    orders = [np.arange(n) for n in n_levels]
    patterns = WeightedPatterns(codes, weights, np.arange(len(codes)), n_levels, orders)
    return DesignMatrix(patterns, 0.0, is_ordered)


@settings(max_examples=25)
@given(SEEDS, st.integers(3, 40))
def test_one_class_has_the_shares_of_all_levels(seed: int, n_levels: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.choice(n_levels, size=(500, 2), p=rng.dirichlet(np.full(n_levels, 0.5)))
    model = LatentClass(1, distributions="ordered").fit(X)
    for j, found in enumerate(model.response_proba_):
        shares = np.unique(X[:, j], return_counts=True)[1] / 500
        np.testing.assert_allclose(found[0], shares, rtol=1e-9)
    levels = LatentClass(1).fit(X)
    assert model.n_parameters_ == levels.n_parameters_
    assert model.bic_ == pytest.approx(levels.bic_, rel=1e-12)


@settings(max_examples=3)
@given(SEEDS)
def test_only_the_order_of_levels_counts(seed: int) -> None:
    X, _ = classes_of_numbers(seed)
    X[np.random.default_rng(seed).random(X.shape) < 0.05] = np.nan
    one = LatentClass(2, distributions="ordered", n_init=2, random_state=0).fit(X)
    other = LatentClass(2, distributions="ordered", n_init=2, random_state=0).fit(np.exp(X) * 100 - 5)
    assert one.log_likelihood_ == other.log_likelihood_
    assert np.array_equal(one.labels_, other.labels_)
    assert np.array_equal(one.centres_, other.centres_)


@settings(max_examples=3)
@given(SEEDS)
def test_a_weight_is_so_many_rows(seed: int) -> None:
    X, _ = classes_of_numbers(seed, 120)
    weights = np.random.default_rng(seed).integers(1, 4, len(X))
    asked = {"distributions": ["ordered", "levels", "ordered"], "n_init": 2, "random_state": 0}
    weighted = LatentClass(2, **asked).fit(X, sample_weight=weights)
    repeated = LatentClass(2, **asked).fit(np.repeat(X, weights, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-9)
    np.testing.assert_allclose(weighted.spreads_, repeated.spreads_, rtol=1e-4)


@settings(max_examples=8)
@given(SEEDS)
def test_no_step_makes_the_table_less_likely(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, _ = classes_of_numbers(seed, 200)
    X[rng.random(X.shape) < 0.1] = np.nan
    design = design_of(X, rng.integers(1, 5, len(X)).astype(float), [True, False, True])
    runs, values = random_starts(design, 3, 4, rng), np.full(4, -np.inf)
    for number in range(12):
        step = em_step if number % 2 else accelerated_cycle
        runs, now = step(design, runs)
        assert (now >= values - 1e-7 * np.abs(now)).all()
        values = now


def test_the_classes_are_found_again_and_have_their_centres_and_spreads() -> None:
    X, classes = classes_of_numbers(3, 3_000)
    X[np.random.default_rng(0).random(X.shape) < 0.1] = np.nan
    model = LatentClass(2, distributions="ordered", n_init=4, random_state=0).fit(X)
    assert (model.labels_ == classes).mean() > 0.9
    assert model.class_prior_[1] == pytest.approx(classes.mean(), abs=0.03)
    scale = np.sqrt(1 + 0.24 * np.array([2.5, 2.0, 2.0]) ** 2)
    np.testing.assert_allclose(
        model.centres_[1] - model.centres_[0], np.array([2.5, -2.0, 2.0]) / scale, atol=0.12
    )
    np.testing.assert_allclose(model.spreads_, np.broadcast_to(1 / scale, (2, 3)), atol=0.1)
    for j, found in enumerate(model.response_proba_):
        z = (np.append(model.thresholds_[j], np.inf) - model.centres_[:, [j]]) / model.spreads_[:, [j]]
        np.testing.assert_allclose(found.cumsum(axis=1), ndtr(z), atol=1e-9)


def test_criteria_choose_the_planted_number_and_one_class_for_independent_columns() -> None:
    X, _ = classes_of_numbers(5, 500)
    shuffled = np.column_stack([np.random.default_rng(j).permutation(X[:, j]) for j in range(3)])
    for table, best in ((X, 2), (shuffled, 1)):
        fits = [
            LatentClass(k, distributions="ordered", n_init=2, random_state=0).fit(table) for k in (1, 2, 3)
        ]
        assert min(fits, key=lambda fit: fit.bic_).n_components == best
    assert fits[2].n_parameters_ == 2 + (11 + 7 + 4) + 2 * 2 * 3


def test_the_standard_errors_come_from_the_second_derivatives() -> None:
    X, _ = classes_of_numbers(1, 800)
    X[np.random.default_rng(1).random(X.shape) < 0.05] = np.nan
    model = LatentClass(
        2, distributions=["levels", "ordered", "ordered"], n_init=3, tol=1e-13, random_state=0
    ).fit(X)
    design, mixture = model._design(X, None), model.mixture()
    ordered = design.ordered
    assert ordered is not None
    layout, normals, levels = (
        ordered_inference._Layout(ordered, 2),
        ordered.normals(mixture),
        ordered.levels(mixture),
    )
    jacobian = ordered_inference._jacobian(layout, normals, levels.shape)
    curved = jacobian.T @ information(design, levels) @ jacobian
    curved -= ordered_inference._bend(design, layout, normals, levels)
    at = np.concatenate([layout.thresholds[:3], layout.centres[:, 0], layout.spreads[:, 1]])

    def value(moves: npt.NDArray[np.float64]) -> float:
        moved = mixture.copy()
        moved[:, 1 + ordered.places[:3]] += moves[:3]
        moved[:, 1 + ordered.n_columns] += moves[3:5]
        spreads = normals.spreads[:, 1] + moves[5:]
        moved[:, -1] = np.log(spreads)
        found = design.levels(moved[:, None])
        prior = (np.log(found) @ design.pseudo_rows(2)).sum()
        return float(expected_counts(design, found)[1][0] + prior)

    step = 1e-3 * np.eye(7)
    second = [
        [(value(a + b) - value(a - b) - value(b - a) + value(-a - b)) / 4e-6 for b in step] for a in step
    ]
    np.testing.assert_allclose(-np.array(second), curved[np.ix_(at, at)], rtol=1e-3, atol=1.0)


def test_the_standard_errors_are_those_of_redrawn_rows() -> None:
    X, _ = classes_of_numbers(1, 1_000)
    asked = {"distributions": "ordered", "n_init": 2, "random_state": 0}
    model = LatentClass(2, **asked).fit(X)
    errors = model.standard_errors(X)
    assert errors.centres is not None
    rng = np.random.default_rng(0)
    redrawn = []
    for _ in range(40):
        design = design_of(X, rng.multinomial(1_000, np.full(1_000, 1e-3)).astype(float), [True] * 3)
        found = follow_runs(design, model.mixture()[:, None], StoppingRule(200, 1e-9))[0].parameters
        assert design.ordered is not None
        redrawn.append((found[:, 0], design.ordered.normals(found).centres))
    shares, centres = (np.std(numbers, axis=0) for numbers in zip(*redrawn, strict=True))
    ratio = errors.centres / centres
    assert (ratio > 0.6).all()
    assert (ratio < 1.6).all()
    assert errors.class_prior[0] == pytest.approx(shares[0], rel=0.5)


def test_levels_ten_times_as_fine_give_the_same_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the standard errors: what 64 levels of a number lose is next to nothing."""
    monkeypatch.setattr(distributions, "MOST_LEVELS", 640)
    rng, n = np.random.default_rng(3), 1_000
    classes = rng.random(n) < 0.4
    values = rng.normal(size=(n, 3)) + classes[:, None] * [2.5, -2.0, 2.0]
    cuts = {size: np.quantile(values, np.arange(1, size) / size, axis=0) for size in (64, 640)}
    coarse, fine = (
        np.column_stack(
            [np.searchsorted(c, v).astype(float) for c, v in zip(cuts[size].T, values.T, strict=True)]
        )
        for size in (64, 640)
    )
    one, other = (
        LatentClass(2, distributions="ordered", n_init=2, tol=1e-11, random_state=0).fit(X)
        for X in (coarse, fine)
    )
    errors = one.standard_errors(coarse)
    assert errors.centres is not None
    assert errors.spreads is not None
    assert np.abs((one.centres_ - other.centres_) / errors.centres).max() < 0.1
    assert np.abs((one.spreads_ - other.spreads_) / errors.spreads).max() < 0.15
    assert np.abs((one.class_prior_ - other.class_prior_) / errors.class_prior).max() < 0.1
    assert (one.labels_ == other.labels_).mean() > 0.98


def test_few_levels_are_probabilities_and_others_stay_as_they_are() -> None:
    X, _ = classes_of_numbers(2, 400)
    X[:, 1], X[:, 2] = X[:, 1] > 3, 7
    X = np.column_stack([X, classes_of_numbers(2, 400)[0][:, 2], np.full(400, np.nan)])
    both = LatentClass(2, distributions="ordered", n_init=3, random_state=0).fit(X)
    assert np.isnan(both.centres_[:, [1, 2, 4]]).all()
    assert np.isfinite(both.centres_[:, [0, 3]]).all()
    assert [len(t) for t in both.thresholds_] == [11, 0, 0, 4, 0]
    plain = LatentClass(2, n_init=3, random_state=0).fit(X[:, [0, 3]])
    assert "centres_" not in vars(plain)


def test_classes_in_another_order_keep_their_centres() -> None:
    X, _ = classes_of_numbers(4)
    model = LatentClass(2, distributions="ordered", n_init=3, random_state=0).fit(X)
    turned = model.reordered(np.array([1, 0]))
    assert np.array_equal(turned.spreads_, model.spreads_[::-1])
    assert np.array_equal(turned.predict(X), 1 - model.predict(X))


def test_ordered_categoricals_have_their_own_order() -> None:
    X, _ = classes_of_numbers(6)
    words = ["none", "some", "half", "much", "all"]
    column = pd.Categorical.from_codes(X[:, 2].astype(int), words, ordered=True)
    table = pd.DataFrame({"age": X[:, 0], "use": column})
    asked = {"distributions": "ordered", "n_init": 2, "random_state": 0}
    named, coded = LatentClass(2, **asked).fit(table), LatentClass(2, **asked).fit(X[:, [0, 2]])
    assert named.log_likelihood_ == pytest.approx(coded.log_likelihood_, rel=1e-9)


@pytest.mark.parametrize(
    ("X", "distributions", "said"),
    [
        (
            [["a", 1], ["b", 2], ["c", 3]],
            "ordered",
            "feature 0 is to be ordered, but its levels have no order: 'a', 'b', 'c'",
        ),
        ([[1, 2], [2, 3]], ["ordered"], "for each of the 2 features; got 1 of them"),
        ([[1, 2], [2, 3]], "normal", "must be 'levels' or 'ordered'; got 'normal'"),
        ([[1, 2], [2, 3]], 3, "got 3"),
        ([[i] for i in range(300)], "ordered", "has 300 levels; cut it into at most 256 intervals first"),
    ],
)
def test_what_cannot_be_ordered_is_said(X: list[list[object]], distributions: object, said: str) -> None:
    with pytest.raises(ModelError, match=said.replace("(", r"\(")):
        LatentClass(1, distributions=distributions).fit(X)


def shares_about(centre: int, n: int) -> npt.NDArray[np.float64]:
    shares = np.exp(-0.5 * ((np.arange(n) - centre) / 4) ** 2)
    return np.asarray(shares / shares.sum())


def test_levels_that_nobody_has_close_without_a_warning() -> None:
    """Redrawn customers lack some of many narrow levels, whose thresholds then meet, far away from some classes, too."""
    n, rng = 60, np.random.default_rng(0)
    columns = Columns(np.array([n]))
    counts = np.stack([rng.multinomial(300, shares_about(c, n)) for c in (8, 50)])
    counts = counts[:, None, :].astype(float)
    normals = GroupedNormals(
        columns,
        np.array([[[-1.0]], [[1.0]]]),
        np.full((2, 1, 1), 0.3),
        np.append(np.linspace(-3, 3, n - 1), 1e4)[None],
    )
    before = float(normals.gains(counts).sum())
    for _ in range(400):
        normals = maximise(normals, counts)
    assert np.isfinite(normals.thresholds).all()
    assert float(normals.gains(counts).sum()) > before
    assert (counts.sum(axis=(0, 1)) == 0).sum() > 10
