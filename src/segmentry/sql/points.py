"""Points of a few answers as one SELECT: clean, encode, add up, tell the segment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqlglot import exp

from segmentry.sql.score import Start, first_equal, greatest
from segmentry.sql.sums import CASTS, double
from segmentry.sql.table import Query, column, unique_name

Points = Sequence[Sequence[int]]
"""Per answer one whole number per segment."""
_BETWEEN = " or "


def points_query(
    start: Start, first: Sequence[int], points: Sequence[Points], gap: int, unit: int, dialect: str
) -> Query:
    """Write the query that tells every customer's segment, its certainty, and the possible segments.

    Parameters
    ----------
    start
        Query that encodes: `start.levels` are the answers.
    first
        Points of each segment before any answer.
    points
        Points of the answers, by question; an answer that is none of them has no points.
    gap
        Points by which a possible segment may lie behind.
    unit
        Points per unit of a logarithm.
    dialect
        Dialect that the query is for.
    """
    taken = {start.customer.casefold(), *(name.casefold() for name in start.levels)}
    names = [unique_name(f"points_{i}", taken) for i in range(1, len(first) + 1)]
    best = unique_name("most_points", taken)
    sums = [
        exp.alias_(_sum(start, s, value, points), name, quoted=True)
        for s, (name, value) in enumerate(zip(names, first, strict=True))
    ]
    added = exp.select(column(start.customer), *sums).from_(exp.to_identifier(start.name, quoted=True))
    if start.dropped is not None:
        added = added.where(column(start.dropped).eq(0))
    taken_ctes = {name.casefold() for name, _ in start.ctes}
    with_sums, with_best = (unique_name(name, taken_ctes) for name in ("added_up", "led"))
    most = exp.alias_(greatest([column(name) for name in names]), best, quoted=True)
    led = exp.select(exp.Star(), most).from_(exp.to_identifier(with_sums, quoted=True))
    results = {
        "segment": first_equal(names, best),
        "certainty": _certainty(names, best, unit, dialect),
        "possible": _possible(names, best, gap),
    }
    shown = [exp.alias_(value, name, quoted=True) for name, value in results.items()]
    body = exp.select(column(start.customer), *shown).from_(exp.to_identifier(with_best, quoted=True))
    for name, cte in (*start.ctes, (with_sums, added), (with_best, led)):
        body = body.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
    return Query("Tell every customer's segment by a few answers", body)


def _sum(start: Start, segment: int, first: int, points: Sequence[Points]) -> exp.Expr:
    parts: list[exp.Expr] = [exp.convert(first)]
    for level, answers in zip(start.levels, points, strict=True):
        cases = [
            exp.If(this=exp.convert(code), true=_whole(row[segment])) for code, row in enumerate(answers)
        ]
        parts.append(exp.Case(this=column(level), ifs=cases, default=exp.convert(0)))
    return reduce(lambda one, other: exp.Add(this=one, expression=other), parts)


def _whole(value: int) -> exp.Expr:
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal


def _certainty(names: Sequence[str], best: str, unit: int, dialect: str) -> exp.Expr:
    def number(value: float) -> exp.Expr:
        literal = double(value)
        return exp.cast(literal, exp.DataType.Type.DOUBLE) if dialect in CASTS else literal

    def odds(name: str) -> exp.Expr:
        behind = exp.paren(exp.Sub(this=column(name), expression=column(best)))
        return exp.Exp(this=exp.Div(this=behind, expression=number(float(unit)), typed=True, safe=False))

    total = reduce(lambda one, other: exp.Add(this=one, expression=other), map(odds, names))
    return exp.Div(this=number(1.0), expression=exp.paren(total), typed=True, safe=False)


def _possible(names: Sequence[str], best: str, gap: int) -> exp.Expr:
    """The numbers of the possible segments in one text, such as "2 or 3"."""
    nothing = exp.Literal.string("")
    least = exp.Sub(this=column(best), expression=exp.convert(gap))
    texts = [
        exp.Case(
            ifs=[
                exp.If(
                    this=exp.GTE(this=column(name), expression=least.copy()),
                    true=exp.Literal.string(f"{_BETWEEN}{i}"),
                )
            ],
            default=nothing.copy(),
        )
        for i, name in enumerate(names, 1)
    ]
    whole = exp.Concat(expressions=texts, safe=False, coalesce=False)
    return exp.Substring(this=whole, start=exp.convert(len(_BETWEEN) + 1))
