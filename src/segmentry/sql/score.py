"""The assignment as one SELECT: clean, encode, score, assign; with sums written out, or by a table of patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.sql.aggregates import one_where
from segmentry.sql.encode import encode_rows
from segmentry.sql.formula import UNSEEN, Formula
from segmentry.sql.sums import ONLY, UNDERFLOW, WITHOUT_REASON, Found, Sums, add_up, double
from segmentry.sql.table import MatchedTable, Query, column, unique_name

Ctes = tuple[tuple[str, exp.Query], ...]
_FAR = 1e18
"""Beyond every sum, unless features weigh enormously; larger numbers are no decimals in Redshift and Snowflake."""
_FENCED = ("postgres", "sqlite")
"""Dialects that would write one query into the next, until an expression holds thousands of copies of the first."""


@dataclass(frozen=True)
class Start:
    """The query that encodes: its CTEs, the last one's name, and its columns."""

    ctes: Ctes
    name: str
    customer: str
    levels: tuple[str, ...]
    dropped: str | None = None


def encoded_start(matched: MatchedTable) -> Start:
    """Clean and encode the table; values that belong to no level have a code of their own."""
    encoded = encode_rows(matched, carry=(matched.customer,), unseen=UNSEEN)
    ctes = (*matched.table.relation.before, *encoded.ctes)
    return Start(ctes, encoded.name, matched.customer, encoded.levels, encoded.dropped)


def score_query(start: Start, formula: Formula, dialect: str, *, reason: bool = False) -> Query:
    """Write the sums out: one column per segment, the smallest wins."""
    return _Writer(start, formula, dialect).query(reason=reason)


class _Writer:
    """Builds the CTEs after ``encoded``; `taken` are the names of columns, `names` those of CTEs."""

    def __init__(self, start: Start, formula: Formula, dialect: str) -> None:
        self.start, self.formula, self.dialect = start, formula, dialect
        self.sums, self.far = Sums(start.levels, formula, dialect), _far(formula)
        self.names = {name.casefold() for name, _ in start.ctes}
        self.ctes: list[tuple[str, exp.Query]] = list(start.ctes)
        taken = {start.customer.casefold(), *(name.casefold() for name in start.levels)}
        self.scores = [unique_name(f"score_{i + 1}", taken) for i in range(formula.n_segments)]
        self.gains = [unique_name(f"gain_{j + 1}", taken) for j in range(len(formula.features))]
        self.best, self.following = unique_name("best_score", taken), unique_name("next_score", taken)
        self.odds, self.strange = unique_name("odds", taken), unique_name("is_strange", taken)
        self.refused = unique_name("is_refused", taken)
        self.first, self.further = unique_name("first_gain", taken), unique_name("next_gain", taken)
        self.decided = unique_name("decided_first", taken)
        self.found = Found("segment", "second_segment", self.best, self.following, self.odds)

    def query(self, *, reason: bool) -> Query:
        """Return the whole query."""
        self._add(
            "scored", self._scored(), "the sum of each segment; the smallest wins, of equal ones the first"
        )
        self._add("nearest", self._with_all((_least([column(s) for s in self.scores]), self.best)))
        segment = first_equal(self.scores, self.best)
        self._add("assigned", self._with_all((segment, "segment")))
        if self.formula.n_segments > 1:
            self._add("compared", self._with_all(*self._compared()), "the runner-up")
            second = first_equal(self.scores, self.following, skip="segment")
            self._add("placed", self._with_all((second, "second_segment")))
        if reason and self.formula.n_segments > 1:
            self._reasons()
        body = exp.select(*self._results(reason)).from_(self._from())
        inlined = {name for name, _ in self.start.ctes[:-1]}
        for name, cte in self.ctes:
            fence = True if self.dialect in _FENCED and name not in inlined else None
            body = body.with_(exp.to_identifier(name, quoted=True), as_=cte, materialized=fence, copy=False)
        return Query("Assign every customer a segment", body)

    def _add(self, name: str, query: exp.Select, comment: str = "") -> None:
        if comment:
            query.add_comments([f" {comment} "])
        self.ctes.append((unique_name(name, self.names), query))

    def _from(self) -> exp.Expr:
        return exp.to_identifier(self.ctes[-1][0], quoted=True)

    def _with_all(self, *columns: tuple[exp.Expr, str]) -> exp.Select:
        """Everything so far and further columns."""
        added = [exp.alias_(value, name, quoted=True) for value, name in columns]
        return exp.select(exp.Star(), *added).from_(self._from())

    def _scored(self) -> exp.Select:
        parts: list[exp.Expr] = [column(self.start.customer), *(column(name) for name in self.start.levels)]
        for c, (name, segment) in enumerate(zip(self.scores, self.formula.segments, strict=True)):
            score = exp.alias_(self.sums.of_segment(c), name, quoted=True)
            score.add_comments([f" segment {c + 1}: {segment} "])
            parts.append(score)
        parts.append(exp.alias_(one_where(self.sums.strange()), self.strange, quoted=True))
        refused = self.sums.refusals()
        if refused:
            parts.append(exp.alias_(one_where(exp.or_(*refused)), self.refused, quoted=True))
        query = exp.select(*parts).from_(exp.to_identifier(self.start.name, quoted=True))
        if self.start.dropped is not None:
            query = query.where(column(self.start.dropped).eq(0))
        return query

    def _compared(self) -> list[tuple[exp.Expr, str]]:
        others = [
            exp.Case(
                ifs=[exp.If(this=column("segment").eq(i), true=double(self.far))],
                default=column(score),
            )
            for i, score in enumerate(self.scores, 1)
        ]
        found = [(_least(others), self.following)]
        if self.formula.kind == "likelihood":
            found.append((add_up([self._odd(score) for score in self.scores]), self.odds))
        return found

    def _odd(self, score: str) -> exp.Expr:
        """The likelihood of a segment over that of the most likely one; 0 where EXP would underflow."""
        away = exp.Sub(this=column(score), expression=column(self.best))
        far = exp.GT(this=away, expression=double(UNDERFLOW))
        odds = exp.Exp(this=exp.Sub(this=column(self.best), expression=column(score)))
        return exp.Case(ifs=[exp.If(this=far, true=double(0.0))], default=odds)

    def _results(self, reason: bool) -> list[exp.Expr]:
        many = self.formula.n_segments > 1
        text: exp.Expr = self._reason() if reason and many else exp.Literal.string(ONLY)
        is_kept = column(self.refused).eq(0) if self.sums.refusals() else None
        results = self.sums.results(
            self.found, text if reason else None, is_usual=column(self.strange).eq(0), is_kept=is_kept
        )
        named = [exp.alias_(value, name, quoted=True) for name, value in results.items()]
        return [column(self.start.customer), *named]

    def _reasons(self) -> None:
        """Columns: what each feature speaks for the segment against the second, and the two largest."""
        gains = [(self.sums.gain(j, self.found), name) for j, name in enumerate(self.gains)]
        self._add("gained", self._with_all(*gains), "how much each feature speaks for the segment")
        self._add("led", self._with_all((greatest([column(g) for g in self.gains]), self.first)))
        decided = first_equal(self.gains, self.first)
        self._add("decided", self._with_all((decided, self.decided)))
        rest = [
            exp.Case(
                ifs=[exp.If(this=column(self.decided).eq(j), true=exp.Neg(this=double(self.far)))],
                default=column(gain),
            )
            for j, gain in enumerate(self.gains, 1)
        ]
        self._add("explained", self._with_all((greatest(rest), self.further)))

    def _reason(self) -> exp.Expr:
        first = self._text(self.first, skip=False)
        further = self._text(self.further, skip=True)
        positive = [exp.GT(this=column(c), expression=double(0.0)) for c in (self.first, self.further)]
        both = exp.Concat(
            expressions=[first.copy(), exp.Literal.string("; "), further], safe=False, coalesce=False
        )
        return exp.Case(
            ifs=[exp.If(this=positive[1], true=both), exp.If(this=positive[0], true=first)],
            default=exp.Literal.string(WITHOUT_REASON),
        )

    def _text(self, gain: str, *, skip: bool) -> exp.Expr:
        """The level of the first feature whose gain is `gain`."""
        cases = []
        for j, name in enumerate(self.gains, 1):
            condition: exp.Expr = column(name).eq(column(gain))
            if skip:
                condition = exp.and_(condition, column(self.decided).neq(j))
            cases.append(exp.If(this=condition, true=self.sums.spoken(j - 1)))
        return exp.Case(ifs=cases)


def _far(formula: Formula) -> float:
    """A number beyond every sum of the formula."""
    largest = max(abs(c) for c in formula.constants)
    largest += sum(max(abs(n) for row in f.numbers for n in row) for f in formula.features if f.numbers)
    largest += sum(max(abs(n) for row in p.numbers for cell in row for n in cell) for p in formula.pairs)
    return max(_FAR, 10.0 * largest)


def _least(values: Sequence[exp.Expr]) -> exp.Expr:
    return (
        values[0]
        if len(values) == 1
        else exp.Least(this=values[0], expressions=list(values[1:]), ignore_nulls=False)
    )


def greatest(values: Sequence[exp.Expr]) -> exp.Expr:
    """The largest of some values, none of which is missing."""
    if len(values) == 1:
        return values[0]
    return exp.Greatest(this=values[0], expressions=list(values[1:]), ignore_nulls=False)


def first_equal(columns: Sequence[str], value: str, skip: str | None = None) -> exp.Expr:
    """The number, from 1, of the first column that equals `value`; `skip` names a column with one to leave out."""
    cases = []
    for i, name in enumerate(columns, 1):
        condition: exp.Expr = column(name).eq(column(value))
        if skip is not None:
            condition = exp.and_(condition, column(skip).neq(i))
        cases.append(exp.If(this=condition, true=exp.convert(i)))
    return exp.Case(ifs=cases)
