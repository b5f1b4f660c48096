"""Histories where no transaction spans several statements: the whole next history is one query, and takes the table's place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from sqlglot import exp

from segmentry.engine.history_rows import (
    PERIOD,
    Kept,
    Night,
    Run,
    Scored,
    check_current,
    check_time,
    compared,
    is_current,
)
from segmentry.engine.target_tables import ScoresTable
from segmentry.sql.aggregates import one_where, union_all
from segmentry.sql.table import column

T = TypeVar("T")
Work = Callable[[Run, exp.Table], "tuple[T, exp.Query]"]


@runtime_checkable
class Rebuilds(ScoresTable, Protocol):
    """A table that can be made anew of a query over itself and new scores, and then takes its own place in one step."""

    def rebuild(self, scores: Any, work: Work[T], *, is_there: bool) -> T:
        """Stage the scores; make the table of the query that `work` makes of them, and hand over what it found."""
        ...


def rebuilt(
    store: Rebuilds, scores: Any, names: Sequence[str], night: Night, found: Collection[str] | None
) -> Kept:
    """Bring a history up to the scores; see `keep_history`."""

    def work(run: Run, table: exp.Table) -> tuple[Kept, exp.Query]:
        scored = Scored(store.dialect, table, tuple(names), night)
        own = [name for name in found or () if name not in (*names, *PERIOD)]
        if found is not None:
            check_time(run, store, scored)
            check_current(run, store, scored)
        before = _before(store, scored, own) if found is not None else scored.rows().where(exp.false())
        return compared(run, before.subquery("t"), scored), _next(before, scored, own)

    return store.rebuild(scores, work, is_there=found is not None)


def _before(store: Rebuilds, scored: Scored, own: Sequence[str]) -> exp.Select:
    """The history without what an earlier run for the same time changed."""
    ended = column("valid_to")
    is_now = exp.If(this=ended.eq(scored.now), true=scored.never)
    without = exp.alias_(exp.Case(ifs=[is_now], default=ended.copy()), "valid_to", quoted=True)
    named = [without if name == "valid_to" else column(name) for name in (*scored.names, *PERIOD, *own)]
    return exp.select(*named).from_(store.place).where(column("valid_from").neq(scored.now))


def _next(before: exp.Select, scored: Scored, own: Sequence[str]) -> exp.Query:
    """Rows that had ended, current ones, of which those end that are others now, and new ones."""
    of_old = [exp.column(name, table="t", quoted=True) for name in (*scored.names, *PERIOD, *own)]
    is_same = one_where(scored.same("t", "n")).eq(1)
    new = scored.called("n")
    old = exp.select().from_(before.subquery("t"))
    ended = old.select(*of_old).where(exp.not_(is_current("t")))
    until = exp.Case(ifs=[exp.If(this=is_same, true=scored.never)], default=scored.now)
    kept = [exp.alias_(until, "valid_to", quoted=True) if c.name == "valid_to" else c.copy() for c in of_old]
    going_on = old.select(*kept).join(new, on=scored.of_customer("t", "n"), join_type="left")
    current = exp.select("*").from_(before.subquery("t")).where(is_current("t")).subquery("t")
    begun = scored.rows().select(*(exp.alias_(exp.null(), name, quoted=True) for name in own))
    begun = begun.join(current, on=scored.of_customer("t", "n"), join_type="left")
    return union_all([ended, going_on.where(is_current("t")), begun.where(exp.not_(is_same.copy()))])
