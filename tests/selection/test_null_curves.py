"""The bands beside elbow and BIC: where the features are independent the curves run inside, else outside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.recipe.models import Method
from segmentry.selection import scan, with_null_curves
from segmentry.selection.null_curves import draw_null_curves

RECIPE = sg.Recipe.from_toml("".join(f'[features.f{j}]\ncolumn = "f{j}"\n' for j in range(5)))


def _independent(seed: int) -> sg.PatternTable:
    rng = np.random.default_rng(seed)
    return sg.collect(pd.DataFrame({f"f{j}": rng.choice(list("abc"), 1_500) for j in range(5)}), RECIPE)


def _with_bands(
    patterns: sg.PatternTable, method: Method, numbers: list[int], seed: int = 0, *, costs: bool = False
) -> pd.DataFrame:
    curves = draw_null_curves(patterns, method, numbers, seed=seed, costs=costs)
    return with_null_curves(scan(patterns, method, numbers).table, method, curves)


def test_curves_of_independent_features_lie_in_the_bands() -> None:
    """On average of eight tables, for every number of segments."""
    found = []
    for seed in range(8):
        patterns = _independent(seed)
        table = _with_bands(patterns, "latent-class", [1, 2, 3, 4], seed)
        found.append((table[["bic", "bic_null_low", "bic_null_high"]] - table["bic"][0]).iloc[1:])
    bic, low, high = np.mean(found, axis=0).T
    assert (low < bic).all()
    assert (bic < high).all()


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_curves_of_segments_lie_far_below_the_bands_and_begin_with_them(method: Method) -> None:
    patterns = sg.collect(sample_households(rows=2_000, seed=3), "households")
    found = _with_bands(patterns, method, [1, 3, 4], costs=True)
    fit = found["cost"] if "cost" in found else -2 * found["log_likelihood"]
    for name, values in (("bic", found["bic"]), ("elbow", fit)):
        low, high = found[f"{name}_null_low"], found[f"{name}_null_high"]
        assert (low <= high).all()
        assert low[0] == high[0] == pytest.approx(values[0])
        assert (values[1:] < low[1:] - 2 * (high - low)[1:]).all()


def test_without_one_segment_there_is_nothing_to_begin_from() -> None:
    table = scan(_independent(0), k=[2, 3]).table
    assert with_null_curves(table, "latent-class", None) is table


def test_costs_of_other_methods_are_drawn_on_request_alone() -> None:
    patterns = sg.collect(sample_households(rows=500, seed=3), "households")
    found = _with_bands(patterns, "k-modes", [1, 2])
    assert "bic_null_low" in found
    assert "elbow_null_low" not in found
