"""Values of compared columns so far above all others that their mean would be these values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.numbers import suspect_outliers
from segmentry.auditing.session import Session
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column
from segmentry.text.words import counted

_GAP = 10.0
"""Values this many times as large as all others are no tail: of amounts with a tail as heavy as Pareto's of 2, 1 % have such a gap."""
_MOST = 0.01
"""Largest share of the rows that is read as missing: more values are no typing errors."""


@dataclass(frozen=True)
class FarValues:
    """Values of a column that are read as missing, because they are far above all others.

    Attributes
    ----------
    column
        Name of the column.
    n
        Number of rows that have one.
    farthest, next_largest
        Size of the farthest value, and of the largest one that is kept.
    bound
        Size above which values are far, between the two.
    """

    column: str
    n: int
    farthest: float
    next_largest: float
    bound: float

    @property
    def sql(self) -> str:
        """SQL of the column without the values."""
        is_far = exp.Abs(this=plain_column(self.column)) > exp.convert(_plain(self.bound))
        return recipe_sql(
            exp.Case(ifs=[exp.If(this=is_far, true=exp.null())], default=plain_column(self.column))
        )

    @property
    def why(self) -> str:
        """Comment that says what is done, and the alternative."""
        return (
            f"Read as missing: {counted(self.n, 'row')} with values up to {self.farthest:,.15g}, where all others are at most "
            f"{self.next_largest:,.15g}: their mean would be that of typing errors. "
            "Alternative, if they are true: the column as it is."
        )


def find_far_values(session: Session, columns: Sequence[ColumnFacts]) -> dict[str, FarValues]:
    """Find the values of the columns that cannot belong to the others; this takes one scan where the audit suspects any."""
    suspects = [
        (facts.name, exp.or_(*far))
        for facts in columns
        if (far := [suspicion.condition for suspicion in suspect_outliers(facts)])
    ]
    if not suspects:
        return {}
    parts: list[exp.Expr] = []
    for i, (name, is_far) in enumerate(suspects):
        size = exp.Abs(this=column(name))
        parts += [
            exp.alias_(exp.Sum(this=one_where(is_far)), f"n_{i}"),
            exp.alias_(exp.Min(this=_where(is_far, size)), f"nearest_{i}"),
            exp.alias_(exp.Max(this=_where(is_far, size)), f"farthest_{i}"),
            exp.alias_(exp.Max(this=_where(exp.not_(is_far), size)), f"next_{i}"),
        ]
    row = session.ask("Are far values apart from all others?", exp.select(*parts).from_("data"))[0]
    n_rows = columns[0].n_rows
    found: dict[str, FarValues] = {}
    for i, (name, _) in enumerate(suspects):
        n, nearest, farthest, next_largest = (
            float(row[f"{what}_{i}"] or 0) for what in ("n", "nearest", "farthest", "next")
        )
        if 0 < n <= max(1.0, _MOST * n_rows) and nearest > _GAP * next_largest > 0:
            found[name] = FarValues(name, int(n), farthest, next_largest, _GAP * next_largest)
    return found


def _where(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=condition.copy(), true=value.copy())])


def _plain(bound: float) -> float | int:
    return int(bound) if bound.is_integer() else bound
