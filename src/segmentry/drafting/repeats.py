"""Columns of tables with several rows per customer: what is constant per customer, and what is made of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.session import Session
from segmentry.drafting.values import YES, is_yes_no, number_of, number_sql
from segmentry.drafting.words import shortened_value
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column

MOST_SHARES = 6
"""Of texts with up to this many different values the share of each is taken."""
MOST_KEPT = 30
"""Largest number of columns that a query carries along."""


@dataclass(frozen=True)
class CarriedColumn:
    """A column of the query that makes one row per customer: its name, its value, and how it is made, for people."""

    name: str
    value: exp.Expr
    how: str
    of: str


def count_varying(session: Session, customer: ColumnFacts, columns: Sequence[ColumnFacts]) -> dict[str, int]:
    """Count the customers within whom each column has several values, in one scan."""
    usable = [f for f in columns if f.kind != "other" and f is not customer]
    if not usable:
        return {}
    ends = []
    for i, f in enumerate(usable):
        ends += [
            exp.alias_(exp.Min(this=column(f.name)), f"low_{i}"),
            exp.alias_(exp.Max(this=column(f.name)), f"high_{i}"),
        ]
    known = exp.not_(column(customer.name).is_(exp.null()))
    inner = exp.select(*ends).from_("data").where(known).group_by(column(customer.name))
    varying = [
        exp.alias_(
            exp.Sum(this=one_where(exp.column(f"low_{i}").neq(exp.column(f"high_{i}")))), f"varies_{i}"
        )
        for i in range(len(usable))
    ]
    row = session.ask(
        "Which columns have one value per customer?", exp.select(*varying).from_(inner.subquery("ends"))
    )[0]
    return {f.name: int(row[f"varies_{i}"] or 0) for i, f in enumerate(usable)}


def kept_columns(columns: Sequence[ColumnFacts]) -> list[CarriedColumn]:
    """Carry along columns that are constant per customer."""
    return [
        CarriedColumn(f.name, exp.Max(this=column(f.name)), "the same in all rows of a customer", f.name)
        for f in columns[:MOST_KEPT]
    ]


def last_columns(columns: Sequence[ColumnFacts], date: exp.Expr) -> list[CarriedColumn]:
    """Carry along the last value by the date."""
    return [
        CarriedColumn(f.name, exp.ArgMax(this=column(f.name), expression=date.copy()), "the last one", f.name)
        for f in columns
    ]


def summed_columns(columns: Sequence[ColumnFacts]) -> list[CarriedColumn]:
    """Sum up columns that vary within a customer: means of numbers, shares of answers."""
    found: list[CarriedColumn] = []
    for f in columns:
        found += _summed(f)
        if len(found) > MOST_KEPT:
            break
    return found


def _summed(f: ColumnFacts) -> list[CarriedColumn]:
    value = column(f.name)
    if f.is_constant or not f.n_present:
        return []
    if f.kind == "number" or (f.n_distinct > MOST_SHARES and number_sql(f) is not None):
        return [CarriedColumn(f"{f.name}_mean", exp.Avg(this=number_of(f)), "the mean", f.name)]
    if f.kind == "boolean":
        return [CarriedColumn(f"{f.name}_share", exp.Avg(this=one_where(value)), "the share of yes", f.name)]
    if f.kind != "text" or not f.top_values or f.n_distinct > MOST_SHARES:
        return []
    values = [str(v) for v, _ in f.top_values]
    if is_yes_no(f):
        yes = next(v for v in values if v.strip().lower() in YES)
        return [
            CarriedColumn(f"{f.name}_share", _share(f, yes), f"the share of {shortened_value(yes)}", f.name)
        ]
    return [
        CarriedColumn(f"{f.name}: {shortened_value(v)}", _share(f, v), "the share of each answer", f.name)
        for v in values
    ]


def _share(f: ColumnFacts, value: str) -> exp.Expr:
    is_value = exp.EQ(this=column(f.name), expression=exp.convert(value))
    share = exp.Case(
        ifs=[exp.If(this=is_value, true=exp.Literal.number("1.0"))], default=exp.Literal.number("0.0")
    )
    return exp.Avg(this=share)
