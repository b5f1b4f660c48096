"""The headline outcome of a draft: the column that the user names, whatever its name and values suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from segmentry.drafting.columns import JudgedColumn
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.values import foreign_yes, is_yes_no, number_sql
from segmentry.drafting.words import shortened_value
from segmentry.errors import ColumnNotFoundError, DataError, nearest


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
    return tuple(_as_outcome(c) if c.name == target else c for c in columns)


def _as_outcome(c: JudgedColumn) -> JudgedColumn:
    facts = c.facts
    if c.use == "id":
        raise _refused(c, "it tells customers apart")
    if facts.is_constant or facts.n_missing == facts.n_rows:
        raise _refused(c, "no two of its values differ")
    if is_yes_no(facts):
        return replace(c, use="flags", form="yes_no")
    if facts.kind == "number":
        if not facts.is_finite:
            raise _refused(c, "it has infinite values")
        return replace(c, use="counts" if c.use == "counts" else "amounts", form="number")
    as_number = number_sql(facts)
    if as_number is not None and facts.n_distinct > 2:
        return replace(c, use="amounts", form="number", sql=as_number, why="numbers stored as text")
    if facts.kind == "text" and facts.n_distinct == 2:
        yes = foreign_yes(facts) or str(facts.top_values[-1][0])
        is_yes = exp.EQ(this=plain_column(c.name), expression=exp.convert(yes))
        why = f"{shortened_value(yes)} is read as yes"
        return replace(c, use="flags", form="category", sql=recipe_sql(is_yes), why=why)
    raise _refused(c, f"it has {facts.n_distinct:,} different values that are no numbers")


def _refused(c: JudgedColumn, problem: str) -> DataError:
    return DataError(
        f"segments cannot be compared on it: {problem}",
        source=f"target {c.name!r}",
        hint="name a column of numbers, or of two values",
    )
