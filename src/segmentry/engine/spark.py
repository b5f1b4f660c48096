"""Apache Spark: Parquet files and the tables of a session; queries run where the session runs."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.engine.base import TIME_ZONE, LoggedQuery
from segmentry.engine.infinite import FloatingColumns, finite
from segmentry.engine.values_in_errors import may_quote_values, state_in, without_values
from segmentry.errors import DataError, nearest
from segmentry.sql import ColumnKind, Query
from segmentry.sql.portable import render_sql

_LOCAL_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.session.timeZone": TIME_ZONE,
}
"""Settings of a session that segmentry starts on this machine; a session that is given or configured keeps its own."""
_KINDS: dict[str, ColumnKind] = {
    "tinyint": "integer", "smallint": "integer", "int": "integer", "bigint": "integer",
    "float": "float", "double": "float", "string": "text", "boolean": "boolean",
}  # fmt: skip
FLOATS = ("float", "double")
_BATCH_ROWS = 65_536
_OWN_VIEW = re.compile(r"segmentry_[0-9a-f]{12}")


class SparkEngine:
    """An engine over DataFrames of one SparkSession; it leaves the session as it was."""

    dialect = "spark"

    def __init__(self, name: str, session: Any) -> None:
        self.name = name
        self.short_name = Path(name).stem
        self.log: list[LoggedQuery] = []
        self.floating = FloatingColumns()
        self._session = session
        self._tables: dict[str, exp.Expr] = {}
        self._views: dict[str, str] = {}
        self._origins: dict[str, exp.Expr] = {}
        self._kept: list[Any] = []

    @property
    def origins(self) -> Mapping[str, exp.Expr]:
        """Items after FROM that the views over the user's tables read."""
        return self._tables | self._origins

    @property
    def tables(self) -> Mapping[str, exp.Expr]:
        """Items that can stand after FROM."""
        return self._tables

    def add_data(self, name: str, data: str) -> None:
        """Make Parquet files (a path, a folder, a glob) or a table of the session readable under a name."""
        if re.search(r"[/\\*]|\.parquet$", data):
            self.add_frame(name, self._run(lambda: self._session.read.parquet(data)))
            self._origins[name] = exp.table_(exp.to_identifier(data, quoted=True), db="parquet")
            return
        found = self._run(lambda: self._session.catalog.tableExists(data))
        if not found:
            tables = [table.name for table in self._run(self._session.catalog.listTables)]
            own = [name for name in tables if not _OWN_VIEW.fullmatch(name)]
            known = nearest(data, own) if own else "it has none"
            raise DataError(
                f"the session has no table {data!r}",
                source=self.name,
                hint=f"{known}; files are Parquet, by a path with a slash or .parquet",
            )
        self.add_frame(name, self._run(lambda: self._session.table(data)))
        self._origins[name] = exp.to_table(data, dialect=self.dialect)

    def add_frame(self, name: str, frame: Any) -> None:
        """Make a Spark DataFrame readable under a name, with finite 64-bit floats in place of others."""
        kinds = self._run(lambda: frame.dtypes)  # with Spark Connect, the first call that reaches the server
        columns = [
            finite_double(column, kind) if kind in FLOATS else exp.column(column, quoted=True)
            for column, kind in kinds
        ]
        items = [column.sql(self.dialect) for column in columns]
        self._tables[name] = exp.to_table(self._view(name, frame.selectExpr(*items)))
        floats = {column: "DOUBLE" for column, kind in kinds if kind in FLOATS}
        if name == "data" and floats:
            self.floating = FloatingColumns(exp.to_table(self._view("data as it is", frame)), floats)

    def columns(self, query: exp.Query) -> dict[str, ColumnKind]:
        """Return the columns of a query's result and their kinds."""
        frame = self._frame(query)
        return {
            name: _KINDS.get(kind, _decimal_or_other(kind)) for name, kind in self._run(lambda: frame.dtypes)
        }

    def query(self, query: Query) -> Any:
        """Run a query and return its result as a pyarrow.Table."""
        started = time.perf_counter()
        table = self._run(self.frame(query).toArrow)
        self.note(query, table.num_rows, started)
        return table

    def register(self, name: str, table: Any) -> None:
        """Make a pyarrow.Table readable under a name, for later queries of this engine alone."""
        self._view(name, self._run(lambda: self._session.createDataFrame(table)))

    def materialize(self, name: str, query: Query) -> None:
        """Run a query where the session runs, and make its result readable under a name."""
        started = time.perf_counter()
        frame = self._run(self.frame(query).cache)
        self._kept.append(frame)
        rows = self._run(frame.count)
        self._view(name, frame)
        self.note(query, rows, started)

    def write(self, query: Query, path: Path) -> int:
        """Write a query's result to a Parquet file, streaming; return the number of rows."""
        started = time.perf_counter()
        frame = self.frame(query)
        rows = self._run(
            lambda: (_written_by_spark if _is_here(self._session) else _written_here)(frame, path)
        )
        self.note(query, rows, started)
        return int(rows)

    def close(self) -> None:
        """Drop the views and the cached results; the session stays open."""
        for frame in self._kept:  # before the views, by which Spark Connect finds what is cached
            self._run(frame.unpersist)
        for view in self._views.values():
            self._run(partial(self._session.catalog.dropTempView, view))
        self._views, self._kept = {}, []

    def _view(self, name: str, frame: Any) -> str:
        view = f"segmentry_{secrets.token_hex(6)}"  # see _OWN_VIEW
        self._run(lambda: frame.createOrReplaceTempView(view))
        earlier, self._views[name] = self._views.get(name), view
        if earlier is not None:
            self._run(partial(self._session.catalog.dropTempView, earlier))
        return view

    def frame(self, query: Query) -> Any:
        """Return the Spark DataFrame of a query, which has not run yet."""
        return self._frame(query.expression)

    def _frame(self, query: exp.Query) -> Any:
        query = query.copy()
        for table in list(query.find_all(exp.Table)):
            if table.name in self._views and not table.db and table.name not in self._tables:
                table.replace(
                    exp.alias_(exp.to_table(self._views[table.name]), table.alias_or_name, table=True)
                )
        text = render_sql(query, self.dialect)
        return self._run(lambda: self._session.sql(text))

    def note(self, query: Query, rows: int, started: float) -> None:
        """Log a query that ran, with the user's tables and files in place of views."""
        names = {self._tables[name].name: origin for name, origin in self._origins.items()}
        shown: exp.Query = query.expression.transform(lambda node: _read_from(node, names))  # type: ignore[assignment]
        text = render_sql(shown, self.dialect)
        self.log.append(LoggedQuery(query.purpose, text, rows, time.perf_counter() - started))

    def _run(self, work: Callable[[], Any]) -> Any:
        return in_one_line(self.name, work)


def finite_double(name: str, kind: str) -> exp.Expr:
    """Select a floating-point column with 64 bits, missing where it is infinite."""
    column = exp.column(name, quoted=True)
    value = finite(exp.cast(column, exp.DataType.Type.DOUBLE) if kind == "float" else column)
    return exp.alias_(value, name, quoted=True)


def in_one_line(name: str, work: Callable[[], Any]) -> Any:
    """Do some work on Spark, and turn its errors into a DataError of one line."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    _quiet()
    try:
        return work()
    except (PySparkException, Py4JError) as error:
        raise refusal(explain_spark_error(error), source=name) from None


def session() -> Any:
    """Return the active SparkSession, or start one where SPARK_REMOTE or Spark's configuration says, else on this machine.

    Raises
    ------
    DataError
        pyspark or Java is not installed, or the session cannot be started.
    """
    import os

    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise DataError("needs the extra `spark`: pip install 'segmentry[spark]'", source="spark") from None
    _quiet()
    builder = SparkSession.builder.appName("segmentry")
    if not ({"SPARK_REMOTE", "SPARK_HOME", "SPARK_CONF_DIR", "MASTER"} & set(os.environ)):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.config(map=_LOCAL_SETTINGS)
    try:
        return SparkSession.getActiveSession() or builder.getOrCreate()
    except PySparkException as error:
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            raise DataError(
                "needs Java 17 or later", source="spark", hint="install it, or set JAVA_HOME"
            ) from None
        raise refusal(explain_spark_error(error), source="spark") from None


def explain_spark_error(error: Exception) -> str:
    """Return the first two lines of Spark's message, without the error's class, state and stack, and customers' values."""
    text = str(error).strip()
    state = state_in(text)
    text = text.split("\n\tat ")[0].split(" SQLSTATE:")[0].split("\n== SQL")[0].split("; line ")[0]
    found = re.search(r"(\[[A-Z_.]{6,}\] ?)(.*)", text, re.DOTALL)
    begin, said = (found[1], found[2]) if found else ("", text)
    if may_quote_values(begin + said, state):
        said = without_values(said)
    return " ".join(" ".join(said.splitlines()[:2]).split())


def _read_from(node: exp.Expr, origins: Mapping[str, exp.Expr]) -> exp.Expr:
    """Return the origin of a view in place of the view; any other node unchanged."""
    if not isinstance(node, exp.Table) or node.name not in origins:
        return node
    origin = origins[node.name].copy()
    return exp.alias_(origin, node.alias, table=True) if node.alias else origin


def _quiet() -> None:
    """Keep PySpark from also writing errors, with their stacks, to the terminal: they are raised as exceptions."""
    import logging
    import warnings

    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    message = "PySpark does not yet fully support pandas"  # nothing here goes through pandas
    warnings.filterwarnings("ignore", message, FutureWarning)


def _is_here(session: Any) -> bool:
    """Whether Spark's tasks write to this machine; with Spark Connect "local" may be the server's machine."""
    is_remote = ".connect." in type(session).__module__
    return not is_remote and str(session.conf.get("spark.master", "")).startswith("local")


def _decimal_or_other(kind: str) -> ColumnKind:
    return "decimal" if kind.startswith("decimal") else "other"


def _written_by_spark(frame: Any, path: Path) -> int:
    """Have Spark's tasks write files beside the target, and join them into one, a row group at a time."""
    import pyarrow.parquet as pq

    folder = path.with_name(f".{path.name}-parts")
    try:
        frame.write.parquet(folder.resolve().as_uri())
        parts = sorted(folder.glob("*.parquet"))
        rows = 0
        with pq.ParquetWriter(path, pq.read_schema(parts[0]).remove_metadata()) as file:
            for part in map(pq.ParquetFile, parts):
                for i in range(part.num_row_groups):
                    group = part.read_row_group(i)
                    file.write_table(group.replace_schema_metadata())
                    rows += group.num_rows
                part.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def _written_here(frame: Any, path: Path) -> int:
    """Write the rows in this process, a partition at a time, because executors may not see its files."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyspark.sql.pandas.types import to_arrow_schema

    schema = to_arrow_schema(frame.schema)
    rows = 0
    with pq.ParquetWriter(path, schema) as file:
        for batch in _batches(frame.toLocalIterator(prefetchPartitions=True)):
            file.write_table(pa.Table.from_pylist([row.asDict() for row in batch], schema))
            rows += len(batch)
    return rows


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    from itertools import islice

    while batch := list(islice(rows, _BATCH_ROWS)):
        yield batch
