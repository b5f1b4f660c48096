"""Flags that cannot be right: which one is named, whom it concerns, and where decimals hide."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError
from segmentry.recipe import Recipe

RECIPE = Recipe.from_toml("""
title = "Flags"

[features.age]
edges = [40]
column = "age"

[outcomes.offers]
role = "flags"
exposure = "sent"
columns = ["first"]

[outcomes.others]
role = "flags"
columns = ["second", "third"]
""")
ROWS = pd.DataFrame(
    {
        "age": [20, 30, 50, 60],
        "sent": [1, 1, 0, 1],
        "first": [0, 1, 0, 1],
        "second": [0, 1, 1, 0],
        "third": [0.0, 1.0, 1.0, 0.0],
    }
)


def test_a_value_of_somebody_who_was_not_exposed_is_no_mistake() -> None:
    table = sg.collect(ROWS.assign(first=[0, 1, 9, 1]), RECIPE)
    assert table.sums[:, 0].tolist() == [1.0, 1.0]


def test_the_flag_that_is_wrong_is_named_not_the_first() -> None:
    rows = ROWS.assign(first=[0, 1, 9, 1], second=[0, 7, 1, 7])
    with pytest.raises(
        DataError, match=re.escape("outcomes.others.columns.second: has values other than 0/1")
    ) as caught:
        sg.collect(rows, RECIPE)
    assert "7 (2)" in str(caught.value)


@pytest.mark.parametrize("value", [0.5, -1.0, 2.0])
def test_flags_of_decimals_are_compared_one_by_one(value: float) -> None:
    with pytest.raises(DataError, match=r"outcomes\.others\.columns\.third: has values other than 0/1"):
        sg.collect(ROWS.assign(third=[0.0, value, 1.0, 0.0]), RECIPE)
