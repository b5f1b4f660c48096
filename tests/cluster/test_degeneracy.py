"""Signs of too many classes, and the fit against the saturated table."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster import LatentClass
from segmentry.cluster.latent_class import degeneracy
from segmentry.errors import SegmentryWarning

Table = tuple[np.ndarray, np.ndarray]


def test_g_squared_is_twice_the_log_of_the_likelihood_ratio(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(2, random_state=0).fit(X, sample_weight=counts)
    expected = 118 * np.exp(model.score_samples(X))
    assert model.g_squared_ == pytest.approx(2 * counts @ np.log(counts / expected))


def test_g_squared_of_weights_equals_that_of_replicated_rows(carcinoma: Table) -> None:
    X, counts = carcinoma
    weighted = LatentClass(2, random_state=0).fit(X, sample_weight=counts)
    replicated = LatentClass(2, random_state=0).fit(X.repeat(counts, axis=0))
    assert weighted.g_squared_ == pytest.approx(replicated.g_squared_, rel=1e-6)
    assert weighted.degrees_of_freedom_ == replicated.degrees_of_freedom_


def test_g_squared_of_a_saturated_model_is_zero(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(1).fit(X[:, :1], sample_weight=counts)
    assert model.g_squared_ == pytest.approx(0, abs=1e-9)
    assert model.degrees_of_freedom_ == 0


def test_g_squared_needs_complete_rows_of_positive_weight(carcinoma: Table) -> None:
    X, counts = carcinoma
    holed = X.astype(object)
    holed[0, 0] = None
    assert np.isnan(LatentClass(1).fit(holed, sample_weight=counts).g_squared_)
    rest = np.where(np.arange(20) == 0, 0, counts)
    assert LatentClass(1).fit(holed, sample_weight=rest).g_squared_ > 0


def test_degrees_of_freedom_count_the_cells_of_the_table() -> None:
    X = [["a", 0, "x"], ["b", 1, "x"], ["c", 0, "x"], ["a", 1, "x"]]
    assert LatentClass(1).fit(X).degrees_of_freedom_ == 3 * 2 * 1 - 1 - 3
    with pytest.warns(SegmentryWarning, match=r"7 parameters for 5 free cells .*\(-2 degrees of freedom\)"):
        assert LatentClass(2, random_state=0).fit(X).degrees_of_freedom_ == 3 * 2 * 1 - 1 - 7


def test_boundary_counts_probabilities_of_zero_and_one_where_there_is_a_choice(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(3, random_state=0).fit(X, sample_weight=counts)
    assert (
        model.n_boundary_ == sum(int(((p < 1e-6) | (p > 1 - 1e-6)).sum()) for p in model.response_proba_) > 0
    )
    assert LatentClass(1).fit([["a", 0], ["a", 1]]).n_boundary_ == 0


def test_duplicates_are_pairs_alike_in_every_probability() -> None:
    first = np.array([[0.5, 0.5], [0.5005, 0.4995], [0.2, 0.8]])
    second = np.array([[0.1, 0.9], [0.1, 0.9], [0.1, 0.9]])
    assert degeneracy.duplicate_classes([first, second]) == ((0, 1),)
    assert degeneracy.duplicate_classes([second]) == ((0, 1), (0, 2), (1, 2))
    assert degeneracy.duplicate_classes([first, second[::-1] * [[1], [0.5], [1]]]) == ()


def test_a_fit_with_duplicates_warns_at_the_caller(carcinoma: Table) -> None:
    X, counts = carcinoma
    with pytest.warns(SegmentryWarning, match="response probabilities: 0 and 1; .*ask for fewer") as caught:
        model = LatentClass(2, prior=1e9, random_state=0).fit(X, sample_weight=counts)
    assert [warning.filename for warning in caught] == [__file__]
    assert model.duplicate_classes_ == ((0, 1),)


def test_many_duplicates_are_cut_short() -> None:
    pairs = tuple((0, j) for j in range(1, 9))
    (doubt,) = degeneracy.doubts_of_classes(pairs, (1, 2))
    assert "0 and 5, ...; the data hold fewer" in doubt


def test_a_class_that_is_nowhere_the_most_probable_warns(hidden_class: Table) -> None:
    X, weights = hidden_class
    with pytest.warns(SegmentryWarning, match="belongs to class 1; labels_ leaves .*ask for fewer") as caught:
        model = LatentClass(2, random_state=0).fit(X, sample_weight=weights)
    assert [warning.filename for warning in caught] == [__file__]
    assert model.empty_classes_ == (1,)
    assert set(model.labels_) == {0}
    np.testing.assert_allclose(model.class_prior_, [0.9, 0.1], atol=0.01)


def test_a_good_fit_shows_no_sign(carcinoma: Table) -> None:
    X, counts = carcinoma
    model = LatentClass(2, random_state=0).fit(X, sample_weight=counts)
    assert (model.duplicate_classes_, model.empty_classes_) == ((), ())
