"""SQL that a recipe contains: parsed, checked, and its columns found. Written in DuckDB's dialect."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from segmentry.errors import Place, RecipeError, nearest
from segmentry.recipe import Recipe
from segmentry.sql.portable import PLACE
from segmentry.sql.table import Relation

DIALECT = "duckdb"
_FORBIDDEN = (exp.Query, exp.DDL, exp.DML, exp.Command, exp.Window, exp.AggFunc)
_SOURCE = ("source", "sql")
_SCALAR = (exp.Condition, exp.AtTimeZone)


def expression(text: str, place: Place) -> exp.Expr:
    """Parse one scalar expression; its columns come back quoted.

    Raises
    ------
    RecipeError
        The text is not SQL, or holds a query, a window or an aggregate.
    """
    return _expression(text, place).copy()


@lru_cache(maxsize=1_000)
def _expression(text: str, place: Place) -> exp.Expr:
    """The expression, parsed and checked once: a recipe's are asked for several times by each query."""
    parsed = _parse(text, place)
    found = parsed.find(*_FORBIDDEN) if isinstance(parsed, _SCALAR) else parsed
    if found is not None:
        raise RecipeError(
            f"an expression of one row's columns is needed; got {found.sql(DIALECT)!r}",
            place=place,
            hint="queries and aggregates go into [source] sql",
        )
    for col in parsed.find_all(exp.Column):
        col.this.set("quoted", True)
    return parsed


def columns_of(parsed: exp.Expr) -> tuple[str, ...]:
    """Names of the columns that an expression reads, in order of appearance."""
    return tuple(dict.fromkeys(c.name for c in parsed.find_all(exp.Column)))


def relation(recipe: Recipe, tables: dict[str, exp.Expr]) -> Relation:
    """Make the relation that the recipe reads, from the engine's `tables` (always one called ``data``)."""
    if recipe.source.sql is None:
        return Relation(tables["data"])
    query = _parse(recipe.source.sql, _SOURCE)
    if not isinstance(query, exp.Query):
        raise RecipeError(
            "must be one SELECT",
            place=_SOURCE,
            hint="the table given on the command line is called data",
        )
    own = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and table.name not in own | set(tables):
            raise RecipeError(
                f"unknown table {table.name!r}", place=_SOURCE, hint=nearest(table.name, tables)
            )
    named = [(name, exp.select("*").from_(item.copy())) for name, item in tables.items()]
    return Relation(exp.to_table("source_rows"), (*named, ("source_rows", query)))


def _parse(text: str, place: Place) -> exp.Expr:
    try:
        parsed = sqlglot.parse(text, dialect=DIALECT)
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise RecipeError(f"not valid SQL: {first}", place=place) from None
    if len(parsed) != 1 or parsed[0] is None:
        raise RecipeError(f"one piece of SQL is needed; got {len(parsed)}", place=place)
    parsed[0].meta[PLACE] = place
    return parsed[0]
