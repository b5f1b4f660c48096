"""Engines for whatever a user gives as DATA."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode

from segmentry.engine.base import Engine
from segmentry.engine.delimited import ReadOptions
from segmentry.engine.excel import WORKBOOKS, read_excel
from segmentry.engine.frames import check_is_no_connection, native
from segmentry.engine.reach import Reach, connect
from segmentry.engine.sqlite import read_sqlite
from segmentry.engine.survey import SURVEYS
from segmentry.engine.survey_apart import read_survey_apart
from segmentry.engine.urls import check_is_text, split_server_url, split_url, table_in, url_without_query
from segmentry.engine.warehouses import WAREHOUSES, open_warehouse
from segmentry.errors import DataError, nearest
from segmentry.system.passwords import check_password, hide_secrets, without_password

_ENGINES = ("duckdb", "spark")
_FILES = ("duckdb", "sqlite", "excel")
SERVERS = ("postgresql", "postgres")
CLICKHOUSE = ("clickhouse", "chdb")
_STORES = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "hdfs", "http", "https", "r2")
_NO_ENGINE = {
    "redshift": "redshift", "trino": "trino",
    "presto": "trino", "athena": "trino", "mysql": "mysql", "mariadb": "mariadb", "mssql": "tsql", "sqlserver": "tsql",
}  # fmt: skip
"""Schemes of databases where no engine of segmentry runs, and the dialect in which the assignment is written for them."""


def open_engine(
    data: Any,
    *,
    options: ReadOptions | None = None,
    tables: Mapping[str, str] | None = None,
    reach: Reach | None = None,
) -> Engine:
    """Open the engine that holds `data`.

    Parameters
    ----------
    data
        Path, glob or folder of Parquet files; ``duckdb:///file.duckdb?table=name``, and ``sqlite://`` and
        ``excel://`` likewise; ``postgresql://user@host/database?table=name``;
        ``clickhouse://user@host:8123/database?table=name``, ``chdb:///folder?table=database.name``;
        ``snowflake://``, ``bigquery://`` and ``databricks://`` with a table; ``spark:`` before Parquet files or a
        table of the session; a table in memory of pandas, polars, Spark, or any library that hands Arrow over; or an
        engine, which is returned unchanged.
    options
        Delimiter, encoding and header of delimited files; what is not given is detected.
    tables
        Further files, or tables of the same database, by the names under which a recipe's query reads them.
    reach
        What queries may reach beside these; by default nothing. An engine that is given keeps its own.

    Raises
    ------
    DataError
        The data cannot be found or read. A password in a URL is never shown.
    """
    data = native(data)
    check_is_no_connection(data)
    url = str(data) if isinstance(data, (str, Path)) else ""
    try:
        return _opened(data, url, options or ReadOptions(), tables or {}, reach or Reach())
    except DataError as error:
        hide = partial(hide_secrets, url=url)
        raise error.with_(
            problem=hide(error.problem), source=hide(error.source), hint=hide(error.hint)
        ) from None


def on_engine(data: str, engine: str | None) -> str:
    """Write DATA in the form that the named engine reads.

    Raises
    ------
    DataError
        There is no such engine.
    """
    if engine is None or (engine == "duckdb" and "://" not in data):
        return data
    scheme = data.split("://", maxsplit=1)[0].lower() if "://" in data else ""
    if scheme in (*_FILES, *SERVERS, *CLICKHOUSE, *WAREHOUSES):
        raise DataError(
            f"{scheme}:// already says which engine reads the table",
            source=f"--engine {engine}",
            hint="leave --engine out",
        )
    if engine != "spark":
        raise DataError(
            "there is no such engine",
            source=f"engine {engine!r}",
            hint=f"{nearest(engine, _ENGINES)}; databases are opened by their URLs",
        )
    return f"spark:{data}"


def _opened(data: Any, url: str, options: ReadOptions, tables: Mapping[str, str], reach: Reach) -> Engine:
    scheme = url.split("://", maxsplit=1)[0] if "://" in url else ""
    if url.startswith("spark:") or type(data).__module__.startswith("pyspark."):
        return _spark(
            data, url, tables
        )  # first, because Spark Connect's DataFrame seems to have every attribute
    if hasattr(data, "dialect") and hasattr(data, "tables"):
        return _with_tables(data, tables)
    if scheme in SERVERS:
        return _postgresql(url, tables)
    if scheme in CLICKHOUSE:
        return _clickhouse(url, tables)
    if scheme in WAREHOUSES:
        engine, table = open_warehouse(url)
        return _with_added(engine, table, tables)
    return _duckdb(data, url, options, tables, reach)


def _with_tables(engine: Engine, tables: Mapping[str, str]) -> Engine:
    """Return the engine that was given; refuse it where it lacks a table that the recipe reads."""
    for own, theirs in tables.items():
        if own not in engine.tables:
            raise DataError(
                f"the engine has no table {own!r}, and tables cannot be added to an engine that is given",
                source=engine.name,
                hint=f"make it with tables={{{own!r}: {without_password(theirs)!r}}}",
            )
    return engine


def _spark(data: Any, url: str, tables: Mapping[str, str]) -> Engine:
    from segmentry.engine.spark import SparkEngine, session

    check_is_text(url)
    where = url.removeprefix("spark:")
    engine = SparkEngine(where or "Spark DataFrame", session() if url else data.sparkSession)
    if url:
        engine.add_data("data", where)
    else:
        engine.add_frame("data", data)
    for name, further in tables.items():
        engine.add_data(name, further)
    return engine


def file_of(path: str) -> Path:
    """Return the file that a URL's path names, to read or to make: relative to this folder, or absolute.

    An existing file counts first, an absolute one before a relative one; then an existing folder. With three slashes the
    root is no such folder: ``duckdb:///shop.db`` is made in this folder, ``duckdb:////shop.db`` in the root.

    Raises
    ------
    DataError
        No file can have this name.
    """
    absolute = Path(unquote(path))
    relative = Path(str(absolute).lstrip("/"))
    try:
        is_there = absolute.is_file() or relative.is_file()
    except OSError as error:  # a name longer than the system allows, or a folder that may not be looked into
        raise DataError(f"cannot be opened: {error.strerror}", source=path) from None
    if is_there:
        return absolute if absolute.is_file() else relative
    is_absolute = absolute.parent.is_dir() and absolute.parent != Path("/")
    return absolute if is_absolute or not relative.parent.is_dir() else relative


def server_table(url: str) -> tuple[str, str, str, Callable[[str], str]]:
    """Split a server's URL: the URL without its table, the table, a name for messages, and a function that hides passwords.

    Raises
    ------
    DataError
        The URL names no table, or its password cannot be read.
    """
    check_password(url)
    parts = split_server_url(url)
    table, settings = table_in(parts, url), parse_qsl(parts.query, keep_blank_values=True)
    others = [(key, value) for key, value in settings if key != "table"]
    query = urlencode(others, quote_via=quote, errors="surrogateescape")
    name = f"PostgreSQL {unquote(parts.path).lstrip('/')}".rstrip() + f", table {table}"
    server = f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")
    return server, table, name, partial(hide_secrets, url=url)  # urlunsplit drops // where no host is named


def _postgresql(url: str, tables: Mapping[str, str]) -> Engine:
    from segmentry.engine.postgresql import PostgreSQLEngine, connect

    server, table, name, hide = server_table(url)
    connection = connect(server, hide)
    return _with_added(PostgreSQLEngine(name, connection, table, hide=hide, owned=True), table, tables)


def clickhouse_table(url: str) -> tuple[Callable[[], Any], str, str]:
    """Split a URL of ClickHouse: what connects to the server, or to the folder in this process, the table, a name for messages.

    Raises
    ------
    DataError
        The URL names no table, or it cannot be read.
    """
    from segmentry.engine import clickhouse_runners

    check_password(url)
    parts = split_url(url) if url.startswith("chdb:") else split_server_url(url)
    settings, table = dict(parse_qsl(parts.query)), table_in(parts, url)
    name = f"ClickHouse, table {table}"
    if parts.scheme == "chdb":
        return partial(clickhouse_runners.InProcess, _folder_of(parts.path, url)), table, name
    is_secure = settings.get("secure", "0") not in ("", "0", "false")
    host = f"{parts.hostname or '127.0.0.1'}:{_port_of(parts, url) or (8443 if is_secure else 8123)}"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    server = f"{'https' if is_secure else 'http'}://{host}"
    database = unquote(parts.path).strip("/")
    return partial(clickhouse_runners.Server, server, user, password, database), table, name


def _clickhouse(url: str, tables: Mapping[str, str]) -> Engine:
    from segmentry.engine.clickhouse import ClickHouseEngine

    connect, table, name = clickhouse_table(url)
    return _with_added(ClickHouseEngine(name, connect(), table), table, tables)


def _with_added(engine: Any, table: str, tables: Mapping[str, str]) -> Engine:
    """Return the engine with its main table and further ones, or closed."""
    try:
        for own, theirs in (("data", table), *tables.items()):
            engine.add_table(own, theirs)
    except BaseException:
        engine.close()
        raise
    return cast("Engine", engine)


def _port_of(parts: SplitResult, url: str) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise DataError("its port is no number from 0 to 65535", source=url_without_query(url)) from None


def _folder_of(path: str, url: str) -> Path:
    folder = Path(unquote(path))
    folder = folder if folder.is_dir() else Path(str(folder).lstrip("/"))
    if not folder.is_dir():
        raise DataError("no such folder", source=url_without_query(url))
    return folder


def _duckdb(data: Any, url: str, options: ReadOptions, tables: Mapping[str, str], reach: Reach) -> Engine:
    from segmentry.engine.duckdb import DuckDBEngine

    scheme, path, table = _parsed(url) if "://" in url else ("", None, "")
    connection = connect(is_trusted=reach.is_trusted)
    if path is not None:
        engine = DuckDBEngine(f"{path.name}, table {table}", connection, short_name=table)
    elif url:
        engine = DuckDBEngine(url, connection)
    else:
        name = f"{type(data).__module__.split('.')[0].lstrip('_')} table in memory"
        engine = DuckDBEngine(name, connection, short_name="")
    try:
        if path is not None and scheme == "duckdb":
            engine.attach(path, is_trusted=reach.is_trusted)
            engine.add_table("data", table)
        elif path is not None:
            _add_read(engine, scheme, path, table)
        elif url.lower().endswith(WORKBOOKS) and Path(url).is_file():
            _add_read(engine, "excel", Path(url), "")
        elif url.lower().endswith(SURVEYS) and Path(url).is_file():
            _add_survey(engine, Path(url), options)
        elif url:
            _add_path(engine, url, options)
        else:
            engine.add_object("data", data)
        for name, file in tables.items():
            engine.add_file(name, file)
        engine.confine(reach)
    except BaseException:
        engine.close()
        raise
    return engine


def _add_read(engine: Any, scheme: str, path: Path, table: str) -> None:
    """Give an engine a table that is read as a whole, with what was noted of it."""
    found, notes = (read_sqlite(path, table), ()) if scheme == "sqlite" else read_excel(path, table)
    engine.add_object("data", found)
    engine.notes += notes


def _add_survey(engine: Any, path: Path, options: ReadOptions) -> None:
    """Give an engine the table of a statistics file, with what was noted of it and its labels."""
    found = read_survey_apart(path, options.encoding)
    engine.add_object("data", found.table)
    engine.notes += found.notes
    engine.codebook = found.codebook


def _add_path(engine: Any, path: str, options: ReadOptions | None) -> None:
    kind = {".duckdb": "duckdb", ".ddb": "duckdb", ".sqlite": "sqlite", ".sqlite3": "sqlite"}.get(
        Path(path).suffix
    )
    if kind:
        raise DataError(f"which table of it? write {kind}:///{path}?table=NAME", source=path)
    engine.add_file("data", path, options)


def _parsed(url: str) -> tuple[str, Path, str]:
    """Return the scheme, file and table of a connection URL."""
    parts = split_url(url)
    if parts.scheme in _STORES:
        raise DataError(
            "object stores are not read by their addresses",
            source=f"{parts.scheme}://",
            hint="copy or mount the files and give their path, give --engine spark, whose session reads them, or in Python a table "
            "that pyarrow.dataset or polars reads",
        )
    if parts.scheme in _NO_ENGINE:
        raise DataError(
            "no engine for this",
            source=f"{parts.scheme}://",
            hint="export the columns that the recipe reads as Parquet, or give a table in memory; segmentry sql writes the assignment "
            f"in the dialect {_NO_ENGINE[parts.scheme]!r}",
        )
    if parts.scheme not in _FILES:
        known = "duckdb://, sqlite://, excel://, postgresql://, clickhouse://, chdb://, snowflake://, bigquery://, databricks://, spark:"
        raise DataError("no engine for this", source=f"{parts.scheme}://", hint=f"known: {known}, or a path")
    path = file_of(parts.path)
    if not path.is_file():
        raise DataError("no such file", source=path)
    return parts.scheme, path, table_in(parts, url)
