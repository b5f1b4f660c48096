"""A pattern table at the levels of another recipe, where these can be put together from its own."""

from __future__ import annotations

import json
from typing import Any

from segmentry.patterns import PatternTable
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.definitions import definitions
from segmentry.recipe.levels import value_label

_LEVELS = {"edges", "groups", "levels", "fine", "found"}
"""What may differ between a recipe and a table that it can be made of."""


def roll_up_to(table: PatternTable, recipe: Recipe) -> PatternTable | None:
    """Return the table with the features and levels of a recipe; None where it cannot be made of the table's own levels.

    Parameters
    ----------
    table
        Table that knows its recipe.
    recipe
        Recipe with every level filled in, and none that is fine. Features that it leaves out are left out of the table.
    """
    mine, theirs = definitions(recipe), dict(table.made_by)
    wanted = {f.name: f for f in recipe.features}
    if [f.name for f in table.features if f.name in wanted] != list(wanted):
        return None
    if _others(mine) != _others(theirs):
        return None
    asked: dict[str, Any] = {}
    for feature in table.features:
        if feature.name not in wanted:
            asked[feature.name] = None
            continue
        made = json.loads(theirs[f"features.{feature.name}"])
        own = json.loads(mine[f"features.{feature.name}"])
        if {k: v for k, v in made.items() if k not in _LEVELS} != {
            k: v for k, v in own.items() if k not in _LEVELS
        }:
            return None
        if {k: v for k, v in made.items() if k != "found"} == own:
            continue
        together = _together(feature.levels, made, wanted[feature.name])
        if together is None:
            return None
        asked[feature.name] = together
    return table.roll_up(asked) if asked else table


def _others(made: dict[str, str]) -> dict[str, str]:
    return {place: part for place, part in made.items() if not place.startswith("features.")}


def _together(levels: tuple[str, ...], made: dict[str, Any], feature: Feature) -> Any:
    """Return what `PatternTable.roll_up` makes the levels of a feature by; None where it cannot."""
    if feature.edges is not None:
        cuts = made.get("fine", made.get("edges", ()))
        return list(feature.edges) if set(feature.edges) <= set(cuts) else None
    if "edges" in made or feature.yes_no:
        return None
    return _groups(levels, made, feature)


def _groups(levels: tuple[str, ...], made: dict[str, Any], feature: Feature) -> dict[str, list[str]] | None:
    """Return the table's levels in each level of the feature; None where one of them is only partly in it."""
    parts = _parts(levels, made)
    place = {value: label for label, values in parts.items() for value in values}
    asked = feature.groups or {label: (value,) for label, value in _named(feature)}
    together: dict[str, list[str]] = {}
    for label, values in asked.items():
        if any(value not in place for value in values):
            return None
        held = dict.fromkeys(place[value] for value in values)
        if {value for part in held for value in parts[part]} != set(values):
            return None
        together[label] = list(held)
    n_own = len(levels) - (made.get("missing") == "level")
    left = [level for level in levels[:n_own] if not any(level in held for held in together.values())]
    if left and feature.rest is None:
        return None
    return {**together, feature.rest: left} if left and feature.rest is not None else together


def _named(feature: Feature) -> list[tuple[str, Any]]:
    return [(value_label(value), value) for value in feature.levels or ()]


def _parts(levels: tuple[str, ...], made: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the values in each level of the table but the rest."""
    if "fine" in made:
        return {level: [value] for level, value in zip(levels, made["fine"], strict=False)}
    if "groups" in made:
        return {label: list(values) for label, values in made["groups"].items()}
    return {level: [value] for level, value in zip(levels, made.get("levels", ()), strict=False)}
