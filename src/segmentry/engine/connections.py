"""Engines over a caller's open connections and sessions, which they do not close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segmentry.engine.base import Engine
from segmentry.errors import DataError


def from_adbc(connection: Any, table: str, *, tables: Mapping[str, str] | None = None) -> Engine:
    """Make an engine of an open PostgreSQL connection.

    Queries run in the connection's own transaction: with isolation level REPEATABLE READ all queries of a run
    see the same rows.

    Parameters
    ----------
    connection
        ADBC connection that ``adbc_driver_postgresql.dbapi.connect`` opened.
    table
        Table or view to read; ``schema.table`` where it is not on the search path.
    tables
        Further tables of the database, by the names under which a recipe's query reads them.

    Raises
    ------
    DataError
        There is no such table, or `connection` is not an ADBC connection.
    """
    from segmentry.engine.postgresql import PostgreSQLEngine

    if not hasattr(connection, "adbc_get_info"):
        kind = type(connection)
        raise DataError(
            f"a {kind.__module__}.{kind.__qualname__} is no ADBC connection",
            source="from_adbc",
            hint="open one with adbc_driver_postgresql.dbapi.connect(url), or pass the text "
            "postgresql://user@host/database?table=name as data in place of an engine",
        )
    engine = PostgreSQLEngine(f"PostgreSQL, table {table}", connection, table)
    for own, theirs in (("data", table), *(tables or {}).items()):
        engine.add_table(own, theirs)
    return engine


def from_spark(session: Any, data: str, *, tables: Mapping[str, str] | None = None) -> Engine:
    """Make an engine of a SparkSession; a Spark DataFrame needs no engine, and can be passed as data itself.

    Parameters
    ----------
    session
        ``pyspark.sql.SparkSession``, on this machine, on a cluster, or of Spark Connect.
    data
        Table or view of the session, or Parquet files: a path or glob as the session reads it.
    tables
        Further tables or files, by the names under which a recipe's query reads them.

    Raises
    ------
    DataError
        The session has no such table, or there are no such files.
    """
    from segmentry.engine.spark import SparkEngine

    engine = SparkEngine(data, session)
    for own, theirs in (("data", data), *(tables or {}).items()):
        engine.add_data(own, theirs)
    return engine
