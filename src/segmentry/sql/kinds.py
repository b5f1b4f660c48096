"""Values of one kind read as another, as a model remembers its columns; missing where they cannot be."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from segmentry.sql.encode import NO_WORDS, YES_WORDS, as_text
from segmentry.sql.portable import PLACE
from segmentry.sql.table import NUMERIC, ColumnKind


def read_as_kind(value: exp.Expr, now: ColumnKind, wanted: ColumnKind) -> exp.Expr:
    """Return the value as one of the wanted kind.

    Examples
    --------
    >>> from segmentry.sql.table import column
    >>> read_as_kind(column("age"), "text", "integer").sql("duckdb")
    'TRY_CAST("age" AS DOUBLE)'
    """
    if wanted in NUMERIC:
        return _number(value, now)
    if wanted == "boolean":
        return _truth(value, now)
    if wanted == "text":
        return as_text(value) if now == "integer" else exp.cast(exp.null(), exp.DataType.Type.VARCHAR)
    return _tried(value, exp.DataType.Type.DATE) if now == "text" else _none(exp.DataType.Type.DATE)


def _none(kind: Any) -> exp.Expr:
    return exp.cast(exp.null(), kind)


def _tried(value: exp.Expr, kind: Any) -> exp.Expr:
    """A cast that is missing where it fails, in every dialect."""
    made = exp.TryCast(this=value, to=exp.DataType(this=kind))
    made.meta[PLACE] = ("source",)
    return made


def _number(value: exp.Expr, now: ColumnKind) -> exp.Expr:
    if now == "text":
        return _tried(value, exp.DataType.Type.DOUBLE)
    if now != "boolean":
        return _none(exp.DataType.Type.DOUBLE)
    no = exp.If(this=exp.not_(value.copy()), true=exp.convert(0.0))
    return exp.Case(ifs=[exp.If(this=value.copy(), true=exp.convert(1.0)), no])


def _truth(value: exp.Expr, now: ColumnKind) -> exp.Expr:
    yes: exp.Expr
    no: exp.Expr
    if now == "text":
        word = exp.Lower(this=exp.Trim(this=value))
        yes, no = word.isin(*YES_WORDS), word.copy().isin(*NO_WORDS)
    elif now in NUMERIC:
        yes, no = value.eq(exp.convert(1)), value.copy().eq(exp.convert(0))
    else:
        return _none(exp.DataType.Type.BOOLEAN)
    return exp.Case(ifs=[exp.If(this=yes, true=exp.true()), exp.If(this=no, true=exp.false())])
