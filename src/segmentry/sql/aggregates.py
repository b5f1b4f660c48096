"""Counts of rows, and aggregates that every dialect spells, or lacks, in its own way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

_APPROXIMATE = ("duckdb", "spark", "databricks")
_SPARK = ("spark", "databricks")


def one_where(condition: exp.Expr) -> exp.Case:
    """1 where the condition holds, else 0."""
    return exp.Case(ifs=[exp.If(this=condition, true=exp.convert(1))], default=exp.convert(0))


def count_where(condition: exp.Expr) -> exp.Count:
    """The number of rows for which the condition holds."""
    return exp.Count(this=exp.Case(ifs=[exp.If(this=condition, true=exp.convert(1))]))


def union_all(branches: Sequence[exp.Query]) -> exp.Query:
    """The rows of all branches, of which there may be a single one."""
    return branches[0] if len(branches) == 1 else exp.union(*branches, distinct=False, copy=False)


def distinct(value: exp.Expr, dialect: str) -> exp.Expr:
    """The number of different values: approximate where the dialect can, else exact."""
    if dialect in _APPROXIMATE:
        return exp.ApproxDistinct(this=value)
    return exp.Count(this=exp.Distinct(expressions=[value]))


def quantiles(value: exp.Expr, shares: Sequence[float], dialect: str) -> exp.Expr:
    """The list of discrete quantiles, exact but in Spark.

    DuckDB's approximate ones differ from run to run, and take as long as the exact ones.
    """
    wanted = exp.Array(expressions=[exp.convert(share) for share in shares])
    if dialect in _SPARK:
        return exp.ApproxQuantile(this=value, quantile=wanted)
    if dialect == "duckdb":
        return exp.PercentileDisc(this=value, expression=wanted)
    return exp.WithinGroup(
        this=exp.PercentileDisc(this=wanted),
        expression=exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)]),
    )


def has_exact_quantiles(dialect: str) -> bool:
    """Whether `quantiles` are exact."""
    return dialect not in _SPARK


def row_hash(values: Sequence[exp.Expr], dialect: str) -> exp.Expr | None:
    """A hash of several values, missing ones included, for comparing rows; None where there is none."""
    name = {"duckdb": "HASH", "spark": "XXHASH64", "databricks": "XXHASH64"}.get(dialect)
    return exp.Anonymous(this=name, expressions=[v.copy() for v in values]) if name else None
