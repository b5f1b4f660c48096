"""Moves that cannot be made are refused in a sentence, and change nothing; levels are put together and taken apart."""

from __future__ import annotations

from typing import Any

import pytest

from segmentry.errors import RecipeError
from segmentry.recipe import Feature
from segmentry.workbench.changes import Found
from segmentry.workbench.groups import merged_levels, split_level
from segmentry.workbench.moves import after_move, read_move
from segmentry.workbench.state import History, State

TEXT = """
[features.age]
column = "Age"
edges = [30, 50]
[features.sex]
column = "Sex"
yes_no = ["f", "m"]
[features.region]
column = "Region"
"""
FOUND = Found({"region": Feature(name="region", column="Region", levels=("north", "south", "west"))})


@pytest.mark.parametrize(
    ("move", "problem"),
    [
        ({"kind": "dance"}, "did not match|does not match"),
        ([], "valid dictionary"),
        (None, "valid dictionary"),
        ({"kind": "edges", "feature": "agee", "edges": [1]}, "no such feature; did you mean 'age'"),
        ({"kind": "edges", "feature": "age", "edges": [50, 30]}, "edges must increase; got 30 after 50"),
        ({"kind": "edges", "feature": "age", "edges": []}, "would have one level"),
        ({"kind": "edges", "feature": "age", "edges": ["x"]}, "must be a number"),
        ({"kind": "edges", "feature": "age", "edges": [float("nan")]}, "must be a finite number"),
        ({"kind": "edges", "feature": "region", "edges": [1]}, "has no edges"),
        ({"kind": "edges", "feature": "age", "edges": [1], "more": 1}, "extra"),
        ({"kind": "merge", "feature": "region", "levels": ["north", "east"]}, "has no level 'east'"),
        ({"kind": "merge", "feature": "sex", "levels": ["f", "m"]}, "no levels that could be put together"),
        ({"kind": "split", "feature": "region", "level": "north"}, "single value"),
        ({"kind": "segments", "segments": 0}, "from 1 to 50"),
        ({"kind": "segments", "segments": 10**400}, "from 1 to 50"),
        ({"kind": "segments", "segments": "many"}, "valid integer"),
        ({"kind": "method", "method": "magic"}, "latent-class"),
        ({"kind": "missing", "feature": "age", "missing": "error"}, "keep"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_sentence(move: Any, problem: str) -> None:
    with pytest.raises(RecipeError, match=problem) as refused:
        after_move(History((State(TEXT),)), read_move(move), FOUND)
    assert "\n" not in str(refused.value)


def test_edges_of_a_date_are_said_and_saved_as_dates() -> None:
    text = """
[features.joined]
sql = "date_diff('day', DATE '1970-01-01', joined)"
edges = [2013-01-01, 2014-01-01] # two years
"""
    move = read_move({"kind": "edges", "feature": "joined", "edges": [15706, 16000]})
    state = after_move(History((State(text),)), move, Found()).now
    assert state.what == "Joined: edges 2013-01-01, 2013-10-22"
    assert "edges = [2013-01-01, 2013-10-22] # two years" in state.saved_text
    assert state.recipe.features[0].edges == (15706, 16000)


def test_found_levels_become_groups() -> None:
    history = History((State(TEXT),))
    move = read_move({"kind": "merge", "feature": "region", "levels": ["west", "north"]})
    region = after_move(history, move, FOUND).now.recipe.features[2]
    assert region.groups == {"north or west": ("north", "west"), "south": ("south",)}


def test_a_level_put_together_with_the_rest_is_in_it() -> None:
    feature = Feature(name="a", column="a", groups={"x": (1,), "y": (2, 3), "z": (4,)}, rest="other")
    assert merged_levels(feature, "other", "y")["groups"] == {"x": (1,), "z": (4,)}


def test_names_of_levels_stay_different() -> None:
    feature = Feature(name="a", column="a", groups={"1": (5, 6), "x": (1, 2), "z": (4,)})
    assert list(split_level(feature, "x")["groups"]) == ["1", "1 (2)", "2", "z"]


def test_two_levels_are_not_put_together() -> None:
    feature = Feature(name="a", column="a", groups={"x": (1,), "y": (2,)})
    with pytest.raises(RecipeError, match="one level"):
        merged_levels(feature, "x", "y")
