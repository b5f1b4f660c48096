"""Joined features: one table of probabilities over the levels of both, whatever is missing."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from segmentry.cluster import LatentClass
from segmentry.errors import ModelError
from structures import dependent_pair

PAIR = [(3, 4)]


def fitted(rows: np.ndarray, k: int = 2, **settings: object) -> LatentClass:
    settings = {"joined": PAIR, "n_init": 5, "missing_value": -1, "random_state": 0, **settings}
    return LatentClass(k, **settings).fit(rows)


def as_one(rows: np.ndarray) -> np.ndarray:
    return np.column_stack([rows[:, :3], rows[:, 3] * 3 + rows[:, 4]])


def with_holes(rows: np.ndarray, seed: int = 1) -> np.ndarray:
    """Each of the two is missing in a third of the rows: both, one, the other, or none of them."""
    holes = np.random.default_rng(seed).random((len(rows), 2)) < 1 / 3
    rows = rows.copy()
    rows[:, 3:][holes] = -1
    return rows


def log_likelihood(model: LatentClass, rows: np.ndarray) -> float:
    """The definition: the probability of a row is the sum over all complete rows that it may be."""
    total = 0.0
    for row in rows.tolist():
        pairs = [(a, b) for a, b in product(range(3), range(3)) if row[3] in (-1, a) and row[4] in (-1, b)]
        by_class = [
            share
            * np.prod([model.response_proba_[j][c, row[j]] for j in range(3)])
            * sum(model.joined_proba_[0][c, a, b] for a, b in pairs)
            for c, share in enumerate(model.class_prior_)
        ]
        total += np.log(sum(by_class))
    return float(total)


@pytest.mark.parametrize("k", [1, 2])
def test_without_missing_values_a_pair_is_one_feature_of_combinations(k: int) -> None:
    rows = dependent_pair(np.random.default_rng(0), 600)
    model, reference = fitted(rows, k), fitted(as_one(rows), k, joined=None)
    assert model.log_likelihood_ == pytest.approx(reference.log_likelihood_, abs=1e-6)
    assert (model.n_parameters_, model.degrees_of_freedom_) == (
        reference.n_parameters_,
        reference.degrees_of_freedom_,
    )
    np.testing.assert_allclose(model.predict_proba(rows), reference.predict_proba(as_one(rows)), atol=1e-5)
    np.testing.assert_array_equal(model.labels_, model.predict(rows))
    tables = model.joined_proba_[0]
    np.testing.assert_allclose(tables.reshape(k, 9), reference.response_proba_[3], atol=1e-5)
    np.testing.assert_allclose(tables.sum(axis=2), model.response_proba_[3])
    np.testing.assert_allclose(tables.sum(axis=1), model.response_proba_[4])


def test_rows_that_lack_one_of_the_two_count_with_all_that_they_may_be() -> None:
    rows = with_holes(dependent_pair(np.random.default_rng(0), 600))
    model = fitted(rows)
    assert model.log_likelihood_ == pytest.approx(log_likelihood(model, rows), abs=1e-6)
    assert model.converged_
    rng = np.random.default_rng(2)
    for _ in range(20):  # no parameters nearby are likelier
        other = LatentClass(2, joined=PAIR)
        noise = np.exp(0.01 * rng.standard_normal(model.joined_proba_[0].shape))
        table = model.joined_proba_[0] * noise
        other.joined_proba_ = [table / table.sum(axis=(1, 2), keepdims=True)]
        other.response_proba_, other.class_prior_ = model.response_proba_, model.class_prior_
        assert log_likelihood(other, rows) < model.log_likelihood_


def test_one_class_has_the_likeliest_table_of_rows_with_holes() -> None:
    rows = with_holes(dependent_pair(np.random.default_rng(0), 400))
    one, two = fitted(rows, 1), fitted(rows, 2)
    assert one.log_likelihood_ == pytest.approx(log_likelihood(one, rows), abs=1e-6)
    counts = np.zeros((3, 3))
    for a, b in rows[:, 3:]:  # a step of EM by hand leaves it as it is
        part = (
            one.joined_proba_[0][0]
            * ((np.arange(3) == a)[:, None] | (a < 0))
            * ((np.arange(3) == b) | (b < 0))
        )
        counts += part / part.sum()
    np.testing.assert_allclose(counts / len(rows), one.joined_proba_[0][0], atol=1e-8)
    assert two.log_likelihood_ > one.log_likelihood_


def test_weights_equal_replicated_rows() -> None:
    rows = with_holes(dependent_pair(np.random.default_rng(3), 300))
    weights = np.random.default_rng(4).integers(1, 4, len(rows))
    model = LatentClass(2, joined=PAIR, n_init=5, missing_value=-1, random_state=0)
    weighted = model.fit(rows, sample_weight=weights)
    parts = (
        weighted.joined_proba_[0],
        weighted.bic_,
        weighted.bivariate_residuals(rows, sample_weight=weights),
    )
    repeated = model.fit(rows.repeat(weights, axis=0))
    np.testing.assert_allclose(parts[0], repeated.joined_proba_[0], atol=1e-9)
    assert parts[1] == pytest.approx(repeated.bic_)
    np.testing.assert_allclose(
        parts[2], repeated.bivariate_residuals(rows.repeat(weights, axis=0)), rtol=1e-6
    )


def test_a_dependent_pair_makes_no_class_once_it_is_joined() -> None:
    rows = dependent_pair(np.random.default_rng(0), 2_000)
    apart = {k: fitted(rows, k, joined=None) for k in (1, 2, 3)}
    joined = {k: fitted(rows, k) for k in (1, 2, 3)}
    assert min(apart, key=lambda k: apart[k].bic_) == 3
    assert min(joined, key=lambda k: joined[k].bic_) == 2
    assert joined[2].bic_ < apart[3].bic_
    residuals = apart[2].bivariate_residuals(rows)
    assert np.nanargmax(residuals) == np.ravel_multi_index((3, 4), residuals.shape)
    assert np.nanmax(joined[2].bivariate_residuals(rows)) < 4


def test_a_class_holds_its_classes_whatever_their_order() -> None:
    rows = with_holes(dependent_pair(np.random.default_rng(0), 600))
    model = fitted(rows)
    turned = model.reordered(np.array([1, 0]))
    np.testing.assert_allclose(turned.predict_proba(rows), model.predict_proba(rows)[:, ::-1])


def test_a_combination_that_no_row_had_is_placed_as_if_the_two_were_independent() -> None:
    rows = dependent_pair(np.random.default_rng(0), 600)
    rows = rows[(rows[:, 3] != 0) | (rows[:, 4] != 2)]
    model = fitted(rows)
    assert model.n_parameters_ == 1 + 2 * (3 + 7)
    new = np.array([[0, 0, 1, 0, 2]])
    shares = np.array(model.class_prior_)
    for j in range(5):
        shares = shares * model.response_proba_[j][:, new[0, j]]
    np.testing.assert_allclose(model.predict_proba(new)[0], shares / shares.sum())


def test_standard_errors_are_those_of_the_combinations_and_of_their_sums() -> None:
    rows = dependent_pair(np.random.default_rng(0), 2_000)
    model, reference = fitted(rows), fitted(as_one(rows), joined=None)
    found, expected = model.standard_errors(rows), reference.standard_errors(as_one(rows))
    np.testing.assert_allclose(found.class_prior, expected.class_prior, rtol=1e-3)
    np.testing.assert_allclose(found.joined_proba[0].reshape(2, 9), expected.response_proba[3], rtol=1e-3)
    drawn = [fitted(rows[np.random.default_rng(i).integers(0, 2_000, 2_000)], n_init=1) for i in range(60)]
    spread = np.std([np.sort(one.response_proba_[3], axis=0) for one in drawn], axis=0)
    np.testing.assert_allclose(np.sort(spread.ravel()), np.sort(found.response_proba[3].ravel()), rtol=0.4)
    with pytest.raises(ModelError, match="where a row has one of the two alone; give rows that have both"):
        model.standard_errors(with_holes(rows))


def test_joined_features_stand_beside_ordered_ones_and_a_prior() -> None:
    rng = np.random.default_rng(0)
    rows = with_holes(dependent_pair(rng, 1_000))
    rows = np.column_stack([rows, rng.integers(0, 20, 1_000) + 4 * rows[:, 0]])
    kinds = ["levels"] * 5 + ["ordered"]
    model = fitted(rows, distributions=kinds)
    assert model.converged_
    assert abs(model.centres_[0, 5] - model.centres_[1, 5]) > 0.2
    assert np.isnan(model.centres_[:, :5]).all()
    with pytest.raises(ModelError, match="beside ordered ones"):
        model.standard_errors(rows)
    with pytest.raises(ModelError, match="4 and 5, and one of them is ordered"):
        fitted(rows, distributions=kinds, joined=[(4, 5)])
    assert (fitted(rows, prior=1.0).joined_proba_[0] > 0).all()


def test_features_are_joined_by_name() -> None:
    rows = dependent_pair(np.random.default_rng(0), 600)
    frame = pd.DataFrame(rows, columns=list("abcde"))
    model = fitted(frame, joined=[("d", "e")])
    assert model.bic_ == pytest.approx(fitted(rows).bic_)
    np.testing.assert_array_equal(model.predict(frame), fitted(rows).predict(rows))


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("ab", "must be a list of pairs of features; got 'ab'"),
        ([(1, 2, 3)], "must be a list of pairs of features"),
        ([(3, 3)], "3 and 3; a feature can be joined with one other feature"),
        ([(0, 1), (1, 2)], "1 and 2; a feature can be joined with one other feature"),
        ([(0, 7)], "has 7; a feature of X is a number from 0 to 4"),
        ([("a", "b")], "has 'a'; a feature of X is a number from 0 to 4"),
    ],
)
def test_what_cannot_be_joined_is_said(asked: object, problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        fitted(dependent_pair(np.random.default_rng(0), 100), joined=asked)


def test_too_many_combinations_are_refused() -> None:
    rows = np.column_stack([np.arange(100), np.arange(100)])
    with pytest.raises(ModelError, match="100 and 100 levels; .* can have 4,096 combinations"):
        LatentClass(2, joined=[(0, 1)]).fit(rows)
