"""The headline outcome of a draft: the column that the user names, whatever its name and values suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import means
from segmentry.drafting.judged_column import MOST_CHOICES, JudgedColumn, Use
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.values import foreign_yes, is_yes_no, number_sql, yes_no_or_unknown
from segmentry.drafting.words import shortened_value
from segmentry.errors import ColumnNotFoundError, DataError, nearest

_MOST_CLASSES = 5
_FEWEST_ROWS = 20
"""Fewer rows than these may be 0 where a target is no by accident."""


def with_headline(columns: Sequence[JudgedColumn], target: str | None) -> tuple[JudgedColumn, ...]:
    """Return the columns in which the target is an outcome.

    Raises
    ------
    ColumnNotFoundError
        There is no such column.
    DataError
        Segments cannot be compared on the column.
    """
    if target is None:
        return tuple(columns)
    names = [c.name for c in columns]
    if target not in names:
        raise ColumnNotFoundError("no such column", source=f"target {target!r}", hint=nearest(target, names))
    return tuple(
        replace(as_outcome(c), battery="", sense="happened") if c.name == target else c for c in columns
    )


def with_dependents(columns: Sequence[JudgedColumn], target: str) -> tuple[JudgedColumn, ...]:
    """Return the columns in which answers that only those have for whom the target is yes are compared, too.

    They say more of what happened, as the reason does why somebody left, or the amount how much somebody gave; rows without an
    answer, or with 0, tell them.
    """
    facts = next(c.facts for c in columns if c.name == target)
    counts = {n + facts.n_missing for _, n in facts.top_values} if facts.n_distinct == 2 else set()
    zeros = {n for _, n in facts.top_values if n >= _FEWEST_ROWS} if facts.n_distinct == 2 else set()
    short = shortened_value(target)
    found = []
    for c in columns:
        is_known = c.facts.n_missing in counts
        is_amount = (
            c.facts.n_zero in zeros and c.facts.n_distinct > 2 and c.facts.n_missing == facts.n_missing
        )
        is_part = (is_known or is_amount) and c.use == "feature" and c.name != target and not c.battery
        such = "known only of those" if is_known else "0 for all but those"
        why = f"{such} for whom {short} is one thing, so a part of what happened"
        is_few = 2 <= c.facts.n_distinct <= MOST_CHOICES and len(c.facts.top_values) == c.facts.n_distinct
        if is_part and (c.facts.kind == "number" or (c.facts.kind == "text" and is_few)):
            found.append(replace(as_outcome(c), why=why, sense="happened"))
        else:
            found.append(replace(c, use="unused", why=why, worth=0.0) if is_part else c)
    return tuple(found)


def as_outcome(c: JudgedColumn) -> JudgedColumn:
    """Return the column as an outcome, whatever its name and values suggest.

    Raises
    ------
    DataError
        Segments cannot be compared on the column.
    """
    facts = c.facts
    if c.use == "id":
        raise _refused(c, "it tells customers apart")
    if facts.is_constant or facts.n_missing == facts.n_rows:
        raise _refused(c, "no two of its values differ")
    found = _number(c) if facts.kind == "number" else _text(c)
    if found is None:
        raise _refused(c, f"it has {facts.n_distinct:,} different values that are no numbers")
    return found


def _number(c: JudgedColumn) -> JudgedColumn:
    if is_yes_no(c.facts):
        return replace(c, use="flags", form="yes_no")
    if not c.facts.is_finite:
        raise _refused(c, "it has infinite values")
    if _is_class(c.facts):
        return _as_choice(c)
    return replace(c, use=_number_use(c), form="number", why="the amount per customer is compared")


def _text(c: JudgedColumn) -> JudgedColumn | None:
    """A text as a yes or no, a number, or a choice of few answers; None where it is none of these."""
    facts = c.facts
    if is_yes_no(facts):
        return replace(c, use="flags", form="yes_no")
    if c.use == "flags" and c.sql is not None:
        return c
    if c.sql is not None and yes_no_or_unknown(facts) is not None:
        return replace(c, use="flags", form="category")
    as_number = number_sql(facts)
    if as_number is not None and facts.n_distinct > 2:
        return replace(c, use="amounts", form="number", sql=as_number, why="numbers stored as text")
    if facts.kind == "text" and facts.n_distinct == 2:
        word = foreign_yes(facts)
        yes = word or str(facts.top_values[-1][0])
        is_yes = exp.EQ(this=plain_column(c.name), expression=exp.convert(yes))
        why = f"{shortened_value(yes)} is read as yes"
        return replace(
            c, use="flags", form="category", sql=recipe_sql(is_yes), why=why, yes="" if word else yes
        )
    is_few = facts.n_distinct <= MOST_CHOICES and len(facts.top_values) == facts.n_distinct
    return _as_choice(c) if facts.kind == "text" and is_few else None


def _as_choice(c: JudgedColumn) -> JudgedColumn:
    return replace(c, use="flags", form="choice", sql=None, why="the share of each answer is compared")


def _is_class(facts: ColumnFacts) -> bool:
    """Whether whole numbers are the names of classes: few, and called so."""
    is_few = facts.is_whole and 2 < facts.n_distinct <= _MOST_CLASSES
    return is_few and facts.n_negative == 0 and means(facts.name, "target")


def _number_use(c: JudgedColumn) -> Use:
    facts = c.facts
    is_count = facts.is_whole and facts.n_negative == 0 and 2 * facts.n_zero >= facts.n_present
    return "counts" if c.use == "counts" or (is_count and not means(c.name, "money")) else "amounts"


def _refused(c: JudgedColumn, problem: str) -> DataError:
    return DataError(
        f"segments cannot be compared on it: {problem}",
        source=f"target {c.name!r}",
        hint="name a column of numbers, or of few values",
    )
