"""Does the recipe fit the table: every column there, every kind right; before anything is scanned."""

from __future__ import annotations

from collections.abc import Iterator

from segmentry.errors import ColumnNotFoundError, DataError, Place, RecipeError, nearest
from segmentry.recipe import CleanStep, Feature, OutcomeGroup, Recipe
from segmentry.sql.encode import feature_value, outcome_value
from segmentry.sql.expressions import columns_of, expression
from segmentry.sql.table import NUMERIC, ColumnKind, MatchedTable, SourceTable


def check_columns(recipe: Recipe, table: SourceTable) -> None:
    """Check that the table has every column that the recipe names, and that no band is made of outcomes.

    Raises
    ------
    ColumnNotFoundError, RecipeError
        The first of them that is not so.
    """
    _check_bands(recipe)
    for place, name in _mentions(recipe):
        if name not in table.columns:
            raise ColumnNotFoundError(
                f"the table has no column {name!r}", place=place, hint=nearest(name, table.columns)
            )


def _check_bands(recipe: Recipe) -> None:
    """Outcomes within bands of themselves say nothing, and an id puts nobody beside another."""
    outcomes = {name: place for place, name in _compared(recipe)}
    for band in recipe.bands:
        place = ("strata", band.name, "column" if band.column is not None else "sql")
        if band.column is not None and band.column == recipe.source.id:
            raise RecipeError(
                f"{band.column!r} is the id ([source] id), which no two customers share",
                place=place,
                hint="take a column that customers have in common, such as their tenure",
            )
        for name in columns_of(feature_value(band)):
            if name in outcomes:
                raise RecipeError(
                    f"{name!r} is also {'.'.join(outcomes[name])}",
                    place=place,
                    hint="outcomes are compared within bands, so a band cannot be made of one: remove one "
                    "of the two",
                )


def _compared(recipe: Recipe) -> Iterator[tuple[Place, str]]:
    """(place in the recipe, column) for every column whose values are outcomes."""
    for outcome, group in recipe.outcome_columns:
        for name in columns_of(outcome_value(outcome, group)):
            yield ("outcomes", group.name, "columns", outcome.name), name


def _mentions(recipe: Recipe) -> Iterator[tuple[Place, str]]:
    """(place in the recipe, column) for every column that the recipe names."""
    if recipe.source.id is not None:
        yield ("source", "id"), recipe.source.id
    for step in recipe.clean:
        yield from _step_mentions(step)
    for feature in recipe.features:
        key = "column" if feature.column is not None else "sql"
        for name in columns_of(feature_value(feature)):
            yield ("features", feature.name, key), name
    if recipe.source.weight is not None:
        yield ("source", "weight"), recipe.source.weight
    for key, name in recipe.source.design.items():
        yield ("source", key), name
    for group in recipe.outcomes:
        if group.exposure is not None:
            yield ("outcomes", group.name, "exposure"), group.exposure
    yield from _compared(recipe)
    for name in recipe.sensitive:
        yield ("sensitive",), name


def _step_mentions(step: CleanStep) -> Iterator[tuple[Place, str]]:
    for name in step.drop_missing:
        yield ("clean", step.step, "drop_missing"), name
    if step.replace:
        yield ("clean", step.step, "replace", "column"), step.replace.column
    if step.keep is not None:
        place = ("clean", step.step, "keep")
        yield from ((place, name) for name in columns_of(expression(step.keep, place)))


def check_kinds(matched: MatchedTable) -> None:
    """Raise DataError where a column's kind does not admit what the recipe does with it."""
    recipe, table = matched.recipe, matched.table
    weight = recipe.source.weight
    if weight is not None and table.columns[weight] not in NUMERIC:
        raise DataError(
            f"{weight!r} is {_called(table.columns[weight])}",
            place=("source", "weight"),
            hint="needs numbers",
        )
    for step in recipe.clean:
        if step.replace and table.columns[step.replace.column] in NUMERIC:
            place = ("clean", step.step, "replace", "values")
            _check_values(place, [v for pair in step.replace.values for v in pair], step.replace.column)
    for feature in recipe.features:
        _check_feature(feature, matched.kind_of(feature))
    for outcome, group in recipe.outcome_columns:
        _check_outcome(group, outcome.name, matched.kind_of(outcome))


def _check_feature(feature: Feature, kind: ColumnKind) -> None:
    what = repr(feature.column) if feature.column is not None else "the expression"
    if feature.is_numeric and kind not in NUMERIC:
        raise DataError(
            f"{what} is {_called(kind)}, and edges need numbers",
            place=("features", feature.name, "edges"),
            hint=_way_to_numbers(feature, kind),
        )
    values = [v for group in (feature.groups or {}).values() for v in group] + list(feature.levels or ())
    if kind in NUMERIC:
        key = "groups" if feature.groups is not None else "levels"
        _check_values(("features", feature.name, key), values, what)


def _way_to_numbers(feature: Feature, kind: ColumnKind) -> str:
    """Say how a column that is no number gets levels."""
    way, date = "list its values under groups, or convert it with sql", feature.column or feature.sql
    if kind in ("text", "boolean"):
        return way
    return f"{way}, a date by year({date}) or date_diff('day', DATE '1970-01-01', {date})"


def _check_values(place: Place, values: list[object], what: str) -> None:
    for value in values:
        if isinstance(value, str):
            raise DataError(
                f"{what} holds numbers, and {value!r} is text",
                place=place,
                hint="write numbers without quotes",
            )


def _check_outcome(group: OutcomeGroup, name: str, kind: ColumnKind) -> None:
    place = ("outcomes", group.name, "columns", name)
    if group.role == "flags":
        if kind not in NUMERIC | {"boolean", "text"}:
            raise DataError(f"is {_called(kind)}", place=place, hint="a flag is 0/1, true/false or yes/no")
    elif kind not in NUMERIC:
        raise DataError(f"is {_called(kind)}", place=place, hint=f"role {group.role!r} needs numbers")


def _called(kind: ColumnKind) -> str:
    return {"text": "text", "boolean": "true/false", "other": "neither number nor text"}.get(kind, "numbers")
