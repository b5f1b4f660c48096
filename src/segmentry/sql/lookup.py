"""The assignment as a join with a table of patterns, written out in the same SELECT."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from segmentry.sql.aggregates import union_all
from segmentry.sql.formula import MISSING, UNSEEN, Formula
from segmentry.sql.score import Start
from segmentry.sql.sums import CASTS, double
from segmentry.sql.table import Query, column, unique_name

UNITED = ("bigquery", "mysql", "redshift")
"""Dialects whose VALUES, where there are any, name no columns."""


def lookup_query(
    start: Start, formula: Formula, rows: Iterable[Sequence[object]], dialect: str, *, reason: bool = False
) -> Query:
    """Write the segments as a table of patterns: `rows` hold a code per feature, then the results.

    The results are segment, certainty, second segment, whether it fits, and the reason where it is asked for. The
    code of a value that is in no level is looked up as missing, and such a customer does not fit.
    """
    names = {name.casefold() for name, _ in start.ctes}
    patterns = unique_name("pattern_segments", names)
    results = ["segment", "certainty", "second_segment", "fits", *(["reason"] if reason else [])]
    table = constant_rows((*start.levels, *results), rows, dialect)
    levels = [exp.column(level, table=start.name, quoted=True) for level in start.levels]
    listed = [exp.column(level, table=patterns, quoted=True) for level in start.levels]
    pairs = zip(levels, listed, strict=True)
    on = exp.and_(*(_no_level_is_missing(level.copy()).eq(code) for level, code in pairs))
    unseen = exp.or_(*(level.eq(UNSEEN) for level in levels))
    refused = [
        level.isin(*feature.refuses)
        for feature, level in zip(formula.features, levels, strict=True)
        if feature.refuses
    ]
    fit = exp.and_(column("fits").eq(1), exp.not_(exp.paren(exp.or_(unseen, *refused))))
    shown: list[exp.Expr] = [exp.column(start.customer, table=start.name, quoted=True)]
    for name in ("segment", "certainty", "second_segment", *(["reason"] if reason else [])):
        value: exp.Expr = column(name)
        if refused and name != "reason":
            kept = exp.not_(exp.paren(exp.or_(*refused)))
            value = exp.Case(ifs=[exp.If(this=kept, true=value)])
        shown.append(exp.alias_(value, name, quoted=True))
    fits = exp.Case(ifs=[exp.If(this=fit, true=exp.true())], default=exp.false())
    shown.append(exp.alias_(fits, "fits", quoted=True))
    body = (
        exp.select(*shown)
        .from_(exp.to_identifier(start.name, quoted=True))
        .join(exp.to_identifier(patterns, quoted=True), on=on, join_type="left")
    )
    if start.dropped is not None:
        body = body.where(exp.column(start.dropped, table=start.name, quoted=True).eq(0))
    for name, cte in (*start.ctes, (patterns, table)):
        body = body.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
    return Query("Assign every customer the segment of the customer's pattern", body)


def constant_rows(names: Sequence[str], rows: Iterable[Sequence[object]], dialect: str) -> exp.Query:
    """Rows of constants as a query; VALUES where the database can name its columns."""
    literals = [[_literal(value, dialect) for value in row] for row in rows]
    if dialect in UNITED:
        selects = [
            exp.Select(expressions=[_named(v, n) for n, v in zip(names, row, strict=True)])
            for row in literals
        ]
        return union_all(selects)
    own = [f"column{i}" for i in range(1, len(names) + 1)]  # SQLite's names
    given = names if dialect != "sqlite" else own
    alias = exp.TableAlias(
        this=exp.to_identifier("listed"),
        columns=[exp.to_identifier(n, quoted=True) for n in given] if dialect != "sqlite" else None,
    )
    values = exp.Values(expressions=[exp.Tuple(expressions=row) for row in literals], alias=alias)
    shown = [
        exp.alias_(column(o), n, quoted=True) if o != n else column(n)
        for o, n in zip(given, names, strict=True)
    ]
    return exp.select(*shown).from_(values, copy=False)


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def _literal(value: object, dialect: str) -> exp.Expr:
    if value is None:
        return exp.cast(exp.null(), exp.DataType.Type.INT)
    if isinstance(value, float):
        return exp.cast(double(value), exp.DataType.Type.DOUBLE) if dialect in CASTS else double(value)
    return exp.Literal.string(value) if isinstance(value, str) else exp.convert(value)


def _no_level_is_missing(level: exp.Expr) -> exp.Expr:
    unseen = exp.If(this=level.copy().eq(UNSEEN), true=exp.convert(MISSING))
    return exp.Case(ifs=[unseen], default=level)
