"""Engines over connections and sessions that the caller has; they stay the caller's, and stay open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segmentry.engine.base import Engine
from segmentry.errors import DataError


def from_adbc(connection: Any, table: str, *, tables: Mapping[str, str] | None = None) -> Engine:
    """Make an engine of a PostgreSQL connection that is open.

    Queries run in the connection's own transaction: with isolation level REPEATABLE READ the two scans of a run
    see the same rows.

    Parameters
    ----------
    connection
        An ADBC connection, of ``adbc_driver_postgresql.dbapi.connect``.
    table
        The table or view to read; ``schema.table`` where it is not on the search path.
    tables
        Further tables of the database by the name under which a recipe's query reads them.

    Raises
    ------
    DataError
        There is no such table, or what was given is no ADBC connection.
    """
    from segmentry.engine.postgresql import PostgreSQLEngine

    if not hasattr(connection, "adbc_get_info"):
        kind = type(connection)
        raise DataError(
            f"a {kind.__module__}.{kind.__qualname__} is no ADBC connection",
            source="from_adbc",
            hint="give one of adbc_driver_postgresql.dbapi.connect(url), or, in place of an engine, "
            "the text postgresql://user@host/database?table=name",
        )
    engine = PostgreSQLEngine(f"PostgreSQL, table {table}", connection, table)
    for own, theirs in (("data", table), *(tables or {}).items()):
        engine.add_table(own, theirs)
    return engine


def from_spark(session: Any, data: str, *, tables: Mapping[str, str] | None = None) -> Engine:
    """Make an engine of a SparkSession; a DataFrame of one can be given as data as it is.

    Parameters
    ----------
    session
        A ``pyspark.sql.SparkSession``, on this machine, on a cluster, or of Spark Connect.
    data
        A table or view of the session, or Parquet files: a path or glob as the session reads it.
    tables
        Further ones by the name under which a recipe's query reads them.

    Raises
    ------
    DataError
        The session has no such table, or the files are not there.
    """
    from segmentry.engine.spark import SparkEngine

    engine = SparkEngine(data, session)
    for own, theirs in (("data", data), *(tables or {}).items()):
        engine.add_data(own, theirs)
    return engine
