"""A fitted estimator is its `_fitted` attributes: copies, pickles and JSON predict alike."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from segmentry.cluster import KModes, KPrototypes, LatentClass, OrdinalKMeans, estimator_of

ESTIMATORS = [
    KModes(3, n_init=3, distance=["rank", "matching", "matching"], random_state=0),
    LatentClass(3, n_init=5, random_state=0),
    OrdinalKMeans(3, n_init=3, random_state=0),
    KPrototypes(3, n_init=3, random_state=0),
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
    text = json.dumps({name: _as_json(getattr(model, name)) for name in model._fitted})
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
def test_a_core_is_its_estimator_without_the_base(estimator: Any) -> None:
    core_class = next(c for c in type(estimator).__mro__ if c.__name__ == f"{type(estimator).__name__}Core")
    core = core_class(**estimator.get_params()).fit(_rows())
    twin = estimator_of(core)
    assert type(twin) is type(estimator)
    assert twin.get_params() == estimator.get_params() == core.settings()
    for name in _METHODS:
        if hasattr(twin, name):
            np.testing.assert_array_equal(getattr(twin, name)(_rows()), getattr(core, name)(_rows()))
    np.testing.assert_array_equal(clone(twin).fit(_rows()).labels_, core.labels_)


@every_estimator
def test_unfitted_says_so(estimator: Any) -> None:
    with pytest.raises(NotFittedError, match=f"this {type(estimator).__name__} is not fitted yet"):
        clone(estimator).predict(_rows())
