"""Too few customers: refused, left out, or said in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.datasets.structures import independent
from segmentry.recipe import Recipe
from segmentry.selection import fit, scan
from segmentry.selection.cautions import cautions, max_classes, n_parameters

RECIPE = Recipe.from_toml('[features.a]\ncolumn = "a"\n[features.b]\ncolumn = "b"\n')
RNG = np.random.default_rng


def table(a: str, b: str) -> pd.DataFrame:
    return pd.DataFrame({"a": list(a), "b": list(b)})


def test_parameters_are_those_of_the_model() -> None:
    patterns = independent(RNG(0), 300, [3, 4, 2])
    for k in (1, 2, 4):
        assert n_parameters(patterns, k) == fit(patterns, "latent-class", k).n_parameters_


def test_the_largest_number_of_classes_is_the_last_that_leaves_a_customer() -> None:
    patterns = independent(RNG(0), 60, [3, 4, 2])
    most = max_classes(patterns)
    assert n_parameters(patterns, most) < patterns.n_customers <= n_parameters(patterns, most + 1)


def test_customers_who_are_all_alike_are_refused() -> None:
    with pytest.raises(
        sg.DataError, match=r"all 3 customers have the same levels \(A x, B y\): nothing tells"
    ):
        sg.run(table("xxx", "yyy"), RECIPE)


def test_fewer_customers_than_parameters_are_refused() -> None:
    with pytest.raises(sg.DataError, match=r"4 customers, and the levels .* have 6 parameters; group levels"):
        sg.run(table("wxyz", "wxyz"), RECIPE)
    with pytest.raises(
        sg.ModelError, match=r"segments: 3 latent classes have 8 parameters.*8 customers; ask for at most 2"
    ):
        sg.run(table("xyxyxyxx", "yxxyyyzy".replace("z", "x")), RECIPE, segments=3)


def test_a_number_above_the_patterns_is_refused() -> None:
    rows = table("xyxyxyxyxy" * 5, "xxyyxxyyxx" * 5)
    with pytest.raises(sg.DataError, match="segments: 5 segments need at least as many patterns.*make 4"):
        sg.run(rows, RECIPE, segments=5)


@pytest.mark.parametrize("text", ["range = [5, 2]", "range = [0, 3]"])
def test_an_empty_range_is_refused(text: str) -> None:
    with pytest.raises(sg.RecipeError, match="range"):
        Recipe.from_toml(f'[features.a]\ncolumn = "a"\n[model]\n{text}\n')


def test_a_scan_of_nothing_is_refused() -> None:
    with pytest.raises(sg.ModelError, match="no number of segments to try"):
        scan(independent(RNG(0), 100, [2, 2]), k=[20])


def test_few_customers_are_said() -> None:
    patterns = independent(RNG(0), 100, [3, 4])
    (said,) = cautions(patterns, [1, 2], 1)
    assert said.startswith("100 customers are few for 2 features: below about 70 per feature (140)")
    assert cautions(independent(RNG(0), 140, [3, 4]), [1, 2], 1) == ()
    rows = pd.DataFrame({"a": RNG(0).choice(list("xyz"), 100), "b": RNG(1).choice(list("xy"), 100)})
    result = sg.run(rows, RECIPE)
    assert any("are few for 2 features" in c for c in result.choice.cautions)
    loaded = type(result).from_dict(result.to_dict())
    assert loaded.choice == result.choice


def test_numbers_left_out_are_said() -> None:
    patterns = independent(RNG(0), 40, [4, 4, 4])
    most = max_classes(patterns)
    said = cautions(patterns, list(range(1, 11)), 1)
    assert any(
        s.startswith(f"Only up to {most} segments were tried: {most + 1} latent classes have") for s in said
    )
    assert scan(patterns, k=range(1, 11)).table["k"].max() == most
    assert scan(patterns, "k-modes", k=range(1, 7)).table["k"].max() == 6
