"""Columns that are parts of a whole: numbers that add up, and columns of 0 and 1 of which no two are 1 in one row.

Means that add up name the candidates, and one query adds them up row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from segmentry.auditing.session import Session
from segmentry.drafting.judged_column import OFFERED, JudgedColumn, Sense
from segmentry.drafting.values import is_yes_no
from segmentry.drafting.words import shortened_value
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column

MOST_PARTS = 15
MOST_COLUMNS = 300
"""In wider tables nothing is looked for."""
_MOST_TRIED = 100
_FEWEST_SHARES = 3
_NEARLY_ALL = 0.95
"""Share of the rows that have one yes from which on columns of 0 and 1 are one category."""
_FEWEST_PAIRS = 20
"""Rows with two that would be expected by accident."""
_CLOSE, _ROUGH = 1e-3, 0.02
"""How far a sum may be off: of columns, and of shares, which are rounded."""
ONE_OF_WORTH = 1.5
"""Worth of a category that columns of 0 and 1 make up, as of any other."""


@dataclass(frozen=True)
class _Sum:
    """Neighbours in the table that may add up to another column, or to a constant."""

    parts: tuple[JudgedColumn, ...]
    whole: JudgedColumn | float

    @property
    def is_one_of(self) -> bool:
        """Whether the parts are 1 in turn: in no row two of them."""
        return self.whole == 1.0 and all(is_yes_no(c.facts) for c in self.parts)

    @property
    def name(self) -> str:
        if isinstance(self.whole, JudgedColumn):
            return self.whole.name
        return f"{shortened_value(self.parts[0].name, 20)} to {shortened_value(self.parts[-1].name, 20)}"

    def contradictions(self) -> exp.Expr:
        """The number of rows in which the parts do not add up, or in which two of those are 1 that are one category."""
        double = exp.DataType.Type.DOUBLE
        numbers = [exp.cast(column(c.name), double) for c in self.parts]
        total: exp.Expr = numbers[0]
        for number in numbers[1:]:
            total = exp.Add(this=total, expression=number)
        is_column = isinstance(self.whole, JudgedColumn)
        whole = exp.cast(column(self.name), double) if is_column else exp.convert(self.whole)
        most = _CLOSE if is_column or self.is_one_of else _ROUGH * float(self.whole)  # type: ignore[arg-type]
        off: exp.Expr = exp.paren(exp.Sub(this=exp.paren(total), expression=whole))
        off = off if self.is_one_of else exp.Abs(this=off)
        return exp.Sum(this=one_where(exp.GT(this=off, expression=exp.convert(most))))


def with_parts(session: Session, columns: Sequence[JudgedColumn]) -> tuple[JudgedColumn, ...]:
    """Return the columns in which parts of a whole are used as their whole is."""
    tried = list(_candidates(columns))[:_MOST_TRIED]
    if not tried:
        return tuple(columns)
    sums = [exp.alias_(s.contradictions(), f"sum_{i}") for i, s in enumerate(tried)]
    row = session.ask("Which columns add up?", exp.select(*sums).from_("data"))[0]
    found: dict[str, JudgedColumn] = {}
    for s in (s for i, s in enumerate(tried) if row[f"sum_{i}"] == 0):
        if not any(c.name in found for c in s.parts):
            found |= {c.name: c for c in _settled(s)}
    return tuple(found.get(c.name, c) for c in columns)


def _candidates(columns: Sequence[JudgedColumn]) -> Iterable[_Sum]:
    numbers = [c for c in columns if _is_part(c)] if len(columns) <= MOST_COLUMNS else []
    by_mean = {f"{c.facts.mean:.9g}": c for c in numbers[::-1]}
    for start in range(len(numbers)):
        for end in range(start + 2, min(start + MOST_PARTS, len(numbers)) + 1):
            parts = tuple(numbers[start:end])
            if parts[-1].facts.n_missing != parts[0].facts.n_missing:
                break
            total = sum(c.facts.mean or 0.0 for c in parts)
            whole = by_mean.get(f"{total:.9g}")
            if whole is not None and whole not in parts and whole.facts.n_missing == parts[0].facts.n_missing:
                yield _Sum(parts, whole)
            yield from (_Sum(parts, of) for of in (1.0, 100.0) if _may_be_shares(parts, total, of))


def _is_part(c: JudgedColumn) -> bool:
    facts = c.facts
    is_used = (
        c.use in ("feature", "amounts", "counts", "flags")
        and c.sql is None
        and c.form != "birth"
        and not c.again
    )
    return (
        is_used and facts.kind == "number" and facts.n_negative == 0 and bool(facts.mean) and facts.is_finite
    )


def _may_be_shares(parts: Sequence[JudgedColumn], total: float, of: float) -> bool:
    if len(parts) < _FEWEST_SHARES or any(c.facts.highest > of for c in parts):
        return False
    are_yes_no = [is_yes_no(c.facts) for c in parts]
    if any(are_yes_no):
        return all(are_yes_no) and of == 1.0 and _exclude_each_other(parts, total)
    return abs(total - of) < _ROUGH * of


def _exclude_each_other(parts: Sequence[JudgedColumn], total: float) -> bool:
    """Whether nearly every row has one yes, and more rows would have two if the columns had nothing to do with each other."""
    if not _NEARLY_ALL <= total <= 1 + _CLOSE:
        return False
    squares = sum((c.facts.mean or 0.0) ** 2 for c in parts)
    return parts[0].facts.n_present * (total**2 - squares) / 2 >= _FEWEST_PAIRS


def _settled(s: _Sum) -> list[JudgedColumn]:
    """The parts with their use, and the whole where these say what it is."""
    if s.is_one_of:
        why = f"no row has two of the columns {s.name}: together they are one category"
        sense: Sense = "who" if any(c.sense == "who" for c in s.parts) else "unknown"
        worth = max(ONE_OF_WORTH, *(c.worth for c in s.parts))
        return [
            replace(c, use="feature", form="one_of", why=why, worth=worth, sense=sense, whole=s.name)
            for c in s.parts
        ]
    if not isinstance(s.whole, JudgedColumn):
        why = f"one of the shares {s.name} of one whole"
        return [
            replace(c, use="amounts", form="number", why=why, sense="does", battery=s.name) for c in s.parts
        ]
    if s.whole.sense == "who":
        why = f"a part of {shortened_value(s.name)}, with which it adds up"
        return [replace(c, use="feature", why=why, worth=OFFERED, sense="who", whole=s.name) for c in s.parts]
    if not any(c.is_compared for c in (*s.parts, s.whole)):
        return []
    why = "adds up with what the customers do"
    return [
        replace(c, use="amounts", form="number", why=why, sense="does")
        for c in (*s.parts, s.whole)
        if c.is_unnamed
    ]
