"""Columns that are made of others: copies, codes, logarithms, squares, bands, and yes or no for one value of a category.

The facts of the columns name the pairs: what is made of a column has its counts, or its quantiles through a function. One
query confirms them row by row.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.session import Session
from segmentry.auditing.words import means
from segmentry.drafting.bands import find_bands, overlaps
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.restating import LARGEST
from segmentry.drafting.words import shortened_value
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column

MOST_VALUES = 12
"""Columns with up to this many different values are categories, of which others may be the codes."""
_MOST_PAIRS = 200
_FEWEST_ROWS = 5
"""A value of fewer rows may go with another by accident."""
_MOST_ALIKE = 40
"""Of more numbers with equally many different values no pairs are made: they are measurements."""
_FEWEST_QUANTILES = 5
_CLOSE, _ROUGH = 1e-3, 0.03
"""How far a value may be off by rounding, and a quantile by approximation."""
_YEARS_OFF = 2
"""How far the sum of an age and a year of birth is from one year: birthdays, and the middle of both."""
_SIZES = 0.05
"""Numbers are paired whose different values are as many, but for some that rounding made one."""


@dataclass(frozen=True)
class _Pair:
    """A column that may be made of another, the number of rows that contradict, and how it is said."""

    made: JudgedColumn
    of: JudgedColumn
    proof: exp.Expr
    why: str
    is_part: bool = False


def with_derived(session: Session, columns: Sequence[JudgedColumn]) -> tuple[JudgedColumn, ...]:
    """Return the columns in which those that are made of others have no use, and say of which they are made."""
    usable = [c for c in columns if c.use in ("feature", "amounts", "counts", "flags") and c.code is None]
    kinds = (_bands(usable), _codes(usable), _functions(usable), _products(usable), _ages(usable))
    pairs = list(itertools.islice(itertools.chain(*kinds), _MOST_PAIRS))
    if not pairs:
        return tuple(columns)
    parts = [exp.alias_(pair.proof, f"proof_{i}") for i, pair in enumerate(pairs)]
    row = session.ask("Which columns are made of others?", exp.select(*parts).from_("data"))[0]
    found: dict[str, _Pair] = {}
    for i, pair in enumerate(pairs):
        if row[f"proof_{i}"] == 0:
            found.setdefault(pair.made.name, pair)
    return tuple(_without_use(c, found[c.name]) if c.name in found else c for c in columns)


def _without_use(c: JudgedColumn, pair: _Pair) -> JudgedColumn:
    """The column, which is offered where it is a part of another, and left out where it is the same."""
    made = replace(c, again=pair.of.name)
    return (
        made.unless_used(pair.why) if pair.is_part else replace(made, use="unused", why=pair.why, worth=0.0)
    )


def _bands(columns: Sequence[JudgedColumn]) -> Iterable[_Pair]:
    for band, number in find_bands(columns):
        why = f"bands of {shortened_value(number.name)}, which says more"
        yield _Pair(band, number, overlaps(band, number), why, is_part=True)


def _codes(columns: Sequence[JudgedColumn]) -> Iterable[_Pair]:
    """Pairs of which one has two values, and one of them as often as another column has a value."""
    by_count: dict[tuple[int, int], list[tuple[JudgedColumn, object]]] = {}
    for c in columns:
        for value, n in _values(c.facts):
            by_count.setdefault((c.facts.n_missing, n), []).append((c, value))
    at = {c.name: i for i, c in enumerate(columns)}
    for c in columns:
        values = sorted(_values(c.facts), key=lambda entry: str(entry[0]), reverse=True)  # 1 and yes first
        for own, n in values if len(values) == 2 else ():
            if min(n, c.facts.n_present - n) < _FEWEST_ROWS:
                continue
            for other, value in by_count[c.facts.n_missing, n]:
                if other is not c and _is_code(c, other, at):
                    yield _code(c, own, other, value)


def _is_code(c: JudgedColumn, other: JudgedColumn, at: Mapping[str, int]) -> bool:
    """Whether the column is to go if it says what the other says: what happened stays, and of twins the one in words, or the first."""
    if c.sense not in ("unknown", "who") or _is_outcome(c):
        return False
    if other.facts.n_distinct > 2 or _is_outcome(other) or other.sense not in ("unknown", "who"):
        return True
    kinds = {c.facts.kind, other.facts.kind}
    return c.facts.kind != "text" if "text" in kinds and len(kinds) == 2 else at[other.name] < at[c.name]


def _code(c: JudgedColumn, own: object, other: JudgedColumn, value: object) -> _Pair:
    differs = exp.NEQ(this=one_where(_equals(c, own)), expression=one_where(_equals(other, value)))
    said = f"{shortened_value(own)} where {shortened_value(other.name)} is {shortened_value(value)}, and nowhere else"
    why = f"says again what another column says: it is {said}"
    return _Pair(c, other, exp.Sum(this=one_where(differs)), why, is_part=other.facts.n_distinct > 2)


def _is_outcome(c: JudgedColumn) -> bool:
    return c.sense == "happened" or means(c.name, "target") or means(c.name, "happened")


def _values(facts: ColumnFacts) -> tuple[tuple[object, int], ...]:
    """All values of a column with few, and their rows; none of other columns."""
    few = 2 <= facts.n_distinct <= MOST_VALUES and len(facts.top_values) == facts.n_distinct
    return facts.top_values if few and facts.kind in ("text", "number", "boolean") else ()


def _equals(c: JudgedColumn, value: object) -> exp.Expr:
    return exp.EQ(this=column(c.name), expression=exp.convert(value))


@dataclass(frozen=True)
class _Function:
    """A function by which a number is made of a positive one: how it is said, its value, its SQL."""

    said: str
    value: Callable[[float], float]
    sql: Callable[[exp.Expr], exp.Expr]


def _ln(number: exp.Expr) -> exp.Expr:
    return exp.Ln(this=number)


_FUNCTIONS = (
    _Function("the same as", lambda x: x, lambda x: x),
    _Function("the logarithm of", math.log, _ln),
    _Function(
        "the logarithm to base 10 of",
        math.log10,
        lambda x: exp.Div(this=_ln(x), expression=exp.convert(math.log(10))),
    ),
    _Function(
        "the logarithm of 1 and",
        math.log1p,
        lambda x: _ln(exp.Paren(this=exp.Add(this=x, expression=exp.convert(1)))),
    ),
    _Function("the square of", lambda x: x * x, lambda x: exp.Mul(this=x, expression=x.copy())),
    _Function(
        "a hundredth of the square of",
        lambda x: x * x / 100,
        lambda x: exp.Div(this=exp.Mul(this=x, expression=x.copy()), expression=exp.convert(100.0)),
    ),
)


def _functions(columns: Sequence[JudgedColumn]) -> Iterable[_Pair]:
    """Pairs of numbers of which one has the quantiles of the other, through a function."""
    alike: dict[tuple[int, float], list[JudgedColumn]] = {}
    for c in columns:
        if _is_measured(c):
            size = math.log(c.facts.n_distinct) / _SIZES
            for at in (math.floor(size), math.floor(size + 0.5) + 0.5):
                alike.setdefault((c.facts.n_missing, at), []).append(c)
    seen: set[frozenset[str]] = set()
    for members in alike.values():
        if len(members) > _MOST_ALIKE:
            continue
        for one, other in itertools.permutations(members[::-1], 2):
            names = frozenset((one.name, other.name))
            how = None if names in seen else _function(one.facts, other.facts)
            if how is not None:
                seen.add(names)
                yield _Pair(
                    one, other, _contradictions(one, other, how), f"{how.said} {shortened_value(other.name)}"
                )


def _function(made: ColumnFacts, of: ColumnFacts) -> _Function | None:
    """By which function a number is made of another: by its largest value, and by quantiles, which may be approximate."""
    if not 0 < of.highest <= LARGEST:
        return None
    pairs = {
        (value, other)
        for (_, value), (_, other) in zip(made.quantiles, of.quantiles, strict=False)
        if other > 0
    }
    if len(pairs) < _FEWEST_QUANTILES:
        return None
    return next((f for f in _FUNCTIONS if _fits(f, made, of, pairs)), None)


def _fits(f: _Function, made: ColumnFacts, of: ColumnFacts, pairs: Iterable[tuple[float, float]]) -> bool:
    if not math.isclose(made.highest, f.value(of.highest), rel_tol=_CLOSE, abs_tol=_CLOSE):
        return False
    return all(math.isclose(value, f.value(other), rel_tol=_ROUGH, abs_tol=_ROUGH) for value, other in pairs)


def _products(columns: Sequence[JudgedColumn]) -> Iterable[_Pair]:
    """Pairs of numbers of which one is the other for some rows, and 0 for all others: the product with a yes or no."""
    by_highest: dict[tuple[int, float], list[JudgedColumn]] = {}
    numbers = [c for c in columns if _is_measured(c)]
    for c in numbers:
        by_highest.setdefault((c.facts.n_missing, c.facts.highest), []).append(c)
    for c in numbers:
        if not c.facts.n_zero or c.facts.n_negative:
            continue
        for other in by_highest[c.facts.n_missing, c.facts.highest][:_MOST_ALIKE]:
            if c.facts.n_distinct < other.facts.n_distinct and other.facts.n_zero < c.facts.n_zero:
                zero, same = _equals(c, 0), exp.EQ(this=column(c.name), expression=column(other.name))
                differs = one_where(exp.not_(exp.paren(exp.or_(zero, same))))
                why = f"is {shortened_value(other.name)} in some rows and 0 in all others"
                yield _Pair(c, other, exp.Sum(this=differs), why)


def _ages(columns: Sequence[JudgedColumn]) -> Iterable[_Pair]:
    """Pairs of an age and a year of birth: of both the first is used, as their bands differ and say the same."""
    years = [c for c in columns if c.form in ("birth", "age") and _is_measured(c) and c.facts.quartiles]
    for one, other in itertools.combinations(years, 2):
        if {one.form, other.form} == {"birth", "age"}:
            year = round(one.facts.quantile(0.5) + other.facts.quantile(0.5))
            born = exp.Add(this=column(one.name), expression=column(other.name))
            off = exp.Abs(this=exp.paren(exp.Sub(this=exp.paren(born), expression=exp.convert(year))))
            why = f"how old customers are, as {shortened_value(one.name)} says"
            proof = exp.Sum(this=one_where(exp.GT(this=off, expression=exp.convert(_YEARS_OFF))))
            yield _Pair(other, one, proof, why, is_part=True)


def _is_measured(c: JudgedColumn) -> bool:
    facts = c.facts
    return facts.kind == "number" and c.sql is None and facts.n_distinct > MOST_VALUES and facts.is_finite


def _contradictions(made: JudgedColumn, of: JudgedColumn, f: _Function) -> exp.Expr:
    """The number of rows in which the one is not the function of the other, as far as numbers are rounded."""
    double = exp.DataType.Type.DOUBLE
    value, other = (exp.cast(column(c.name), double) for c in (made, of))
    off = exp.Abs(this=exp.Paren(this=exp.Sub(this=value, expression=f.sql(other))))
    most = exp.Add(
        this=exp.Mul(this=exp.Abs(this=value.copy()), expression=exp.convert(_CLOSE)),
        expression=exp.convert(_CLOSE),
    )
    differs = exp.Case(
        ifs=[
            exp.If(
                this=exp.GT(this=other.copy(), expression=exp.convert(0)),
                true=one_where(exp.GT(this=off, expression=most)),
            )
        ],
        default=exp.convert(0),
    )
    return exp.Sum(this=differs)


def without_twins(columns: Sequence[JudgedColumn], target: str) -> tuple[JudgedColumn, ...]:
    """Return the columns in which the one that the target is made of has no use: it would explain the target by itself."""
    of = next((c.again for c in columns if c.name == target), "")
    why = f"says what {shortened_value(target)} says, which is to be explained"
    return tuple(
        replace(c, use="unused", why=why, worth=0.0)
        if c.name == of or (c.again == target and c.use != "unused")
        else c
        for c in columns
    )
