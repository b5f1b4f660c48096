"""Later batches are read as the types that the model remembers; one odd value is counted and refuses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError, SegmentryWarning

pytestmark = pytest.mark.usefixtures("few_null_tables")

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
[model]
segments = 2
range = [2, 2]
"""


@pytest.fixture(scope="module")
def subscribers(some_people: pd.DataFrame) -> pd.DataFrame:
    people = some_people.copy()
    people["partner"] = np.where(people["visits"] % 2, "Yes", "No")
    people["streaming"] = np.where(
        people["age"] > 60, "No internet", np.where(people["visits"] > 4, "Yes", "No")
    )
    return people


@pytest.fixture(scope="module")
def file(subscribers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("subscribers") / "customers.csv"
    subscribers.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def of_file(file: Path) -> sg.Segmentation:
    return sg.run(file, RECIPE)


@pytest.fixture(scope="module")
def of_frame(subscribers: pd.DataFrame) -> sg.Segmentation:
    return sg.run(subscribers, RECIPE)


def assigned(model: sg.Segmentation, data: Any) -> dict[int, int]:
    return model.assign(data).set_index("customer_id")["segment"].to_dict()


def test_a_batch_that_happens_to_be_yes_and_no(
    written: Any, subscribers: pd.DataFrame, file: Path, of_file: sg.Segmentation
) -> None:
    whole = assigned(of_file, file)
    few = subscribers[subscribers["streaming"] != "No internet"].head(3)
    assert assigned(of_file, written(few, "batch.csv")) == {i: whole[i] for i in few["customer_id"]}


def test_a_model_of_a_frame_scores_the_file_of_the_same_rows(
    subscribers: pd.DataFrame, file: Path, of_frame: sg.Segmentation
) -> None:
    assert assigned(of_frame, file) == assigned(of_frame, subscribers)


def test_a_model_of_a_file_scores_the_frame_of_the_same_rows(
    subscribers: pd.DataFrame, file: Path, of_file: sg.Segmentation
) -> None:
    assert assigned(of_file, subscribers) == assigned(of_file, file)


@pytest.mark.parametrize("in_memory", [True, False])
def test_one_odd_value_is_counted(
    written: Any, subscribers: pd.DataFrame, of_frame: sg.Segmentation, in_memory: bool
) -> None:
    odd = subscribers.astype({"age": object})
    odd.loc[5, "age"] = "fifty"
    data = odd.astype({"age": str}) if in_memory else written(odd)
    with pytest.warns(
        SegmentryWarning, match=r"'age' held numbers .*; 1 value of 300 here cannot be read so"
    ):
        found = assigned(of_frame, data)
    expected = assigned(of_frame, subscribers)
    assert {i: s for i, s in found.items() if i != 6} == {i: s for i, s in expected.items() if i != 6}


def test_a_column_of_something_else_is_refused(subscribers: pd.DataFrame, of_frame: sg.Segmentation) -> None:
    with pytest.raises(
        DataError, match="'age' held numbers when the segments were made, and holds text here"
    ):
        of_frame.assign(subscribers.assign(age="old"))
