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

    url = str(data) if isinstance(data, (str, Path)) and "://" in str(data) else None
    if url is not None:
        path, table = _parsed(url)
        engine = DuckDBEngine(f"{path.name}, table {table}", _connected(path))
    elif isinstance(data, (str, Path)):
        engine = DuckDBEngine(str(data))
    else:
        engine = DuckDBEngine(f"{type(data).__module__.split('.')[0]} table in memory")
    try:
        if url is not None:
            engine.add_table("data", table)
        elif isinstance(data, (str, Path)):
            _add_path(engine, str(data), options)
        else:
            engine.add_object("data", data)
        for name, file in (tables or {}).items():
            engine.add_file(name, file)
    except BaseException:
        engine.close()
        raise
    return engine


def _add_path(engine: Any, path: str, options: ReadOptions | None) -> None:
    if path.endswith((".duckdb", ".ddb")):
        raise DataError(f"{path}: which table of it? write duckdb:///{path}?table=NAME")
    engine.add_file("data", path, options)


def _parsed(url: str) -> tuple[Path, str]:
    """File and table of a connection URL."""
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
    return path, table


def _connected(path: Path) -> Any:
    import duckdb

    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
