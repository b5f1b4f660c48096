"""Tables of a Spark session as targets of scores, which the session's tasks write."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlglot import exp

from segmentry.engine.spark import SparkEngine, in_one_line
from segmentry.errors import DataError
from segmentry.sql import Query


@dataclass(frozen=True)
class SparkTable:
    """A table of the session's catalog: ``table`` in the current database, or ``database.table``."""

    session: Any
    table: str

    @property
    def name(self) -> str:
        """Name of the session in messages."""
        return "the Spark session"

    def columns(self) -> dict[str, bool] | None:
        """Return the columns of the existing table, of which none has a default; None where there is none."""
        if not self._done(lambda: self.session.catalog.tableExists(self.table)):
            return None
        return dict.fromkeys(self._done(lambda: self.session.table(self.table).columns), False)

    def take(self, engine: Any, query: Query, check: Callable[[int, int], None], *, is_there: bool) -> int:
        """Make a table of a query's result; it gets its name after `check` has accepted its numbers of rows."""
        if not isinstance(engine, SparkEngine):
            raise self._not_of_the_session()
        staged = self._beside("segmentry")
        started = time.perf_counter()
        try:
            self._done(lambda: engine.frame(query).write.format("parquet").saveAsTable(staged))
            rows = self._done(self.session.table(staged).count)
            check(rows, self._done(self.session.table(staged).where("segment IS NULL").count))
            if is_there:
                self._replace(staged)
            else:
                self._rename(staged, self.table)
        finally:
            self._sql(exp.Drop(tables=[_named(staged)], kind="TABLE", exists=True))
        engine.note(query, rows, started)
        return int(rows)

    def _replace(self, staged: str) -> None:
        """Rename the earlier table, give the new one its name, and only then drop the earlier one.

        Spark has no transactions over tables: for a moment, between the two renames, no table has the name.
        """
        aside = self._beside("segmentry_before")
        self._rename(self.table, aside)
        try:
            self._rename(staged, self.table)
        except BaseException as error:
            self._put_back(aside, error)
            raise
        try:
            self._sql(exp.Drop(tables=[_named(aside)], kind="TABLE"))
        except DataError as error:
            raise DataError(
                f"holds the new scores, but its earlier rows, now the table {aside}, cannot be "
                f"dropped: {error}",
                source=self.table,
                hint="drop it yourself",
            ) from None

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

    def _beside(self, what: str) -> str:
        """A name of ours in the same database; quotes of the table's name stay around the whole."""
        table = _named(self.table)
        own = f"{table.name}_{what}_{secrets.token_hex(4)}"
        table.set("this", exp.to_identifier(own, quoted=table.this.quoted))
        return table.sql("spark")

    def _rename(self, old: str, new: str) -> None:
        self._sql(exp.Alter(this=_named(old), kind="TABLE", actions=[exp.AlterRename(this=_named(new))]))

    def _not_of_the_session(self) -> DataError:
        return DataError(
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
