"""What an engine is: a dialect, the tables that it reads, and methods that run queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sqlglot import exp

from segmentry.sql import ColumnKind, Query

TIME_ZONE = "UTC"
"""Zone in which every engine reads times that have one, so that their years and days are the same on every machine."""


@dataclass(frozen=True)
class LoggedQuery:
    """A query that ran: its purpose, text, number of rows and seconds; `rows` is None where it is withheld."""

    purpose: str
    sql: str
    rows: int | None
    seconds: float


class Engine(Protocol):
    """Where SQL runs. Results come back as Arrow tables.

    An engine raises a DataError of one line, without a password, for whatever its source refuses. It writes SQL only with
    `render_sql` or `Query.text(dialect)`, which allow tested expressions alone. NUMERIC values and integer sums are
    returned as numbers.
    """

    dialect: str
    """One of `segmentry.sql.portable.DIALECTS`."""
    name: str
    """Name of the data in messages: a file, a table."""
    short_name: str
    """Name of the file without its ending, or of the table; empty for a table in memory."""
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
        """Close what the engine opened; a connection or session that was given stays open."""
        ...


@runtime_checkable
class Materializes(Protocol):
    """An engine that can keep a query's result for later queries, without handing it out."""

    def materialize(self, name: str, query: Query) -> None:
        """Run a query and make its result readable under a name."""
        ...


@runtime_checkable
class NumbersRows(Protocol):
    """An engine that may read rows in an order of their own, as those of one file have."""

    has_row_numbers: bool
    """Whether the rows of ``data`` come in such an order, the same in every query."""


@runtime_checkable
class ReadsViews(Protocol):
    """An engine that reads the user's tables through views, whose names mean nothing to the user."""

    @property
    def origins(self) -> Mapping[str, exp.Expr]:
        """Items after FROM that the views read, by the names in `Engine.tables`."""
        ...


@runtime_checkable
class Interruptible(Protocol):
    """An engine whose query another thread can end."""

    def interrupt(self) -> None:
        """End the query that runs, if one does, and every later one until `resume`, by an UnwantedError."""
        ...

    def resume(self) -> None:
        """Take queries again."""
        ...


@runtime_checkable
class Remembers(Protocol):
    """An engine that can keep what its queries found."""

    def remember(self) -> None:
        """From now on run no query twice; for data that do not change as long as the engine is open."""
        ...
