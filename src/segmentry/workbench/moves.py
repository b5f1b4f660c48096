"""What an analyst does to a recipe: each move is checked, and makes a state of a state."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, TypeAdapter, ValidationError

from segmentry.errors import RecipeError, nearest
from segmentry.recipe import METHODS, Method
from segmentry.recipe.values import Declared, Edge
from segmentry.text.edges import edge_texts
from segmentry.text.words import counted
from segmentry.workbench.changes import Found, feature_of, with_feature, with_model
from segmentry.workbench.cleaning import AddStep, RemoveStep
from segmentry.workbench.column_moves import SetColumn, SetSensitive
from segmentry.workbench.feature_moves import MoveLevel, SetScale
from segmentry.workbench.groups import merged_levels, split_level
from segmentry.workbench.naming import SetName
from segmentry.workbench.state import History, State


class SetEdges(Declared):
    """Other edges of a number."""

    kind: Literal["edges"]
    feature: str
    edges: tuple[Edge, ...]

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        feature = feature_of(state.whole, self.feature)
        known = found.features.get(self.feature, feature)
        if not known.is_numeric:
            raise RecipeError("has no edges", place=("features", self.feature))
        if not self.edges:
            raise RecipeError(
                "would have one level",
                place=("features", self.feature),
                hint="switch the feature off instead",
            )
        made = {"edges": self.edges, "quantiles": None, "equal_widths": None, "labels": None}
        edges = ", ".join(edge_texts(self.edges, feature.sql))
        return state.changed(with_feature(state.whole, feature, made), f"{feature.title}: edges {edges}")


class MergeLevels(Declared):
    """Two levels put together."""

    kind: Literal["merge"]
    feature: str
    levels: tuple[str, str]

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        feature = feature_of(state.whole, self.feature)
        made = merged_levels(found.features.get(self.feature, feature), *self.levels)
        what = f"{feature.title}: {self.levels[0]} and {self.levels[1]} together"
        return state.changed(with_feature(state.whole, feature, made), what)


class SplitLevel(Declared):
    """A group of values split into levels of one value each."""

    kind: Literal["split"]
    feature: str
    level: str

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        feature = feature_of(state.whole, self.feature)
        made = split_level(found.features.get(self.feature, feature), self.level)
        return state.changed(with_feature(state.whole, feature, made), f"{feature.title}: {self.level} split")


class Switch(Declared):
    """A feature switched on or off."""

    kind: Literal["switch"]
    feature: str
    on: bool

    def apply(self, state: State, found: Found) -> State:  # noqa: ARG002 - as the others
        """Return the state after the move."""
        feature = feature_of(state.whole, self.feature)
        on = {f.name for f in state.whole.features} - set(state.off)
        if not self.on and on == {self.feature}:
            raise RecipeError(
                "is the only feature", place=("features", self.feature), hint="switch another one on first"
            )
        return state.switched(self.feature, self.on, f"{feature.title} {'on' if self.on else 'off'}")


class SetMissing(Declared):
    """What becomes of customers without a value of a feature."""

    kind: Literal["missing"]
    feature: str
    missing: Literal["keep", "drop", "level"]

    def apply(self, state: State, found: Found) -> State:  # noqa: ARG002 - as the others
        """Return the state after the move."""
        feature = feature_of(state.whole, self.feature)
        said = {"keep": "stays open", "drop": "drops the customer", "level": "is a level"}[self.missing]
        made = with_feature(state.whole, feature, {"missing": self.missing})
        return state.changed(made, f"{feature.title}: a missing value {said}")


class SetSegments(Declared):
    """Another number of segments, or the one that is chosen."""

    kind: Literal["segments"]
    segments: StrictInt | Literal["auto"]

    def apply(self, state: State, found: Found) -> State:  # noqa: ARG002 - as the others
        """Return the state after the move."""
        made = with_model(
            state.whole, segments=self.segments
        )  # raises first: what is refused may be too large to be written
        what = "Number of segments chosen" if self.segments == "auto" else counted(self.segments, "segment")
        return state.changed(made, what)


class SetMethod(Declared):
    """Another method."""

    kind: Literal["method"]
    method: Method

    def apply(self, state: State, found: Found) -> State:  # noqa: ARG002 - as the others
        """Return the state after the move."""
        return state.changed(with_model(state.whole, method=self.method), self.method)


class Step(Declared):
    """A step back or forth among the states, or to one of them."""

    kind: Literal["undo", "redo", "go"]
    position: int = 0


Change = (
    SetEdges
    | MergeLevels
    | SplitLevel
    | MoveLevel
    | Switch
    | SetMissing
    | SetScale
    | SetColumn
    | SetSensitive
    | AddStep
    | RemoveStep
    | SetName
    | SetSegments
    | SetMethod
)
Move = Annotated[Change | Step, Field(discriminator="kind")]
_MOVES: TypeAdapter[Change | Step] = TypeAdapter(Move)
KINDS = (
    "edges", "merge", "split", "order", "switch", "missing", "scale", "column", "sensitive", "clean", "unclean", "name", "segments", "method",
    "undo", "redo", "go",
)  # fmt: skip


def read_move(content: Any) -> Change | Step:
    """Check a move that a page sends.

    Raises
    ------
    RecipeError
        It is none.
    """
    try:
        return _MOVES.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        kind = content.get("kind") if isinstance(content, dict) else None
        known = nearest(str(kind), KINDS) if kind not in KINDS else f"methods: {', '.join(METHODS)}"
        message = first["msg"].removeprefix("Value error, ")
        message = message[0].lower() + message[1:]
        raise RecipeError(
            message, source=f"move {kind!r}", hint=known if kind in (None, "method") else ""
        ) from None


def after_move(history: History, move: Change | Step, found: Found, *, replaces: bool = False) -> History:
    """Return the history after a move; `replaces` says that it goes on with the last one, as a drag does.

    Raises
    ------
    SegmentryError
        The move cannot be made: there is no such feature or level, or the recipe would contradict itself.
    """
    if isinstance(move, Step):
        steps = {"undo": -1, "redo": 1}
        return history.moved(steps[move.kind]) if move.kind in steps else history.at(move.position)
    goes_on = replaces and history.can_undo and history.position == len(history.states) - 1
    before = history.states[history.before[history.position]] if goes_on else history.now
    state = move.apply(before, found)
    is_same = (state.text, state.off) == (history.now.text, history.now.off)
    return history if is_same else history.pushed(state, replaces=goes_on)
