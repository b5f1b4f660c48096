"""The state of the studio: one frozen value, and a list of such values in which undo and redo move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.recipe.editing import edited

MOST_STATES = 200
"""So many states are kept; earlier ones are forgotten."""


@dataclass(frozen=True)
class State:
    """One recipe on the way.

    Attributes
    ----------
    text
        Recipe as TOML with the analyst's comments; features that are switched off are in it, too.
    off
        Names of features that are switched off.
    what
        What made this state of the one before, in a few words.
    folder
        Folder that files named in the recipe are relative to; empty where there is none.
    """

    text: str
    off: tuple[str, ...] = ()
    what: str = "As it was opened"
    folder: str = ""

    @cached_property
    def whole(self) -> Recipe:
        """The recipe with all features, those that are switched off among them."""
        return self._read(self.text)

    @cached_property
    def _content(self) -> dict[str, Any]:
        return self.whole.toml_content()

    @cached_property
    def saved_text(self) -> str:
        """What Save writes: the text without features that are switched off."""
        return (
            edited(self.text, self._content, _without(self.whole, self.off).toml_content())
            if self.off
            else self.text
        )

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe that segments are formed by: that of the text which Save writes."""
        return self._read(self.saved_text) if self.off else self.whole

    def changed(self, recipe: Recipe, what: str) -> Self:
        """Return the state with another recipe of all features, its comments kept.

        Raises
        ------
        RecipeError
            The recipe contradicts itself once features are off.
        """
        state = replace(self, text=edited(self.text, self._content, recipe.toml_content()), what=what)
        if (
            state.whole.to_dict() != recipe.to_dict()
        ):  # a text that is laid out in a way that edits do not reach
            state = replace(state, text=recipe.to_toml())
        return self._checked(state)

    def switched(self, feature: str, is_on: bool, what: str) -> Self:
        """Return the state with a feature switched on or off."""
        others = tuple(name for name in self.off if name != feature)
        return self._checked(replace(self, off=others if is_on else (*others, feature), what=what))

    def with_off(self, off: tuple[str, ...]) -> Self:
        """Return the state with other features switched off."""
        return self._checked(replace(self, off=off))

    def _read(self, text: str) -> Recipe:
        return Recipe.from_toml(text, folder=Path(self.folder) if self.folder else None)

    @staticmethod
    def _checked(state: Any) -> Any:
        _ = state.recipe  # raises where it contradicts itself
        return state


def _without(recipe: Recipe, off: tuple[str, ...]) -> Recipe:
    """Return the recipe without some features, which are strata and joined no longer, either."""
    content = recipe.to_dict()
    changes: dict[str, Any] = {"features": [f for f in content["features"] if f["name"] not in off]}
    if "strata" in content:
        changes["strata"] = [s for s in content["strata"] if s not in off]
    model = content.get("model", {})
    if "joined" in model:
        kept = [pair for pair in model["joined"] if not {*pair} & {*off}]
        changes["model"] = {**model, "joined": kept}
    return recipe.with_(**changes)


@dataclass(frozen=True)
class History:
    """The states that were tried, in their order, and the position of the one that is shown.

    `before` has for each state the position of the one that it was made of, -1 for none: undo leads there, and none is lost that
    was undone. Left out, each was made of the one before it in the list.
    """

    states: tuple[State, ...]
    position: int = 0
    before: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.before) != len(self.states):
            object.__setattr__(self, "before", tuple(range(-1, len(self.states) - 1)))

    @property
    def now(self) -> State:
        """The state that is shown."""
        return self.states[self.position]

    @property
    def can_undo(self) -> bool:
        """Whether there is a state that this one was made of."""
        return self.before[self.position] >= 0

    @property
    def can_redo(self) -> bool:
        """Whether a state was made of this one."""
        return self.position in self.before

    def pushed(self, state: State, *, replaces: bool = False) -> Self:
        """Return the history with a further state, made of the one that is shown.

        With `replaces` it takes the place of the state that is shown, where that is the last: a drag is one step.
        """
        last = len(self.states) - 1
        if replaces and self.can_undo and self.position == last:
            return replace(self, states=(*self.states[:-1], state))
        return self._of((*self.states, state), (*self.before, self.position), last + 1)

    def moved(self, step: int) -> Self:
        """Return the history at the state that this one was made of (-1), or the newest that was made of it (1); else as it is."""
        if step < 0:
            return self.at(self.before[self.position]) if self.can_undo else self
        made = [i for i, before in enumerate(self.before) if before == self.position]
        return self.at(made[-1]) if made else self

    def at(self, position: int) -> Self:
        """Return the history at the state of a position.

        Raises
        ------
        DataError
            There is no such state.
        """
        if not 0 <= position < len(self.states):
            raise DataError(f"there is no state {position + 1}; there are {len(self.states)}")
        return replace(self, position=position)

    @classmethod
    def _of(cls, states: Sequence[State], before: Sequence[int], position: int) -> Self:
        """Make a history of the last states, as many as are kept."""
        n_gone = max(len(states) - MOST_STATES, 0)
        kept = tuple(max(b - n_gone, -1) for b in before[n_gone:])
        return cls(tuple(states[n_gone:]), max(position - n_gone, 0), kept)

    def to_dict(self) -> dict[str, Any]:
        """Return the history as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any], start: State) -> Self:
        """Rebuild a history; ValueError where no state is left.

        A state is left out that cannot be read, or that reads its data otherwise than `start`: no move changes the
        source, and a file that others can write must not name further ones.
        """
        given = [(str(g["text"]), tuple(map(str, g["off"])), str(g["what"])) for g in content["states"]]
        states = [State(*parts, start.folder) for parts in given]
        before = _checked_before(content.get("before"), len(states))
        position = range(len(states))[content["position"]]
        is_kept = [i >= len(states) - MOST_STATES and _is_of(state, start) for i, state in enumerate(states)]
        if not any(is_kept):
            raise ValueError("no state can be read")
        places = {i: n for n, i in enumerate(i for i, kept in enumerate(is_kept) if kept)}

        def nearest(i: int) -> int:
            while i >= 0 and i not in places:
                i = before[i]
            return places.get(i, -1)

        kept = tuple(states[i] for i in places)
        return cls(kept, places.get(position, len(kept) - 1), tuple(nearest(before[i]) for i in places))


def _checked_before(given: Any, n_states: int) -> list[int]:
    """Return the positions of the states that others were made of, which all stand before these; ValueError where they do not."""
    if given is None:  # of a file of an earlier version
        return list(range(-1, n_states - 1))
    before = [int(i) for i in given]
    if len(before) != n_states or any(not -1 <= b < i for i, b in enumerate(before)):
        raise ValueError("states that were made of none")
    return before


def _is_of(state: State, start: State) -> bool:
    try:
        return state.recipe.source == start.recipe.source
    except (ValueError, OverflowError, RecursionError):
        return False
