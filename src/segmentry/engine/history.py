"""Scores with their history: a row per customer and period, of which at most one is current."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, cast

from sqlglot import exp

from segmentry.engine.history_copies import Rebuilds, rebuilt
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
from segmentry.engine.target_tables import STAGED, LoadsFiles, Taken, Target
from segmentry.errors import DataError
from segmentry.sql.table import column

T = TypeVar("T")


class KeepsHistory(LoadsFiles, Protocol):
    """A table in whose database several statements can be one transaction."""

    def transact(self, parquet: Path, work: Callable[[Run], T]) -> T:
        """Do work in one transaction, in which the rows of a Parquet file are the table `STAGED`."""
        ...


def keep_history(
    store: KeepsHistory | Rebuilds,
    scores: Path | Taken,
    names: Sequence[str],
    night: Night,
    found: Collection[str] | None,
) -> Kept:
    """Bring a history up to scores: whole or not at all, and again with the same result.

    A customer whose scores are as before keeps the row. Of any other the row ends, and a new one begins at the same time; of one
    who is not among the scores it ends. A run for the time of the last one first takes back what that changed.

    Parameters
    ----------
    store, names, night
        The history, the columns of scores, of which the first is the id, and the time of the run.
    scores
        File with the scores; or a query, where the history is made where the customers are.
    found
        Columns of the history that is there; None where there is none.

    Raises
    ------
    DataError
        The history holds rows of a later time, or a customer has several current rows.
    """
    if isinstance(store, Rebuilds):
        return rebuilt(store, scores, names, night, found)
    writer = _Writer(store, Scored(store.dialect, exp.to_table(STAGED), tuple(names), night))
    return store.transact(cast("Path", scores), lambda run: writer.work(run, found is not None))


def check_history(
    store: Target, found: Collection[str] | None, names: Sequence[str]
) -> KeepsHistory | Rebuilds:
    """Return the target, which can keep a history, as every one can; refuse a table that holds something else, before any work."""
    if names[0].casefold() in PERIOD:
        raise DataError(
            f"the id {names[0]!r} has the name of a column that a history has of its own",
            source=store.name,
            hint="rename it in [source] sql, or replace the table with --replace",
        )
    lacking = [name for name in (*names, *PERIOD) if found is not None and name not in found]
    if lacking:
        raise DataError(
            f"the table {store.table!r} lacks the columns {', '.join(lacking)}: it is no history of scores",
            source=store.name,
            hint="choose another name",
        )
    return cast("KeepsHistory | Rebuilds", store)


class _Writer:
    """Writes the statements that change the rows of one table."""

    def __init__(self, store: KeepsHistory, scored: Scored) -> None:
        self.store, self.scored = store, scored

    def work(self, run: Run, is_there: bool) -> Kept:
        if is_there:
            self._lock(run)
            check_time(run, self.store, self.scored)
            self._take_back(run)
        else:
            for statement in self._created():
                run(statement)
        kept = compared(run, self._before, self.scored)
        run(self._ended())
        run(self._begun())
        check_current(run, self.store, self.scored)
        return kept

    @property
    def _before(self) -> exp.Expr:
        return exp.alias_(self.store.place, "t", table=True)

    def _created(self) -> list[exp.Expr]:
        dialect = self.store.dialect
        empty = self.scored.rows().where(exp.false() if dialect != "sqlite" else exp.convert(0))
        statements: list[exp.Expr] = [exp.Create(this=self.store.place, kind="TABLE", expression=empty)]
        statements.append(self._unique("period", (self.scored.id, "valid_from")))
        if dialect != "duckdb":  # which has no indexes over some of the rows
            without_end = exp.Where(this=column("valid_to").is_(exp.null()))
            statements.append(self._unique("current", (self.scored.id,), without_end))
        return statements

    def _unique(self, what: str, names: Sequence[str], where: exp.Where | None = None) -> exp.Expr:
        """An index, which PostgreSQL names: it cuts names, and two tables may share the beginning or end of theirs."""
        parameters = exp.IndexParameters(columns=[column(n) for n in names], where=where)
        own = (
            None
            if self.store.dialect == "postgres"
            else exp.to_identifier(f"segmentry {self.store.table} {what}", quoted=True)
        )
        index = exp.Index(this=own, table=self.store.place, params=parameters)
        return exp.Create(this=index, kind="INDEX", unique=True)

    def _lock(self, run: Run) -> None:
        if self.store.dialect == "postgres":
            table = self.store.place.sql("postgres")
            run(exp.Command(this="LOCK", expression=f"TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))

    def _take_back(self, run: Run) -> None:
        """Undo an earlier run for the same time."""
        now = self.scored.now
        run(exp.Delete(this=self.store.place, where=exp.Where(this=column("valid_from").eq(now))))
        ended = exp.Update(
            this=self.store.place,
            expressions=[column("valid_to").eq(exp.null())],
            where=exp.Where(this=column("valid_to").eq(now.copy())),
        )
        run(ended)

    def _ended(self) -> exp.Expr:
        """The current rows end of customers whose scores are others, or who are gone."""
        scored, own = self.scored, self.store.place.name
        same = exp.select(exp.convert(1)).from_(scored.table.copy())
        same = same.where(exp.and_(scored.of_customer(own, STAGED), scored.same(own, STAGED)))
        return exp.Update(
            this=self.store.place,
            expressions=[column("valid_to").eq(scored.now)],
            where=exp.Where(this=exp.and_(is_current(own), exp.not_(exp.Exists(this=same)))),
        )

    def _begun(self) -> exp.Expr:
        """New rows of the customers who have no current one."""
        current = exp.select(exp.convert(1)).from_(self._before)
        current = current.where(exp.and_(self.scored.of_customer("t", "n"), is_current("t")))
        rows = self.scored.rows().where(exp.not_(exp.Exists(this=current)))
        names = [exp.to_identifier(n, quoted=True) for n in (*self.scored.names, *PERIOD)]
        return exp.Insert(this=exp.Schema(this=self.store.place, expressions=names), expression=rows)
