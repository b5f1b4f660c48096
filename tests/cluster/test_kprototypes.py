"""KPrototypes: its objective by hand, its relatives at the ends, and the forms that a mixed table may have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from segmentry.cluster import KModes, KPrototypes
from segmentry.cluster.kprototypes import search as search_module
from segmentry.errors import SegmentryWarning

_WORDS = np.array(["u", "v", "w", "x", "y"], dtype=object)


def _planted(n_rows: int, n_numeric: int, n_categorical: int, n_clusters: int, seed: int) -> pd.DataFrame:
    """Return rows around planted prototypes, with much noise."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_clusters, size=n_rows)
    numbers = 2 * rng.normal(size=(n_clusters, n_numeric))[truth] + rng.normal(size=(n_rows, n_numeric))
    modes = rng.integers(5, size=(n_clusters, n_categorical))[truth]
    codes = np.where(rng.random(modes.shape) < 0.6, modes, rng.integers(5, size=modes.shape))
    frame = pd.DataFrame(numbers, columns=[f"n{j}" for j in range(n_numeric)])
    return frame.join(pd.DataFrame(_WORDS[codes], columns=[f"c{j}" for j in range(n_categorical)]))


def _parts(X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    is_number = X.columns.str.startswith("n")
    return X.loc[:, is_number].to_numpy(), X.loc[:, ~is_number].to_numpy()


def test_kprototypes_is_the_weighted_objective_by_hand() -> None:
    X, weights = _planted(200, 3, 4, 4, 0), np.random.default_rng(1).integers(1, 5, size=200)
    model = KPrototypes(4, random_state=0).fit(X, sample_weight=weights)
    numbers, words = _parts(X)
    mean = weights @ numbers / weights.sum()
    assert model.gamma_ == pytest.approx(np.sqrt(weights @ (numbers - mean) ** 2 / weights.sum()).mean() / 2)
    squares = ((numbers[:, None] - model.cluster_centers_) ** 2).sum(axis=2)
    away = squares + model.gamma_ * (words[:, None] != model.cluster_modes_).sum(axis=2)
    np.testing.assert_allclose(model.transform(X), away, rtol=1e-12)
    assert model.labels_.tolist() == away.argmin(axis=1).tolist()
    assert model.cost_ == pytest.approx(weights @ away.min(axis=1), rel=1e-12)
    for c in range(4):
        mine = model.labels_ == c
        centre = weights[mine] @ numbers[mine] / weights[mine].sum()
        np.testing.assert_allclose(model.cluster_centers_[c], centre, atol=1e-9)
        for j in range(4):
            totals = pd.Series(weights[mine]).groupby(words[mine, j]).sum()
            assert totals[model.cluster_modes_[c, j]] == totals.max()


@pytest.mark.parametrize("form", ["columns", "positions", "types"])
def test_kprototypes_knows_its_columns(form: str) -> None:
    X = _planted(60, 2, 2, 2, 0)[["c0", "n0", "c1", "n1"]]
    asked = {"columns": ["c1", "c0"], "positions": np.array([0, 2]), "types": None}[form]
    model = KPrototypes(2, categorical=asked, n_init=2, random_state=0).fit(X)
    assert model.categorical_features_.tolist() == [0, 2]
    assert model.numeric_features_.tolist() == [1, 3]
    assert (model.cluster_centers_.shape, model.cluster_modes_.shape) == ((2, 2), (2, 2))
    assert model.feature_names_in_.tolist() == list(X.columns)
    assert [c.tolist() for c in model.categories_] == [sorted(_WORDS)] * 2


def _forms() -> dict[str, Any]:
    X = _planted(80, 1, 1, 3, 0).round(1)
    X["n1"], X["c1"] = np.arange(80) % 7, np.arange(80) % 3 == 0
    objects = X.astype(object)
    category = X.astype({"c0": "category", "n0": "Float64", "n1": "Int64", "c1": "boolean"})
    enum = pl.from_pandas(X).with_columns(pl.col("c0").cast(pl.Enum(sorted(_WORDS))))
    decimals = objects.assign(n0=[Decimal(str(v)) for v in X["n0"]])
    return {
        "pandas": X,
        "pandas objects": objects,
        "pandas extension types": category,
        "decimals": decimals,
        "numpy objects": objects.to_numpy(),
        "list": objects.to_numpy().tolist(),
        "polars": pl.from_pandas(X),
        "polars enum": enum,
    }


@pytest.mark.parametrize("form", _forms())
def test_every_form_of_a_mixed_table_gives_the_same_fit(form: str) -> None:
    plain = KPrototypes(3, n_init=3, random_state=0).fit(_forms()["pandas"])
    assert plain.numeric_features_.tolist() == [0, 2]
    X = _forms()[form]
    model = KPrototypes(3, n_init=3, random_state=0).fit(X)
    assert model.labels_.tolist() == plain.labels_.tolist() == model.predict(X).tolist()
    assert model.cost_ == plain.cost_
    assert model.cluster_modes_.tolist() == plain.cluster_modes_.tolist()


def test_kprototypes_missing_level_costs_nothing_and_votes_for_no_mode() -> None:
    X = [[0.0, "a"], [0.1, None], [0.2, "b"], [0.3, "b"], [9.0, None], [9.1, "a"], [9.2, float("nan")]]
    model = KPrototypes(2, gamma=0.5, random_state=0).fit(X)
    assert model.cluster_modes_.tolist() == [["b"], ["a"]]
    squares = (np.array([row[0] for row in X])[:, None] - model.cluster_centers_[:, 0]) ** 2
    np.testing.assert_allclose(model.transform(X)[[1, 4, 6]], squares[[1, 4, 6]])
    marked = [[number, "?" if isinstance(level, float) or level is None else level] for number, level in X]
    again = KPrototypes(2, gamma=0.5, missing_value="?", random_state=0).fit(marked)
    assert again.cost_ == model.cost_


def test_kprototypes_unseen_level_can_count_as_missing() -> None:
    X = [[0.0, "a"], [1.0, "b"]]
    model = KPrototypes(2, handle_unknown="missing", random_state=0).fit(X)
    assert model.transform([[0.5, "new"]]).tolist() == [[0.25, 0.25]]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [3, 8, 12])
def test_kprototypes_of_numbers_is_never_above_k_means(k: int, seed: int) -> None:
    X, _ = make_blobs(400, n_features=4, centers=9, cluster_std=3, random_state=seed)
    theirs = KMeans(k, n_init=10, random_state=seed).fit(X).inertia_
    assert KPrototypes(k, random_state=seed).fit(X).cost_ <= theirs * (1 + 1e-9)


@pytest.mark.parametrize("k", [2, 4])
def test_kprototypes_of_levels_finds_the_cost_of_k_modes(k: int) -> None:
    X = _planted(300, 0, 4, 4, 1)
    model = KPrototypes(k, random_state=0).fit(X)
    assert model.gamma_ == 1
    assert model.cluster_centers_.shape == (k, 0)
    assert model.cost_ <= KModes(k, random_state=0).fit(X).cost_ * 1.01


_KMODES_0_12_2 = {
    ((500, 3, 4, 4, 0), 3): 2563.87464004,
    ((500, 3, 4, 4, 0), 6): 1833.21092708,
    ((500, 1, 6, 5, 1), 5): 1238.57675096,
    ((500, 1, 6, 5, 1), 8): 1079.23114090,
    ((600, 2, 2, 8, 2), 4): 2240.61087297,
    ((600, 2, 2, 8, 2), 8): 1317.71638188,
}
"""The lower cost that kmodes 0.12.2 finds with init='Cao' and init='Huang', at the gamma of segmentry:
KPrototypes(k, init=init, n_init=10, gamma=numbers.std(axis=0).mean() / 2, random_state=0)."""


@pytest.mark.parametrize(("spec", "k"), _KMODES_0_12_2)
def test_kprototypes_is_never_above_the_package_kmodes(spec: tuple[int, ...], k: int) -> None:
    assert KPrototypes(k, random_state=0).fit(_planted(*spec)).cost_ <= _KMODES_0_12_2[spec, k] * (1 + 1e-9)


def test_kprototypes_of_one_cluster_is_the_spread_and_the_rarer_levels() -> None:
    X = _planted(100, 2, 1, 2, 0)
    numbers, _ = _parts(X)
    model = KPrototypes(1, gamma=2).fit(X)
    rarer = len(X) - X["c0"].value_counts().max()
    assert model.cost_ == pytest.approx(len(X) * numbers.var(axis=0).sum() + 2 * rarer)


def test_kprototypes_constant_features_change_nothing() -> None:
    X = _planted(100, 2, 2, 3, 0)
    plain = KPrototypes(3, gamma=0.5, random_state=0).fit(X)
    wide = KPrototypes(3, gamma=0.5, random_state=0).fit(X.assign(n9=7.25, c9="same"))
    assert wide.cost_ == pytest.approx(plain.cost_, rel=1e-9)
    assert KPrototypes(2, random_state=0).fit(pd.DataFrame({"n": 3.0, "c": ["a", "b"]})).gamma_ == 1


def test_kprototypes_is_exact_far_from_the_origin() -> None:
    X = _planted(200, 3, 2, 3, 0)
    far = X.assign(n0=X["n0"] + 1e9)
    near, moved = (KPrototypes(3, gamma=0.5, random_state=0).fit(table) for table in (X, far))
    assert moved.cost_ == pytest.approx(near.cost_, rel=1e-6)
    assert moved.labels_.tolist() == near.labels_.tolist()


def test_kprototypes_warns_of_clusters_without_rows() -> None:
    X = [[0.0, "a"], [0.0, "b"], [1.0, "a"]]
    with pytest.warns(
        SegmentryWarning, match="2 of 3 clusters have rows, .*a gamma of 0.; ask for n_clusters=2"
    ):
        KPrototypes(3, gamma=0, random_state=0).fit(X)


def test_kprototypes_sample_finds_the_clusters_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    X = _planted(3000, 2, 3, 4, 0)
    whole = KPrototypes(4, random_state=0).fit(X)
    monkeypatch.setattr(search_module, "MAX_SCREENED", 1000)
    monkeypatch.setattr(search_module, "SAMPLE_STEPS", 800)
    sampled = KPrototypes(4, random_state=0).fit(X)
    assert sampled.cost_ <= 1.01 * whole.cost_
    assert sampled.predict(X).tolist() == sampled.labels_.tolist()
    weights = np.arange(3000) % 4
    weighted = KPrototypes(4, random_state=0).fit(X, sample_weight=weights)
    replicated = KPrototypes(4, random_state=0).fit(X.loc[X.index.repeat(weights)])
    assert weighted.cost_ == replicated.cost_
    assert weighted.labels_.repeat(weights).tolist() == replicated.labels_.tolist()


def _negative_cost(model: Any, X: Any, y: Any = None) -> float:
    return -model[-1].cost_


def test_kprototypes_works_in_pipelines_and_grids() -> None:
    X = _planted(60, 2, 2, 2, 0)
    pipeline = make_pipeline(FunctionTransformer(), KPrototypes(2, n_init=2, random_state=0))
    grid = GridSearchCV(pipeline, {"kprototypes__gamma": [0.1, 1.0]}, scoring=_negative_cost, cv=2).fit(X)
    assert grid.best_params_ == {"kprototypes__gamma": 0.1}
    model = KPrototypes(2, random_state=0).set_output(transform="pandas").fit(X)
    assert model.transform(X).columns.tolist() == ["kprototypes0", "kprototypes1"]
