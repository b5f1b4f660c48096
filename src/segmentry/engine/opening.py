"""From what the user gives as DATA to the engine that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from segmentry.engine.base import Engine
from segmentry.engine.files import ReadOptions
from segmentry.errors import DataError

_SCHEMES = ("duckdb",)


def open_engine(
    data: Any,
    *,
    options: ReadOptions | None = None,
    tables: Mapping[str, str] | None = None,
) -> Engine:
    """Open the engine that holds `data`.

    Parameters
    ----------
    data
        A path, a glob or a folder of Parquet files; ``duckdb:///file.duckdb?table=name``; a pandas,
        polars or Arrow table.
    options
        How delimited files are written, where that is not left to detection.
    tables
        Further files by the name under which a recipe's query reads them.

    Raises
    ------
    DataError
        The data cannot be found or read.
    """
    from segmentry.engine.duckdb import DuckDBEngine

    if isinstance(data, (str, Path)):
        engine = _open_url(str(data)) if "://" in str(data) else _open_file(str(data), options)
    else:
        engine = DuckDBEngine(f"{type(data).__module__.split('.')[0]} table in memory")
        engine.add_object("data", data)
    for name, path in (tables or {}).items():
        engine.add_file(name, path)
    return engine


def _open_file(path: str, options: ReadOptions | None) -> Any:
    from segmentry.engine.duckdb import DuckDBEngine

    if path.endswith((".duckdb", ".ddb")):
        raise DataError(f"{path}: which table of it? write duckdb:///{path}?table=NAME")
    engine = DuckDBEngine(path)
    engine.add_file("data", path, options)
    return engine


def _open_url(url: str) -> Any:
    import duckdb

    from segmentry.engine.duckdb import DuckDBEngine

    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        known = ", ".join(f"{s}://" for s in _SCHEMES)
        raise DataError(f"{parts.scheme}://: no engine for this; known: {known}, or a path")
    path = Path(unquote(parts.path))
    if not path.is_file() and Path(str(path).lstrip("/")).is_file():
        path = Path(str(path).lstrip("/"))
    table = parse_qs(parts.query).get("table", [""])[0]
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if not table:
        raise DataError(f"{url}: which table? write {url.split('?', maxsplit=1)[0]}?table=NAME")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
    engine = DuckDBEngine(f"{path.name}, table {table}", connection)
    engine.add_table("data", table)
    return engine
