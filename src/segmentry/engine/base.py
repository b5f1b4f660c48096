"""What an engine is: a dialect, the tables that it holds, and a door for queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sqlglot import exp

from segmentry.sql import ColumnKind, Query


@dataclass(frozen=True)
class LoggedQuery:
    """A query that ran: what it was for, its text, and what it took; `rows` is None where it is withheld."""

    purpose: str
    sql: str
    rows: int | None
    seconds: float


class Engine(Protocol):
    """Where SQL runs. Results come back as Arrow tables.

    An engine raises DataError, in one line and without a password, for whatever its source refuses; it writes SQL by
    `Query.text(dialect)` alone, which holds it to the tested expressions; NUMERIC and integer sums come as numbers.
    """

    dialect: str
    """One of `segmentry.sql.portable.DIALECTS`."""
    name: str
    """What the user calls the data: a file name, a table."""
    short_name: str
    """The file's name without its ending, or the table's; empty for a table in memory."""
    log: list[LoggedQuery]

    @property
    def tables(self) -> Mapping[str, exp.Expr]:
        """Items that can stand after FROM; the main table is ``data``."""
        ...

    def columns(self, query: exp.Query) -> dict[str, ColumnKind]:
        """Return the columns of a query's result and their kinds; no row is read."""
        ...

    def query(self, query: Query) -> Any:
        """Run a query and return its result as a pyarrow.Table."""
        ...

    def register(self, name: str, table: Any) -> None:
        """Make a pyarrow.Table of numbers, text and booleans readable under a name, for this engine's later queries."""
        ...

    def write(self, query: Query, path: Path) -> int:
        """Write a query's result to a Parquet file, streaming; return the number of rows."""
        ...

    def close(self) -> None:
        """Let go of what the engine opened; a connection or session that was given stays open."""
        ...


@runtime_checkable
class Materializes(Protocol):
    """An engine that can keep a query's result as a temporary table of its own; others hand it out and in."""

    def materialize(self, name: str, query: Query) -> None:
        """Run a query and make its result readable under a name."""
        ...


@runtime_checkable
class ReadsViews(Protocol):
    """An engine whose tables are views of its own making, with names that say nothing to a reader."""

    @property
    def origins(self) -> Mapping[str, exp.Expr]:
        """What the views read, as it can stand after FROM; by the names in `Engine.tables`."""
        ...
