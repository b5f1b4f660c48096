"""The forms that X may have: the same table gives the same fit."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from segmentry.cluster import KModes, LatentClass, OrdinalKMeans

ESTIMATORS = {
    "kmodes": KModes,
    "latent_class": LatentClass,
    "ordinal_kmeans": OrdinalKMeans,
}
_LETTERS = np.array(["a", "b", "c", "d"], dtype=object)


class _Codes(np.ndarray):
    """Codes that say themselves what is missing, as a pattern table's do."""

    missing_value = -1


def _codes(has_missing: bool = False) -> np.ndarray:
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=(80, 1))
    codes = np.where(rng.random((80, 3)) < 0.3, rng.integers(4, size=(80, 3)), 3 * truth)
    if has_missing:
        codes[rng.random(codes.shape) < 0.1] = -1
    return codes


def _model(name: str, **parameters: Any) -> Any:
    return ESTIMATORS[name](2, n_init=5, random_state=0, **parameters)


def _forms() -> dict[str, Any]:
    codes, words = _codes(), _LETTERS[_codes()]
    names = ["x", "y", "z"]
    return {
        "int8": codes.astype(np.int8),
        "uint64": codes.astype(np.uint64),
        "float": codes.astype(float),
        "fortran": np.asfortranarray(codes),
        "list": codes.tolist(),
        "text": words,
        "fixed width text": words.astype("U1"),
        "pandas text": pd.DataFrame(words, columns=names),
        "pandas category": pd.DataFrame(words, columns=names).astype("category"),
        "pandas nullable": pd.DataFrame(codes, columns=names).astype("Int64"),
        "polars text": pl.DataFrame(words.tolist(), schema=names, orient="row"),
        "polars numbers": pl.DataFrame(codes, schema=names),
        "polars category": pl.DataFrame(
            words.tolist(), schema=dict.fromkeys(names, pl.Categorical), orient="row"
        ),
        "polars enum": pl.DataFrame(
            words.tolist(), schema=dict.fromkeys(names, pl.Enum(["a", "b", "c", "d", "unused"])), orient="row"
        ),
    }


@cache
def _plain(name: str, has_missing: bool = False) -> Any:
    return _model(name).fit(_holed_forms()["nan"][0] if has_missing else _codes())


@pytest.mark.parametrize("form", _forms())
@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_form_of_a_table_gives_the_same_fit(name: str, form: str) -> None:
    plain, model = _plain(name), _model(name).fit(_forms()[form])
    assert model.labels_.tolist() == plain.labels_.tolist()
    assert model.predict(_forms()[form]).tolist() == plain.labels_.tolist()
    for criterion in {"cost_", "log_likelihood_", "inertia_"} & vars(plain).keys():
        assert getattr(model, criterion) == pytest.approx(getattr(plain, criterion), rel=1e-9)


def _holed_forms() -> dict[str, tuple[Any, object]]:
    codes = _codes(has_missing=True)
    is_missing = codes < 0
    words = np.where(is_missing, None, _LETTERS[codes])
    floats = np.where(is_missing, np.nan, codes.astype(float))
    return {
        "nan": (floats, None),
        "none": (words, None),
        "missing_value": (codes, -1),
        "the array's own": (codes.view(_Codes), None),
        "a word": (np.where(is_missing, "?", words), "?"),
        "pandas category": (pd.DataFrame(words, columns=list("xyz")).astype("category"), None),
        "pandas nullable": (pd.DataFrame(floats, columns=list("xyz")).astype("Int64"), None),
        "polars": (pl.DataFrame(words.tolist(), schema=["x", "y", "z"], orient="row"), None),
        "polars numbers": (pl.DataFrame(floats, schema=["x", "y", "z"]).fill_nan(None), None),
    }


@pytest.mark.parametrize("form", _holed_forms())
@pytest.mark.parametrize("name", ["kmodes", "latent_class"])
def test_every_spelling_of_missing_gives_the_same_fit(name: str, form: str) -> None:
    X, missing_value = _holed_forms()[form]
    plain = _plain(name, has_missing=True)
    model = _model(name, missing_value=missing_value).fit(X)
    assert [len(levels) for levels in model.categories_] == [4, 4, 4]
    assert model.labels_.tolist() == plain.labels_.tolist() == model.predict(X).tolist()
    for criterion in {"cost_", "log_likelihood_"} & vars(plain).keys():
        assert getattr(model, criterion) == pytest.approx(getattr(plain, criterion), rel=1e-9)


def test_a_raw_minus_one_is_a_level_like_any_other() -> None:
    assert [c.tolist() for c in KModes(2, random_state=0).fit([[-1], [0], [1]]).categories_] == [[-1, 0, 1]]


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int64, np.uint8, np.uint64])
def test_the_limits_of_a_whole_number_type_are_levels(dtype: type) -> None:
    limits = np.iinfo(dtype)
    X = np.array([[limits.min], [limits.max], [limits.max]], dtype=dtype)
    model = KModes(2, random_state=0).fit(X)
    assert model.categories_[0].tolist() == [limits.min, limits.max]
    assert model.labels_.tolist() == [1, 0, 0]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_unseen_levels_can_count_as_missing(name: str) -> None:
    model = _model(name, handle_unknown="missing").fit(_LETTERS[_codes()])
    unseen = model.predict([["a", "a", "new"], ["d", "d", "new"]])
    assert unseen.tolist() == model.predict([["a", "a", None], ["d", "d", None]]).tolist()
    assert unseen[0] != unseen[1]


def test_fitted_names_are_those_of_the_frame_and_only_of_a_frame() -> None:
    frame = pd.DataFrame(_codes(), columns=["x", "y", "z"])
    model = _model("kmodes").fit(frame)
    assert model.feature_names_in_.tolist() == ["x", "y", "z"]
    assert not hasattr(model.fit(_codes()), "feature_names_in_")
    assert model.get_feature_names_out().tolist() == ["kmodes0", "kmodes1"]


def test_transform_gives_a_frame_where_asked() -> None:
    model = _model("ordinal_kmeans").fit(_codes()).set_output(transform="pandas")
    assert model.transform(_codes()).columns.tolist() == ["ordinalkmeans0", "ordinalkmeans1"]
