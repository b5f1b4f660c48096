"""Tables of a SQLite file, handed over as Arrow: in SQLite each value has a type, and each column needs one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.errors import DataError, nearest

_BATCH_ROWS = 100_000


def read_sqlite(path: Path, table: str) -> Any:
    """Read a table or view of a SQLite file as a pyarrow.Table.

    A column with any text is text; of the others one with any real number is floating-point, and the rest are integers, or
    truth values where the column is declared BOOLEAN.

    Raises
    ------
    DataError
        The file is no SQLite database, or holds no such table.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return _read(connection, path, table)
    except sqlite3.Error as error:
        raise refusal(str(error), source=path) from None


def _read(connection: sqlite3.Connection, path: Path, table: str) -> Any:
    import pyarrow as pa

    known = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    names = [row[0] for row in known]
    if table not in names:
        raise DataError(f"there is no table {table!r}", source=path, hint=nearest(table, names))
    declared = connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
    origin = exp.table_(table, quoted=True)
    seen = connection.execute(_seen([name for name, _ in declared], origin)).fetchone()
    types = [_type(kind, seen[3 * i : 3 * i + 3]) for i, (_, kind) in enumerate(declared)]
    schema = pa.schema([(name, type_) for (name, _), type_ in zip(declared, types, strict=True)])
    parts = [_as(name, type_) for (name, _), type_ in zip(declared, types, strict=True)]
    rows = connection.execute(exp.select(*parts).from_(origin).sql("sqlite"))
    return pa.Table.from_batches(_batches(rows, schema), schema)


def _seen(names: list[str], origin: exp.Expr) -> str:
    """Write a query that says of every column whether it has text or bytes, real numbers, and integers."""
    tests = [
        exp.Max(this=exp.func("TYPEOF", exp.column(name, quoted=True)).isin(*kinds))
        for name in names
        for kinds in (("text", "blob"), ("real",), ("integer",))
    ]
    return exp.select(*tests).from_(origin).sql("sqlite")


def _type(declared: str, seen: tuple[int | None, ...]) -> Any:
    import pyarrow as pa

    has_text, has_real, has_integer = seen
    if has_text or not (has_real or has_integer):
        return pa.string()
    if has_real:
        return pa.float64()
    return pa.bool_() if declared.upper().startswith("BOOL") else pa.int64()


def _as(name: str, type_: Any) -> exp.Expr:
    column = exp.column(name, quoted=True)
    spelled = {"string": exp.DataType.Type.TEXT, "double": exp.DataType.Type.FLOAT}.get(str(type_))
    return exp.cast(column, spelled) if spelled else column


def _batches(rows: sqlite3.Cursor, schema: Any) -> Iterator[Any]:
    import pyarrow as pa

    while batch := rows.fetchmany(_BATCH_ROWS):
        columns = [
            pa.array(
                [None if v is None else bool(v) for v in values] if field.type == pa.bool_() else values,
                field.type,
            )
            for field, values in zip(schema, zip(*batch, strict=True), strict=True)
        ]
        yield pa.record_batch(columns, schema=schema)
