"""Questions about a table of customers: totals, rates, households, more than one acceptance."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from segmentry.sql.aggregates import count_where
from segmentry.sql.audit.columns import DATA_TABLE, AuditColumn
from segmentry.sql.table import column


def totals(columns: Sequence[AuditColumn]) -> exp.Select:
    """Rows with a value, sum and mean of each column."""
    parts = []
    for c in columns:
        value = _number(c)
        parts.append(exp.alias_(exp.Count(this=value.copy()), f"n_{c.id}"))
        parts.append(exp.alias_(exp.Sum(this=value.copy()), f"total_{c.id}"))
        parts.append(exp.alias_(exp.Avg(this=value.copy()), f"mean_{c.id}"))
    return exp.select(*parts).from_(DATA_TABLE)


def several(families: Sequence[Sequence[AuditColumn]]) -> exp.Select:
    """For each family of flags: customers with any, with more than one, and with none known to be missing."""
    parts = []
    for i, family in enumerate(families, 1):
        sum_ = _sum_of(family)
        parts.append(
            exp.alias_(count_where(exp.GTE(this=sum_.copy(), expression=exp.convert(1))), f"any_{i}")
        )
        parts.append(
            exp.alias_(count_where(exp.GTE(this=sum_.copy(), expression=exp.convert(2))), f"several_{i}")
        )
        parts.append(exp.alias_(exp.Count(this=exp.Star()), f"n_{i}"))
    return exp.select(*parts).from_(DATA_TABLE)


def households(columns: Sequence[AuditColumn]) -> exp.Select:
    """Households with children in each column, in any, in all, and with more than one."""
    some = [column(c.name) > 0 for c in columns]
    parts = [exp.alias_(exp.Count(this=exp.Star()), "n_rows")]
    for c, has in zip(columns, some, strict=True):
        more = column(c.name) > 1
        parts.append(exp.alias_(count_where(has), f"with_{c.id}"))
        parts.append(exp.alias_(count_where(more), f"several_{c.id}"))
    parts.append(exp.alias_(count_where(exp.or_(*(s.copy() for s in some))), "any_of_them"))
    parts.append(exp.alias_(count_where(exp.and_(*(s.copy() for s in some))), "all_of_them"))
    return exp.select(*parts).from_(DATA_TABLE)


def _sum_of(family: Sequence[AuditColumn]) -> exp.Expr:
    sum_: exp.Expr = exp.Coalesce(this=_number(family[0]), expressions=[exp.convert(0)])
    for c in family[1:]:
        sum_ = exp.Add(this=sum_, expression=exp.Coalesce(this=_number(c), expressions=[exp.convert(0)]))
    return sum_


def _number(c: AuditColumn) -> exp.Expr:
    if c.kind != "boolean":
        return c.value()
    value = column(c.name)
    ifs = [
        exp.If(this=value, true=exp.convert(1)),
        exp.If(this=exp.not_(value.copy()), true=exp.convert(0)),
    ]
    return exp.Case(ifs=ifs)
