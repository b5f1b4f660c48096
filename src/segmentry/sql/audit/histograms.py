"""Histograms: rows by bins of numbers, and by days, months or years of dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.sql.aggregates import union_all
from segmentry.sql.audit.columns import DATA_TABLE, VALUES, AuditColumn


@dataclass(frozen=True)
class Grid:
    """Bins of one width, counted from 0; those beyond the first and the last go into these."""

    column: AuditColumn
    width: float
    first: int
    last: int


@dataclass(frozen=True)
class Calendar:
    """A date cut to so many of its letters: 10 are days, 7 months, 4 years, 3 decades."""

    column: AuditColumn
    letters: int


def grids_of_values(grids: Sequence[Grid]) -> exp.Select:
    """Rows per bin of the columns of `VALUES`."""
    rows = [
        exp.Tuple(expressions=[exp.convert(v) for v in (g.column.id, float(g.width), g.first, g.last)])
        for g in grids
    ]
    bins = exp.Values(
        expressions=rows,
        alias=exp.TableAlias(
            this=exp.to_identifier("bins"),
            columns=[exp.to_identifier(name) for name in ("column_id", "width", "first_bin", "last_bin")],
        ),
    )
    number, width = exp.column("number", VALUES), exp.column("width", "bins")
    place = _clipped(number, width, exp.column("first_bin", "bins"), exp.column("last_bin", "bins"))
    same = exp.column("column_id", VALUES).eq(exp.column("column_id", "bins"))
    return (
        exp.select(
            exp.column("column_id", VALUES),
            exp.alias_(place, "bin"),
            exp.alias_(exp.Sum(this=exp.column("n", VALUES)), "n"),
        )
        .from_(VALUES)
        .join(bins, on=same)
        .where(number.copy().is_(exp.null()).not_())
        .group_by(exp.convert(1), exp.convert(2))
        .order_by(exp.convert(1), exp.convert(2))
    )


def grids_of_rows(grids: Sequence[Grid]) -> exp.Query:
    """Rows per bin, counted on the table itself."""
    branches = []
    for g in grids:
        number = g.column.number(g.column.value())
        place = _clipped(number, exp.convert(float(g.width)), exp.convert(g.first), exp.convert(g.last))
        branches.append(_rows_by(g.column, exp.alias_(place, "bin")))
    return union_all(branches)


def calendars_of_values(calendars: Sequence[Calendar]) -> exp.Select:
    """Rows per day, month, year or decade of the columns of `VALUES`."""
    letters = exp.Case(
        this=exp.column("column_id"),
        ifs=[exp.If(this=exp.convert(c.column.id), true=exp.convert(c.letters)) for c in calendars],
    )
    period = exp.Substring(this=exp.column("value"), start=exp.convert(1), length=letters)
    return (
        exp.select("column_id", exp.alias_(period, "period"), exp.alias_(exp.Sum(this=exp.column("n")), "n"))
        .from_(VALUES)
        .where(exp.column("column_id").isin(*(exp.convert(c.column.id) for c in calendars)))
        .where(exp.column("value").is_(exp.null()).not_())
        .group_by(exp.convert(1), exp.convert(2))
        .order_by(exp.convert(1), exp.convert(2))
    )


def calendars_of_rows(calendars: Sequence[Calendar]) -> exp.Query:
    """Rows per day, month, year or decade, counted on the table itself."""
    branches = []
    for c in calendars:
        text = exp.cast(c.column.value(), exp.DataType.Type.VARCHAR)
        period = exp.Substring(this=text, start=exp.convert(1), length=exp.convert(c.letters))
        branches.append(_rows_by(c.column, exp.alias_(period, "period")))
    return union_all(branches)


def _rows_by(c: AuditColumn, part: exp.Expr) -> exp.Query:
    """Rows of a column by a part of its values."""
    return (
        exp.select(
            exp.alias_(exp.convert(c.id), "column_id"), part, exp.alias_(exp.Count(this=exp.Star()), "n")
        )
        .from_(DATA_TABLE)
        .where(c.value().is_(exp.null()).not_())
        .group_by(exp.convert(2))
    )


def _clipped(number: exp.Expr, width: exp.Expr, first: exp.Expr, last: exp.Expr) -> exp.Expr:
    place = exp.Floor(this=exp.Div(this=number, expression=width))
    above = exp.Least(this=place, expressions=[last])
    return exp.Greatest(this=above, expressions=[first])
