"""A table of a Spark session that scores are written to, by the tasks of the session."""

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
    """A table of the session's catalog; ``database.table`` where it is not to be in the current one."""

    session: Any
    table: str

    @property
    def name(self) -> str:
        """What messages call it."""
        return "the Spark session"

    def columns(self) -> list[str] | None:
        """The columns of the table that is there; None where there is none."""
        if not self._done(lambda: self.session.catalog.tableExists(self.table)):
            return None
        return list(self._done(lambda: self.session.table(self.table).columns))

    def take(self, engine: Any, query: Query, check: Callable[[int, int], None], *, is_there: bool) -> int:
        """Make the table of a query of the session; it gets its name when `check` has passed its rows."""
        if not isinstance(engine, SparkEngine):
            raise self._not_of_the_session()
        staged = f"{self.table}_segmentry_{secrets.token_hex(4)}"
        started = time.perf_counter()
        try:
            self._done(lambda: engine.frame(query).write.format("parquet").saveAsTable(staged))
            rows = self._done(self.session.table(staged).count)
            check(rows, self._done(self.session.table(staged).where("segment IS NULL").count))
            if is_there:
                self._sql(exp.Drop(tables=[_named(self.table)], kind="TABLE"))
            renamed = exp.Alter(
                this=_named(staged), kind="TABLE", actions=[exp.AlterRename(this=_named(self.table))]
            )
            self._sql(renamed)
        finally:
            self._sql(exp.Drop(tables=[_named(staged)], kind="TABLE", exists=True))
        engine.note(query, rows, started)
        return int(rows)

    def _not_of_the_session(self) -> DataError:
        return DataError(
            f"spark:{self.table}: a table of the session is written of data that the session reads: add --engine spark"
        )

    def _sql(self, statement: exp.Expr) -> None:
        self._done(partial(self.session.sql, statement.sql("spark")))

    def _done(self, work: Callable[[], Any]) -> Any:
        return in_one_line(self.name, work)


def _named(table: str) -> exp.Table:
    return exp.to_table(table, dialect="spark")
