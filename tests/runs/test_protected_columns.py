"""Protected columns that form no feature are counted beside the segments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.patterns.cross_tables import cramers_v
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(1_500, seed=2)
ROWS["region"] = np.random.default_rng(1).choice(["north", "south", None], len(ROWS))
ROWS["note"] = [f"text {i}" for i in range(len(ROWS))]
ROWS["empty"] = np.nan
OUTSIDE = ("Marital_Status", "Year_Birth", "region", "note", "empty")


@pytest.fixture(scope="module")
def recipe() -> sg.Recipe:
    full = HOUSEHOLDS
    kept = tuple(f for f in full.features if f.name not in ("marital_status", "birth_year"))
    clean = tuple(step for step in full.clean if step.step != "plausible_birth_year")
    return full.model_copy(update={"features": kept, "clean": clean, "sensitive": OUTSIDE})


def measured(result: sg.Segmentation) -> pd.DataFrame:
    table = result.insights.associations
    return table[table["kind"] == "sensitive"].set_index("feature")


def test_columns_outside_the_features_are_measured_on_the_rows(recipe) -> None:
    result = sg.run(ROWS, recipe, segments=3)
    found, joined = measured(result), result.assign(ROWS).merge(ROWS, on="ID")
    assert set(found.index) == {"Marital_Status", "Year_Birth", "region"}
    for column in ("Marital_Status", "region"):
        crossed = pd.crosstab(joined[column], joined["segment"])
        assert found.loc[column, "cramers_v"] == pytest.approx(cramers_v(crossed))
        assert found.loc[column, "n"] == joined[column].notna().sum()
        assert found.loc[column, "guessed"] == pytest.approx(crossed.max().sum() / crossed.to_numpy().sum())
    edges = np.quantile(joined["Year_Birth"], [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
    bands = pd.crosstab(np.searchsorted(edges, joined["Year_Birth"], side="right"), joined["segment"])
    assert found.loc["Year_Birth", "cramers_v"] == pytest.approx(cramers_v(bands))


def test_what_cannot_be_measured_is_named(recipe) -> None:
    result = sg.run(ROWS, recipe, segments=2)
    for column in ("note", "empty"):
        assert any(t.startswith(f"{column} is to be audited") for t in result.insights.sensitive_texts)


def test_given_segments_are_measured_too(recipe) -> None:
    result = profile(ROWS, recipe.model_copy(update={"sensitive": ("region",)}), "Marital_Status")
    crossed = pd.crosstab(ROWS["region"], ROWS["Marital_Status"])
    assert measured(result).loc["region", "cramers_v"] == pytest.approx(cramers_v(crossed))


def test_a_pattern_table_has_no_column_to_measure(recipe, tmp_path: Path) -> None:
    only = recipe.model_copy(update={"sensitive": ("region",)})
    result = sg.run(sg.collect(ROWS, only), only, segments=2)
    assert measured(result).empty
    assert result.insights.sensitive_texts[0].startswith("region is to be audited")
