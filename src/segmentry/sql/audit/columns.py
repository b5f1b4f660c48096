"""Columns of an audited table: how their values are read, counted and measured.

The way is that of the pattern table: one query counts the values of every column that has few enough of
them, and everything else about those columns is asked of these counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from segmentry.sql.aggregates import count_where, distinct, quantiles, union_all
from segmentry.sql.clean import without_nan
from segmentry.sql.fold import is_in_part
from segmentry.sql.table import column

AuditKind = Literal["number", "text", "date", "boolean", "other"]
DATA_TABLE = "data"
VALUES = "audit_values"
QUANTILE_SHARES = (0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99)
TOP = 50


@dataclass(frozen=True)
class AuditColumn:
    """A column: its number from 1, name, type as the database calls it, and kind."""

    id: int
    name: str
    sql_type: str
    kind: AuditKind
    is_whole_type: bool = False
    is_float: bool = False

    def value(self) -> exp.Expr:
        """The column; the not-a-number of floating-point columns is missing."""
        return without_nan(column(self.name)) if self.is_float else column(self.name)

    def number(self, value: exp.Expr) -> exp.Expr:
        """A value as a number: dates as days since 1970, true as 1, text as nothing."""
        if self.kind == "number":
            return exp.cast(value, exp.DataType.Type.DOUBLE)
        if self.kind == "date":
            day = exp.cast(value, exp.DataType.Type.DATE)
            first = exp.cast(exp.Literal.string("1970-01-01"), exp.DataType.Type.DATE)
            days = exp.DateDiff(this=day, expression=first, unit=exp.var("day"))
            return exp.cast(days, exp.DataType.Type.DOUBLE)
        if self.kind == "boolean":
            return exp.Case(ifs=[exp.If(this=value, true=exp.convert(1.0))], default=exp.convert(0.0))
        return exp.cast(exp.null(), exp.DataType.Type.DOUBLE)


def outline(columns: Sequence[AuditColumn], dialect: str) -> exp.Select:
    """Rows, and per column the values that are there, the different ones, and the length of texts."""
    parts = [_named(exp.Count(this=exp.Star()), "n_rows")]
    for c in columns:
        parts.append(_named(exp.Count(this=c.value()), f"present_{c.id}"))
        if c.kind != "other":
            parts.append(_named(distinct(c.value(), dialect), f"distinct_{c.id}"))
        if c.kind == "text":
            length = exp.Length(this=exp.cast(c.value(), exp.DataType.Type.VARCHAR))
            parts.append(_named(exp.Avg(this=length), f"length_{c.id}"))
    return exp.select(*parts, copy=False).from_(DATA_TABLE, copy=False)


def part(columns: Sequence[AuditColumn]) -> exp.Select:
    """Some columns of a table that has very many."""
    return exp.select(*(column(c.name) for c in columns), copy=False).from_(DATA_TABLE, copy=False)


def value_counts_query(columns: Sequence[AuditColumn], sources: Mapping[int, str] | None = None) -> exp.Query:
    """Every value of every column with its number of rows: the table `VALUES`.

    `sources` are the tables that hold the columns, by their numbers, where that is not the whole table.
    """
    return union_all([_counted(c, (sources or {}).get(c.id, DATA_TABLE)) for c in columns])


def _counted(c: AuditColumn, source: str) -> exp.Select:
    v = exp.column("v")
    inner = exp.select(_named(c.value(), "v"), copy=False).from_(source, copy=False)
    return (
        exp.select(
            _named(exp.convert(c.id), "column_id"),
            _named(exp.cast(v.copy(), exp.DataType.Type.VARCHAR), "value"),
            _named(c.number(v.copy()), "number"),
            _named(exp.Count(this=exp.Star()), "n"),
            copy=False,
        )
        .from_(inner.subquery("source", copy=False), copy=False)
        .group_by(v.copy(), copy=False)
    )


def figures() -> exp.Select:
    """Per column of `VALUES`: how many values, smallest, largest, mean, quantiles, zeros, negatives."""
    n, number = exp.column("n"), exp.column("number")
    by_number = exp.Order(
        expressions=[exp.Ordered(this=number.copy(), nulls_first=True), exp.Ordered(this=exp.column("value"))]
    )
    rows = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
    reached = exp.Window(
        this=exp.Sum(this=n.copy()),
        partition_by=[exp.column("column_id")],
        order=by_number,
        spec=rows,
    )
    whole = exp.Window(this=exp.Sum(this=n.copy()), partition_by=[exp.column("column_id")])
    ranked = (
        exp.select("*", _named(reached, "n_reached"), _named(whole, "n_present"))
        .from_(VALUES)
        .where(exp.column("value").is_(exp.null()).not_())
    )
    at = [
        exp.If(
            this=exp.GTE(
                this=exp.column("n_reached"),
                expression=exp.Mul(this=exp.convert(share), expression=exp.column("n_present")),
            ),
            true=number.copy(),
        )
        for share in QUANTILE_SHARES
    ]
    weighted = exp.Sum(this=exp.Mul(this=number.copy(), expression=n.copy()))
    mean = exp.Div(this=weighted, expression=exp.Sum(this=n.copy()))
    return (
        exp.select(
            "column_id",
            _named(exp.Sum(this=n.copy()), "n_present"),
            _named(exp.Count(this=exp.Star()), "n_distinct"),
            _named(exp.Min(this=number.copy()), "minimum"),
            _named(exp.Max(this=number.copy()), "maximum"),
            _named(exp.Min(this=exp.column("value")), "first_value"),
            _named(exp.Max(this=exp.column("value")), "last_value"),
            _named(mean, "mean"),
            _named(_rows_where(number.copy().eq(0)), "n_zero"),
            _named(_rows_where(number < 0), "n_negative"),
            _named(_rows_where(number.copy().neq(exp.Floor(this=number.copy()))), "n_fractional"),
            *(
                _named(exp.Min(this=exp.Case(ifs=[case])), quantile_name(share))
                for share, case in zip(QUANTILE_SHARES, at, strict=True)
            ),
        )
        .with_("ranked", as_=ranked)
        .from_("ranked")
        .group_by("column_id")
        .order_by("column_id")
    )


def quantile_name(share: float) -> str:
    """The result column that holds a quantile."""
    return f"q{round(100 * share):02}"


def top_values() -> exp.Select:
    """The `TOP` most frequent values of each column of `VALUES`."""
    order = exp.Order(
        expressions=[
            exp.Ordered(this=exp.column("n"), desc=True),
            exp.Ordered(this=exp.column("number")),
            exp.Ordered(this=exp.column("value")),
        ]
    )
    place = exp.Window(this=exp.RowNumber(), partition_by=[exp.column("column_id")], order=order)
    placed = (
        exp.select("*", _named(place, "place"))
        .from_(VALUES)
        .where(exp.column("value").is_(exp.null()).not_())
    )
    return (
        exp.select("column_id", "value", "n")
        .from_(placed.subquery("placed"))
        .where(exp.column("place") <= TOP)
        .order_by("column_id", "place")
    )


def wide_figures(columns: Sequence[AuditColumn], dialect: str, every: int = 1) -> exp.Select:
    """The same figures for columns with too many values to count, all in one scan; quantiles are of one in so many rows."""
    rows, is_taken = part_of_rows(DATA_TABLE, [c.name for c in columns], every)
    parts = [_named(exp.Count(this=exp.Star()), "n_rows")]
    for c in columns:
        value, number = c.value(), c.number(c.value())
        counted = exp.Count(this=exp.Distinct(expressions=[value.copy()]))
        parts.append(_named(counted, f"n_distinct_{c.id}"))
        if c.kind == "text":
            parts.append(_named(exp.Min(this=value.copy()), f"first_value_{c.id}"))
            parts.append(_named(exp.Max(this=value.copy()), f"last_value_{c.id}"))
            continue
        text = exp.DataType.Type.VARCHAR
        found = {
            "minimum": exp.Min(this=number.copy()),
            "maximum": exp.Max(this=number.copy()),
            "first_value": exp.cast(exp.Min(this=value.copy()), text),
            "last_value": exp.cast(exp.Max(this=value.copy()), text),
            "mean": exp.Avg(this=number.copy()),
            "n_zero": count_where(number.copy().eq(0)),
            "n_negative": count_where(exp.LT(this=number.copy(), expression=exp.convert(0))),
            "n_fractional": count_where(number.copy().neq(exp.Floor(this=number.copy()))),
        }
        parts += [_named(made, f"{name}_{c.id}") for name, made in found.items()]
        cuts = quantiles(number.copy(), QUANTILE_SHARES, dialect)
        if is_taken is not None:
            cuts = exp.Filter(this=cuts, expression=exp.Where(this=is_taken.copy()))
        parts.append(_named(cuts, f"quantiles_{c.id}"))
    return exp.select(*parts).from_(rows)


def part_of_rows(
    table: str, names: Sequence[str], every: int
) -> tuple[exp.Table | exp.Subquery, exp.Expr | None]:
    """Columns of a table, and the condition that holds for about one in so many rows; None where that is each.

    The same rows each time, by a hash of their place: rows that alternate would all be of one kind at equal distances.
    """
    if every <= 1:
        return exp.to_table(table), None
    place = "row_place"
    while place in {name.lower() for name in names}:
        place += "_"
    number = exp.alias_(exp.Window(this=exp.RowNumber()), place)
    numbered = exp.select(*(column(name) for name in names), number).from_(table)
    return numbered.subquery("numbered"), is_in_part(exp.column(place), every)


def _rows_where(condition: exp.Expr) -> exp.Expr:
    """The rows that stand behind the values for which the condition holds."""
    kept = exp.Case(ifs=[exp.If(this=condition, true=exp.column("n"))], default=exp.convert(0))
    return exp.Sum(this=kept)


def _named(value: exp.Expr, name: str) -> exp.Expr:
    """The value, which is not copied, under a name: copies are what queries of 2,000 columns spend their time on."""
    return exp.alias_(value, name, copy=False)
