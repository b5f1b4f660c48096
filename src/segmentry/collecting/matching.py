"""A recipe and a table that fit each other: columns and kinds, also those that a model knew before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from segmentry.engine import Engine, check_fields
from segmentry.errors import DataError, RecipeError
from segmentry.recipe import Recipe
from segmentry.sql import ColumnKind, Query, Relation, SourceTable
from segmentry.sql.check import check_columns, check_kinds
from segmentry.sql.collect import probe
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
"""What a column without any value is read as; of what recipes may compute, only dates are something else."""


@dataclass(frozen=True)
class Matched:
    """A recipe and a table that fit each other."""

    recipe: Recipe
    table: SourceTable
    kinds: dict[str, ColumnKind]


def match_table(
    engine: Engine, recipe: Recipe, *, outcomes: bool = True, before: Mapping[str, ColumnKind] | None = None
) -> Matched:
    """Check that the recipe fits the engine's table, and that its columns have the kinds of `before`.

    Raises
    ------
    DataError, RecipeError
        A column is not there, or holds another kind of values than the recipe needs.
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
        check_fields(engine.name, list(table.columns))
        check_columns(recipe, table)
        table, kinds = _probed(engine, recipe, table, before or {})
        check_kinds(recipe, table, kinds)
    except (DataError, RecipeError):
        if _is_empty(engine):  # the columns of an empty file have no kinds to speak of
            raise DataError("the table has no rows", source=engine.name) from None
        raise
    return Matched(recipe, table, kinds)


def _is_empty(engine: Engine) -> bool:
    """Whether the table is known to have no rows; an engine that lost its connection or transaction knows nothing."""
    source = Relation(engine.tables["data"])
    first = source.query(exp.select(exp.convert(1)).from_(source.origin.copy()).limit(1))
    try:
        return bool(engine.query(Query("Is there any row", first)).num_rows == 0)
    except DataError:
        return False


def as_before(engine: Engine, table: SourceTable, before: Mapping[str, ColumnKind]) -> SourceTable:
    """Return the table with the kinds of columns that it had before.

    A column in which nobody has a value (one customer, say, whose income is not known) has whatever type the database
    or the data frame gives it; it is read as missing values of the kind of before.

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
                f"{name!r} held {was} when the segments were made, and holds {now} here",
                hint="convert it in the table, or with CAST in [source] sql of a recipe that is run anew",
            )
    return _recast(table, {name: before[name] for name in other})


def _probed(
    engine: Engine, recipe: Recipe, table: SourceTable, before: Mapping[str, ColumnKind]
) -> tuple[SourceTable, dict[str, ColumnKind]]:
    """The kinds of the recipe's values; with columns of no type, because nobody has a value, read as dates."""
    try:
        return table, engine.columns(probe(recipe, table))
    except DataError:
        untyped = [n for n, kind in before.items() if kind == "other" == table.columns.get(n)]
        empty = _without_values(engine, table.relation, untyped) if untyped else set()
        if not empty:
            raise
    table = _recast(table, dict.fromkeys(empty, "other"))
    return table, engine.columns(probe(recipe, table))


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
