"""The assignment for databases that write named queries into each other: sums as rows, ranked by window functions.

In `score` each step names columns of the one before several times. A database that keeps no named query writes the step
before in every such place, and the next one again, until an expression holds millions of copies. Here each pattern has
a row per segment, and a row per feature for the reason; between two steps stands a window function or a GROUP BY, whose
results no planner writes out a second time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import Dialect, exp

from segmentry.sql.aggregates import union_all
from segmentry.sql.formula import Formula
from segmentry.sql.score import Start
from segmentry.sql.sums import ONLY, UNDERFLOW, WITHOUT_REASON, Found, Sums, add_up, double
from segmentry.sql.table import Query, column, unique_name

INLINING = ("redshift", "snowflake", "bigquery", "mysql", "tsql", "clickhouse", "trino")
"""Dialects that keep no named query, or of which it is not known that they do."""


def ranked_query(start: Start, formula: Formula, dialect: str, *, reason: bool = False) -> Query:
    """Write the assignment of `score_query` so that nothing in it can multiply; of equal sums the first wins, too."""
    return _Writer(start, formula, dialect).query(reason=reason and formula.n_segments > 1, named=reason)


class _Writer:
    """Builds the CTEs after ``encoded``; the levels of a pattern are its key from step to step."""

    def __init__(self, start: Start, formula: Formula, dialect: str) -> None:
        self.start, self.formula = start, formula
        self.sums, self.nulls = (
            Sums(start.levels, formula, dialect),
            Dialect.get_or_raise(dialect).NULL_ORDERING,
        )
        self.names = {name.casefold() for name, _ in start.ctes}
        self.ctes: list[tuple[str, exp.Query]] = list(start.ctes)
        taken = {start.customer.casefold(), *(name.casefold() for name in start.levels)}
        found = ("segment", "second_segment", "best_score", "next_score", "odds")
        self.found = Found(*(unique_name(name, taken) for name in found))
        self.score, self.place = unique_name("score", taken), unique_name("place", taken)
        self.feature, self.gain = unique_name("feature", taken), unique_name("gain", taken)
        self.decided = [unique_name(f"decided_{which}", taken) for which in ("first", "second")]

    def query(self, *, reason: bool, named: bool) -> Query:
        """Return the whole query; `named` is whether it has a column for the reason, which one segment alone has none for."""
        self._add("patterns", self._patterns(), "every combination of levels, once")
        self._add("scored", self._scored(), "the sum of each segment")
        self._add("ranked", self._ranked(), "the smallest sum wins, of equal ones the first")
        self._add("placed", self._placed(), "a row per pattern again")
        if reason:
            self._add("gained", self._gained(), "how much each feature speaks for the segment")
            self._add("led", self._led())
            self._add("explained", self._explained(), "the two features that speak most for it")
        body = exp.select(*self._results(reason, named)).from_(
            exp.to_identifier(self.start.name, quoted=True)
        )
        body = body.join(self._last(), on=self._same_pattern(), join_type="inner", copy=False)
        if self.start.dropped is not None:
            body = body.where(exp.column(self.start.dropped, table=self.start.name, quoted=True).eq(0))
        for name, cte in self.ctes:
            body = body.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
        return Query("Assign every customer the segment of the customer's pattern", body)

    def _add(self, name: str, query: exp.Select, comment: str = "") -> None:
        if comment:
            query.add_comments([f" {comment} "])
        self.ctes.append((unique_name(name, self.names), query))

    def _last(self) -> exp.Identifier:
        return exp.to_identifier(self.ctes[-1][0], quoted=True)

    def _levels(self) -> list[exp.Expr]:
        return [column(name) for name in self.start.levels]

    def _patterns(self) -> exp.Select:
        query = exp.select(*self._levels()).distinct().from_(exp.to_identifier(self.start.name, quoted=True))
        return query if self.start.dropped is None else query.where(column(self.start.dropped).eq(0))

    def _by_row(self, kept: Sequence[str], counter: str, value: str, cases: Sequence[exp.Expr]) -> exp.Select:
        """Return a row for each of the cases, numbered from 1; each with its value and the columns that are kept."""
        numbers = [
            exp.select(exp.alias_(exp.convert(i), counter, quoted=True)) for i in range(1, len(cases) + 1)
        ]
        counted = exp.Subquery(
            this=union_all(numbers), alias=exp.TableAlias(this=exp.to_identifier("numbered"))
        )
        whens = [exp.If(this=exp.convert(i), true=case) for i, case in enumerate(cases, 1)]
        shown = exp.alias_(exp.Case(this=column(counter), ifs=whens), value, quoted=True)
        return (
            exp.select(*self._levels(), *(column(n) for n in kept), column(counter), shown)
            .from_(self._last())
            .join(counted, join_type="cross", copy=False)
        )

    def _scored(self) -> exp.Select:
        cases = [self.sums.of_segment(c) for c in range(self.formula.n_segments)]
        return self._by_row((), self.found.segment, self.score, cases)

    def _window(self, function: exp.Expr, *order: exp.Expr) -> exp.Window:
        ordered = exp.Order(expressions=list(order)) if order else None
        return exp.Window(this=function, partition_by=self._levels(), order=ordered)

    def _ordered(self, name: str, *, desc: bool = False) -> exp.Ordered:
        """A key of an order in which nothing is missing: missing values stand where the database puts them."""
        is_small = self.nulls == "nulls_are_small"
        first = False if self.nulls == "nulls_are_last" else is_small != desc
        return exp.Ordered(this=column(name), desc=desc, nulls_first=first)

    def _ranked(self) -> exp.Select:
        best = self._window(exp.Min(this=column(self.score)))
        place = self._window(exp.RowNumber(), self._ordered(self.score), self._ordered(self.found.segment))
        return exp.select(
            *self._levels(),
            column(self.found.segment),
            column(self.score),
            exp.alias_(best, self.found.best, quoted=True),
            exp.alias_(place, self.place, quoted=True),
        ).from_(self._last())

    def _placed(self) -> exp.Select:
        found = {
            self.found.segment: self._at(1, self.found.segment),
            self.found.second: self._at(2, self.found.segment),
            self.found.best: self._at(1, self.score),
            self.found.following: self._at(2, self.score),
        }
        if self.formula.kind == "likelihood":
            of_segments = [self._odd(i) for i in range(1, self.formula.n_segments + 1)]
            found[self.found.odds] = add_up(of_segments)
        return self._per_pattern(found)

    def _per_pattern(self, found: dict[str, exp.Expr]) -> exp.Select:
        named = [exp.alias_(value, name, quoted=True) for name, value in found.items()]
        levels = [_of_ranks(name) for name in self.start.levels]
        ranks = exp.alias_(exp.Table(this=self._last()), "ranks", table=True, quoted=True)
        return exp.select(*levels, *named).from_(ranks).group_by(*(level.copy() for level in levels))

    def _at(self, place: int, value: str, *also: exp.Expr) -> exp.Expr:
        """The value in the row of a pattern that has a place."""
        condition = exp.and_(_of_ranks(self.place).eq(place), *also)
        return exp.Max(this=exp.Case(ifs=[exp.If(this=condition, true=_of_ranks(value))]))

    def _odd(self, segment: int) -> exp.Expr:
        """The likelihood of a segment over that of the most likely one; 0 where EXP would underflow."""
        away = exp.Sub(this=_of_ranks(self.score), expression=_of_ranks(self.found.best))
        near = exp.and_(
            _of_ranks(self.found.segment).eq(segment), exp.LTE(this=away, expression=double(UNDERFLOW))
        )
        odds = exp.Exp(this=exp.Sub(this=_of_ranks(self.found.best), expression=_of_ranks(self.score)))
        return exp.Max(this=exp.Case(ifs=[exp.If(this=near, true=odds)], default=self.sums.number(0.0)))

    def _carried(self) -> list[str]:
        odds = [self.found.odds] if self.formula.kind == "likelihood" else []
        return [self.found.segment, self.found.second, self.found.best, self.found.following, *odds]

    def _gained(self) -> exp.Select:
        gains = [self.sums.gain(j, self.found) for j in range(len(self.formula.features))]
        return self._by_row(self._carried(), self.feature, self.gain, gains)

    def _led(self) -> exp.Select:
        place = self._window(
            exp.RowNumber(), self._ordered(self.gain, desc=True), self._ordered(self.feature)
        )
        kept = [column(n) for n in (*self._carried(), self.feature, self.gain)]
        shown = exp.alias_(place, self.place, quoted=True)
        return exp.select(*self._levels(), *kept, shown).from_(self._last())

    def _explained(self) -> exp.Select:
        found: dict[str, exp.Expr] = {n: exp.Min(this=_of_ranks(n)) for n in self._carried()}
        speaks = exp.GT(this=_of_ranks(self.gain), expression=double(0.0))
        for place, name in enumerate(self.decided, 1):
            found[name] = self._at(place, self.feature, speaks)
        return self._per_pattern(found)

    def _same_pattern(self) -> exp.Expr:
        last = self.ctes[-1][0]
        return exp.and_(
            *(
                exp.column(n, table=self.start.name, quoted=True).eq(exp.column(n, table=last, quoted=True))
                for n in self.start.levels
            )
        )

    def _results(self, reason: bool, named: bool) -> list[exp.Expr]:
        text: exp.Expr = self._reason() if reason else exp.Literal.string(ONLY)
        refused = self.sums.refusals()
        results = self.sums.results(
            self.found,
            text if named else None,
            is_usual=exp.not_(exp.paren(self.sums.strange())),
            is_kept=exp.not_(exp.paren(exp.or_(*refused))) if refused else None,
        )
        shown: list[exp.Expr] = [exp.column(self.start.customer, table=self.start.name, quoted=True)]
        for name, value in results.items():
            for part in value.find_all(exp.Column):  # the levels stand in the customers' rows, too
                part.set("table", self._last())
            shown.append(exp.alias_(value, name, quoted=True))
        return shown

    def _reason(self) -> exp.Expr:
        first, second = (self._text(name) for name in self.decided)
        both = exp.Concat(
            expressions=[first.copy(), exp.Literal.string("; "), second], safe=False, coalesce=False
        )
        known = [exp.not_(exp.Is(this=column(name), expression=exp.null())) for name in self.decided]
        return exp.Case(
            ifs=[exp.If(this=known[1], true=both), exp.If(this=known[0], true=first)],
            default=exp.Literal.string(WITHOUT_REASON),
        )

    def _text(self, decided: str) -> exp.Expr:
        """The level of the feature whose number a column holds."""
        whens = [
            exp.If(this=exp.convert(j), true=self.sums.spoken(j - 1))
            for j in range(1, len(self.formula.features) + 1)
        ]
        return exp.Case(this=column(decided), ifs=whens)


def _of_ranks(name: str) -> exp.Column:
    """A column of the rows that are grouped; a result of the same name is another column."""
    return exp.column(name, table="ranks", quoted=True)
