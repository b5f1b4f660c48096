"""Checks that a recipe fits a table: columns and kinds, also the kinds that a model knows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from segmentry.engine import Engine, check_fields
from segmentry.errors import DataError, RecipeError
from segmentry.recipe import Recipe
from segmentry.sql import ColumnKind, MatchedTable, Query, Relation, SourceTable
from segmentry.sql.check import check_columns, check_kinds
from segmentry.sql.collect import kinds_query
from segmentry.sql.expressions import relation
from segmentry.sql.table import NUMERIC, column, unique_name

_CASTS: dict[ColumnKind, str] = {
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "float": "DOUBLE",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "other": "DATE",
}
"""Types that columns without any value are read as, by kind; among others recipes compute only with dates."""


def match_table(
    engine: Engine, recipe: Recipe, *, outcomes: bool = True, before: Mapping[str, ColumnKind] | None = None
) -> MatchedTable:
    """Check that the recipe fits the engine's table, and that columns have the kinds in `before`.

    Raises
    ------
    DataError, RecipeError
        A column is missing, or holds another kind of values than the recipe needs.
    """
    if not outcomes:
        recipe = recipe.model_copy(
            update={
                "outcomes": (),
                "sensitive": (),
                "source": recipe.source.model_copy(update={"weight": None}),
            }
        )
    source = relation(recipe, dict(engine.tables))
    try:
        table = SourceTable(source, engine.columns(source.select_all()))
        table = as_before(engine, table, before or {})
        check_fields(engine, list(table.columns))
        check_columns(recipe, table)
        matched = _with_kinds(engine, recipe, table, before or {})
        check_kinds(matched)
    except (DataError, RecipeError):
        if _is_empty(engine):  # the kinds of the columns of an empty file mean nothing
            raise DataError("the table has no rows", source=engine.name) from None
        raise
    return matched


def _is_empty(engine: Engine) -> bool:
    """Whether the table has no rows; False where the engine lost its connection or transaction, and cannot say."""
    source = Relation(engine.tables["data"])
    first = source.query(exp.select(exp.convert(1)).from_(source.origin.copy()).limit(1))
    try:
        return bool(engine.query(Query("Is there any row", first)).num_rows == 0)
    except DataError:
        return False


def as_before(engine: Engine, table: SourceTable, before: Mapping[str, ColumnKind]) -> SourceTable:
    """Return the table with columns of the kinds in `before`.

    A column in which nobody has a value (one customer, say, whose income is not known) has whatever type the database
    or the data frame gives it; it is read as missing values of its kind in `before`.

    Raises
    ------
    DataError
        A column holds values of another type.
    """
    other = [name for name, kind in before.items() if _type(table.columns.get(name, kind)) != _type(kind)]
    if not other:
        return table
    empty = _without_values(engine, table.relation, other)
    for name in other:
        if name not in empty:
            was, now = _type(before[name]), _type(table.columns[name])
            raise DataError(
                f"{name!r} held {was} when the segments were made, and holds {now} now",
                hint="convert it in the table; or run again, with CAST in [source] sql of the recipe",
            )
    return _recast(table, {name: before[name] for name in other})


def _with_kinds(
    engine: Engine, recipe: Recipe, table: SourceTable, before: Mapping[str, ColumnKind]
) -> MatchedTable:
    """Match the table with the kinds of the recipe's values; columns without type and value are read as dates."""
    try:
        return _asked_for_kinds(engine, recipe, table)
    except DataError:
        untyped = [n for n, kind in before.items() if kind == "other" == table.columns.get(n)]
        empty = _without_values(engine, table.relation, untyped) if untyped else set()
        if not empty:
            raise
    return _asked_for_kinds(engine, recipe, _recast(table, dict.fromkeys(empty, "other")))


def _asked_for_kinds(engine: Engine, recipe: Recipe, table: SourceTable) -> MatchedTable:
    kinds = list(engine.columns(kinds_query(recipe, table)).values())
    n_features = len(recipe.features)
    features = zip((f.name for f in recipe.features), kinds[:n_features], strict=True)
    outcomes = zip((o.name for o, _ in recipe.outcome_columns), kinds[n_features:], strict=True)
    return MatchedTable(recipe, table, dict(features), dict(outcomes))


def _type(kind: ColumnKind) -> str:
    called = {"boolean": "true/false", "other": "other values"}
    return "numbers" if kind in NUMERIC else called.get(kind, kind)


def _without_values(engine: Engine, source: Relation, names: list[str]) -> set[str]:
    counts = [exp.Count(this=column(name)).as_(f"n_{i}") for i, name in enumerate(names)]
    query = source.query(exp.select(*counts).from_(source.origin.copy()))
    found = engine.query(Query("Which columns have no value at all?", query))
    return {name for i, name in enumerate(names) if found.column(i)[0].as_py() == 0}


def _recast(table: SourceTable, kinds: dict[str, ColumnKind]) -> SourceTable:
    items = [
        exp.cast(exp.null(), _CASTS[kinds[name]]).as_(name, quoted=True) if name in kinds else column(name)
        for name in table.columns
    ]
    source = table.relation
    name = unique_name("source_retyped", {before.casefold() for before, _ in source.before})
    query = exp.select(*items).from_(source.origin.copy())
    retyped = Relation(exp.to_table(name), (*source.before, (name, query)))
    return SourceTable(retyped, {**table.columns, **kinds})
