"""The assignment as one SELECT: clean, encode, score, assign; with sums written out, or by a table of patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce

from sqlglot import exp

from segmentry.sql.aggregates import one_where
from segmentry.sql.encode import encode_rows
from segmentry.sql.formula import UNSEEN, Formula, PairTerms, Terms
from segmentry.sql.table import MatchedTable, Query, column, unique_name

Ctes = tuple[tuple[str, exp.Query], ...]
WITHOUT_REASON = "no feature speaks for it"
ONLY = "the only segment"
_FAR = 1e18
"""Beyond every sum, unless features weigh enormously; larger numbers are no decimals in Redshift and Snowflake."""
_UNDERFLOW = 700.0
CASTS = ("postgres", "redshift", "snowflake")
"""Dialects in which a number with an exponent is a decimal."""

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
    """Write the sums out: one column per segment, the smallest wins.

    Sums are added up in the order in which Python adds them, so that equal distances are equal here, too.
    """
    return _Writer(start, formula, dialect).query(reason=reason)


class _Writer:
    """Builds the CTEs after ``encoded``; `taken` are the names of columns, `names` those of CTEs."""

    def __init__(self, start: Start, formula: Formula, dialect: str) -> None:
        self.start, self.formula, self.dialect = start, formula, dialect
        self.far = _far(formula)
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

    def query(self, *, reason: bool) -> Query:
        """Return the whole query."""
        self._add(
            "scored", self._scored(), "the sum of each segment; the smallest wins, of equal ones the first"
        )
        self._add("nearest", self._with_all((_least([column(s) for s in self.scores]), self.best)))
        segment = _first_equal(self.scores, self.best)
        self._add("assigned", self._with_all((segment, "segment")))
        if self.formula.n_segments > 1:
            self._add("compared", self._with_all(*self._compared()), "the runner-up")
            second = _first_equal(self.scores, self.following, skip="segment")
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
            score = exp.alias_(self._sum(c), name, quoted=True)
            score.add_comments([f" segment {c + 1}: {segment} "])
            parts.append(score)
        parts.append(exp.alias_(one_where(self._strange()), self.strange, quoted=True))
        refused = self._refusals()
        if refused:
            parts.append(exp.alias_(one_where(exp.or_(*refused)), self.refused, quoted=True))
        query = exp.select(*parts).from_(exp.to_identifier(self.start.name, quoted=True))
        if self.start.dropped is not None:
            query = query.where(column(self.start.dropped).eq(0))
        return query

    def _sum(self, segment: int) -> exp.Expr:
        values = [
            self._lookup(feature, level, segment)
            for feature, level in zip(self.formula.features, self.start.levels, strict=True)
        ]
        values += [self._pair(pair, segment) for pair in self.formula.pairs]
        if any(self.formula.constants):
            constant = self._number(self.formula.constants[segment])
            values[0] = exp.Add(this=values[0], expression=constant)
        runs, at = [], 0
        for size in self.formula.groups:
            runs.append(reduce(_add, values[at : at + size]))
            at += size
        return reduce(_add, [runs[0], *(exp.paren(run, copy=False) for run in runs[1:])])

    def _lookup(self, feature: Terms, level: str, segment: int) -> exp.Expr:
        """The feature's number for a segment; a level without one adds 0."""
        cases = [
            exp.If(this=exp.convert(code), true=double(row[segment]))
            for code, row in enumerate(feature.numbers)
            if feature.is_seen[code]
        ]
        return self._cast(exp.Case(this=column(level), ifs=cases, default=double(0.0)))

    def _pair(self, pair: PairTerms, segment: int) -> exp.Expr:
        """The number of the combination for a segment; one without a level adds 0."""
        first, second = (self.start.levels[j] for j in (pair.first, pair.second))
        cases = []
        for code, row in enumerate(pair.numbers):
            inner = [
                exp.If(this=exp.convert(other), true=double(cell[segment]))
                for other, cell in enumerate(row)
                if cell[segment]
            ]
            if inner:
                own = exp.Case(this=column(second), ifs=inner, default=double(0.0))
                cases.append(exp.If(this=exp.convert(code), true=own))
        if not cases:
            return self._number(0.0)
        return self._cast(exp.Case(this=column(first), ifs=cases, default=double(0.0)))

    def _number(self, value: float) -> exp.Expr:
        return self._cast(double(value))

    def _cast(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, exp.DataType.Type.DOUBLE) if self.dialect in CASTS else value

    def _strange(self) -> exp.Expr:
        """A level that nobody had when the segments were made, or no level known at all."""
        found = [
            column(level).isin(*feature.strange)
            for feature, level in zip(self.formula.features, self.start.levels, strict=True)
        ]
        unknown = exp.and_(*(column(v) < 0 for v in self.start.levels))
        return exp.or_(*found, unknown)

    def _refusals(self) -> list[exp.Expr]:
        return [
            column(level).isin(*feature.refuses)
            for feature, level in zip(self.formula.features, self.start.levels, strict=True)
            if feature.refuses
        ]

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
            found.append((reduce(_add, [self._odd(score) for score in self.scores]), self.odds))
        return found

    def _odd(self, score: str) -> exp.Expr:
        """The likelihood of a segment over that of the most likely one; 0 where EXP would underflow."""
        away = exp.Sub(this=column(score), expression=column(self.best))
        far = exp.GT(this=away, expression=double(_UNDERFLOW))
        odds = exp.Exp(this=exp.Sub(this=column(self.best), expression=column(score)))
        return exp.Case(ifs=[exp.If(this=far, true=double(0.0))], default=odds)

    def _results(self, reason: bool) -> list[exp.Expr]:
        many = self.formula.n_segments > 1
        second = column("second_segment") if many else exp.cast(exp.null(), exp.DataType.Type.INT)
        fits = exp.and_(
            exp.LTE(this=self._atypicality(), expression=self._number(self.formula.limit)),
            column(self.strange).eq(0),
        )
        results = {
            "segment": column("segment"),
            "certainty": self._certainty() if many else self._number(1.0),
            "second_segment": second,
        }
        if reason:
            results["reason"] = self._reason() if many else exp.Literal.string(ONLY)
        if self._refusals():
            kept = column(self.refused).eq(0)
            results = {
                n: exp.Case(ifs=[exp.If(this=kept.copy(), true=v)]) if n != "reason" else v
                for n, v in results.items()
            }
            fits = exp.and_(fits, kept)
        results["fits"] = exp.Case(ifs=[exp.If(this=fits, true=exp.true())], default=exp.false())
        named = [exp.alias_(value, name, quoted=True) for name, value in results.items()]
        return [column(self.start.customer), *named]

    def _atypicality(self) -> exp.Expr:
        if self.formula.kind != "likelihood" or self.formula.n_segments == 1:
            return column(self.best)
        return exp.Sub(this=column(self.best), expression=exp.Ln(this=column(self.odds)))

    def _certainty(self) -> exp.Expr:
        if self.formula.kind == "likelihood":
            return exp.Div(this=double(1.0), expression=column(self.odds), typed=True, safe=False)
        best: exp.Expr = column(self.best)
        following: exp.Expr = column(self.following)
        if self.formula.kind == "squared":
            best, following = exp.Sqrt(this=best), exp.Sqrt(this=following)
        ratio = exp.Div(this=best, expression=following, typed=True, safe=False)
        certainty = exp.Sub(this=double(1.0), expression=ratio)
        some = exp.GT(this=column(self.following), expression=double(0.0))
        return exp.Case(ifs=[exp.If(this=some, true=certainty)], default=double(0.0))

    def _reasons(self) -> None:
        """Columns: what each feature speaks for the segment against the second, and the two largest."""
        gains = [(self._gain(j), name) for j, name in enumerate(self.gains)]
        self._add("gained", self._with_all(*gains), "how much each feature speaks for the segment")
        self._add("led", self._with_all((_greatest([column(g) for g in self.gains]), self.first)))
        decided = _first_equal(self.gains, self.first)
        self._add("decided", self._with_all((decided, self.decided)))
        rest = [
            exp.Case(
                ifs=[exp.If(this=column(self.decided).eq(j), true=exp.Neg(this=double(self.far)))],
                default=column(gain),
            )
            for j, gain in enumerate(self.gains, 1)
        ]
        self._add("explained", self._with_all((_greatest(rest), self.further)))

    def _gain(self, j: int) -> exp.Expr:
        """How much a feature speaks for the segment against the second; half of what a pair says is each one's."""
        feature, level = self.formula.features[j], self.start.levels[j]
        gain = self._difference(lambda c: self._lookup(feature, level, c))
        for pair in self.formula.pairs:
            if j in (pair.first, pair.second):
                both = exp.paren(self._difference(partial(self._pair, pair)))
                gain = _add(exp.paren(gain), exp.Mul(this=self._number(0.5), expression=both))
        return gain

    def _difference(self, number: Callable[[int], exp.Expr]) -> exp.Expr:
        """A number of the second segment less that of the segment."""
        return exp.Sub(
            this=self._of_segment(number, "second_segment"), expression=self._of_segment(number, "segment")
        )

    def _of_segment(self, number: Callable[[int], exp.Expr], which: str) -> exp.Expr:
        cases = [exp.If(this=exp.convert(c + 1), true=number(c)) for c in range(self.formula.n_segments)]
        return exp.Case(this=column(which), ifs=cases)

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
        for j, (feature, level) in enumerate(zip(self.formula.features, self.start.levels, strict=True), 1):
            condition: exp.Expr = column(self.gains[j - 1]).eq(column(gain))
            if skip:
                condition = exp.and_(condition, column(self.decided).neq(j))
            spoken = [
                exp.If(this=exp.convert(code), true=exp.Literal.string(text))
                for code, text in enumerate(feature.spoken)
            ]
            cases.append(exp.If(this=condition, true=exp.Case(this=column(level), ifs=spoken)))
        return exp.Case(ifs=cases)


def _far(formula: Formula) -> float:
    """A number beyond every sum of the formula."""
    largest = max(abs(c) for c in formula.constants)
    largest += sum(max(abs(n) for row in f.numbers for n in row) for f in formula.features if f.numbers)
    largest += sum(max(abs(n) for row in p.numbers for cell in row for n in cell) for p in formula.pairs)
    return max(_FAR, 10.0 * largest)


def double(value: float) -> exp.Expr:
    """A floating-point literal, with the 17 digits that give it back and an exponent that tells its type."""
    text = repr(abs(float(value)))
    literal = exp.Literal.number(text if "e" in text else f"{text}e0")
    return exp.Neg(this=literal) if value < 0 else literal


def _add(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Add(this=one, expression=other)


def _least(values: Sequence[exp.Expr]) -> exp.Expr:
    return (
        values[0]
        if len(values) == 1
        else exp.Least(this=values[0], expressions=list(values[1:]), ignore_nulls=False)
    )


def _greatest(values: Sequence[exp.Expr]) -> exp.Expr:
    if len(values) == 1:
        return values[0]
    return exp.Greatest(this=values[0], expressions=list(values[1:]), ignore_nulls=False)


def _first_equal(columns: Sequence[str], value: str, skip: str | None = None) -> exp.Expr:
    """The number, from 1, of the first column that equals `value`; `skip` names a column with one to leave out."""
    cases = []
    for i, name in enumerate(columns, 1):
        condition: exp.Expr = column(name).eq(column(value))
        if skip is not None:
            condition = exp.and_(condition, column(skip).neq(i))
        cases.append(exp.If(this=condition, true=exp.convert(i)))
    return exp.Case(ifs=cases)
