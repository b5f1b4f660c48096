"""Tables of a Spark session as targets of scores, which the session's tasks write."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from sqlglot import exp

from segmentry.engine.history_copies import Work
from segmentry.engine.spark import SparkEngine, in_one_line
from segmentry.engine.target_tables import STAGED, Taken, beside, left_beside, written_by_another
from segmentry.errors import DataError
from segmentry.sql import Query

T = TypeVar("T")
_NEW, _BEFORE = "segmentry", "segmentry_before"
"""What is in the names of tables of ours: the one that is made, and the earlier one, while it is replaced."""


@dataclass(frozen=True)
class SparkTable:
    """A table of the session's catalog: ``table`` in the current database, or ``database.table``."""

    session: Any
    table: str
    dialect: str = "spark"

    @property
    def name(self) -> str:
        """Name of the session in messages."""
        return "the Spark session"

    @property
    def place(self) -> exp.Table:
        """The table as statements name it."""
        return _named(self.table)

    def columns(self) -> dict[str, bool] | None:
        """Return the columns of the existing table, of which none has a default; None where there is none.

        Where an earlier run was killed before the new table had its name, the earlier one gets it back.
        """
        is_there = self._done(lambda: self.session.catalog.tableExists(self.table))
        before = [] if is_there else self._left(_BEFORE)
        if len(before) > 1:
            raise DataError(
                f"is not there, and its earlier rows may be in the tables {', '.join(before)}",
                source=self.table,
                hint="give the right one its name",
            )
        if before:
            self._rename(before[0], self.table)
        elif not is_there:
            return None
        return dict.fromkeys(self._done(lambda: self.session.table(self.table).columns), False)

    def take(self, taken: Taken, *, is_there: bool) -> int:
        """Make a table of a query's result; it gets its name after `check` has accepted its numbers of rows."""
        engine = self._engine_of(taken)
        self._sweep(is_there=is_there)
        started = time.perf_counter()

        def made(staged: str) -> int:
            self._save(engine.frame(taken.query), staged)
            return self._accepted(self._done(lambda: self.session.table(staged)), taken)

        rows = self._put(made, is_there=is_there)
        engine.note(taken.query, rows, started)
        return rows

    def rebuild(self, scores: Taken, work: Work[T], *, is_there: bool) -> T:
        """Keep the scores for a while, and make the table of the query that `work` makes of them."""
        engine = self._engine_of(scores)
        self._sweep(is_there=is_there)
        engine.materialize(STAGED, scores.query)

        def frame(statement: exp.Query) -> Any:
            return engine.frame(Query("Keep the history", statement))

        def run(statement: exp.Expr) -> list[Any]:
            found = self._done(frame(cast("exp.Query", statement)).toArrow)
            return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

        def made(staged: str) -> T:
            table = exp.to_table(STAGED)
            self._accepted(frame(exp.select("*").from_(table.copy())), scores)
            found, rows = work(run, table)
            self._save(frame(rows), staged)
            return found

        return self._put(made, is_there=is_there)

    def _put(self, make: Callable[[str], T], *, is_there: bool) -> T:
        """Have a table made, and give it the name of this one."""
        staged = beside(self.place, _NEW).sql("spark")
        try:
            found = make(staged)
            self._check_there(staged)
            if is_there:
                self._replace(staged)
            else:
                self._rename(staged, self.table)
        finally:
            self._drop(staged)
        return found

    def _accepted(self, rows: Any, taken: Taken) -> int:
        n_rows = int(self._done(rows.count))
        taken.check(n_rows, self._done(rows.where("segment IS NULL").count))
        return n_rows

    def _save(self, rows: Any, name: str) -> None:
        """Make a table; it is in the catalog before it has rows, so the files of a run that is killed are found with it."""
        self._done(lambda: rows.limit(0).write.format("parquet").saveAsTable(name))
        try:
            self._done(lambda: rows.write.insertInto(name))
        except DataError:
            self._check_there(name)
            raise

    def _check_there(self, staged: str) -> None:
        """Refuse to go on where another run dropped the table that is made."""
        if not self._done(lambda: self.session.catalog.tableExists(staged)):
            raise written_by_another(self.table)

    def _replace(self, staged: str) -> None:
        """Rename the earlier table, give the new one its name, and only then drop the earlier one.

        Spark has no transactions over tables: for a moment, between the two renames, no table has the name.
        """
        aside = beside(self.place, _BEFORE).sql("spark")
        self._rename(self.table, aside)
        try:
            self._rename(staged, self.table)
        except BaseException as error:
            self._put_back(aside, error)
            raise
        try:
            self._drop(aside)
        except DataError as error:
            raise DataError(
                f"holds the new scores, but its earlier rows, now the table {aside}, cannot be "
                f"dropped: {error}",
                source=self.table,
                hint="drop it yourself",
            ) from None

    def _sweep(self, *, is_there: bool) -> None:
        """Drop what runs left that were killed."""
        for name in (*self._left(_NEW), *(self._left(_BEFORE) if is_there else ())):
            self._drop(name)

    def _left(self, what: str) -> list[str]:
        """Tables beside this one that a run left."""
        database = ".".join(part.sql("spark") for part in self.place.parts[:-1])
        shown = self._done(
            lambda: self.session.sql("SHOW TABLES" + f" IN {database}" * bool(database)).collect()
        )
        names = [row["tableName"] for row in shown]
        return [table.sql("spark") for table in left_beside(self.place, names, what)]

    def _put_back(self, aside: str, cause: BaseException) -> None:
        try:
            self._rename(aside, self.table)
        except DataError as error:
            raise DataError(
                f"could not be replaced ({cause}), nor given its name again ({error}): its rows are "
                f"in the table {aside}",
                source=self.table,
                hint="rename that table",
            ) from None

    def _rename(self, old: str, new: str) -> None:
        self._sql(exp.Alter(this=_named(old), kind="TABLE", actions=[exp.AlterRename(this=_named(new))]))

    def _drop(self, table: str) -> None:
        self._sql(exp.Drop(tables=[_named(table)], kind="TABLE", exists=True))

    def _engine_of(self, taken: Taken) -> SparkEngine:
        if isinstance(taken.engine, SparkEngine):
            return taken.engine
        raise DataError(
            "a table of the session can be written only of data that the session reads",
            source=f"spark:{self.table}",
            hint="add --engine spark",
        )

    def _sql(self, statement: exp.Expr) -> None:
        self._done(partial(self.session.sql, statement.sql("spark")))

    def _done(self, work: Callable[[], Any]) -> Any:
        return in_one_line(self.name, work)


def _named(table: str) -> exp.Table:
    return exp.to_table(table, dialect="spark")
