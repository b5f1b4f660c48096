"""Frames and arrays as Python makes them, and a recipe that is given as text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from reading import read
from segmentry.errors import DataError, RecipeError


def test_bands_of_pandas_are_texts(people: pd.DataFrame) -> None:
    people["band"] = pd.cut(people["age"], [0, 30, 50, 100])
    people["quarter"] = pd.qcut(people["income"], 4)
    people["month"] = pd.period_range("2020-01", periods=300, freq="M")
    found, _ = read(people)
    assert sorted(set(found["band"])) == ["(0, 30]", "(30, 50]", "(50, 100]"]
    assert found["month"].iloc[1] == "2020-02"
    recipe = sg.draft(people.drop(columns="age"))
    band = next(f for f in recipe.features if f.name == "band")
    assert list(band.groups or {}) == ["(0, 30]", "(30, 50]", "(50, 100]"]
    assert sg.collect(people, recipe).n_customers == 300


def test_a_row_of_an_array_is_a_customer() -> None:
    array = np.random.default_rng(1).normal(size=(300, 3))
    found, _ = read(array)
    assert found.shape == (300, 3)
    assert found["column2"].tolist() == array[:, 2].tolist()


def test_sparse_columns_are_read(people: pd.DataFrame) -> None:
    people["bought"] = pd.arrays.SparseArray(people["visits"] % 2)
    found, _ = read(people)
    assert found["bought"].tolist() == (people["visits"] % 2).tolist()


@pytest.mark.parametrize("kind", ["matrix", "line", "mixed"])
def test_what_is_no_table_is_a_sentence(kind: str) -> None:
    from scipy.sparse import csr_matrix

    data: dict[str, Any] = {
        "matrix": csr_matrix(np.eye(3)),
        "line": np.zeros(5),
        "mixed": pd.DataFrame({"a": [1, "x", object()]}),
    }
    texts = {
        "matrix": "from_spmatrix",
        "line": "of 1 dimensions is no table",
        "mixed": "cannot read a DataFrame",
    }
    with pytest.raises(DataError, match=texts[kind]):
        sg.audit(data[kind])


def test_a_recipe_may_be_given_as_text(people: pd.DataFrame) -> None:
    text = 'title = "Ages"\n[features.age]\ncolumn = "age"\nedges = [30, 50]\n'
    assert sg.collect(people, text).n_customers == 300
    with pytest.raises(RecipeError, match="the recipe's text: not valid TOML"):
        sg.collect(people, "[features\n" + "x" * 5_000)
    with pytest.raises(RecipeError, match="no such file, nor a bundled recipe"):
        sg.collect(people, "x" * 5_000)
