"""Moves on columns of the table: each forms segments, is compared between them, or does neither."""

from __future__ import annotations

from typing import Any, Literal

from segmentry.errors import RecipeError, nearest
from segmentry.recipe import Recipe
from segmentry.recipe.values import Declared
from segmentry.runs.columns import Reads, reads_of
from segmentry.workbench.changes import Found
from segmentry.workbench.state import State

ColumnRole = Literal["feature", "outcome", "headline", "off"]
SAID = {
    "feature": "forms segments",
    "outcome": "is compared",
    "headline": "is the headline outcome",
    "off": "is not used",
}


def role_of(recipe: Recipe, reads: Reads, off: tuple[str, ...], column: str) -> ColumnRole:
    """Return what a column is for in a recipe, of which some features are off; `reads` is what the recipe reads."""
    if set(reads.features_of(column)) - set(off):
        return "feature"
    outcomes = reads.outcomes_of(column)
    headline = recipe.headline_outcome
    if headline is not None and headline.name in outcomes:
        return "headline"
    return "outcome" if outcomes else "off"


class SetColumn(Declared):
    """Another role of a column."""

    kind: Literal["column"]
    column: str
    role: ColumnRole

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        if role_of(state.whole, reads_of(state.whole), state.off, self.column) == self.role:
            return state
        what = f"{self.column} {SAID[self.role]}"
        if self.role == "feature":
            return self._forming(state, found, what)
        if self.role == "off":
            return self._unused(state, what)
        return self._compared(state, found, what)

    def _forming(self, state: State, found: Found, what: str) -> State:
        """Switch its feature on, or add the one that is offered."""
        content = _without_outcomes(state.whole, self.column)
        mine = reads_of(state.whole).features_of(self.column)
        if not mine:
            offer = found.offers.get(self.column)
            if offer is None or offer.feature is None:
                raise self._refused(found, "can form no segments")
            name = _unused(str(offer.feature["name"]), {f["name"] for f in content["features"]})
            content["features"].append({**offer.feature, "name": name})
            mine = (name,)
        state = state.changed(state.whole.with_(**content), what)
        return state.with_off(tuple(name for name in state.off if name not in mine))

    def _compared(self, state: State, found: Found, what: str) -> State:
        """Take its own feature out, and compare it in the group that it was in, or in the one that is offered."""
        content = state.whole.to_dict()
        self._drop_features(state, content)
        outcomes = reads_of(state.whole).outcomes_of(self.column)
        if not outcomes:
            offer = found.offers.get(self.column)
            if offer is None or offer.outcome is None:
                raise self._refused(found, "cannot be compared")
            outcomes = _add_outcome(content, offer.outcome)
        headline = state.whole.headline_outcome
        if self.role == "headline":
            content["headline"] = outcomes[0]
        elif headline is not None and headline.name in outcomes:
            content["headline"] = ""
        state = state.changed(state.whole.with_(**content), what)
        return state.with_off(tuple(n for n in state.off if n in {f["name"] for f in content["features"]}))

    def _unused(self, state: State, what: str) -> State:
        """Switch its features off, which keeps them, and compare it no more."""
        content = _without_outcomes(state.whole, self.column)
        mine = reads_of(state.whole).features_of(self.column)
        self._check_left(state, mine)
        state = state.changed(state.whole.with_(**content), what)
        return state.with_off(tuple(dict.fromkeys((*state.off, *mine))))

    def _drop_features(self, state: State, content: dict[str, Any]) -> None:
        """Drop the features that read it alone; refuse where another reads it, too."""
        reads = reads_of(state.whole)
        mine = reads.features_of(self.column)
        for name in mine:
            if len(reads.features[name]) > 1 and name not in state.off:
                title = next(f.title for f in state.whole.features if f.name == name)
                raise RecipeError(
                    f"is a part of the feature {title!r}; what forms segments is not compared between them",
                    source=self.column,
                    hint="switch that feature off first",
                )
        gone = {name for name in mine if len(reads.features[name]) == 1}
        self._check_left(state, tuple(gone))
        content["features"] = [f for f in content["features"] if f["name"] not in gone]
        if "strata" in content:
            content["strata"] = [s for s in content["strata"] if isinstance(s, dict) or s not in gone]
        if "joined" in content.get("model", {}):
            content["model"]["joined"] = [pair for pair in content["model"]["joined"] if not gone & {*pair}]

    def _check_left(self, state: State, gone: tuple[str, ...]) -> None:
        on = {f.name for f in state.whole.features} - set(state.off)
        if on and on <= set(gone):
            raise RecipeError(
                "forms the segments alone", source=self.column, hint="have another column form segments first"
            )

    def _refused(self, found: Found, problem: str) -> RecipeError:
        if self.column not in found.offers:
            return RecipeError(
                "there is no such column, or it was not looked at yet",
                source=self.column,
                hint=nearest(self.column, found.offers),
            )
        return RecipeError(problem, source=self.column, hint=found.offers[self.column].said)


class SetSensitive(Declared):
    """Whether it is looked at who is in which segment by a column."""

    kind: Literal["sensitive"]
    column: str
    on: bool

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        known = {*found.offers, *state.whole.sensitive}
        if self.column not in known:
            raise RecipeError(
                "there is no such column, or it was not looked at yet",
                source=self.column,
                hint=nearest(self.column, known),
            )
        others = [name for name in state.whole.sensitive if name != self.column]
        made = state.whole.with_(sensitive=[*others, self.column] if self.on else others)
        return state.changed(made, f"{self.column} {'is' if self.on else 'is not'} sensitive")


def _add_outcome(content: dict[str, Any], offer: dict[str, Any]) -> tuple[str, ...]:
    """Add an offered outcome, to the group of its name and role where there is one; return the names of its columns."""
    columns = _listed(offer["columns"])
    groups = content.setdefault("outcomes", [])
    group = next((g for g in groups if g["name"] == offer["name"] and g["role"] == offer["role"]), None)
    if group is not None:
        group["columns"] = [*group["columns"], *columns]
    else:
        name = _unused(str(offer["name"]), {g["name"] for g in groups})
        groups.append({**offer, "name": name, "columns": columns})
    return tuple(c["name"] for c in columns)


def _listed(columns: Any) -> list[dict[str, Any]]:
    """Return columns as a list of tables, however they are written."""
    if not isinstance(columns, dict):
        return list(columns)
    return [{"name": k, **(v if isinstance(v, dict) else {"label": v})} for k, v in columns.items()]


def _without_outcomes(recipe: Recipe, column: str) -> dict[str, Any]:
    """Return the content of a recipe that compares a column no more."""
    content = recipe.to_dict()
    gone = set(reads_of(recipe).outcomes_of(column))
    headline = recipe.headline_outcome
    if headline is not None and headline.name in gone:
        content["headline"] = ""
    kept = [
        {**g, "columns": [c for c in g["columns"] if c["name"] not in gone]}
        for g in content.get("outcomes", ())
    ]
    content["outcomes"] = [g for g in kept if g["columns"]]
    if content.get("headline") in {g.name for g in recipe.outcomes} - {
        g["name"] for g in content["outcomes"]
    }:
        content["headline"] = ""
    return content


def _unused(name: str, taken: set[str]) -> str:
    number, unused = 2, name
    while unused in taken:
        unused, number = f"{name}_{number}", number + 1
    return unused


def declared_offers(recipe: Recipe) -> dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Return for each column of a recipe the feature and the group of outcomes that the recipe declares for it alone."""
    reads, content = reads_of(recipe), recipe.to_dict()
    found: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None]] = {}
    for feature in content["features"]:
        columns = reads.features[feature["name"]]
        if len(columns) == 1:
            found[columns[0]] = (feature, found.get(columns[0], (None, None))[1])
    for group in content.get("outcomes", ()):
        for column in group["columns"]:
            read = reads.outcomes[column["name"]]
            if len(read) == 1:
                mine = found.get(read[0], (None, None))
                parts = [*(mine[1]["columns"] if mine[1] is not None else ()), column]
                found[read[0]] = (mine[0], {**group, "columns": parts})
    return found
