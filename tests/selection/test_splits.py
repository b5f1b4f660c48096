"""How customers split from k to k + 1: every customer is followed, and independent features fan out."""

from __future__ import annotations

import pandas as pd
import pytest

import segmentry as sg
from recipes import few_segments
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = few_segments(sg.Recipe.load("households"), most=5)


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(sample_households(rows=3_000, seed=5), RECIPE)


@pytest.mark.parametrize("table", ["customers", "independent"])
def test_every_step_holds_every_customer(result: sg.Segmentation, table: str) -> None:
    rows = result.splits[result.splits["table"] == table]
    assert rows["k"].min() == 1
    assert rows.groupby("k")["customers"].sum().tolist() == [result.n_customers] * rows["k"].nunique()
    assert (rows["start"] <= rows["k"]).all()
    assert (rows["end"] <= rows["k"] + 1).all()


def test_the_groups_of_the_chosen_number_are_the_segments(result: sg.Segmentation) -> None:
    rows = result.splits[(result.splits["table"] == "customers") & (result.splits["k"] == result.choice.k)]
    assert (rows["start"] == rows["segment"]).all()
    assert rows.groupby("segment")["customers"].sum().tolist() == [s.size for s in result.segments]


def test_what_one_step_ends_with_the_next_begins_with(result: sg.Segmentation) -> None:
    rows = result.splits[result.splits["table"] == "customers"]
    ends = rows.groupby(["k", "end"])["customers"].sum()
    starts = rows.groupby(["k", "start"])["customers"].sum()
    for k in range(1, rows["k"].max()):
        assert ends[k].to_dict() == starts[k + 1].to_dict()


def test_the_same_seed_draws_the_same_table(result: sg.Segmentation) -> None:
    again = sg.run(sample_households(rows=3_000, seed=5), RECIPE)
    pd.testing.assert_frame_equal(result.splits, again.splits)
