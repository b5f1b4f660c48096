"""Raw values counted per segment: the engine's counts are those of the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.sql.histograms import Bins

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=1_500, seed=3, dirt=True)


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(ROWS, HOUSEHOLDS, segments=3)


def test_histograms_count_the_rows_of_each_segment(result: sg.Segmentation) -> None:
    rows = result.assign(ROWS).merge(ROWS.drop_duplicates("ID"), on="ID")
    table = result.histograms
    assert set(table["feature"]) == {"income", "birth_year"}
    for feature, column in (("income", "Income"), ("birth_year", "Year_Birth")):
        for _, one in table[table["feature"] == feature].iterrows():
            low = -np.inf if np.isnan(one["low"]) else one["low"]
            high = np.inf if np.isnan(one["high"]) else one["high"]
            mine = rows[rows["segment"] == one["segment"]][column]
            assert ((mine >= low) & (mine < high)).sum() == one["count"]
        counts = table[table["feature"] == feature].groupby("segment")["count"].sum()
        assert counts.tolist() == [s.size for s in result.segments]


def test_bins_have_round_edges_and_open_ends() -> None:
    bins = Bins("x", 0.0, 5.0, 4)
    assert bins.ends(1) == (0.0, 5.0)
    assert np.isnan(bins.ends(0)[0])
    assert bins.ends(0)[1] == 0.0
    assert bins.ends(5)[0] == 20.0
    assert np.isnan(bins.ends(5)[1])


def test_missing_values_are_in_no_bin_and_names_may_clash() -> None:
    rows = pd.DataFrame(
        {
            "segment": [1.5, 2.5, None, 4.0] * 30,
            "certainty": ["a", "b", "a", "c"] * 30,
            "customers": [1, 2, 3, 4] * 30,
        }
    )
    recipe = sg.Recipe.from_toml(
        '[features.segment]\ncolumn = "segment"\nedges = [2, 3]\n[features.kind]\ncolumn = "certainty"\n'
        '[features.customers]\ncolumn = "customers"\nedges = [3]'
    )
    table = sg.run(rows, recipe, segments=2).histograms
    assert table.groupby("feature")["count"].sum().to_dict() == {"segment": 90, "customers": 120}


def test_histograms_and_splits_are_not_saved(result: sg.Segmentation, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """They count customers by raw values; the report is drawn before the model is saved."""
    loaded = sg.load(result.save(tmp_path / "s.json"))
    assert len(loaded.histograms) == len(loaded.splits) == 0
    assert min(len(result.histograms), len(result.splits)) > 0


def test_a_pattern_table_has_no_raw_values() -> None:
    patterns = sg.collect(ROWS, "households")
    assert len(sg.run(patterns, HOUSEHOLDS, segments=2).histograms) == 0
