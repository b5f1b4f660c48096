"""Aggregates that every dialect spells, or lacks, in its own way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

_APPROXIMATE = ("duckdb", "spark", "databricks")


def distinct(value: exp.Expr, dialect: str) -> exp.Expr:
    """The number of different values: approximate where the dialect can, else exact."""
    if dialect in _APPROXIMATE:
        return exp.ApproxDistinct(this=value)
    return exp.Count(this=exp.Distinct(expressions=[value]))


def quantiles(value: exp.Expr, shares: Sequence[float], dialect: str) -> exp.Expr:
    """The list of quantiles: approximate where the dialect can, else the exact discrete ones."""
    wanted = exp.Array(expressions=[exp.convert(share) for share in shares])
    if dialect in _APPROXIMATE:
        return exp.ApproxQuantile(this=value, quantile=wanted)
    return exp.WithinGroup(
        this=exp.PercentileDisc(this=wanted),
        expression=exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)]),
    )


def row_hash(values: Sequence[exp.Expr], dialect: str) -> exp.Expr | None:
    """A hash of several values, missing ones included, for comparing rows; None where there is none."""
    name = {"duckdb": "HASH", "spark": "XXHASH64", "databricks": "XXHASH64"}.get(dialect)
    return exp.Anonymous(this=name, expressions=[v.copy() for v in values]) if name else None
