"""PostgreSQL, through its Arrow driver (ADBC): tables and views of a server, read where they are."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from operator import methodcaller
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.engine.base import TIME_ZONE
from segmentry.engine.connected import ConnectedEngine
from segmentry.engine.infinite import FloatingColumns, finite
from segmentry.engine.postgresql_errors import explain_postgresql_error, state_of
from segmentry.errors import DataError, nearest
from segmentry.sql import ColumnKind, Query
from segmentry.sql.portable import render_sql

OLDEST = 14
"""Before it numbers of any size (``numeric``) have no infinite ones to compare with; its support ended in 2026, that of 13 in 2025."""
_AS_TEXT = ("bpchar", "name", "citext", "uuid", "inet", "cidr", "macaddr", "macaddr8", "json", "jsonb", "xml", "bit", "varbit",
            "interval", "timetz")  # fmt: skip
_MAY_KEEP = """
SELECT has_database_privilege(current_database(), 'TEMPORARY') AND NOT pg_is_in_recovery()
  AND current_setting('transaction_read_only') = 'off'"""
_MOST_DIGITS = 38
_COLUMNS = """
SELECT a.attname, t.typname, t.typtype, GREATEST(a.atttypmod, declared.typtypmod) AS size
FROM pg_attribute AS a
JOIN pg_type AS declared ON declared.oid = a.atttypid
JOIN pg_type AS t ON t.oid = COALESCE(NULLIF(declared.typbasetype, 0), declared.oid)
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""
_TABLES = """
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema'
ORDER BY 1"""


class PostgreSQLEngine(ConnectedEngine):
    """An engine over tables of one PostgreSQL connection, all read in one snapshot."""

    dialect = "postgres"
    most_inline = 1_000

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._temporary: list[exp.Table] = []

    def add_table(self, name: str, table: str) -> None:
        """Make a table or view readable under a name; ``schema.table`` where it is not on the search path."""
        if name == "data":
            self._check_version()
        schema, _, rest = table.partition(".")
        for found in (_table(table), _table(rest, schema) if rest else None):
            rows = self._rows(_COLUMNS, found.sql(self.dialect)) if found is not None else []
            if found is not None and rows:
                columns = [_normal(*row) for row in rows]
                if name == "data":
                    self.floating = FloatingColumns(found, _of_infinite(rows))
                alias = exp.to_identifier(name, quoted=True)
                self._tables[name] = exp.select(*columns).from_(found).subquery(alias)
                return
        known = [row[0] for row in self._rows(_TABLES)]
        raise DataError(f"there is no table {table!r}", source=self.name, hint=nearest(table, known))

    def _check_version(self) -> None:
        number = int(self._rows("SELECT current_setting('server_version_num')")[0][0])
        if number < OLDEST * 10_000:
            raise DataError(
                f"PostgreSQL {number // 10_000} is too old: segmentry needs {OLDEST} or later",
                source=self.name,
                hint="export the columns that the recipe reads as Parquet, and give the file",
            )

    def columns(self, query: exp.Query) -> dict[str, ColumnKind]:
        """Return the columns of a query's result and their kinds."""
        text = render_sql(self._with_held(query), self.dialect, pretty=False)
        schema = self._run(lambda cursor: cursor.adbc_execute_schema(text))
        names = schema.names if query.is_star else query.named_selects
        return {name: _kind(field) for name, field in zip(names, schema, strict=True)}

    def _keep(self, name: str, table: Any) -> None:
        """Keep a table in a temporary one."""
        temporary = f"segmentry_{secrets.token_hex(6)}"
        self._run(lambda cursor: cursor.adbc_ingest(temporary, table, mode="create", temporary=True))
        self._temporary.append(_table(temporary))
        self._held[name] = exp.alias_(_table(temporary), name, table=True)

    def materialize(self, name: str, query: Query) -> None:
        """Make a query's result readable under a name: as a temporary table, or, where none may be made, as a subquery."""
        inner = self._with_held(query.expression)
        if not self._rows(_MAY_KEEP)[0][0]:
            super().materialize(name, query)
            return
        temporary = f"segmentry_{secrets.token_hex(6)}"
        text = f"CREATE TEMPORARY TABLE {temporary} AS\n{render_sql(inner, self.dialect)}"
        started = time.perf_counter()
        rows = self._run(lambda cursor: cursor.execute(text).rowcount)
        self._temporary.append(_table(temporary))
        self._held[name] = exp.alias_(_table(temporary), name, table=True)
        self._note(query, rows, started)

    def close(self) -> None:
        """Close the connection; of one that was given only the temporary tables are dropped."""
        super().close()
        while self._temporary and not self._owned:
            drop = exp.Drop(tables=[self._temporary.pop()], kind="TABLE").sql(self.dialect)
            self._run(methodcaller("execute", drop))

    def _reading(self, cursor: Any, work: Callable[[], Any]) -> Any:
        """Do work in which nothing but temporary tables can be written; of a connection that was given its owner decides."""
        if not self._owned:
            return work()
        cursor.execute("SAVEPOINT segmentry")
        cursor.execute("SET TRANSACTION READ ONLY")
        done = work()
        cursor.execute("RELEASE SAVEPOINT segmentry")
        return done

    def _fetched(self, cursor: Any, text: str) -> Any:
        cursor.execute(text)
        return _plain(cursor.fetch_arrow_table())

    def _written(self, cursor: Any, text: str, path: Path) -> int:
        """Write a query's result to a file; a NUMERIC column, which is the id, keeps every digit if its values are whole."""
        import pyarrow as pa

        try:
            return _written_with(cursor, text, path, _whole)
        except pa.ArrowInvalid:
            return _written_with(cursor, text, path, _floating)

    def _rows(self, text: str, *values: str) -> list[Any]:
        def fetched(cursor: Any) -> list[Any]:
            cursor.execute(text, values or None)
            return cursor.fetchall()

        return self._run(fetched)

    def _run(self, work: Callable[[Any], Any]) -> Any:
        import adbc_driver_manager as adbc
        import pyarrow as pa

        try:
            with self._connection.cursor() as cursor:
                return work(cursor)
        except (adbc.Error, pa.ArrowException, OSError) as error:
            raise refusal(
                self._hide(explain_postgresql_error(error)), state_of(error), source=self.name
            ) from None


def connect(url: str, hide: Callable[[str], str]) -> Any:
    """Connect to the server of a URL; libpq takes settings that the URL lacks from the environment.

    Raises
    ------
    DataError
        The driver is not installed, or the server refuses.
    """
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise DataError(
            "needs the extra `postgresql`: pip install 'segmentry[postgresql]'", source="postgresql://"
        ) from None
    try:
        connection = dbapi.connect(url)
    except dbapi.Error as error:
        raise refusal(
            hide(explain_postgresql_error(error)), state_of(error), source="postgresql://"
        ) from None
    with connection.cursor() as cursor:
        cursor.execute(f"SET TIME ZONE '{TIME_ZONE}'")
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return connection


def _written_with(cursor: Any, text: str, path: Path, numeric: Callable[[Any], Any]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cursor.execute(text)
    reader = cursor.fetch_record_batch()
    rows = 0
    with pq.ParquetWriter(path, _plain(reader.schema.empty_table(), numeric).schema) as file:
        for batch in reader:
            file.write_table(_plain(pa.Table.from_batches([batch]), numeric))
            rows += batch.num_rows
    return rows


def _floating(texts: Any) -> Any:
    import pyarrow as pa

    return texts.cast(pa.float64())


def _whole(texts: Any) -> Any:
    """Convert texts to whole numbers with all their digits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    longest = pc.max(pc.utf8_length(texts)).as_py() or 0
    if longest > _MOST_DIGITS:  # Arrow does not notice all that do not fit
        raise pa.ArrowInvalid("too many digits")
    return texts.cast(pa.decimal128(_MOST_DIGITS, 0))


def _plain(table: Any, numeric: Callable[[Any], Any] = _floating) -> Any:
    """Return the table without the driver's metadata, and with numbers for NUMERIC, which the driver returns as text."""
    import pyarrow as pa

    for i, field in enumerate(table.schema):
        column = table.column(i)
        if _kind(field) == "decimal":
            column = numeric(column.cast(pa.string()))
        table = table.set_column(i, pa.field(field.name, column.type), column)
    return table


def _kind(field: Any) -> ColumnKind:
    import pyarrow as pa

    metadata = field.metadata or {}
    if metadata.get(b"POSTGRESQL:type") == b"numeric":
        return "decimal"
    tests: tuple[tuple[Callable[[Any], bool], ColumnKind], ...] = (
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "float"),
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_string, "text"),
    )
    return next((kind for test, kind in tests if test(field.type)), "other")


def _of_infinite(rows: Sequence[tuple[str, str, str, int]]) -> dict[str, str]:
    """Columns that can hold infinite numbers; those of decimals with a size cannot."""
    kinds = {"float4": "DOUBLE", "float8": "DOUBLE", "numeric": "DECIMAL"}
    return {n: kinds[kind] for n, kind, _, size in rows if kind in kinds and (kind != "numeric" or size < 0)}


def _normal(name: str, type_name: str, type_kind: str, size: int) -> exp.Expr:
    """Select the column with types that recipes know: numbers that are finite, 64-bit floats, text of any kind as text."""
    column = exp.column(name, quoted=True)
    number = exp.DataType.Type.DECIMAL
    if type_name == "numeric":
        value: exp.Expr = exp.Nullif(this=column, expression=exp.cast(exp.Literal.string("NaN"), number))
        value = finite(value, "DECIMAL") if size < 0 else value
    elif type_name == "float8":
        value = finite(column)
    elif type_name == "money":
        value = exp.cast(column, number)
    elif type_name == "float4":
        value = finite(exp.cast(column, exp.DataType.Type.DOUBLE))
    elif type_name == "oid":
        value = exp.cast(column, exp.DataType.Type.BIGINT)
    elif type_kind == "e" or type_name in _AS_TEXT:
        value = exp.cast(column, exp.DataType.Type.TEXT)
    else:
        return column
    return exp.alias_(value, name, quoted=True)


def _table(name: str, schema: str | None = None) -> exp.Table:
    return exp.table_(name, db=schema, quoted=True)
