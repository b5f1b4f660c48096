"""What the sums of an assignment are made of, in every form of its SQL: lookups, limits and results as expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce

from sqlglot import exp

from segmentry.sql.formula import Formula, PairTerms, Terms
from segmentry.sql.table import column

WITHOUT_REASON = "no feature speaks for it"
ONLY = "the only segment"
UNDERFLOW = 700.0
CASTS = ("postgres", "redshift", "snowflake")
"""Dialects in which a number with an exponent is a decimal."""


@dataclass(frozen=True)
class Found:
    """Names of the columns that hold what was found of a pattern."""

    segment: str
    second: str
    best: str
    following: str
    odds: str


class Sums:
    """Expressions over the columns of levels.

    Sums are added up in the order in which Python adds them, so that equal distances are equal here, too.
    """

    def __init__(self, levels: Sequence[str], formula: Formula, dialect: str) -> None:
        self.levels, self.formula, self.dialect = levels, formula, dialect

    def of_segment(self, segment: int) -> exp.Expr:
        """The sum of a segment."""
        values = [
            self._lookup(feature, level, segment)
            for feature, level in zip(self.formula.features, self.levels, strict=True)
        ]
        values += [self._pair(pair, segment) for pair in self.formula.pairs]
        if any(self.formula.constants):
            constant = self.number(self.formula.constants[segment])
            values[0] = exp.Add(this=values[0], expression=constant)
        runs, at = [], 0
        for size in self.formula.groups:
            runs.append(add_up(values[at : at + size]))
            at += size
        return add_up([runs[0], *(exp.paren(run, copy=False) for run in runs[1:])])

    def gain(self, feature: int, found: Found) -> exp.Expr:
        """How much a feature speaks for the segment against the second; half of what a pair says is each one's."""
        terms, level = self.formula.features[feature], self.levels[feature]
        gain = self._difference(partial(self._lookup, terms, level), found)
        for pair in self.formula.pairs:
            if feature in (pair.first, pair.second):
                both = exp.paren(self._difference(partial(self._pair, pair), found))
                half = exp.Mul(this=self.number(0.5), expression=both)
                gain = exp.Add(this=exp.paren(gain), expression=half)
        return gain

    def _difference(self, number: Callable[[int], exp.Expr], found: Found) -> exp.Expr:
        """A number of the second segment less that of the segment."""
        return exp.Sub(
            this=self._by_segment(number, found.second), expression=self._by_segment(number, found.segment)
        )

    def _by_segment(self, number: Callable[[int], exp.Expr], which: str) -> exp.Expr:
        cases = [exp.If(this=exp.convert(c + 1), true=number(c)) for c in range(self.formula.n_segments)]
        return exp.Case(this=column(which), ifs=cases)

    def spoken(self, feature: int) -> exp.Expr:
        """The level of a feature in words."""
        terms, level = self.formula.features[feature], self.levels[feature]
        cases = [
            exp.If(this=exp.convert(code), true=exp.Literal.string(text))
            for code, text in enumerate(terms.spoken)
        ]
        return exp.Case(this=column(level), ifs=cases)

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
        first, second = (self.levels[j] for j in (pair.first, pair.second))
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
            return self.number(0.0)
        return self._cast(exp.Case(this=column(first), ifs=cases, default=double(0.0)))

    def number(self, value: float) -> exp.Expr:
        """A floating-point number."""
        return self._cast(double(value))

    def _cast(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, exp.DataType.Type.DOUBLE) if self.dialect in CASTS else value

    def strange(self) -> exp.Expr:
        """A level that nobody had when the segments were made, or no level known at all."""
        found = [
            column(level).isin(*feature.strange)
            for feature, level in zip(self.formula.features, self.levels, strict=True)
        ]
        unknown = exp.and_(*(column(v) < 0 for v in self.levels))
        return exp.or_(*found, unknown)

    def refusals(self) -> list[exp.Expr]:
        """Conditions under which the recipe assigns nobody."""
        return [
            column(level).isin(*feature.refuses)
            for feature, level in zip(self.formula.features, self.levels, strict=True)
            if feature.refuses
        ]

    def results(
        self, found: Found, reason: exp.Expr | None, *, is_usual: exp.Expr, is_kept: exp.Expr | None
    ) -> dict[str, exp.Expr]:
        """The columns of the result; nobody who is not kept gets a segment, nobody who is not usual fits."""
        many = self.formula.n_segments > 1
        second = column(found.second) if many else exp.cast(exp.null(), exp.DataType.Type.INT)
        limit = exp.LTE(this=self._atypicality(found), expression=self.number(self.formula.limit))
        fits = exp.and_(limit, is_usual)
        results = {
            "segment": column(found.segment),
            "certainty": self._certainty(found) if many else self.number(1.0),
            "second_segment": second,
        }
        if is_kept is not None:
            results = {n: exp.Case(ifs=[exp.If(this=is_kept.copy(), true=v)]) for n, v in results.items()}
            fits = exp.and_(fits, is_kept)
        if reason is not None:
            results["reason"] = reason
        results["fits"] = exp.Case(ifs=[exp.If(this=fits, true=exp.true())], default=exp.false())
        return results

    def _atypicality(self, found: Found) -> exp.Expr:
        if self.formula.kind != "likelihood" or self.formula.n_segments == 1:
            return column(found.best)
        return exp.Sub(this=column(found.best), expression=exp.Ln(this=column(found.odds)))

    def _certainty(self, found: Found) -> exp.Expr:
        if self.formula.kind == "likelihood":
            return exp.Div(this=double(1.0), expression=column(found.odds), typed=True, safe=False)
        best: exp.Expr = column(found.best)
        following: exp.Expr = column(found.following)
        if self.formula.kind == "squared":
            best, following = exp.Sqrt(this=best), exp.Sqrt(this=following)
        ratio = exp.Div(this=best, expression=following, typed=True, safe=False)
        certainty = exp.Sub(this=double(1.0), expression=ratio)
        some = exp.GT(this=column(found.following), expression=double(0.0))
        return exp.Case(ifs=[exp.If(this=some, true=certainty)], default=double(0.0))


def add_up(values: Sequence[exp.Expr]) -> exp.Expr:
    """The sum of values, added from the left."""
    return reduce(lambda one, other: exp.Add(this=one, expression=other), values)


def double(value: float) -> exp.Expr:
    """A floating-point literal, with the 17 digits that give it back and an exponent that tells its type."""
    text = repr(abs(float(value)))
    literal = exp.Literal.number(text if "e" in text else f"{text}e0")
    return exp.Neg(this=literal) if value < 0 else literal
