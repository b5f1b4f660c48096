"""Later batches are read as the types that the model remembers; one odd value is counted and refuses nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError, SegmentryWarning

RECIPE = """
[source]
id = "customer_id"
[features.age]
column = "age"
edges = [30, 50]
[features.streaming]
column = "streaming"
[features.partner]
column = "partner"
yes_no = true
"""


@pytest.fixture
def subscribers(people: pd.DataFrame) -> pd.DataFrame:
    people["partner"] = np.where(people["visits"] % 2, "Yes", "No")
    people["streaming"] = np.where(
        people["age"] > 60, "No internet", np.where(people["visits"] > 4, "Yes", "No")
    )
    return people


def assigned(model: sg.Segmentation, data: Any) -> dict[int, int]:
    return model.assign(data).set_index("customer_id")["segment"].to_dict()


def test_a_batch_that_happens_to_be_yes_and_no(written: Any, subscribers: pd.DataFrame) -> None:
    path = written(subscribers)
    model = sg.run(path, RECIPE, segments=2)
    whole = assigned(model, path)
    few = subscribers[subscribers["streaming"] != "No internet"].head(3)
    assert assigned(model, written(few, "batch.csv")) == {i: whole[i] for i in few["customer_id"]}


def test_a_model_of_a_frame_scores_the_file_of_the_same_rows(written: Any, subscribers: pd.DataFrame) -> None:
    model = sg.run(subscribers, RECIPE, segments=2)
    assert assigned(model, written(subscribers)) == assigned(model, subscribers)


def test_a_model_of_a_file_scores_the_frame_of_the_same_rows(written: Any, subscribers: pd.DataFrame) -> None:
    path = written(subscribers)
    model = sg.run(path, RECIPE, segments=2)
    assert assigned(model, subscribers) == assigned(model, path)


@pytest.mark.parametrize("in_memory", [True, False])
def test_one_odd_value_is_counted(written: Any, subscribers: pd.DataFrame, in_memory: bool) -> None:
    model = sg.run(subscribers, RECIPE, segments=2)
    odd = subscribers.astype({"age": object})
    odd.loc[5, "age"] = "fifty"
    data = odd.astype({"age": str}) if in_memory else written(odd)
    with pytest.warns(
        SegmentryWarning, match=r"'age' held numbers .*; 1 value of 300 here cannot be read so"
    ):
        found = assigned(model, data)
    expected = assigned(model, subscribers)
    assert {i: s for i, s in found.items() if i != 6} == {i: s for i, s in expected.items() if i != 6}


def test_a_column_of_something_else_is_refused(subscribers: pd.DataFrame) -> None:
    model = sg.run(subscribers, RECIPE, segments=2)
    with pytest.raises(
        DataError, match="'age' held numbers when the segments were made, and holds text here"
    ):
        model.assign(subscribers.assign(age="old"))
