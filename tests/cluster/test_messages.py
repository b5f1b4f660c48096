"""Every refusal says where, what was seen, what is allowed, and what to do next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from segmentry.cluster import KModes, KPrototypes, LatentClass, OrdinalKMeans
from segmentry.errors import ModelError, SegmentryWarning

X = np.array([[0, 1], [1, 0], [2, 2], [0, 0]])
pytestmark = pytest.mark.filterwarnings("ignore:.*degrees of freedom")  # small tables, to show other things
every_class = pytest.mark.parametrize("estimator_class", [KModes, LatentClass, OrdinalKMeans, KPrototypes])


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
        (KPrototypes(2, max_iter=0), "KPrototypes: max_iter must be a whole number of at least 1; got 0"),
        (KPrototypes(2, gamma=-1), "KPrototypes: gamma must be a finite number of at least 0; got -1"),
        (KPrototypes(2, gamma=np.nan), "KPrototypes: gamma must be a finite number of at least 0; got nan"),
        (
            KPrototypes(2, gamma="auto"),
            "KPrototypes: gamma must be a finite number of at least 0; got 'auto'",
        ),
        (KPrototypes(2, categorical=[2]), "KPrototypes: categorical must list .* from 0 to 1; got 2"),
        (KPrototypes(2, categorical=[-1]), "positions from 0 to 1; got -1"),
        (KPrototypes(2, categorical=[True, False]), "positions from 0 to 1; got True"),
        (KPrototypes(2, categorical=0.5), "categorical must list names or positions of columns, or be None"),
        (KPrototypes(2, categorical=["a"]), "names 'a', but the columns of X have no names; give positions"),
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


_MIXED = pd.DataFrame({"age": [20.0, 30.0, 40.0], "city": ["x", "y", "x"], "spent": [1, 2, 3]})


@pytest.mark.parametrize(
    ("column", "values", "text"),
    [
        (
            "age",
            [20, np.nan, np.nan],
            r"feature 'age' is missing \(NaN or None\).*in 2 rows, .*row 1; impute",
        ),
        ("age", [np.nan] * 3, "feature 'age' is missing .*in every row; leave the column out"),
        ("spent", [1, None, 3], r"feature 'spent' is missing .*KPrototypes needs every number: in 1 rows"),
        (
            "age",
            [20, np.inf, 40],
            r"feature 'age' contains infinity \(inf\) in 1 rows, the first of them row 1",
        ),
        ("age", [20, 1e200, 40], r"feature 'age' contains numbers above 1e\+100 in 1 rows, .*row 1"),
        ("age", pd.to_datetime(["2020-01-01"] * 3), "feature 'age' holds times .*days since a date"),
    ],
)
def test_kprototypes_refuses_numbers_that_have_no_distance(column: str, values: Any, text: str) -> None:
    with pytest.raises(ModelError, match=text):
        KPrototypes(2).fit(_MIXED.assign(**{column: values}))
    model = KPrototypes(2, random_state=0).fit(_MIXED)
    if "times" not in text:
        with pytest.raises(ModelError, match=text):
            model.predict(_MIXED.assign(**{column: values}))


def test_kprototypes_refuses_a_missing_number_however_it_is_written() -> None:
    text = "feature 'age' is missing .*in 1 rows"
    for value in (-1.0, "?"):
        table = _MIXED.assign(age=pd.Series([20.0, value, 40.0], dtype=object))
        with pytest.raises(ModelError, match=text):
            KPrototypes(2, missing_value=value).fit(table)


def test_kprototypes_refuses_text_among_numbers() -> None:
    text = "feature 'city' is numeric, because it is not in `categorical`, but holds 'x' in row 0; add it"
    with pytest.raises(ModelError, match=text):
        KPrototypes(2, categorical=["spent"]).fit(_MIXED)
    model = KPrototypes(2, random_state=0).fit(_MIXED)
    with pytest.raises(ModelError, match="feature 'age' is numeric, .*but holds 'old' in row 0"):
        model.predict(_MIXED.assign(age="old"))


def test_kprototypes_names_the_nearest_of_a_column_that_does_not_exist() -> None:
    text = r"categorical names 'ctiy', and X has no such column \(did you mean 'city'\?\)"
    with pytest.raises(ModelError, match=text):
        KPrototypes(2, categorical=["ctiy"]).fit(_MIXED)


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
    with pytest.raises(ModelError, match=r"(?s)unseen at fit time:\n- c\n.*yet now missing:\n- b"):
        model.predict(frame.rename(columns={"b": "c"}))
    with pytest.raises(ModelError, match=f"X has 1 features, but {estimator_class.__name__} is expecting 2"):
        model.predict(X[:, :1])


@every_class
def test_predict_before_fit_is_refused(estimator_class: type) -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        estimator_class(2).predict(X)
