"""Whole rows of an audited table: equal ones, repeated ids, and counts of rows that conditions pick."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from segmentry.sql.aggregates import count_where, row_hash
from segmentry.sql.audit.columns import DATA_TABLE, VALUES
from segmentry.sql.table import column


def equal_rows(names: Sequence[str], dialect: str) -> exp.Select:
    """Groups of rows that are equal in all these columns, their rows, and the surplus ones.

    Rows are first compared by a hash, where the dialect has one; those whose hash occurs twice are then
    compared value by value.
    """
    columns = [column(name) for name in names]
    n = exp.alias_(exp.Count(this=exp.Star()), "n")
    several = exp.Count(this=exp.Star()) > 1
    key = row_hash(columns, dialect)
    groups = exp.select(n).from_(DATA_TABLE)
    if key is not None:
        repeated = (
            exp.select(exp.alias_(key.copy(), "row_hash"))
            .from_(DATA_TABLE)
            .group_by(exp.convert(1))
            .having(several.copy())
        )
        groups = groups.where(exp.In(this=key.copy(), query=exp.Subquery(this=repeated)))
    groups = groups.group_by(*(c.copy() for c in columns)).having(several.copy())
    return exp.select(*_sums()).from_(groups.subquery("equal_rows"))


def agreement() -> exp.Select:
    """Per column of `VALUES`: the probability that two rows have the same value in it, or both none."""
    n = exp.cast(exp.column("n"), exp.DataType.Type.DOUBLE)
    squares = exp.Sum(this=exp.Mul(this=n, expression=n.copy()))
    total = exp.Sum(this=n.copy())
    share = exp.Div(this=squares, expression=exp.paren(exp.Mul(this=total, expression=total.copy())))
    return (
        exp.select("column_id", exp.alias_(share, "agreement"))
        .from_(VALUES)
        .group_by("column_id")
        .order_by("column_id")
    )


def repeated_ids(name: str) -> exp.Select:
    """Ids that occur more than once, their rows, and the surplus ones."""
    several = exp.Count(this=exp.Star()) > 1
    groups = (
        exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"))
        .from_(DATA_TABLE)
        .where(column(name).is_(exp.null()).not_())
        .group_by(column(name))
        .having(several)
    )
    return exp.select(*_sums()).from_(groups.subquery("repeated_ids"))


def _sums() -> list[exp.Expr]:
    surplus = exp.Sum(this=exp.Sub(this=exp.column("n"), expression=exp.convert(1)))
    return [
        exp.alias_(exp.Count(this=exp.Star()), "n_groups"),
        exp.alias_(exp.Coalesce(this=exp.Sum(this=exp.column("n")), expressions=[exp.convert(0)]), "n_rows"),
        exp.alias_(exp.Coalesce(this=surplus, expressions=[exp.convert(0)]), "n_surplus"),
    ]


def surplus_rows(names: Sequence[str], order: str | None) -> exp.Select:
    """Every row but the first of those that are equal in all these columns."""
    by = exp.Order(expressions=[exp.Ordered(this=column(order or names[0]))])
    place = exp.Window(this=exp.RowNumber(), partition_by=[column(name) for name in names], order=by)
    placed = exp.select("*", exp.alias_(place, "copy_number")).from_(DATA_TABLE).subquery("placed")
    later = exp.column("copy_number") > 1
    return exp.select("*").from_(placed).where(later)


def rows_of_repeated_ids(name: str) -> exp.Select:
    """All rows whose id occurs more than once."""
    several = exp.Count(this=exp.Star()) > 1
    repeated = exp.select(column(name)).from_(DATA_TABLE).group_by(column(name)).having(several)
    chosen = exp.In(this=column(name), query=exp.Subquery(this=repeated))
    return exp.select("*").from_(DATA_TABLE).where(chosen).order_by(column(name))


def count_each(conditions: Sequence[exp.Expr]) -> exp.Select:
    """How many rows each condition picks, in one scan."""
    parts = [exp.alias_(count_where(c.copy()), f"finding_{i}") for i, c in enumerate(conditions, 1)]
    return exp.select(*parts).from_(DATA_TABLE)


def rows_where(condition: exp.Expr) -> exp.Select:
    """The rows that a condition picks."""
    return exp.select("*").from_(DATA_TABLE).where(condition.copy())
