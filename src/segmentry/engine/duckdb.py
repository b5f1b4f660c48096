"""DuckDB, in process: files, DataFrames and Arrow tables in memory, and tables of a DuckDB file."""

from __future__ import annotations

import shutil
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.engine.base import TIME_ZONE, LoggedQuery
from segmentry.engine.codebook import Codebook
from segmentry.engine.delimited import ReadOptions, read_delimited
from segmentry.engine.duckdb_errors import explain_file_error, first_line
from segmentry.engine.files import columnar_table, files_of, is_unsplit
from segmentry.engine.frames import as_arrow, unread_column
from segmentry.engine.infinite import without_infinite
from segmentry.engine.limits import check_n_columns, n_columns
from segmentry.engine.notes import ReadingNote
from segmentry.engine.reach import Reach, confine, connect
from segmentry.engine.remembered import Remembered
from segmentry.errors import DataError, nearest
from segmentry.sql import ColumnKind, Query
from segmentry.system.owned_folders import OwnedFolder
from segmentry.system.progress import UnwantedError

_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
             "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}  # fmt: skip
_PARQUET = "FORMAT parquet, USE_TMP_FILE false"
"""Whoever asks for a file gives an unfinished one, and a second one beside it would be out of reach."""

MAX_EXPRESSION_DEPTH = 100_000
"""Depth of expressions that is allowed; by default DuckDB 1 allows 1,000, too few for a query about every column of a wide table."""
_TAKEN = {"memory", "system", "temp"}
"""Names of databases that each connection has."""
_TABLES = """
SELECT table_catalog, table_schema, table_name FROM information_schema.tables
WHERE table_catalog = coalesce(?, current_database())
ORDER BY table_schema <> 'main', table_schema, table_name"""
_WIDE = {"HUGEINT", "UHUGEINT"}
_SETTINGS = ("enable_progress_bar = false", "parquet_can_have_nan = true")
"""Where they can be set: a Jupyter kernel without ipywidgets has no bar, and refuses every setting of it. Statistics of Parquet leave
not-a-number out, from which DuckDB otherwise concludes that there is none."""


class DuckDBEngine:
    """An engine over one main table, called ``data``, and further ones by their names."""

    dialect = "duckdb"

    def __init__(
        self, name: str, connection: duckdb.DuckDBPyConnection | None = None, *, short_name: str | None = None
    ) -> None:
        self.name = name
        self.short_name = Path(name).stem if short_name is None else short_name
        self.log: list[LoggedQuery] = []
        self.notes: list[ReadingNote] = []
        self.codebook: Codebook | None = None
        self.dates: Mapping[str, str] = {}
        self.thousands: tuple[str, ...] = ()
        self.file_origins: Mapping[str, exp.Expr] = {}
        self.has_row_numbers = False
        self._tables: dict[str, exp.Expr] = {}
        self._catalog: str | None = None
        self._files: list[Path] = []
        self._writable: tuple[Path, ...] | None = None
        self._is_interrupted = False
        self._remembered: Remembered | None = None
        self._folders = ExitStack()
        made = OwnedFolder.temporary()
        self._folders.callback(weakref.finalize(self, made.remove))  # also where nobody closes the engine
        self.folder = made.path
        self._connection = connection or connect()
        for setting in _SETTINGS:
            with suppress(duckdb.Error):
                self._connection.execute(f"SET {setting}")
        self._connection.execute(
            f"SET max_expression_depth = {MAX_EXPRESSION_DEPTH}; SET TimeZone = '{TIME_ZONE}'"
        )

    @property
    def tables(self) -> Mapping[str, exp.Expr]:
        """Items that can stand after FROM."""
        return self._tables

    def add_file(self, name: str, path: str, options: ReadOptions | None = None) -> None:
        """Make a file, a folder of Parquet files or a glob readable under a name."""
        files = files_of(path)
        self._files += files
        if name == "data":
            self.has_row_numbers = len(files) == 1
        item = columnar_table(files)
        if item is not None and item.find(exp.ReadParquet):
            check_n_columns(n_columns(files[0]), files[0])
        if item is None:
            self._tables[name] = self._delimited(name, files, options or ReadOptions())
        else:
            self._add_finite(name, item, files if item.find(exp.ReadParquet) else ())

    def _delimited(self, name: str, files: Sequence[Path], options: ReadOptions) -> exp.Expr:
        copies = self.folder / f"copies-{len(self._tables)}"
        copies.mkdir(exist_ok=True)
        found = read_delimited(files, options, self._rows, copies)
        if name == "data":
            self.notes += found.notes
            self.dates, self.thousands = found.dates, found.thousands
        self.file_origins = {**self.file_origins, name: found.origin}
        return self._kept(f"kept_{name}", found.item) if found.is_small else found.item

    def _kept(self, name: str, item: exp.Expr) -> exp.Expr:
        """Keep the rows of a text file, and return what stands for them after FROM; the item, where it cannot be read as a table."""
        try:
            whole = exp.select("*").from_(item.copy())
            self.materialize(name, Query("Read the text file once, for all queries below", whole))
        except DataError:  # whoever asks for its rows says why, or reads it without the lines that do not fit
            return item
        kept = exp.to_table(name)
        if not is_unsplit(list(self.columns(exp.select("*").from_(kept.copy())))):
            return kept
        self.log.pop()
        return item

    def read_from(self, name: str, item: exp.Expr) -> None:
        """Make an item that can stand after FROM readable under a name."""
        self._tables[name] = item

    def add_object(self, name: str, data: Any) -> None:
        """Make a table in memory readable under a name."""
        table = as_arrow(data)
        if name == "data":
            self.has_row_numbers = True
        columns = getattr(table, "columns", None)
        if columns is not None and not len(columns):
            raise DataError("the table has no columns", source=self.name)
        check_n_columns(len(columns or ()), self.name)
        self.register(name, table)
        self._add_finite(name, exp.Table(this=exp.to_identifier(name, quoted=True)))

    def _add_finite(self, name: str, item: exp.Expr, files: Sequence[Path] = ()) -> None:
        """Make an item readable under a name, with its infinite numbers as missing ones."""
        self._tables[name], notes = without_infinite(self._rows, item, files)
        self.notes += notes if name == "data" else ()

    def attach(self, path: Path, *, is_trusted: bool = False) -> None:
        """Make the tables of a DuckDB file readable.

        A connection to the file itself would be that of others who have it open, and so would its settings be. The file
        is not made the current database: functions that are defined in it would take the place of DuckDB's own, so only
        those that trust the recipe call them.
        """
        try:
            self._catalog = f"{path.stem} " if path.stem.casefold() in _TAKEN else path.stem
            name = exp.to_identifier(self._catalog, quoted=True).sql(self.dialect)
            file = exp.Literal.string(str(path)).sql(self.dialect)
            self._connection.execute(f"ATTACH {file} AS {name} (READ_ONLY)")
            if is_trusted:
                self._connection.execute(f"USE {name}")
        except duckdb.Error as error:
            raise refusal(first_line(error), source=path) from None

    def confine(self, reach: Reach) -> None:
        """Take from the connection whatever reaches beyond its tables, its folder, and what is written."""
        if reach.is_trusted:
            return
        self._writable = (self.folder,) if reach.writes is None else (self.folder, reach.writes)
        confine(self._connection, (*self._files, *self._writable), self._writable)

    def add_table(self, name: str, table: str) -> None:
        """Make a table of the connection's own database, or of the file that is attached, readable under a name."""
        found = self._connection.execute(_TABLES, [self._catalog]).fetchall()
        known = [row[-1] for row in found]
        if table not in known:
            raise DataError(f"there is no table {table!r}", source=self.name, hint=nearest(table, known))
        catalog, schema, _ = (exp.to_identifier(part, quoted=True) for part in found[known.index(table)])
        item = exp.Table(this=exp.to_identifier(table, quoted=True), db=schema, catalog=catalog)
        self._add_finite(name, item)

    def columns(self, query: exp.Query) -> dict[str, ColumnKind]:
        """Return the columns of a query's result and their kinds."""
        sql = query.sql(dialect=self.dialect)
        rows = self._rows(f"DESCRIBE {sql}")
        return {row[0]: _kind(row[1]) for row in rows}

    def query(self, query: Query) -> Any:
        """Run a query and return its result as a pyarrow.Table."""
        text = query.text(self.dialect)
        self._check_wanted()
        found = self._remembered.result(text) if self._remembered is not None else None
        if found is None:
            started = time.perf_counter()
            table = self._arrow(text)
            logged = LoggedQuery(query.purpose, text, table.num_rows, time.perf_counter() - started)
            found = table, logged
            if self._remembered is not None:
                self._remembered.keep(text, *found)
        self.log.append(found[1])
        return found[0]

    def remember(self) -> None:
        """From now on run no query twice; for data that do not change as long as the engine is open."""
        self._remembered = self._remembered or Remembered()

    def register(self, name: str, table: Any) -> None:
        """Make a table in memory readable under a name."""
        if self._remembered is not None:
            self._remembered.forget(name)
        if not self._registers(name, table):
            self._check_wanted()
            raise unread_column(table, lambda one: self._registers(name, one))

    def _registers(self, name: str, table: Any) -> bool:
        try:
            self._connection.register(name, table)
        except (duckdb.Error, TypeError):
            return False
        return True

    def materialize(self, name: str, query: Query) -> None:
        """Run a query and keep its result as a temporary table; the query cannot be used again."""
        made = exp.Create(
            this=exp.to_table(name),
            kind="TABLE",
            replace=True,
            expression=query.expression,
            properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        )
        text = made.sql(dialect=self.dialect, pretty=True, copy=False)
        found = self._remembered.made(name, text) if self._remembered is not None else None
        if found is None:
            started = time.perf_counter()
            rows = int(self._rows(text)[0][0])
            found = LoggedQuery(query.purpose, text, rows, time.perf_counter() - started)
            if self._remembered is not None:
                self._remembered.keep_made(name, text, found)
        self.log.append(found)

    def write(self, query: Query, path: Path) -> int:
        """Write a query's result to a Parquet file, streaming; return the number of rows."""
        text = query.text(self.dialect)
        made = path if self._can_write(path) else self.folder / path.name
        target = exp.Literal.string(str(made)).sql(dialect=self.dialect)
        started = time.perf_counter()
        rows = int(self._rows(f"COPY (\n{text}\n) TO {target} ({_PARQUET})")[0][0])
        if made != path:
            shutil.move(made, path)
        self.log.append(LoggedQuery(query.purpose, text, rows, time.perf_counter() - started))
        return rows

    def _can_write(self, path: Path) -> bool:
        return self._writable is None or any(path.is_relative_to(place) for place in self._writable)

    def progress(self) -> float:
        """Percent of the running query that is done, or -1 where that is not known."""
        return float(self._connection.query_progress())

    def interrupt(self) -> None:
        """End the query that runs, if one does, and every later one until `resume`, by an UnwantedError."""
        self._is_interrupted = True
        with suppress(duckdb.Error):  # closed already
            self._connection.interrupt()

    def resume(self) -> None:
        """Take queries again."""
        self._is_interrupted = False

    def close(self) -> None:
        """Close the connection, and remove the copies of files that DuckDB does not read as they are."""
        self._connection.close()
        self._folders.close()

    def _arrow(self, text: str) -> Any:
        return self._asked(lambda: self._connection.sql(text).to_arrow_table())

    def _rows(self, text: str) -> list[Any]:
        return list(self._asked(lambda: self._connection.execute(text).fetchall()))

    def _check_wanted(self) -> None:
        if self._is_interrupted:
            raise UnwantedError

    def _asked(self, ask: Callable[[], Any]) -> Any:
        self._check_wanted()
        try:
            return ask()
        except duckdb.Error as error:
            self._check_wanted()
            raise self._explained(error) from None

    def _explained(self, error: duckdb.Error) -> DataError:
        text = first_line(error)
        if "unicode" in text.lower():
            return DataError(
                "not UTF-8 text", source=self.name, hint='say [source] encoding = "latin-1" in the recipe'
            )
        if "overflow in hugeint" in text.lower():
            return DataError(
                f"{self._wide()}whole numbers too large to be added up ({text})",
                source=self.name,
                hint='read them as floating-point numbers: sql = "CAST(… AS DOUBLE)" in the recipe',
            )
        return explain_file_error(error, self.name) or refusal(text, source=self.name)

    def _wide(self) -> str:
        """Name the columns of 128-bit whole numbers, as the beginning of a message."""
        described = (
            self._rows(f"DESCRIBE {exp.select('*').from_(table).sql(dialect=self.dialect)}")
            for table in self._tables.values()
        )
        wide = [repr(name) for rows in described for name, kind, *_ in rows if kind in _WIDE]
        return f"column {', '.join(wide)}: " if wide else ""


def _kind(name: str) -> ColumnKind:
    base = name.split("(", maxsplit=1)[0].upper()
    if base in _INTEGERS:
        return "integer"
    if base == "DECIMAL":
        return "decimal"
    if base in ("DOUBLE", "FLOAT"):
        return "float"
    if base in ("VARCHAR", "ENUM"):
        return "text"
    return "boolean" if base == "BOOLEAN" else "other"
