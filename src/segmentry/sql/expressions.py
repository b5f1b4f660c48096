"""SQL that a recipe contains: parsed, checked, and its columns found. Written in DuckDB's dialect."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlglot import exp

from segmentry.errors import Place, RecipeError, nearest
from segmentry.recipe import Recipe
from segmentry.sql.boundary import DIALECT, check_tables, parse
from segmentry.sql.calls import check_calls, name_columns
from segmentry.sql.functions import AGGREGATES, WINDOWS
from segmentry.sql.portable import PLACE
from segmentry.sql.table import Relation

_FORBIDDEN = (exp.Query, exp.DDL, exp.DML, exp.Command, exp.Window, exp.AggFunc)
_SOURCE = ("source", "sql")
MAX_LETTERS = 200_000
"""Of all SQL of a recipe: each query writes it anew."""
_SCALAR = (exp.Condition, exp.AtTimeZone)


def expression(text: str, place: Place) -> exp.Expr:
    """Parse one scalar expression; its columns come back quoted.

    Raises
    ------
    RecipeError
        The text is not SQL, or holds a query, a window or an aggregate, or makes several rows of one.
    """
    return _expression(text, place).copy()


@lru_cache(maxsize=1_000)
def _expression(text: str, place: Place) -> exp.Expr:
    """The expression, parsed and checked once: a recipe's are asked for several times by each query."""
    parsed = _parsed(text, place)
    found = parsed.find(*_FORBIDDEN) if isinstance(parsed, _SCALAR) else parsed
    if found is not None:
        raise RecipeError(
            f"an expression of one row's columns is needed; got {found.sql(DIALECT)!r}",
            place=place,
            hint="queries and aggregates go into [source] sql",
        )
    _check_parts(parsed, place)
    _check_one_row(parsed, place)
    for col in parsed.find_all(exp.Column):
        col.this.set("quoted", True)
    return parsed


def _check_parts(parsed: exp.Expr, place: Place) -> None:
    if parsed.find(exp.Unnest, exp.Explode) is not None:
        raise RecipeError(
            "unnest() makes several rows of one", place=place, hint="each customer has one level"
        )
    for several in parsed.find_all(exp.Columns):
        raise RecipeError(
            f"{several.sql(DIALECT)} may be several columns", place=place, hint="name the column"
        )
    for col in parsed.find_all(exp.Column):
        if col.table:
            raise RecipeError(
                f"{col.sql(DIALECT)!r} names a table", place=place, hint=f"write the column alone: {col.name}"
            )
    for method in parsed.find_all(exp.Dot):
        if isinstance(method.expression, exp.Func) and method.this.find(exp.Identifier):
            raise RecipeError(
                f"{method.sql(DIALECT)!r} is written behind its column",
                place=place,
                hint="write the function first, as in lower(trim(name))",
            )


def _check_one_row(parsed: exp.Expr, place: Place) -> None:
    """Refuse functions of several rows that the parser does not know as such."""
    for func in parsed.find_all(exp.Func):
        name = func.sql(DIALECT).partition("(")[0].casefold()
        if name in AGGREGATES | WINDOWS:
            raise RecipeError(
                f"{name}() is made of several rows",
                place=place,
                hint="queries and aggregates go into [source] sql",
            )


def _parsed(text: str, place: Place) -> exp.Expr:
    parsed = parse(text, place)
    parsed.meta[PLACE] = place
    return parsed


def columns_of(parsed: exp.Expr) -> tuple[str, ...]:
    """Names of the columns that an expression reads, in order of appearance."""
    return tuple(dict.fromkeys(c.name for c in parsed.find_all(exp.Column)))


def relation(recipe: Recipe, tables: dict[str, exp.Expr]) -> Relation:
    """Make the relation that the recipe reads, from the engine's `tables` (always one called ``data``).

    Every query of a recipe reads one, so that nothing of a recipe that is not trusted gets past the check here.

    Raises
    ------
    RecipeError
        The recipe's SQL is none, or does what a recipe may not.
    """
    _check_letters(recipe)
    if not recipe.is_trusted:
        for place, text in written(recipe):
            _check_expression(text, place)
    if recipe.source.sql is None:
        return Relation(tables["data"])
    query = _parsed(recipe.source.sql, _SOURCE)
    if not isinstance(query, exp.Query):
        raise RecipeError(
            "must be one SELECT",
            place=_SOURCE,
            hint="the table given on the command line is called data",
        )
    if recipe.is_trusted:
        _check_names(query, tables)
    else:
        check_tables(query, tables, _SOURCE)
        check_calls(query, _SOURCE)
    name_columns(query, _SOURCE)
    named = [(name, exp.select("*").from_(item.copy())) for name, item in tables.items()]
    return Relation(exp.to_table("source_rows"), (*named, ("source_rows", query)))


def _check_letters(recipe: Recipe) -> None:
    n_letters = sum(len(text) for _, text in written(recipe)) + len(recipe.source.sql or "")
    if n_letters > MAX_LETTERS:
        raise RecipeError(
            f"{n_letters:,} letters of SQL; {MAX_LETTERS:,} are the most",
            hint="let a view of the database, or a table under [source.tables], hold long lists",
        )


def _check_names(query: exp.Query, tables: dict[str, exp.Expr]) -> None:
    own = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and table.name not in own | set(tables):
            raise RecipeError(
                f"unknown table {table.name!r}", place=_SOURCE, hint=nearest(table.name, tables)
            )


def written(recipe: Recipe) -> Iterator[tuple[Place, str]]:
    """(place in the recipe, text) of every expression."""
    for step in recipe.clean:
        if step.keep is not None:
            yield ("clean", step.step, "keep"), step.keep
    for part, features in (("features", recipe.features), ("strata", recipe.bands)):
        yield from ((((part, f.name, "sql"), f.sql)) for f in features if f.sql is not None)
    for outcome, group in recipe.outcome_columns:
        if outcome.sql is not None:
            yield ("outcomes", group.name, "columns", outcome.name, "sql"), outcome.sql


@lru_cache(maxsize=1_000)
def _check_expression(text: str, place: Place) -> None:
    check_calls(_expression(text, place), place)
