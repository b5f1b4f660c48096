"""Levels of a feature that are values: put together, and taken apart again."""

from __future__ import annotations

from typing import Any

from segmentry.errors import RecipeError, nearest
from segmentry.recipe import Feature
from segmentry.recipe.levels import value_label

Groups = dict[str, tuple[Any, ...]]


def groups_of(feature: Feature) -> Groups:
    """Return the values of each level by its label; a level that stands for all other values is not among them.

    Raises
    ------
    RecipeError
        The levels are no values.
    """
    if feature.groups is not None:
        return {label: tuple(values) for label, values in feature.groups.items()}
    if feature.levels is None:
        raise RecipeError("has no levels that could be put together", place=("features", feature.name))
    return {value_label(value): (value,) for value in feature.levels}


def merged_levels(feature: Feature, one: str, other: str) -> dict[str, Any]:
    """Return what changes in a feature where two of its levels become one, in the place of the first in order."""
    groups = groups_of(feature)
    known = [*groups, *([feature.rest] if feature.rest is not None else [])]
    for label in (one, other):
        if label not in known:
            raise RecipeError(f"has no level {label!r}", place=_place(feature), hint=nearest(label, known))
    if one == other:
        raise RecipeError(f"{one!r} is one level already", place=_place(feature))
    if len(known) == 2:
        raise RecipeError(
            "would have one level", place=_place(feature), hint="switch the feature off instead"
        )
    if feature.rest in (one, other):
        gone = other if one == feature.rest else one
        return _made({label: values for label, values in groups.items() if label != gone})
    first, second = (label for label in groups if label in (one, other))
    name = _unused(f"{first} or {second}", set(known))
    made: Groups = {}
    for label, values in groups.items():
        if label == first:
            made[name] = (*values, *groups[second])
        elif label != second:
            made[label] = values
    return _made(made)


def split_level(feature: Feature, level: str) -> dict[str, Any]:
    """Return what changes in a feature where each value of a level becomes a level of its own."""
    groups = groups_of(feature)
    if level not in groups:
        raise RecipeError(f"has no group {level!r}", place=_place(feature), hint=nearest(level, groups))
    if len(groups[level]) < 2:
        raise RecipeError(f"{level!r} is a single value", place=_place(feature))
    taken = (set(groups) - {level}) | {feature.rest or ""}
    made: Groups = {}
    for label, values in groups.items():
        if label != level:
            made[label] = values
            continue
        for value in values:
            name = _unused(value_label(value), taken)
            taken.add(name)
            made[name] = (value,)
    return _made(made)


def _made(groups: Groups) -> dict[str, Any]:
    return {"groups": groups, "levels": None}


def _unused(name: str, taken: set[str]) -> str:
    number = 2
    unused = name
    while unused in taken:
        unused, number = f"{name} ({number})", number + 1
    return unused


def _place(feature: Feature) -> tuple[str, ...]:
    return ("features", feature.name)
