"""Text files read once: delimited and JSON files become Parquet before many queries read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.engine.base import Engine
from segmentry.engine.files import is_unsplit
from segmentry.errors import DataError
from segmentry.sql import Query

_SHOWN = 20


@dataclass(frozen=True)
class TextFile:
    """A text file as it was read, and its lines that do not fit into the table."""

    origin: exp.Expr
    """Item after FROM that reads the file itself."""
    n_rejected: int = 0
    rejected: tuple[tuple[int, str], ...] = ()
    """Line number and text of the first lines that were left out."""


@contextmanager
def read_text_file(engine: Engine) -> Iterator[TextFile | None]:
    """Have an engine read a text file from a copy in Parquet inside its folder; None for other data.

    Lines with too many or too few fields are left out, counted and returned. At the end the engine reads the file itself
    again.

    Raises
    ------
    DataError
        The file is not a text file, or at least half of its lines do not fit.
    """
    from segmentry.engine.duckdb import DuckDBEngine

    if not isinstance(engine, DuckDBEngine):
        yield None
        return
    origin = engine.tables["data"]
    own = engine.file_origins.get("data", origin)
    if own != origin and origin.find(exp.ReadCSV) is None:
        yield TextFile(own)  # its rows are kept
        return
    try:
        found = _columnar(engine, engine.folder, origin)
        yield found if found is None or own == origin else replace(found, origin=own)
    finally:
        engine.read_from("data", origin)


def _columnar(engine: Any, folder: Path, origin: exp.Expr) -> TextFile | None:
    if origin.find(exp.ReadCSV) is None:
        reader = origin.this if isinstance(origin, exp.Table) else origin
        return _converted(engine, folder, origin) if isinstance(reader, exp.Anonymous) else None
    try:
        found = _converted(engine, folder, origin)
    except DataError as error:
        return _without_ragged(engine, folder, origin, error)
    names = list(engine.columns(exp.select("*").from_(engine.tables["data"].copy())))
    if is_unsplit(names):
        return _without_ragged(engine, folder, origin, None) or found
    return found


def _converted(engine: Any, folder: Path, origin: exp.Expr) -> TextFile:
    path = folder / "data.parquet"
    path.unlink(missing_ok=True)
    engine.write(Query("Read the file once", exp.select("*").from_(origin.copy())), path)
    engine.add_file("data", str(path))
    return TextFile(origin)


def _without_ragged(engine: Any, folder: Path, origin: exp.Expr, error: DataError | None) -> TextFile | None:
    """Read again without the lines that do not fit.

    Where these are half of the lines or more, raise the earlier error; without one, read the file as it is.
    """
    option = exp.EQ(this=exp.column("store_rejects"), expression=exp.true())
    tolerant = origin.copy()
    for reader in tolerant.find_all(exp.ReadCSV):
        reader.append("expressions", option)
    rows = exp.select(exp.Count(this=exp.Star())).from_
    try:
        found = _converted(engine, folder, tolerant)
        n_rows = engine.query(Query("Rows read", rows(engine.tables["data"].copy())))[0][0].as_py()
        table = engine.query(Query("Lines that do not fit", _rejects()))
    except DataError as again:
        raise (error or again) from None
    lines = [(row["line"], row["csv_line"]) for row in table.to_pylist()]
    if len(lines) >= n_rows:
        if error is not None:
            raise error
        return _converted(engine, folder, origin)
    return TextFile(found.origin, len(lines), tuple(lines[:_SHOWN]))


def _rejects() -> exp.Select:
    return (
        exp.select("line", exp.alias_(exp.Min(this=exp.column("csv_line")), "csv_line"))
        .from_("reject_errors")
        .group_by("line")
        .order_by("line")
    )
