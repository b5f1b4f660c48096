"""Targets of scores: tables of databases by their URLs, and CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segmentry.engine.opening import CLICKHOUSE, SERVERS, clickhouse_table, file_of, server_table
from segmentry.engine.target_tables import DuckDBTable, SQLiteTable, Target
from segmentry.engine.urls import check_is_text, split_url, table_in
from segmentry.errors import DataError
from segmentry.system.whole_files import check_place

_FILES: dict[str, type[DuckDBTable] | type[SQLiteTable]] = {"duckdb": DuckDBTable, "sqlite": SQLiteTable}
_KNOWN = (
    "duckdb:///FILE?table=NAME, sqlite:///FILE?table=NAME, postgresql://...?table=NAME, "
    "clickhouse://...?table=NAME, spark:NAME"
)


def is_table(target: str) -> bool:
    """Whether a target is a table, not a file's path."""
    return "://" in target or target.startswith("spark:")


def open_target(url: str) -> Target:
    """Return the table of a URL as a target.

    Raises
    ------
    DataError
        segmentry writes no tables there, or the URL names no table.
    """
    if url.startswith("spark:"):
        check_is_text(url)
        from segmentry.engine.spark import session
        from segmentry.engine.spark_table import SparkTable

        return SparkTable(session(), url.removeprefix("spark:"))
    if split_url(url).scheme in SERVERS:
        from segmentry.engine.postgresql_table import PostgreSQLTable

        return PostgreSQLTable(*server_table(url))
    parts = split_url(url)
    if parts.scheme in CLICKHOUSE:
        from segmentry.engine.clickhouse_table import ClickHouseTable

        return ClickHouseTable(*clickhouse_table(url))
    if parts.scheme not in _FILES:
        raise DataError(
            "segmentry writes no tables there",
            source=f"{parts.scheme}://",
            hint=f"known: {_KNOWN}, or a file",
        )
    table = table_in(parts, url)
    path = file_of(parts.path)
    if not path.is_file():
        check_place(path)
    return _FILES[parts.scheme](path, table)


STAMPS = ("scored_at", "model")
"""Columns of a table of scores that are filled where it has them: the time, in UTC, and the model's digits."""


def check_target(store: Target, names: Sequence[str], *, replace: bool) -> tuple[str, ...] | None:
    """Return the `STAMPS` that the table has, or None where there is no table; refuse one that may not be replaced, before any work.

    Raises
    ------
    DataError
        The table exists, and `replace` is false, or it lacks columns of scores, or has others without a default.
    """
    found = store.columns()
    if found is None:
        return None
    table = store.table
    if not replace:
        raise DataError(
            f"there is a table {table!r} already",
            source=store.name,
            hint="choose another name, or add --replace",
        )
    stamps = tuple(name for name in STAMPS if name in found and name not in names)
    others = [name for name in found if name not in (*names, *stamps) and not found[name]]
    if others or not {*names} <= {*found}:
        raise DataError(
            f"the table {table!r} has the columns {', '.join(found)}, and scores have "
            f"{', '.join(names)}: it is not replaced",
            source=store.name,
            hint="choose another name, or drop it; columns beside those of scores need a default",
        )
    return stamps


def write_csv(parquet: Path, path: Path) -> None:
    """Write a Parquet file as CSV, a batch of rows at a time."""
    import pyarrow.csv
    import pyarrow.parquet as pq

    file = pq.ParquetFile(parquet)
    with pyarrow.csv.CSVWriter(path, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            writer.write_batch(batch)
