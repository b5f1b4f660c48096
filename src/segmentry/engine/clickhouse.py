"""ClickHouse, in this process (chdb) or on a server (HTTP): tables are read where they are."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from operator import methodcaller
from pathlib import Path
from typing import Any

from sqlglot import exp

from segmentry.engine.availability import refusal
from segmentry.engine.base import TIME_ZONE
from segmentry.engine.clickhouse_runners import Refused, Runner
from segmentry.engine.connected import ConnectedEngine
from segmentry.engine.infinite import FloatingColumns, finite
from segmentry.engine.values_in_errors import says_value, without_values_and_end
from segmentry.errors import DataError, UnavailableError, nearest
from segmentry.sql import ColumnKind, Query
from segmentry.sql.clickhouse import groups_alone
from segmentry.sql.portable import render_sql

MEANING = {
    "cast_keep_nullable": 1, "join_use_nulls": 1, "group_by_use_nulls": 1, "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1, "session_timezone": f"'{TIME_ZONE}'",
    "output_format_arrow_string_as_string": 1, "output_format_arrow_low_cardinality_as_dictionary": 0,
    "max_query_size": 100_000_000, "max_ast_elements": 10_000_000, "max_expanded_ast_elements": 100_000_000,
    "max_ast_depth": 100_000, "max_parser_depth": 100_000,
}  # fmt: skip
"""Settings with which ClickHouse means what other databases mean, and takes queries about every column of a wide table."""
READING = {**MEANING, "readonly": 1}
_FLOATS = ("Float32", "Float64", "BFloat16")
_PLAIN = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)")
_OF_DATA = re.compile(
    r"\((CANNOT_[A-Z_]+|UNKNOWN_ELEMENT_OF_ENUM|[A-Z_]*OUT_OF_[A-Z_]+|[A-Z_]*OVERFLOW|ILLEGAL_DIVISION|INCORRECT_DATA|BAD_ARGUMENTS"
    r"|[A-Z_]*PARSED?_[A-Z_]+)\)"
)
"""Names of errors that rows make."""
_UNKNOWN_SETTING = re.compile(r"[Ss]etting '?(\w+)'?.*\(UNKNOWN_SETTING\)")
_TOO_OLD = "the server is too old"
_OF_THE_USER = re.compile(rf"Not enough privileges|readonly mode|^{_TOO_OLD}")


class RefusedToUserError(DataError):
    """The server refuses whatever this user asks in this way: the user may not, or the server is too old."""


class ClickHouseEngine(ConnectedEngine):
    """An engine over tables of one ClickHouse; its queries can read tables, and nothing else."""

    dialect = "clickhouse"
    most_inline = 0

    def __init__(self, name: str, runner: Runner, short_name: str) -> None:
        super().__init__(name, runner, short_name, owned=True)
        self._temporary: list[str] = []

    def add_table(self, name: str, table: str) -> None:
        """Make a table or view readable under a name; ``database.table`` where it is in another database."""
        database, _, rest = table.partition(".")
        for found in (_table(table), _table(rest, database) if rest else None):
            if found is None:
                continue
            with _suppress_unknown():
                described = self._rows(f"DESCRIBE TABLE {found.sql(self.dialect)}")
                columns = [_normal(row["name"], row["type"]) for row in described]
                if name == "data":
                    floats = [row["name"] for row in described if _base(row["type"]) in _FLOATS]
                    self.floating = FloatingColumns(found, dict.fromkeys(floats, "DOUBLE"))
                alias = exp.to_identifier(name, quoted=True)
                self._tables[name] = exp.select(*columns).from_(found).subquery(alias)
                return
        known = [row["name"] for row in self._rows("SHOW TABLES")]
        raise DataError(f"there is no table {table!r}", source=self.name, hint=nearest(table, known))

    def columns(self, query: exp.Query) -> dict[str, ColumnKind]:
        """Return the columns of a query's result and their kinds."""
        text = render_sql(self._with_held(query), self.dialect, pretty=False)
        rows = self._rows(f"DESCRIBE ({text})")
        return {row["name"]: _kind(row["type"]) for row in rows}

    def materialize(self, name: str, query: Query) -> None:
        """Run a query and keep its result as a temporary table of this session."""
        held, started = self._new_name(), time.perf_counter()
        text = render_sql(self._with_held(query.expression), self.dialect)
        self._run(lambda r: r.execute(f"CREATE TEMPORARY TABLE {held} AS\n{text}{settings(MEANING)}"))
        rows = self._rows(f"SELECT count() AS n FROM {held}")[0]["n"]  # noqa: S608 - a name of ours
        self._held[name] = exp.alias_(exp.to_table(held), name, table=True)
        self._note(query, int(rows), started)

    def close(self) -> None:
        """Drop the temporary tables, and close what was opened."""
        for held in self._temporary:
            with suppress(DataError):
                self._run(methodcaller("execute", f"DROP TEMPORARY TABLE IF EXISTS {held}"))
        super().close()

    def _keep(self, name: str, table: Any) -> None:
        """Keep a table as a temporary one of this session."""
        held = self._new_name()
        definitions = ", ".join(f"{quoted(f.name)} Nullable({type_of(f.type)})" for f in table.schema)
        self._run(lambda r: r.execute(f"CREATE TEMPORARY TABLE {held} ({definitions})"))
        self._run(lambda r: r.fill(held, table))
        self._held[name] = exp.alias_(exp.to_table(held), name, table=True)

    def _new_name(self) -> str:
        self._temporary.append(f"segmentry_{secrets.token_hex(6)}")
        return self._temporary[-1]

    def _text(self, query: Query) -> str:
        """Write a query with its settings; sums of groups need no mark of whether there was a row."""
        tree = self._with_held(query.expression)
        given = {**READING, "aggregate_functions_null_for_empty": 0} if groups_alone(tree) else READING
        return render_sql(tree, self.dialect) + settings(given)

    def _fetched(self, cursor: Runner, text: str) -> Any:
        return cursor.table(text)

    def _written(self, cursor: Runner, text: str, path: Path) -> int:
        import pyarrow.parquet as pq

        schema, batches = cursor.stream(text)
        rows = 0
        with pq.ParquetWriter(path, schema) as file:
            for batch in batches:
                file.write_batch(batch)
                rows += batch.num_rows
        return rows

    def _rows(self, text: str) -> list[dict[str, Any]]:
        return list(self._run(lambda runner: self._fetched(runner, text + settings(READING))).to_pylist())

    def _run(self, work: Callable[[Runner], Any]) -> Any:
        with in_one_line(self.name):
            return work(self._connection)


@contextmanager
def _suppress_unknown() -> Iterator[None]:
    """Let a table be looked for elsewhere, unless the user may not read it or the server refuses everything."""
    try:
        yield
    except DataError as error:
        if isinstance(error, (UnavailableError, RefusedToUserError)):
            raise


@contextmanager
def in_one_line(name: str) -> Iterator[None]:
    """Turn what ClickHouse says instead of a result into a DataError of one line."""
    try:
        yield
    except Refused as error:
        said = explain_clickhouse_error(str(error))
        if _OF_THE_USER.search(said):
            raise RefusedToUserError(said, source=name) from None
        raise refusal(said, source=name) from None


def explain_clickhouse_error(text: str) -> str:
    """Write ClickHouse's message without its code, its frames, the text of the query, and customers' values."""
    line = " ".join(text.split())
    is_of_data = _OF_DATA.search(line)
    unknown = _UNKNOWN_SETTING.search(line)
    if unknown is not None:
        return f"{_TOO_OLD}: it does not know the setting {unknown[1]!r}"
    line = re.sub(r"^.*?DB::Exception: (Received from [^ ]+ DB::Exception: )?", "", line)
    line = re.sub(r"(: In scope | \(version |: While (processing|executing) |Stack trace:).*", "", line)
    line = re.sub(r"(: while executing ).*", "", line)
    line = re.sub(r"\s*\([A-Z_]+\)$", "", line)
    if is_of_data or line.startswith("Cannot ") or says_value(line):
        line = without_values_and_end(re.sub(r"^(Cannot (?:parse|read) \w+).*", r"\1", line))
    return line.rstrip(". ") or "it refuses"


def settings(given: Mapping[str, Any]) -> str:
    """Write settings that a query brings."""
    return "\nSETTINGS " + ", ".join(f"{name} = {value}" for name, value in given.items())


def quoted(name: str) -> str:
    """Write a name of a column in quotes."""
    return exp.to_identifier(name, quoted=True).sql("clickhouse")


def _table(name: str, database: str | None = None) -> exp.Table:
    return exp.table_(name, db=database, quoted=True)


def _base(type_: str) -> str:
    while found := _PLAIN.fullmatch(type_):
        type_ = found[1]
    return type_


def _kind(type_: str) -> ColumnKind:
    base = _base(type_)
    if re.fullmatch(r"U?Int\d+", base):
        return "integer"
    kinds: dict[str, ColumnKind] = {
        "Decimal": "decimal",
        "Float": "float",
        "String": "text",
        "Bool": "boolean",
    }
    return next((kind for start, kind in kinds.items() if base.startswith(start)), "other")


def _normal(name: str, type_: str) -> exp.Expr:
    """Select the column with types that recipes know: 64-bit floats, text of any kind as text, times in UTC."""
    column, base = exp.column(name, quoted=True), _base(type_)
    if base in _FLOATS:  # 0 in place of -0, which ClickHouse groups apart
        number = exp.cast(column, exp.DataType.Type.DOUBLE) if base != "Float64" else column
        value: exp.Expr = finite(exp.Add(this=number, expression=exp.convert(0)))
    elif base.startswith(("Enum", "UUID", "IPv", "JSON")) or (base == "String" and base != type_):
        value = exp.cast(column, exp.DataType.Type.VARCHAR)
    elif base.startswith("FixedString"):
        value = exp.Anonymous(this="toStringCutToZero", expressions=[column])
    elif base.startswith("DateTime"):
        value = exp.Anonymous(this="toTimeZone", expressions=[column, exp.Literal.string(TIME_ZONE)])
    elif base == "Date":
        value = exp.Anonymous(this="toDate32", expressions=[column])
    else:
        return column
    return exp.alias_(value, name, quoted=True)


def type_of(type_: Any) -> str:
    """Return the type of a column that holds values of an Arrow type."""
    import pyarrow as pa

    if pa.types.is_floating(type_):
        return "Float64"
    if pa.types.is_integer(type_):
        size = 64 if type_.bit_width == 64 else 32
        return f"UInt{size}" if pa.types.is_unsigned_integer(type_) else f"Int{size}"
    if pa.types.is_decimal(type_):
        return f"Decimal({type_.precision}, {type_.scale})"
    if pa.types.is_date(type_):
        return "Date32"
    if pa.types.is_timestamp(type_):
        return f"DateTime64(6, '{TIME_ZONE}')"
    return "Bool" if pa.types.is_boolean(type_) else "String"
