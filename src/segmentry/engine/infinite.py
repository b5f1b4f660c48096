"""Infinite numbers: missing in every engine, and counted; of DuckDB's sources when they are opened, elsewhere when it is asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.engine.column_readings import Rows, infinite_note
from segmentry.engine.notes import ReadingNote
from segmentry.sql.table import Query, column

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
    replaced = [exp.alias_(finite(column(name)), name, quoted=True) for name in found]
    made = exp.select(exp.Star(replace=replaced)).from_(item.copy()).subquery()
    return made, tuple(infinite_note(name, n) for name, n in found.items())


@dataclass
class FloatingColumns:
    """Columns of a table that may hold infinite numbers, with their types, and the item after FROM that holds these as they are."""

    item: exp.Expr | None = None
    types: dict[str, str] = field(default_factory=dict)

    def counted(self, query: Callable[[Query], Any]) -> tuple[ReadingNote, ...]:
        """Say how many infinite numbers each column has; one scan of these columns."""
        if self.item is None or not self.types:
            return ()
        counts = [exp.alias_(_n_infinite(*pair), f"n_{i}") for i, pair in enumerate(self.types.items())]
        found = query(Query("How many numbers are infinite", exp.select(*counts).from_(self.item.copy())))
        rows = (int(column[0].as_py() or 0) for column in found.columns)
        return tuple(infinite_note(name, n) for name, n in zip(self.types, rows, strict=True) if n)


def finite(value: exp.Expr, type_: str = "DOUBLE") -> exp.Expr:
    """The number, missing where it is infinite."""
    for end in _ENDS:
        value = exp.Nullif(this=value, expression=exp.cast(exp.Literal.string(end), type_))
    return value


def _n_infinite(name: str, type_: str) -> exp.Expr:
    ends = [exp.cast(exp.Literal.string(end), type_) for end in _ENDS]
    is_end = exp.or_(*(exp.EQ(this=column(name), expression=end) for end in ends))
    return exp.Count(this=exp.Case(ifs=[exp.If(this=is_end, true=exp.convert(1))]))


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
