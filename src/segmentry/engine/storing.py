"""A Parquet file becomes a table of a database, the whole of it or nothing; or a CSV file."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from sqlglot import exp

from segmentry.errors import DataError

_SCHEMES = ("duckdb",)


def is_url(target: str) -> bool:
    """Whether a target is a table's URL, not a file's path."""
    return "://" in target


def check_target(url: str, *, replace: bool) -> None:
    """Refuse, before any work, a table that cannot be written.

    Raises
    ------
    DataError
        No engine writes there, the folder is not there, or the table is there and is not to be replaced.
    """
    import duckdb

    path, table = _parsed(url)
    if not path.is_file():
        if not path.parent.is_dir():
            raise DataError(f"{path}: there is no folder {str(path.parent)!r}")
        return
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute(
                "SELECT count(*) FROM information_schema.tables WHERE table_name = ?", [table]
            ).fetchone()
    except duckdb.Error as error:
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
    if found and found[0] and not replace:
        raise DataError(f"{path}: there is a table {table!r} already; choose another name, or say --replace")


def store(parquet: Path, url: str, *, replace: bool) -> None:
    """Make a table of a Parquet file, in one transaction.

    Raises
    ------
    DataError
        The database refuses: it is open elsewhere, or cannot be written.
    """
    import duckdb

    path, table = _parsed(url)
    source = exp.Table(this=exp.ReadParquet(expressions=[exp.Literal.string(str(parquet))]))
    create = exp.Create(
        this=exp.Table(this=exp.to_identifier(table, quoted=True)),
        kind="TABLE",
        replace=replace,
        expression=exp.select("*").from_(source),
    )
    is_new = not path.exists()
    try:
        with duckdb.connect(str(path)) as connection:
            connection.execute(create.sql("duckdb"))
    except duckdb.Error as error:
        if is_new:
            path.unlink(missing_ok=True)
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None


def as_csv(parquet: Path, path: Path) -> None:
    """Write a Parquet file as CSV, a batch of rows at a time."""
    import pyarrow.csv
    import pyarrow.parquet as pq

    file = pq.ParquetFile(parquet)
    with pyarrow.csv.CSVWriter(path, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            writer.write_batch(batch)


def _parsed(url: str) -> tuple[Path, str]:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        known = ", ".join(f"{s}:///FILE?table=NAME" for s in _SCHEMES)
        raise DataError(f"{parts.scheme}://: no table is written there; known: {known}, or a file")
    table = parse_qs(parts.query).get("table", [""])[0]
    if not table:
        raise DataError(f"{url}: which table? write {url.split('?', maxsplit=1)[0]}?table=NAME")
    path = Path(unquote(parts.path))
    if not path.is_file() and Path(str(path).lstrip("/")).parent.is_dir() and not path.parent.is_dir():
        path = Path(str(path).lstrip("/"))
    return path, table
