"""Checks that a recipe fits a table: columns and kinds, also the kinds that a model knows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from sqlglot import exp

from segmentry.collecting.mistakes import with_place
from segmentry.engine import Engine, check_fields
from segmentry.errors import DataError, RecipeError, SegmentryWarning
from segmentry.recipe import Recipe
from segmentry.sql import ColumnKind, MatchedTable, Query, Relation, SourceTable
from segmentry.sql.check import check_columns, check_kinds
from segmentry.sql.collect import kinds_query
from segmentry.sql.encode import needed_columns
from segmentry.sql.expressions import relation
from segmentry.sql.kinds import read_as_kind
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
                "source": recipe.source.model_copy(update={"weight": None, "stratum": None, "cluster": None}),
            }
        )
    recipe = _as_read(recipe, engine)
    source = relation(recipe, dict(engine.tables))
    try:
        table = SourceTable(source, engine.columns(source.select_all()))
        table = as_before(engine, table, before or {})
        check_fields(engine, list(table.columns))
        check_columns(recipe, table)
        matched = _with_kinds(engine, recipe, table, before or {})
        check_kinds(matched)
    except (DataError, RecipeError) as error:
        if _is_empty(engine):  # the kinds of the columns of an empty file mean nothing
            raise DataError("the table has no rows", source=engine.name) from None
        if isinstance(error, DataError):
            raise with_place(error, engine, recipe, source) from None
        raise
    return matched


def _as_read(recipe: Recipe, engine: Engine) -> Recipe:
    """The recipe with how the columns that it reads were read, so that a later table is read alike."""
    dates, thousands = getattr(engine, "dates", {}), getattr(engine, "thousands", ())
    if not dates and not thousands:
        return recipe
    needed = set(needed_columns(recipe)) if recipe.source.sql is None else {*dates, *thousands}
    source = recipe.source.model_copy(
        update={
            "dates": {n: written for n, written in dates.items() if n in needed} | recipe.source.dates,
            "thousands": tuple(
                dict.fromkeys((*recipe.source.thousands, *(n for n in thousands if n in needed)))
            ),
        }
    )
    return recipe.model_copy(update={"source": source})


def _is_empty(engine: Engine) -> bool:
    """Whether the table has no rows; False where the engine lost its connection or transaction, and cannot say."""
    source = Relation(engine.tables["data"])
    first = source.query(exp.select(exp.convert(1)).from_(source.origin.copy()).limit(1))
    try:
        return bool(engine.query(Query("Is there any row", first)).num_rows == 0)
    except DataError:
        return False


def as_before(engine: Engine, table: SourceTable, before: Mapping[str, ColumnKind]) -> SourceTable:
    """Return the table with its columns read as the kinds that they had before.

    A column in which nobody has a value (one customer, say, whose income is not known) has whatever type the database
    or the data frame gives it; it is read as missing values of the kind of before. Of a column with values, those that
    cannot be read as before are missing.

    Raises
    ------
    DataError
        No value of a column can be read as before.

    Warns
    -----
    SegmentryWarning
        Some values cannot be read as before; it says how many.
    """
    other = [name for name, kind in before.items() if _type(table.columns.get(name, kind)) != _type(kind)]
    if not other:
        return table
    reads = {name: read_as_kind(column(name), table.columns[name], before[name]) for name in other}
    items = [exp.Count(this=value) for name in other for value in (column(name), reads[name])]
    named = [exp.alias_(item, f"n_{i}") for i, item in enumerate(items)]
    query = table.relation.query(exp.select(*named).from_(table.relation.origin.copy()))
    counts = [c[0].as_py() for c in engine.query(Query("Values that can be read as before", query)).columns]
    made: dict[str, exp.Expr] = {}
    for name, n, n_read in zip(other, counts[::2], counts[1::2], strict=True):
        was, now = _type(before[name]), _type(table.columns[name])
        if n and not n_read:
            raise DataError(
                f"{name!r} held {was} when the segments were made, and holds {now} here",
                hint="convert it in the table, or with CAST in [source] sql of a recipe that is run anew",
            )
        if n_read < n:
            rows = "1 value" if n - n_read == 1 else f"{n - n_read:,} values"
            text = f"{engine.name}: {name!r} held {was} when the segments were made; {rows} of {n:,} here cannot be read so, and count as missing"
            warnings.warn(text, SegmentryWarning, stacklevel=2)
        made[name] = reads[name] if n else exp.cast(exp.null(), _CASTS[before[name]])
    return _recast(table, made, {name: before[name] for name in other})


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
    nothing = {name: exp.cast(exp.null(), _CASTS["other"]) for name in empty}
    return _asked_for_kinds(engine, recipe, _recast(table, nothing, dict.fromkeys(empty, "other")))


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


def _recast(table: SourceTable, made: Mapping[str, exp.Expr], kinds: Mapping[str, ColumnKind]) -> SourceTable:
    """The table with some columns made anew, of other kinds."""
    items = [
        exp.alias_(made[name], name, quoted=True) if name in made else column(name) for name in table.columns
    ]
    source = table.relation
    name = unique_name("source_retyped", {before.casefold() for before, _ in source.before})
    query = exp.select(*items).from_(source.origin.copy())
    retyped = Relation(exp.to_table(name), (*source.before, (name, query)))
    return SourceTable(retyped, {**table.columns, **kinds})
