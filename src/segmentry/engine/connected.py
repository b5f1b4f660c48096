"""What engines over a connection share: its cursors run SQL and hand over Arrow."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.engine.base import LoggedQuery
from segmentry.engine.infinite import FloatingColumns
from segmentry.errors import DataError
from segmentry.sql import Query
from segmentry.sql.portable import render_sql


class ConnectedEngine(ABC):
    """An engine over tables of one connection; what a database has of its own is a method that its class adds."""

    dialect: str
    most_inline: int
    """Largest number of rows of a registered table that is written into queries."""

    def __init__(
        self,
        name: str,
        connection: Any,
        short_name: str,
        *,
        hide: Callable[[str], str] = str,
        owned: bool = False,
    ):
        self.name, self.short_name = name, short_name
        self.log: list[LoggedQuery] = []
        self.floating = FloatingColumns()
        self._tables: dict[str, exp.Expr] = {}
        self._held: dict[str, exp.Expr] = {}
        self._connection = connection
        self._hide = hide
        self._owned = owned

    @property
    def tables(self) -> Mapping[str, exp.Expr]:
        """Items that can stand after FROM."""
        return self._tables

    def query(self, query: Query) -> Any:
        """Run a query and return its result as a pyarrow.Table."""
        text = self._text(query)
        started = time.perf_counter()
        table = self._run(lambda cursor: self._reading(cursor, lambda: self._fetched(cursor, text)))
        self._note(query, table.num_rows, started)
        return table

    def register(self, name: str, table: Any) -> None:
        """Make a pyarrow.Table readable under a name, for later queries of this engine alone."""
        if 0 < table.num_rows <= self.most_inline:
            self._held[name] = values(name, table)
        else:
            self._keep(name, table)

    def materialize(self, name: str, query: Query) -> None:
        """Make a query's result readable under a name, as a subquery."""
        self._held[name] = self._with_held(query.expression).subquery(name)

    def write(self, query: Query, path: Path) -> int:
        """Write a query's result to a Parquet file, streaming; return the number of rows."""
        text = self._text(query)
        started = time.perf_counter()
        rows = self._run(lambda cursor: self._reading(cursor, lambda: self._written(cursor, text, path)))
        self._note(query, rows, started)
        return int(rows)

    def close(self) -> None:
        """Close the connection, unless it was given."""
        if self._owned:
            self._connection.close()

    def _keep(self, name: str, table: Any) -> None:  # noqa: ARG002 - where it can be kept it has this name
        """Keep a table that is too large for queries."""
        raise DataError(
            f"{table.num_rows:,} patterns are too many to be handed to it in a query; {self.most_inline:,} are the most",
            source=self.name,
            hint="collect the pattern table (segmentry collect) and give it to run, which then assigns nobody; segmentry sql assigns there",
        )

    def _text(self, query: Query) -> str:
        """Write a query with all that it brings to this database."""
        return render_sql(self._with_held(query.expression), self.dialect)

    def _reading(self, cursor: Any, work: Callable[[], Any]) -> Any:  # noqa: ARG002 - a database may forbid writing by it
        return work()

    @abstractmethod
    def _fetched(self, cursor: Any, text: str) -> Any:
        """Run a query and return its result as a pyarrow.Table."""

    @abstractmethod
    def _written(self, cursor: Any, text: str, path: Path) -> int:
        """Write a query's result to a file, streaming, and return the number of rows."""

    def _note(self, query: Query, rows: int, started: float) -> None:
        text = query.text(self.dialect)
        self.log.append(LoggedQuery(query.purpose, text, rows, time.perf_counter() - started))

    def _with_held(self, query: exp.Query) -> exp.Query:
        """Return the query with registered tables in place of their names."""
        query = query.copy()
        for table in list(query.find_all(exp.Table)):
            if table.name in self._held and not table.db:
                table.replace(self._held[table.name].copy())
        return query

    @abstractmethod
    def _run(self, work: Callable[[Any], Any]) -> Any:
        """Return what `work` makes of a cursor; what the database refuses is a sentence."""


def values(name: str, table: Any) -> exp.Expr:
    """Make a VALUES relation; casts in its first row give the columns their types."""
    import pyarrow as pa

    types = [
        exp.DataType.Type.DOUBLE
        if pa.types.is_floating(field.type)
        else exp.DataType.Type.BIGINT
        if field.type == pa.int64()
        else exp.DataType.Type.INT
        if pa.types.is_integer(field.type)
        else exp.DataType.Type.BOOLEAN
        if pa.types.is_boolean(field.type)
        else exp.DataType.Type.TEXT
        for field in table.schema
    ]
    rows = [tuple(exp.convert(value) for value in row.values()) for row in table.to_pylist()]
    rows[0] = tuple(exp.cast(value, type_) for value, type_ in zip(rows[0], types, strict=True))
    return exp.values(rows, alias=name, columns=table.column_names)
