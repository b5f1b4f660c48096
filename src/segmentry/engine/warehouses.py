"""Snowflake, BigQuery and Databricks SQL: what is particular to each; the engine over all of them is one.

No test reaches a real one: stand-ins execute the SQL, on DuckDB or Spark, and hand over the types that the drivers' pages name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote

from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.engine.connected import ConnectedEngine
from segmentry.engine.infinite import FloatingColumns, finite
from segmentry.engine.urls import split_server_url, table_in
from segmentry.engine.values_in_errors import may_quote_values, state_in, without_values_and_end
from segmentry.errors import DataError
from segmentry.sql import ColumnKind
from segmentry.sql.portable import render_sql
from segmentry.system.passwords import check_password, hide_secrets

_MOST_INLINE = 10_000
_BATCH_ROWS = 100_000
_FRAMES = (
    r"^[A-Z_]+: ",
    r"^\[[\w .]+\] ",
    r"^\d+ \([0-9A-Z]{5}\): ",
    r"^googleapi: Error \d+: ",
    r"\.? (?:Vendor code: \d+\. )?SQLSTATE: .*",
)
"""What stands before and after the sentence of a warehouse."""
Settings = dict[str, str]


@dataclass(frozen=True)
class Warehouse:
    """A warehouse as a declaration: its dialect, its driver, and what the driver is given of a URL.

    Attributes
    ----------
    title, dialect
        Its name, and a dialect of `segmentry.sql`.
    extra, module
        The extra that installs its driver, and the module of the driver that has ``connect`` and ``Error``.
    arguments
        Makes the arguments of ``connect`` of the parts of a URL and its settings, `table` left out.
    first
        Statements with which a connection begins.
    """

    title: str
    dialect: str
    extra: str
    module: str
    arguments: Callable[[SplitResult, Settings], Mapping[str, Any]]
    first: tuple[str, ...] = ()

    def connect(self, url: str, settings: Settings) -> Any:
        """Open a connection.

        Raises
        ------
        DataError
            The driver is not installed, or the warehouse refuses.
        """
        try:
            driver = import_module(self.module)
        except ImportError:
            raise DataError(
                f"needs the extra `{self.extra}`: pip install 'segmentry[{self.extra}]'",
                source=f"{self.extra}://",
            ) from None
        try:
            connection = driver.connect(**self.arguments(split_server_url(url), settings))
            with connection.cursor() as cursor:
                for statement in self.first:
                    cursor.execute(statement)
        except driver.Error as error:
            raise refusal(
                hide_secrets(_in_one_line(error, is_of_data=False), url), source=f"{self.extra}://"
            ) from None
        return connection

    @property
    def errors(self) -> type[Exception]:
        """The class of the driver's errors."""
        return import_module(self.module).Error


def _snowflake(parts: SplitResult, settings: Settings) -> Mapping[str, Any]:
    """``snowflake://user@account/database/schema?warehouse=W``; other settings are the driver's, without its prefix."""
    database, _, schema = unquote(parts.path).strip("/").partition("/")
    given = {"account": parts.hostname or "", "db": database, "schema": schema, **settings}
    options = {f"adbc.snowflake.sql.{name}": value for name, value in given.items() if value}
    password = unquote(parts.password or "") or os.environ.get("SNOWFLAKE_PASSWORD", "")
    options |= {"username": unquote(parts.username or "")} | ({"password": password} if password else {})
    return {"db_kwargs": options}


def _bigquery(parts: SplitResult, settings: Settings) -> Mapping[str, Any]:
    """``bigquery://project/dataset``; credentials are the machine's, or as the driver's settings say."""
    given = {"project_id": parts.netloc, "dataset_id": unquote(parts.path).strip("/"), **settings}
    return {"db_kwargs": {f"adbc.bigquery.sql.{name}": value for name, value in given.items() if value}}


def _databricks(parts: SplitResult, settings: Settings) -> Mapping[str, Any]:
    """``databricks://host/sql/1.0/warehouses/ID``; the token is the URL's password or DATABRICKS_TOKEN."""
    token = unquote(parts.password or "") or os.environ.get("DATABRICKS_TOKEN", "")
    given = {"server_hostname": parts.hostname or "", "http_path": unquote(parts.path), **settings}
    return given | ({"access_token": token} if token else {})


WAREHOUSES = {
    "snowflake": Warehouse(
        "Snowflake", "snowflake", "snowflake", "adbc_driver_snowflake.dbapi", _snowflake, ("ALTER SESSION SET TIMEZONE = 'UTC'",)
    ),
    "bigquery": Warehouse("BigQuery", "bigquery", "bigquery", "adbc_driver_bigquery.dbapi", _bigquery),
    "databricks": Warehouse(
        "Databricks", "spark", "databricks", "databricks.sql", _databricks, ("SET TIME ZONE 'UTC'",)
    ),
}  # fmt: skip


def open_warehouse(url: str) -> tuple[WarehouseEngine, str]:
    """Open the warehouse of a URL; return the engine, which has no table yet, and the table's name."""
    check_password(url)
    parts = split_server_url(url)
    settings, table = dict(parse_qsl(parts.query)), table_in(parts, url)
    del settings["table"]
    warehouse = WAREHOUSES[parts.scheme]
    connection = warehouse.connect(url, settings)
    hide = partial(hide_secrets, url=url)
    return WarehouseEngine(warehouse, connection, table, hide=hide), table


class WarehouseEngine(ConnectedEngine):
    """An engine over tables of one connection to a warehouse."""

    most_inline = _MOST_INLINE

    def __init__(
        self, warehouse: Warehouse, connection: Any, table: str, *, hide: Callable[[str], str] = str
    ) -> None:
        super().__init__(f"{warehouse.title}, table {table}", connection, table, hide=hide, owned=True)
        self.dialect = warehouse.dialect
        self._warehouse = warehouse

    def add_table(self, name: str, table: str) -> None:
        """Make a table or view readable under a name: ``table``, ``schema.table`` or ``database.schema.table``."""
        parts = [exp.to_identifier(part, quoted=True) for part in table.split(".")]
        own, schema, catalog = (*parts[::-1], None, None)[:3]
        found = exp.table_(own, db=schema, catalog=catalog)
        fields = self._schema(exp.select("*").from_(found).sql(self.dialect))
        columns = [_normal(field.name, field.type) for field in fields]
        if name == "data":
            floats = [field.name for field in fields if _kind(field.type) == "float"]
            self.floating = FloatingColumns(found, dict.fromkeys(floats, "DOUBLE"))
        alias = exp.to_identifier(name, quoted=True)
        self._tables[name] = exp.select(*columns).from_(found).subquery(alias)

    def columns(self, query: exp.Query) -> dict[str, ColumnKind]:
        """Return the columns of a query's result and their kinds; the query runs without a row."""
        text = render_sql(self._with_held(query), self.dialect, pretty=False)
        return {field.name: _kind(field.type) for field in self._schema(text)}

    def _schema(self, text: str) -> Any:
        inner = f"SELECT * FROM ({text}) AS nobody LIMIT 0"  # noqa: S608 - what was rendered
        return self._run(lambda cursor: _reader(cursor, inner).schema)

    def _fetched(self, cursor: Any, text: str) -> Any:
        return _plain(_reader(cursor, text).read_all())

    def _written(self, cursor: Any, text: str, path: Path) -> int:
        import pyarrow.parquet as pq

        reader = _reader(cursor, text)
        rows = 0
        with pq.ParquetWriter(path, reader.schema.remove_metadata()) as file:
            for batch in reader:
                file.write_batch(batch.replace_schema_metadata())
                rows += batch.num_rows
        return rows

    def _run(self, work: Callable[[Any], Any]) -> Any:
        import pyarrow as pa

        try:
            with self._connection.cursor() as cursor:
                return work(cursor)
        except (self._warehouse.errors, pa.ArrowException, OSError) as error:
            raise refusal(self._hide(_in_one_line(error)), source=self.name) from None


def _reader(cursor: Any, text: str) -> Any:
    """Run a query and return its record batches: ADBC's cursors have them, Databricks' hands over tables."""
    import pyarrow as pa

    cursor.execute(text)
    if hasattr(cursor, "fetch_record_batch"):
        return cursor.fetch_record_batch()
    first = cursor.fetchmany_arrow(_BATCH_ROWS)
    return pa.RecordBatchReader.from_batches(first.schema, _batches(cursor, first))


def _batches(cursor: Any, table: Any) -> Iterator[Any]:
    while table.num_rows:
        yield from table.to_batches()
        table = cursor.fetchmany_arrow(_BATCH_ROWS)


def _kind(type_: Any) -> ColumnKind:
    import pyarrow as pa

    if pa.types.is_decimal(type_):
        return "decimal" if type_.scale else "integer"
    if pa.types.is_large_string(type_) or pa.types.is_string(type_):
        return "text"
    tests: tuple[tuple[Callable[[Any], bool], ColumnKind], ...] = (
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "float"),
        (pa.types.is_boolean, "boolean"),
    )
    return next((kind for test, kind in tests if test(type_)), "other")


def _normal(name: str, type_: Any) -> exp.Expr:
    """Select the column with types that recipes know: floating-point numbers that have 64 bits and are finite."""
    column = exp.column(name, quoted=True)
    if _kind(type_) != "float":
        return column
    number = column if type_.bit_width == 64 else exp.cast(column, exp.DataType.Type.DOUBLE)
    return exp.alias_(finite(number), name, quoted=True)


def _plain(table: Any) -> Any:
    """Return the table with numbers in place of decimals."""
    import pyarrow as pa

    for i, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(i, field.name, _number(table.column(i)))
    return table


def _number(column: Any) -> Any:
    import pyarrow as pa

    if not column.type.scale:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:  # more digits than fit
            return column.cast(pa.float64())
    return column.cast(pa.string()).cast(
        pa.float64()
    )  # Arrow's own conversion makes 19.990000000000002 of 19.99


def _in_one_line(error: Exception, *, is_of_data: bool | None = None) -> str:
    """Return a driver's message in one line, without its code and, if it may be of data, without customers' values."""
    text = " ".join(str(error).split())
    states = (getattr(error, "sqlstate", None), state_in(text))
    for frame in _FRAMES:
        text = re.sub(frame, "", text)
    if may_quote_values(text, *states) if is_of_data is None else is_of_data:
        text = without_values_and_end(re.sub(r" at \[\d+:\d+\]", "", text))
    return text[:400] or type(error).__name__
