"""What must hold for every estimator: weights are replication, and nothing depends on spelling or batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from segmentry.cluster import KModes, LatentClass, OrdinalKMeans

ESTIMATORS = {
    "kmodes": KModes(n_clusters=3, n_init=5, random_state=0),
    "kmodes_rank": KModes(n_clusters=3, n_init=5, distance="rank", random_state=0),
    "kmodes_alternation": KModes(n_clusters=3, n_init=20, max_grid=10, random_state=0),
    "latent_class": LatentClass(n_components=3, n_init=20, random_state=0),
    "latent_class_prior": LatentClass(n_components=3, n_init=20, prior=2.0, random_state=0),
    "ordinal_kmeans": OrdinalKMeans(n_clusters=3, n_init=10, random_state=0),
}
_CRITERIA = ("cost_", "inertia_", "log_likelihood_", "bic_", "aic_", "icl_", "entropy_r2_")
_SEEDS = (0, 1, 2)


def _table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 60 rows of four features around three centres, some rows equal, and whole weights from 1."""
    rng = np.random.default_rng(seed)
    centres = np.array([[0, 0, 0, 0], [1, 2, 1, 3], [2, 1, 3, 1]])
    rows = centres[rng.integers(3, size=60)]
    noise = np.column_stack([rng.integers(n, size=60) for n in (3, 3, 4, 4)])
    return np.where(rng.random(rows.shape) < 0.25, noise, rows), rng.integers(1, 8, size=60)


def _fit(name: str, X: Any, sample_weight: Any = None) -> Any:
    estimator = ESTIMATORS[name]
    return type(estimator)(**estimator.get_params()).fit(X, sample_weight=sample_weight)


def _criteria(model: Any) -> dict[str, float]:
    return {name: getattr(model, name) for name in _CRITERIA if hasattr(model, name)}


def _outputs(model: Any, X: Any) -> list[np.ndarray]:
    names = [name for name in ("predict", "transform", "predict_proba") if hasattr(model, name)]
    return [getattr(model, name)(X) for name in names]


def _assert_same_state(first: Any, second: Any) -> None:
    assert vars(first).keys() == vars(second).keys()
    for name, value in vars(first).items():
        np.testing.assert_equal(value, vars(second)[name], err_msg=name)


every_estimator = pytest.mark.parametrize("name", ESTIMATORS)
every_seed = pytest.mark.parametrize("seed", _SEEDS)


@every_estimator
@every_seed
def test_weights_equal_replicated_rows(name: str, seed: int) -> None:
    X, weights = _table(seed)
    weighted = _fit(name, X, weights)
    replicated = _fit(name, X.repeat(weights, axis=0))
    assert _criteria(weighted) == pytest.approx(_criteria(replicated), rel=1e-9)
    assert weighted.labels_.repeat(weights).tolist() == replicated.labels_.tolist()


@pytest.mark.parametrize("estimator", [KModes(4, n_init=1), LatentClass(4, n_init=1, tol=1e-6)])
def test_weights_equal_replicated_rows_where_starts_compete_on_a_sample(estimator: Any) -> None:
    rng = np.random.default_rng(0)
    modes, weights = rng.integers(4, size=(4, 16)), rng.integers(1, 3, size=52_000)
    noise = rng.integers(4, size=(len(weights), 16))
    rows = np.where(rng.random(noise.shape) < 0.6, noise, modes[rng.integers(4, size=len(weights))])
    assert len(np.unique(rows, axis=0)) > 50_000
    weighted = clone(estimator).set_params(random_state=0).fit(rows, sample_weight=weights)
    replicated = clone(estimator).set_params(random_state=0).fit(rows.repeat(weights, axis=0))
    assert _criteria(weighted) == pytest.approx(_criteria(replicated), rel=1e-9)
    assert weighted.labels_.repeat(weights).tolist() == replicated.labels_.tolist()


@every_estimator
def test_patterns_with_counts_equal_their_rows(name: str) -> None:
    X, _ = _table(0)
    patterns, inverse, counts = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    assert len(patterns) < len(X)
    rows, table = _fit(name, X), _fit(name, patterns, counts)
    assert _criteria(rows) == pytest.approx(_criteria(table), rel=1e-6)
    assert rows.labels_.tolist() == table.labels_[inverse.ravel()].tolist()


@every_estimator
@every_seed
def test_rows_of_weight_zero_change_nothing(name: str, seed: int) -> None:
    X, weights = _table(seed)
    known, unseen = X[::7], np.full((2, X.shape[1]), 9)
    plain = _fit(name, X, weights)
    padded = _fit(name, np.vstack([X, known, unseen]), [*weights, *([0] * (len(known) + 2))])
    assert _criteria(padded) == _criteria(plain)
    assert padded.labels_[: len(X)].tolist() == plain.labels_.tolist()
    assert [levels.tolist() for levels in padded.categories_] == [c.tolist() for c in plain.categories_]


@pytest.mark.parametrize(
    "name", [name for name in ESTIMATORS if name != "latent_class_prior"]
)  # it weighs rows
@every_seed
def test_whole_multiples_of_weights_multiply_the_cost(name: str, seed: int) -> None:
    X, weights = _table(seed)
    once, often = _fit(name, X, weights), _fit(name, X, 7 * weights)
    for criterion in {"cost_", "inertia_", "log_likelihood_"} & vars(once).keys():
        assert getattr(often, criterion) == pytest.approx(7 * getattr(once, criterion), rel=1e-9)
    assert often.labels_.tolist() == once.labels_.tolist()


@every_estimator
@every_seed
def test_row_order_leaves_the_cost_unchanged(name: str, seed: int) -> None:
    X, weights = _table(seed)
    order = np.random.default_rng(99).permutation(len(X))
    straight, shuffled = _fit(name, X, weights), _fit(name, X[order], weights[order])
    assert _criteria(shuffled) == pytest.approx(_criteria(straight), rel=1e-6)


@every_estimator
@every_seed
def test_column_order_leaves_the_cost_unchanged(name: str, seed: int) -> None:
    X, weights = _table(seed)
    straight, turned = _fit(name, X, weights), _fit(name, X[:, ::-1], weights)
    assert _criteria(turned) == pytest.approx(_criteria(straight), rel=1e-6)


@every_estimator
def test_renamed_levels_leave_the_cost_and_the_partition_unchanged(name: str) -> None:
    X, weights = _table(3)
    names = ["a", "b", "c", "d"] if name in {"kmodes_rank", "ordinal_kmeans"} else ["m", "z", "a", "f"]
    renamed = np.array(names, dtype=object)[X]
    straight, spelt = _fit(name, X, weights), _fit(name, renamed, weights)
    assert _criteria(spelt) == pytest.approx(_criteria(straight), rel=1e-9)
    assert spelt.labels_.tolist() == straight.labels_.tolist()


@every_estimator
@every_seed
def test_predict_of_the_training_rows_equals_the_labels(name: str, seed: int) -> None:
    X, weights = _table(seed)
    model = _fit(name, X, weights)
    assert model.predict(X).tolist() == model.labels_.tolist()


@every_estimator
@every_seed
def test_a_feature_with_one_level_changes_nothing(name: str, seed: int) -> None:
    X, weights = _table(seed)
    plain, padded = _fit(name, X, weights), _fit(name, np.column_stack([X, np.full(len(X), 5)]), weights)
    assert _criteria(padded) == pytest.approx(_criteria(plain), rel=1e-6)
    assert padded.labels_.tolist() == plain.labels_.tolist()


@every_estimator
def test_batch_of_one_equals_batch_of_all(name: str) -> None:
    X, weights = _table(1)
    model = _fit(name, X, weights)
    for row in range(len(X)):
        for one, every in zip(_outputs(model, X[row : row + 1]), _outputs(model, X), strict=True):
            assert one[0].tolist() == every[row].tolist()


@every_estimator
def test_refit_equals_fresh_fit(name: str) -> None:
    X, weights = _table(1)
    named = pd.DataFrame(_table(2)[0], columns=list("abcd")).astype(str)
    refitted = _fit(name, named).fit(X, sample_weight=weights)
    _assert_same_state(refitted, _fit(name, X, weights))


@every_estimator
@every_seed
def test_labels_are_numbered_by_size(name: str, seed: int) -> None:
    X, weights = _table(seed)
    sizes = np.bincount(_fit(name, X, weights).labels_, weights, minlength=3)
    assert (np.diff(sizes) <= 0).all()
    assert sizes.min() > 0


@every_estimator
def test_fit_changes_neither_its_arguments_nor_the_hyper_parameters(name: str) -> None:
    X, weights = _table(0)
    copies, asked = (X.copy(), weights.copy()), ESTIMATORS[name].get_params()
    model = _fit(name, X, weights)
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(weights, copies[1])
    assert model.get_params() == asked


@every_seed
def test_whole_multiples_of_weights_and_prior_multiply_the_likelihood(seed: int) -> None:
    X, weights = _table(seed)
    once = LatentClass(3, n_init=20, prior=2.0, random_state=0).fit(X, sample_weight=weights)
    often = LatentClass(3, n_init=20, prior=14.0, random_state=0).fit(X, sample_weight=7 * weights)
    assert often.log_likelihood_ == pytest.approx(7 * once.log_likelihood_, rel=1e-9)
    assert often.labels_.tolist() == once.labels_.tolist()


@every_seed
def test_posterior_rows_sum_to_one_and_agree_with_the_labels(seed: int) -> None:
    X, weights = _table(seed)
    model = _fit("latent_class", X, weights)
    posterior = model.predict_proba(X)
    np.testing.assert_allclose(posterior.sum(axis=1), 1, rtol=1e-12)
    assert posterior.argmax(axis=1).tolist() == model.labels_.tolist()
    np.testing.assert_allclose(weights @ posterior / weights.sum(), model.class_prior_, atol=1e-4)
