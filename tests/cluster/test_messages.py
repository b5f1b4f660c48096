"""Every refusal says where, what was seen, what is allowed, and what to do next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from segmentry.cluster import KModes, LatentClass, OrdinalKMeans
from segmentry.errors import ModelError, SegmentryWarning

X = np.array([[0, 1], [1, 0], [2, 2], [0, 0]])
pytestmark = pytest.mark.filterwarnings("ignore:.*degrees of freedom")  # small tables, to show other things
every_class = pytest.mark.parametrize("estimator_class", [KModes, LatentClass, OrdinalKMeans])


@every_class
@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([1, -2, 1, 1], r"sample_weight must be at least 0; got -2\.0 in row 1"),
        ([1, 1, np.nan, 1], r"sample_weight must be finite; got nan in row 2"),
        ([np.inf, 1, 1, 1], r"sample_weight must be finite; got inf in row 0"),
        ([0, 0, 0, 0], r"sample_weight is zero in every row; at least one row needs a positive weight"),
        ([1, 1, 1], r"sample_weight must have the shape \(4,\), one per row; got \(3,\)"),
        ([[1], [1], [1], [1]], r"must have the shape \(4,\), one per row; got \(4, 1\)"),
    ],
)
def test_bad_weights_are_refused(estimator_class: type, weights: list[float], text: str) -> None:
    with pytest.raises(ModelError, match=text):
        estimator_class(2).fit(X, sample_weight=weights)


@pytest.mark.parametrize("method", ["standard_errors", "bivariate_residuals"])
@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([1, -2, 1, 1], r"sample_weight must be at least 0; got -2\.0 in row 1"),
        ([1, 1, np.nan, 1], r"sample_weight must be finite; got nan in row 2"),
        ([0, 0, 0, 0], r"sample_weight is zero in every row; at least one row needs a positive weight"),
        ([1, 1, 1], r"sample_weight must have the shape \(4,\), one per row; got \(3,\)"),
    ],
)
def test_bad_weights_are_refused_after_fit(method: str, weights: list[float], text: str) -> None:
    model = LatentClass(1).fit(X)
    with pytest.raises(ModelError, match=text):
        getattr(model, method)(X, sample_weight=weights)


@pytest.mark.parametrize("method", ["standard_errors", "bivariate_residuals", "bch_weights"])
def test_bad_rows_are_refused_after_fit(method: str) -> None:
    with pytest.raises(NotFittedError, match="this LatentClass is not fitted yet"):
        getattr(LatentClass(2), method)(X)
    model = LatentClass(1).fit(X)
    with pytest.raises(ModelError, match=r"feature 1: unseen in fit: 7 .*handle_unknown='missing'"):
        getattr(model, method)([[0, 7]])
    with pytest.raises(ModelError, match="X has 1 features, but LatentClass is expecting 2"):
        getattr(model, method)(X[:, :1])


@every_class
def test_more_clusters_than_patterns_are_refused(estimator_class: type) -> None:
    name = "n_components" if estimator_class is LatentClass else "n_clusters"
    text = f"{estimator_class.__name__}: {name} is 4, but X has 3 distinct patterns .*ask for at most 3"
    with pytest.raises(ModelError, match=text):
        estimator_class(4).fit(X, sample_weight=[1, 1, 1, 0])


@every_class
@pytest.mark.parametrize("value", [0, -1, 2.5, "3", None, True])
def test_numbers_of_clusters_are_whole_and_positive(estimator_class: type, value: object) -> None:
    with pytest.raises(ModelError, match=r"must be a whole number of at least 1; got "):
        estimator_class(value).fit(X)


@pytest.mark.parametrize(
    ("estimator", "text"),
    [
        (KModes(2, n_init=0), "KModes: n_init must be a whole number of at least 1; got 0"),
        (KModes(2, max_iter=1.5), "KModes: max_iter must be a whole number of at least 1; got 1.5"),
        (KModes(2, max_grid=0), "KModes: max_grid must be a whole number of at least 1; got 0"),
        (KModes(2, distance="hamming"), "KModes: distance must be 'matching', 'rank', or .*got 'hamming'"),
        (KModes(2, distance=["rank"]), "or one of them or a matrix for each of 2 features"),
        (KModes(2, distance=3), "KModes: distance must be .*got 3"),
        (KModes(2, feature_weights=[1, -1]), "feature_weights must be 2 finite numbers of at least 0"),
        (KModes(2, feature_weights=[1, np.nan]), "feature_weights must be 2 finite numbers"),
        (KModes(2, feature_weights=[1]), r"one per feature; got \[1\]"),
        (KModes(2, feature_weights=["much", 1]), "feature_weights must be 2 finite numbers"),
        (LatentClass(2, tol=-1), "LatentClass: tol must be a finite number of at least 0; got -1"),
        (LatentClass(2, tol=np.inf), "LatentClass: tol must be a finite number of at least 0; got inf"),
        (LatentClass(2, tol="small"), "LatentClass: tol must be a finite number of at least 0; got 'small'"),
        (LatentClass(2, prior=-1), "LatentClass: prior must be a finite number of at least 0; got -1"),
        (LatentClass(2, prior=np.nan), "LatentClass: prior must be a finite number of at least 0; got nan"),
        (
            LatentClass(2, prior="weak"),
            "LatentClass: prior must be a finite number of at least 0; got 'weak'",
        ),
        (LatentClass(2, prior=True), "LatentClass: prior must be a finite number of at least 0; got True"),
        (OrdinalKMeans(2, n_init="auto"), "OrdinalKMeans: n_init must be a whole number"),
    ],
)
def test_bad_hyper_parameters_are_refused(estimator: Any, text: str) -> None:
    with pytest.raises(ModelError, match=text):
        estimator.fit(X)


@every_class
@pytest.mark.parametrize("random_state", [-1, 0.5, "seed"])
def test_bad_random_states_are_refused(estimator_class: type, random_state: object) -> None:
    with pytest.raises(ModelError, match="random_state must be None, a whole number of at least 0, or "):
        estimator_class(2, random_state=random_state).fit(X)


@every_class
def test_bad_handling_of_unknown_levels_is_refused(estimator_class: type) -> None:
    with pytest.raises(ModelError, match="handle_unknown must be 'error' or 'missing'; got 'ignore'"):
        estimator_class(2, handle_unknown="ignore").fit(X)


@every_class
def test_unseen_levels_are_refused_with_the_feature_the_level_and_the_nearest(estimator_class: type) -> None:
    frame = pd.DataFrame({"income": ["low", "high", "middle"], "city": ["x", "y", "x"]})
    model = estimator_class(2, random_state=0).fit(frame)
    text = "feature 'income': unseen in fit: 'hihg' .did you mean 'high'\\?.; .*handle_unknown='missing'"
    with pytest.raises(ModelError, match=text):
        model.predict(pd.DataFrame({"income": ["low", "hihg"], "city": ["x", "x"]}))


def test_many_unseen_levels_are_counted() -> None:
    model = KModes(2, random_state=0).fit([["a"], ["b"]])
    with pytest.raises(
        ModelError, match=r"feature 0: unseen in fit: 1, 2, 3, 4, 5 and 2 more \(known: a, b\)"
    ):
        model.predict([[n] for n in range(1, 8)])


def test_ordinal_kmeans_refuses_missing_cells() -> None:
    text = r"feature 1 is missing \(NaN or None\) in 1 rows, and OrdinalKMeans cannot place them; drop"
    with pytest.raises(ModelError, match=text):
        OrdinalKMeans(2).fit([[0, 1], [1, np.nan], [2, 2]])
    model = OrdinalKMeans(2, random_state=0).fit(X)
    with pytest.raises(ModelError, match=r"feature 0 is missing \(NaN or None\) in row 1, and"):
        model.predict([[0, 1], [None, 1]])
    with pytest.raises(ModelError, match=r"feature 0 is missing \(NaN or None\) in row 0, and"):
        model.transform([[np.nan, 1]])


@every_class
@pytest.mark.parametrize(
    ("table", "text"),
    [
        (np.array([0, 1, 2]), "Expected 2D array, got 1D array instead"),
        (np.empty((0, 2)), r"0 sample\(s\) \(shape=\(0, 2\)\) while a minimum of 1 is required"),
        (np.empty((3, 0)), r"0 feature\(s\) \(shape=\(3, 0\)\) while a minimum of 1 is required"),
        (csr_array(X), "X is sparse, and sparse tables are not supported"),
        (np.array([[1.0], [np.inf]]), r"feature 0 contains infinity \(inf\)"),
        (np.array([[1j], [2j]]), "Complex data not supported: feature 0"),
    ],
)
def test_bad_tables_are_refused(estimator_class: type, table: Any, text: str) -> None:
    with pytest.raises(ModelError, match=text):
        estimator_class(1).fit(table)


@every_class
def test_values_that_cannot_be_levels_are_refused(estimator_class: type) -> None:
    table = np.empty((2, 1), dtype=object)
    table[:, 0] = [[1], [2]]
    with pytest.raises(TypeError, match="feature 0 holds a value that cannot be a level"):
        estimator_class(1).fit(table)


def test_a_row_of_which_nothing_is_known_is_said() -> None:
    model = KModes(2, handle_unknown="missing", random_state=0).fit(X)
    with pytest.warns(SegmentryWarning, match="KModes: 1 row has no value that fit has seen"):
        model.predict([[7, 8], [0, 8]])


@every_class
def test_other_features_than_those_of_fit_are_refused(estimator_class: type) -> None:
    frame = pd.DataFrame(X, columns=["a", "b"])
    model = estimator_class(2, random_state=0).fit(frame)
    with pytest.raises(ModelError, match="must be in the same order as they were in fit"):
        model.predict(frame[["b", "a"]])
    with pytest.raises(ModelError, match=r"(?s)unseen at fit time:\s- c\s.*yet now missing:\s- b"):
        model.predict(frame.rename(columns={"b": "c"}))
    with pytest.raises(ModelError, match=f"X has 1 features, but {estimator_class.__name__} is expecting 2"):
        model.predict(X[:, :1])


@every_class
def test_predict_before_fit_is_refused(estimator_class: type) -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        estimator_class(2).predict(X)
