"""Tables of a PostgreSQL server as targets of scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.engine.postgresql import connect
from segmentry.engine.postgresql_errors import explain_postgresql_error, state_of
from segmentry.engine.target_tables import STAGED
from segmentry.errors import DataError

T = TypeVar("T")
_FOUND = """
SELECT a.attname, a.atthasdef OR a.attidentity <> '' FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
_MAY_CHANGE = "SELECT has_table_privilege($1, 'INSERT') AND has_table_privilege($1, 'DELETE')"
_MAY_COMPARE = """
SELECT has_table_privilege($1, 'SELECT') AND has_database_privilege(current_database(), 'TEMPORARY')"""
_MAY_CREATE = "SELECT has_schema_privilege(COALESCE(NULLIF($1, ''), current_schema()), 'CREATE')"


@dataclass(frozen=True)
class PostgreSQLTable:
    """A table of a server: ``table`` in the first schema of the search path, or ``schema.table``."""

    url: str = field(repr=False)  # it may hold a password
    table: str
    name: str
    hide: Callable[[str], str] = field(repr=False)
    dialect: str = "postgres"

    @property
    def place(self) -> exp.Table:
        """The table as statements name it."""
        schema, own = self._place()
        return exp.table_(own, db=schema or None, quoted=True)

    def columns(self) -> dict[str, bool] | None:
        """Return the columns of the existing table, or None where there is none; refuse a table that may not be written."""
        schema, own = self._place()

        def work(cursor: Any) -> dict[str, bool] | None:
            found = {
                name: bool(has_default) for name, has_default in _fetched(cursor, _FOUND, self._quoted())
            }
            if found and not _fetched(cursor, _MAY_CHANGE, self._quoted())[0][0]:
                raise DataError(
                    "the user may not replace its rows",
                    source=self.name,
                    hint="ask for GRANT INSERT, DELETE on it",
                )
            if not found and not _fetched(cursor, _MAY_CREATE, schema)[0][0]:
                where = f"the schema {schema!r}" if schema else "the schema of the search path"
                raise DataError(
                    f"the user may not create the table {own!r} there",
                    source=self.name,
                    hint=f"ask for GRANT CREATE on {where}",
                )
            return found or None

        return self._done(work)

    def write(self, parquet: Path, *, is_there: bool) -> None:
        """Make the table, or replace its rows; other sessions see the earlier rows until the transaction ends.

        Where the user may read it, rows that are as before stay: what is deleted and inserted anew has to be vacuumed.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema, own = self._place()
        file = pq.ParquetFile(parquet)

        def work(cursor: Any) -> None:
            if is_there:
                cursor.execute(f"LOCK TABLE {self._quoted()} IN SHARE ROW EXCLUSIVE MODE")
            rows = pa.RecordBatchReader.from_batches(file.schema_arrow.remove_metadata(), file.iter_batches())
            if is_there and _fetched(cursor, _MAY_COMPARE, self._quoted())[0][0]:
                cursor.adbc_ingest(STAGED, rows, mode="create", temporary=True)
                self._replace_changed(cursor, file.schema_arrow.names, file.metadata.num_rows)
                return
            if is_there:
                cursor.execute(f"DELETE FROM {self._quoted()}")  # noqa: S608 - a quoted name
            mode = "append" if is_there else "create"
            cursor.adbc_ingest(own, rows, mode=mode, db_schema_name=schema or None)

        self._done(work)

    def _replace_changed(self, cursor: Any, names: Sequence[str], n_rows: int) -> None:
        """Replace the rows that are others than in the temporary table; all, where a customer has several."""
        table, quoted = self._quoted(), [_identifier(name) for name in names]
        columns, key = ", ".join(quoted), quoted[0]
        old, new = (", ".join(f"{alias}.{name}" for name in quoted) for alias in "tn")
        staged, same = f"{STAGED} AS n", f"t.{key} = n.{key} AND ROW({old}) IS NOT DISTINCT FROM ROW({new})"
        lacking = f"NOT EXISTS (SELECT 1 FROM {staged} WHERE {same})"  # noqa: S608 - quoted names, here and below
        insert = f"INSERT INTO {table} ({columns}) SELECT {new} FROM {staged}"  # noqa: S608
        new_ones = f"NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.{key} = n.{key})"  # noqa: S608
        cursor.execute(f"ANALYZE {STAGED}")
        cursor.execute(f"DELETE FROM {table} AS t WHERE {lacking}")  # noqa: S608
        cursor.execute(f"{insert} WHERE {new_ones}")
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        if cursor.fetchone()[0] != n_rows:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            cursor.execute(insert)

    def transact(self, parquet: Path, work: Callable[[Callable[[exp.Expr], list[Any]]], T]) -> T:
        """Do work in one transaction, in which the rows of a Parquet file are the temporary table `STAGED`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = pq.ParquetFile(parquet)

        def done(cursor: Any) -> T:
            def run(statement: exp.Expr) -> list[Any]:
                cursor.execute(statement.sql("postgres"))
                return list(cursor.fetchall()) if isinstance(statement, exp.Query) else []

            rows = pa.RecordBatchReader.from_batches(file.schema_arrow.remove_metadata(), file.iter_batches())
            cursor.adbc_ingest(STAGED, rows, mode="create", temporary=True)
            cursor.execute(f"ANALYZE {STAGED}")
            return work(run)

        return cast(
            "T", self._done(done, "SELECT, INSERT, UPDATE and DELETE on the table, or CREATE on its schema")
        )

    def _place(self) -> tuple[str, str]:
        schema, _, rest = self.table.rpartition(".")
        return schema, rest

    def _quoted(self) -> str:
        schema, own = (_identifier(part) if part else "" for part in self._place())
        return f"{schema}.{own}" if schema else own

    def _done(
        self,
        work: Callable[[Any], Any],
        what: str = "INSERT and DELETE on the table, or CREATE on its schema",
    ) -> Any:
        """Do the work, which needs some rights, in a transaction of a new connection."""
        import adbc_driver_manager as adbc
        import pyarrow as pa

        connection = connect(self.url, self.hide)
        try:
            with connection.cursor() as cursor:
                found = work(cursor)
            connection.commit()
            return found
        except (adbc.Error, pa.ArrowException, OSError) as error:
            raise refusal(
                self.hide(explain_postgresql_error(error, what)), state_of(error), source=self.name
            ) from None
        finally:
            connection.close()


def _identifier(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _fetched(cursor: Any, text: str, value: str) -> list[Any]:
    cursor.execute(text, (value,))
    return list(cursor.fetchall())
