"""Moves that were changed, one after the other: refused in a sentence, or they make a state that is read as it is written."""

from __future__ import annotations

import random
from collections.abc import Callable

from mutations import mutated, refusals
from segmentry.drafting.offers import ColumnOffer
from segmentry.recipe import Feature, Recipe
from segmentry.runs.cleaning_offers import CleaningOffer
from segmentry.workbench.changes import Found
from segmentry.workbench.moves import after_move, read_move
from segmentry.workbench.state import History, State

TEXT = """
[features.age]
column = "Age"
edges = [30, 50]
[features.region]
column = "Region"
groups = { north = ["n", "nn"], south = ["s"], west = ["w"] }
rest = "else"
[outcomes.bought]
role = "flags"
columns = ["Bought"]
"""
FOUND = Found(
    {"age": Feature(name="age", column="Age", edges=(30, 50))},
    {
        "Kids": ColumnOffer("Kids", {"name": "kids", "column": "Kids"}, {"name": "kids", "role": "amounts", "columns": {"Kids": "Kids"}}),
        "Age": ColumnOffer("Age", None, {"name": "age", "role": "amounts", "columns": {"Age": "Age"}}),
    },
    (CleaningOffer("t", "a", "wrong", 3, {"step": "known", "drop_missing": ["Age"]}),),
)  # fmt: skip
MOVES = [
    {"kind": "edges", "feature": "age", "edges": [20, 30.5]}, {"kind": "merge", "feature": "region", "levels": ["north", "west"]},
    {"kind": "split", "feature": "region", "level": "north"}, {"kind": "order", "feature": "region", "level": "south", "by": 1},
    {"kind": "switch", "feature": "age", "on": False}, {"kind": "missing", "feature": "age", "missing": "level"},
    {"kind": "scale", "feature": "region", "scale": "ordinal"}, {"kind": "column", "column": "Kids", "role": "feature"},
    {"kind": "column", "column": "Age", "role": "headline"}, {"kind": "sensitive", "column": "Kids", "on": True},
    {"kind": "clean", "step": "known"}, {"kind": "unclean", "step": "known"}, {"kind": "name", "of": "x", "name": "Large", "note": "n"},
    {"kind": "segments", "segments": 3}, {"kind": "method", "method": "k-modes"}, {"kind": "undo"}, {"kind": "redo"}, {"kind": "go", "position": 1},
]  # fmt: skip
STEPS = 40
"""So many moves are made from the recipe as it was opened, until it is opened again."""


class Session:
    """The states of one page, which moves follow each other in."""

    def __init__(self) -> None:
        self.n, self.history = 0, History((State(TEXT),))

    def make(self, content: object, *, goes_on: bool) -> None:
        """Make a move; what comes of it is read as it is written, and is read again from the file of states."""
        self.n += 1
        if self.n % STEPS == 0:
            self.history = History((State(TEXT),))
        made = after_move(self.history, read_move(content), FOUND, replaces=goes_on)
        assert Recipe.from_toml(made.now.saved_text) == made.now.recipe
        assert made.now.recipe.features
        assert History.from_dict(made.to_dict(), State(TEXT)).now == made.now
        self.history = made


def test_a_changed_move_is_refused_in_a_sentence_or_makes_a_state() -> None:
    session = Session()

    def change(draw: random.Random) -> tuple[Callable[[], object], str]:
        move, how = draw.choice(MOVES), "as it is"
        if draw.random() < 0.5:
            move, how = mutated(move, draw)
        goes_on = draw.random() < 0.2
        return lambda: session.make(move, goes_on=goes_on), f"{move} {how}"

    refused = refusals(150, change)
    assert any(refused)
    assert not all(refused)
