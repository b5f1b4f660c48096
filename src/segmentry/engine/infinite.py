"""Infinite numbers of tables in memory, of Parquet files and of DuckDB's own tables: missing, and counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from sqlglot import exp

from segmentry.engine.column_readings import Rows, infinite_note
from segmentry.engine.notes import ReadingNote
from segmentry.sql.table import column

_FLOATS = ("DOUBLE", "FLOAT")
_ENDS = ("inf", "-inf")


def without_infinite(
    rows: Rows, item: exp.Expr, files: Sequence[Path] = ()
) -> tuple[exp.Expr, tuple[ReadingNote, ...]]:
    """Return the item after FROM in which infinite numbers are missing, and what is to be said of them.

    Parameters
    ----------
    rows
        Function that runs a query.
    item
        Item that reads the table.
    files
        Parquet files that it reads: where their statistics rule infinite numbers out, no value is looked at.
    """
    described = rows(f"DESCRIBE {exp.select('*').from_(item).sql(dialect='duckdb')}")
    names = [str(name) for name, kind, *_ in described if kind in _FLOATS]
    names = _not_ruled_out(rows, names, files) if files and names else names
    found = _counted(rows, item, names) if names else {}
    if not found:
        return item, ()
    replaced = [exp.alias_(_finite(name), name, quoted=True) for name in found]
    made = exp.select(exp.Star(replace=replaced)).from_(item.copy()).subquery()
    return made, tuple(infinite_note(name, n) for name, n in found.items())


def _finite(name: str) -> exp.Expr:
    value: exp.Expr = column(name)
    for end in _ENDS:
        value = exp.Nullif(this=value, expression=exp.cast(exp.Literal.string(end), "DOUBLE"))
    return value


def _counted(rows: Rows, item: exp.Expr, names: Sequence[str]) -> dict[str, int]:
    counts = [exp.func("COUNT_IF", exp.func("ISINF", column(name), dialect="duckdb")) for name in names]
    ((*found,),) = rows(exp.select(*counts).from_(item.copy()).sql(dialect="duckdb"))
    return {name: int(n) for name, n in zip(names, found, strict=True) if n}


def _not_ruled_out(rows: Rows, names: Sequence[str], files: Sequence[Path]) -> list[str]:
    """Return the columns of which a part of a file has an infinite end, or no statistics."""
    paths = exp.Array(expressions=[exp.Literal.string(str(file)) for file in files])
    parts = exp.Table(this=exp.Anonymous(this="parquet_metadata", expressions=[paths]))
    query = exp.select("path_in_schema", "stats_min_value", "stats_max_value").from_(parts)
    found = rows(query.sql(dialect="duckdb"))
    ruled_out = {str(name) for name, *_ in found}
    ruled_out -= {str(name) for name, *ends in found if not all(map(_is_finite, ends))}
    return [name for name in names if name not in ruled_out]


def _is_finite(end: str | None) -> bool:
    try:
        return end is not None and math.isfinite(float(end))
    except ValueError:  # an end that is no number, of a column of another type
        return False
