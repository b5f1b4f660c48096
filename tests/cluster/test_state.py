"""A fitted estimator is its saved attributes: copies, pickles and JSON predict alike."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from segmentry.cluster import KModes, LatentClass, OrdinalKMeans

ESTIMATORS = [
    KModes(3, n_init=3, distance=["rank", "matching", "matching"], random_state=0),
    LatentClass(3, n_init=5, random_state=0),
    OrdinalKMeans(3, n_init=3, random_state=0),
]
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
_METHODS = ("predict", "transform", "predict_proba", "score_samples", "bch_weights", "bivariate_residuals")


def _rows() -> list[list[Any]]:
    rng = np.random.default_rng(0)
    words = np.array(["low", "mid", "top"])
    codes = np.where(rng.random((70, 3)) < 0.3, rng.integers(3, size=(70, 3)), rng.integers(3, size=(70, 1)))
    return [[int(a), str(words[b]), bool(c)] for a, b, c in codes]


def _assert_same_outputs(first: Any, second: Any) -> None:
    for method in _METHODS:
        if hasattr(first, method):
            np.testing.assert_array_equal(getattr(first, method)(_rows()), getattr(second, method)(_rows()))


def _as_json(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return [_as_json(part) for part in value] if isinstance(value, list) else value


@every_estimator
def test_fitted_attributes_survive_json(estimator: Any) -> None:
    model = clone(estimator).fit(_rows())
    text = json.dumps(
        {name: _as_json(getattr(model, name)) for name in model.saved_attributes if name in vars(model)}
    )
    loaded = clone(estimator)
    for name, value in json.loads(text).items():
        setattr(loaded, name, value)
    _assert_same_outputs(loaded, model)


@every_estimator
def test_pickle_keeps_a_fitted_estimator(estimator: Any) -> None:
    model = clone(estimator).fit(_rows())
    loaded = pickle.loads(pickle.dumps(model))  # noqa: S301
    assert loaded.labels_.tolist() == model.labels_.tolist()
    _assert_same_outputs(loaded, model)


@every_estimator
def test_clone_is_unfitted_and_fits_alike(estimator: Any) -> None:
    model = clone(estimator).fit(_rows())
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "labels_")
    _assert_same_outputs(copy.fit(_rows()), model)


@every_estimator
def test_random_state_decides_the_fit(estimator: Any) -> None:
    for state in (lambda: 3, lambda: np.random.RandomState(3), lambda: np.random.default_rng(3)):
        first, second = (clone(estimator).set_params(random_state=state()).fit(_rows()) for _ in range(2))
        _assert_same_outputs(first, second)


@every_estimator
def test_a_model_is_its_estimator_without_the_base(estimator: Any) -> None:
    model_class = next(c for c in type(estimator).__mro__ if c.__name__ == f"{type(estimator).__name__}Model")
    model = model_class(**estimator.get_params()).fit(_rows())
    twin = model.as_estimator()
    assert type(twin) is type(estimator)
    assert twin.get_params() == estimator.get_params() == model.settings()
    for name in _METHODS:
        if hasattr(twin, name):
            np.testing.assert_array_equal(getattr(twin, name)(_rows()), getattr(model, name)(_rows()))
    np.testing.assert_array_equal(clone(twin).fit(_rows()).labels_, model.labels_)


@every_estimator
def test_unfitted_says_so(estimator: Any) -> None:
    with pytest.raises(NotFittedError, match=f"this {type(estimator).__name__} is not fitted yet"):
        clone(estimator).predict(_rows())


def _score(model: Any, X: Any, y: object = None) -> float:
    """Return the mean log-likelihood of the rows, or minus the mean distance to the nearest cluster."""
    if hasattr(model, "score_samples"):
        return float(model.score_samples(X).mean())
    return -float(model.transform(X).min(axis=1).mean())


@every_estimator
def test_a_grid_search_over_a_pipeline_scores_held_out_rows(estimator: Any) -> None:
    X = np.array(_rows(), dtype=object)
    number = "n_components" if isinstance(estimator, LatentClass) else "n_clusters"
    pipeline = make_pipeline(FunctionTransformer(), clone(estimator))
    grid = GridSearchCV(
        pipeline,
        {f"{pipeline.steps[-1][0]}__{number}": [1, 3]},
        scoring=_score,
        cv=KFold(2),
        error_score="raise",
    ).fit(X)
    by_hand = [
        np.mean(
            [
                _score(clone(estimator).set_params(**{number: k}).fit(X[train]), X[test])
                for train, test in KFold(2).split(X)
            ]
        )
        for k in (1, 3)
    ]
    np.testing.assert_allclose(grid.cv_results_["mean_test_score"], by_hand, rtol=1e-12)
    assert grid.best_score_ == max(by_hand)
    assert len(grid.predict(X)) == len(X)
