"""Tables of databases as targets of scores, written whole or not at all."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.engine.base import TIME_ZONE
from segmentry.engine.duckdb_errors import first_line
from segmentry.errors import UnavailableError
from segmentry.sql import Query
from segmentry.system.whole_files import whole_file

STAGED = f"segmentry_new_{secrets.token_hex(6)}"
"""Name of the temporary table that holds the rows of a file: one that no table has."""
T = TypeVar("T")
_IN_DUCKDB = """
SELECT column_name, column_default IS NOT NULL FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = current_schema() AND lower(table_name) = lower(?)
ORDER BY column_index"""


class ScoresTable(Protocol):
    """A table of a database that scores can be written to."""

    @property
    def table(self) -> str:
        """Name of the table in the database."""
        ...

    @property
    def name(self) -> str:
        """Name in messages, without a password."""
        ...

    @property
    def dialect(self) -> str:
        """The dialect of its statements."""
        ...

    @property
    def place(self) -> exp.Table:
        """The table as statements name it."""
        ...

    def columns(self) -> dict[str, bool] | None:
        """The columns of the table that is there, and whether each has a default; None where there is no table."""
        ...


class LoadsFiles(ScoresTable, Protocol):
    """A table that is made from a Parquet file."""

    def write(self, parquet: Path, *, is_there: bool) -> None:
        """Make the table from a Parquet file, or replace the rows of an existing one, in one transaction."""
        ...


@dataclass(frozen=True)
class Taken:
    """Scores that are a query of an engine; `check` accepts their number of rows, and that of rows without a segment."""

    engine: Any
    query: Query
    check: Callable[[int, int], None]


@runtime_checkable
class TakesQueries(ScoresTable, Protocol):
    """A table that is made where the customers are, by the engine that reads them."""

    def take(self, taken: Taken, *, is_there: bool) -> int:
        """Make the table of scores, if they are accepted; return the number of rows."""
        ...


Target = LoadsFiles | TakesQueries


def beside(table: exp.Table, what: str) -> exp.Table:
    """A table with a name of ours in the same place, which is not there yet."""
    return _named_as(table, f"{table.name}_{what}_{secrets.token_hex(4)}")


def left_beside(table: exp.Table, names: Iterable[str], what: str) -> list[exp.Table]:
    """Those of the `names` in the place of a table that `beside` made for it, in a run that was killed."""
    own = re.compile(rf"{re.escape(table.name)}_{what}_[0-9a-f]{{8}}", re.IGNORECASE)
    return [_named_as(table, name) for name in names if own.fullmatch(name)]


def written_by_another(name: str) -> UnavailableError:
    """The error of a run whose unfinished table another run dropped, or whose earlier rows another run replaced."""
    return UnavailableError(
        "another run wrote it at the same time, and this one wrote nothing",
        source=name,
        hint="let one run at a time write it; then run again",
    )


def _named_as(table: exp.Table, name: str) -> exp.Table:
    """The table of another name in the same place; quotes of the table's name stay around the whole."""
    named = table.copy()
    named.set("this", exp.to_identifier(name, quoted=table.this.quoted))
    return named


@dataclass(frozen=True)
class DuckDBTable:
    """A table of a DuckDB file, which is made if need be."""

    path: Path
    table: str
    dialect: str = "duckdb"

    @property
    def name(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def place(self) -> exp.Table:
        """The table as statements name it."""
        return exp.table_(self.table, quoted=True)

    def columns(self) -> dict[str, bool] | None:
        """The columns of the table that is there, with whether they have a default; None where there is none."""
        if not self.path.is_file():
            return None
        found: dict[str, bool] = self._done(
            lambda c: dict(c.execute(_IN_DUCKDB, [self.table]).fetchall()),
            self.path,
            read_only=True,
        )
        return found or None

    def write(self, parquet: Path, *, is_there: bool) -> None:
        """Make the table, or replace its rows."""
        source = exp.Table(this=exp.ReadParquet(expressions=[exp.Literal.string(str(parquet))]))

        def work(connection: Any) -> None:
            connection.execute("BEGIN")
            for statement in _statements(self.place, exp.select("*").from_(source), is_there):
                connection.execute(statement.sql("duckdb"))
            connection.execute("COMMIT")

        with _database(self.path) as path:
            self._done(work, path)

    def transact(self, parquet: Path, work: Callable[[Callable[[exp.Expr], list[Any]]], T]) -> T:
        """Do work in one transaction, in which the rows of a Parquet file are the table `STAGED`."""

        def done(connection: Any) -> T:
            source = exp.Literal.string(str(parquet)).sql("duckdb")
            connection.execute(f"CREATE TEMP TABLE {STAGED} AS FROM read_parquet({source})")
            connection.execute("BEGIN")
            found = work(lambda statement: connection.execute(statement.sql("duckdb")).fetchall())
            connection.execute("COMMIT")
            return found

        with _database(self.path) as path:
            return cast("T", self._done(done, path))

    def _done(self, work: Callable[[Any], Any], path: Path, *, read_only: bool = False) -> Any:
        import duckdb

        try:
            with duckdb.connect(str(path), read_only=read_only) as connection:
                connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
                return work(connection)
        except duckdb.Error as error:
            raise refusal(first_line(error), source=self.path) from None


@dataclass(frozen=True)
class SQLiteTable:
    """A table of a SQLite file, which is made if need be."""

    path: Path
    table: str
    dialect: str = "sqlite"

    @property
    def name(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def place(self) -> exp.Table:
        """The table as statements name it."""
        return exp.table_(self.table, quoted=True)

    def columns(self) -> dict[str, bool] | None:
        """The columns of the table that is there, with whether they have a default; None where there is none."""
        if not self.path.is_file():
            return None
        of_table = "SELECT name, dflt_value IS NOT NULL FROM pragma_table_info(?)"
        return (
            self._done(
                lambda c: {name: bool(has) for name, has in c.execute(of_table, (self.table,))}, self.path
            )
            or None
        )

    def write(self, parquet: Path, *, is_there: bool) -> None:
        """Make the table, or replace its rows."""
        import pyarrow.parquet as pq

        file = pq.ParquetFile(parquet)
        names = file.schema_arrow.names
        columns = [exp.ColumnDef(this=exp.to_identifier(f.name, quoted=True), kind=_sqlite_type(f.type))
                   for f in file.schema_arrow]  # fmt: skip
        table = exp.Schema(this=self.place, expressions=columns)
        first = exp.Delete(this=self.place) if is_there else exp.Create(this=table, kind="TABLE")
        into = exp.Insert(
            this=exp.Schema(this=self.place, expressions=[exp.to_identifier(n, quoted=True) for n in names]),
            expression=exp.values([tuple(exp.Placeholder() for _ in names)]),
        )  # fmt: skip

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(first.sql("sqlite"))
            connection.executemany(into.sql("sqlite"), _rows(file))
            connection.execute("COMMIT")

        with _database(self.path) as path:
            self._done(work, path)

    def transact(self, parquet: Path, work: Callable[[Callable[[exp.Expr], list[Any]]], T]) -> T:
        """Do work in one transaction, in which the rows of a Parquet file are the table `STAGED`."""
        import pyarrow.parquet as pq

        file = pq.ParquetFile(parquet)
        types = ", ".join(
            f"{exp.to_identifier(f.name, quoted=True).sql('sqlite')} {_sqlite_type(f.type).sql('sqlite')}"
            for f in file.schema_arrow
        )
        places = ", ".join("?" for _ in file.schema_arrow)

        def done(connection: sqlite3.Connection) -> T:
            connection.execute(f"CREATE TEMP TABLE {STAGED} ({types})")
            connection.executemany(f"INSERT INTO {STAGED} VALUES ({places})", _rows(file))  # noqa: S608 - a name of ours
            key = exp.to_identifier(file.schema_arrow.names[0], quoted=True).sql("sqlite")
            connection.execute(f"CREATE INDEX temp.{STAGED}_id ON {STAGED} ({key})")
            connection.execute("BEGIN IMMEDIATE")
            found = work(lambda statement: connection.execute(statement.sql("sqlite")).fetchall())
            connection.execute("COMMIT")
            return found

        with _database(self.path) as path:
            return cast("T", self._done(done, path))

    def _done(self, work: Callable[[sqlite3.Connection], Any], path: Path) -> Any:
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                return work(connection)
        except (sqlite3.Error, OverflowError) as error:
            raise refusal(str(error), source=self.path) from None


def _database(path: Path) -> AbstractContextManager[Path]:
    """Give the file to write to: an existing one changes in one transaction, a new one is written whole."""
    return nullcontext(path) if path.exists() else whole_file(path)


def _statements(table: exp.Table, rows: exp.Query, is_there: bool) -> list[exp.Expr]:
    """Write statements that make a table of rows; an existing one keeps its grants and views."""
    if not is_there:
        return [exp.Create(this=table, kind="TABLE", expression=rows)]
    return [exp.Delete(this=table), exp.Insert(this=table.copy(), expression=rows, by_name=True)]


def _sqlite_type(type_: Any) -> exp.DataType:
    import pyarrow as pa

    if pa.types.is_boolean(type_):
        return exp.DataType.build("BOOLEAN")
    if pa.types.is_integer(type_):
        return exp.DataType.build("INTEGER", dialect="sqlite")
    return exp.DataType.build("REAL" if pa.types.is_floating(type_) else "TEXT", dialect="sqlite")


def _rows(file: Any) -> Iterator[tuple[Any, ...]]:
    for batch in file.iter_batches():
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield tuple(v if v is None or isinstance(v, (int, float, str)) else str(v) for v in row)
