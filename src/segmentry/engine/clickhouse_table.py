"""Tables of ClickHouse as targets of scores: a table is made beside the earlier one, and the two exchange their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlglot import exp

from segmentry.engine.clickhouse import MEANING, READING, in_one_line, quoted, settings, type_of
from segmentry.engine.clickhouse_runners import Refused, Runner
from segmentry.engine.history_copies import Work
from segmentry.engine.target_tables import beside, left_beside, written_by_another
from segmentry.errors import DataError

T = TypeVar("T")
_NEW = "segmentry"
_ROWS_AT_ONCE = 500_000
_TIME = "DateTime64(6, 'UTC')"
_PERIOD = {"valid_from": _TIME, "valid_to": f"Nullable({_TIME})", "scored_at": _TIME, "model": "String"}
_FOUND = """
SELECT d.engine AS holds, t.engine AS kept_by FROM system.databases AS d
LEFT JOIN (SELECT * FROM system.tables WHERE name = {table}) AS t ON t.database = d.name WHERE d.name = {database}"""
_COLUMNS = """
SELECT name, default_kind <> '' AS has_default FROM system.columns
WHERE database = {database} AND table = {table} AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position"""
_WHICH = "SELECT uuid, data_paths FROM system.tables WHERE database = {database} AND name = {table}"
_BESIDE = "SELECT name FROM system.tables WHERE database = {database}"
_INSERTING = {**MEANING, "insert_null_as_default": 1}
_EXCHANGING = ("Atomic", "Overlay", "Shared")
_KEEPING = re.compile(r"(Shared)?MergeTree|Memory|(Tiny|Stripe)?Log")
"""Engines of tables that keep every row as it was written, and have no copies on other servers."""


@dataclass(frozen=True)
class ClickHouseTable:
    """A table of ClickHouse: ``table`` in the database of the URL, or ``database.table``."""

    connect: Callable[[], Runner] = field(repr=False)  # it may hold a password
    table: str
    name: str
    dialect: str = "clickhouse"

    @property
    def place(self) -> exp.Table:
        """The table as statements name it."""
        database, _, own = self.table.rpartition(".")
        return exp.table_(own, db=database or None, quoted=True)

    def columns(self) -> dict[str, bool] | None:
        """The columns of the table that is there, with whether they have a default; None where there is none."""
        with self._connected() as runner:
            self._check(runner)
            found = {row["name"]: bool(row["has_default"]) for row in self._asked(runner, _COLUMNS)}
        return found or None

    def write(self, parquet: Path, *, is_there: bool) -> None:
        """Make the table, or replace its rows: queries see the earlier ones until the new table has its name."""
        with self._connected() as runner:
            self._sweep(runner)
            with self._staged(runner) as staged:
                self._load(runner, parquet, staged, is_there=is_there)
                self._put(runner, staged, is_there=is_there)

    def rebuild(self, scores: Path, work: Work[T], *, is_there: bool) -> T:
        """Load the scores of a Parquet file, and make the table of the query that `work` makes of them."""
        with self._connected() as runner:
            self._sweep(runner)
            before = self._asked(runner, _WHICH)
            with self._staged(runner) as loaded, self._staged(runner) as staged:
                types = self._load(runner, scores, loaded, is_there=False)
                found, rows = work(
                    lambda s: _rows(runner.table(s.sql(self.dialect) + settings(READING))), loaded
                )
                self._create(runner, staged, types | _PERIOD, is_there=is_there)
                runner.execute(
                    f"INSERT INTO {_place(staged, rows.named_selects)}{settings(_INSERTING)}\n{rows.sql(self.dialect)}"
                )
                if self._asked(runner, _WHICH) != before:
                    raise written_by_another(self.name)
                self._put(runner, staged, is_there=is_there)
        return found

    @contextmanager
    def _connected(self) -> Iterator[Runner]:
        with in_one_line(self.name), closing(self.connect()) as runner:
            yield runner

    @contextmanager
    def _staged(self, runner: Runner) -> Iterator[exp.Table]:
        """A table beside this one; what has its name at the end is dropped."""
        staged = beside(self.place, _NEW)
        try:
            yield staged
        except Refused as error:
            if "UNKNOWN_TABLE" in str(error) and staged.name in str(error):
                raise written_by_another(self.name) from None
            raise
        finally:
            with suppress(Refused):  # the next run drops it
                _drop(runner, staged)

    def _sweep(self, runner: Runner) -> None:
        """Drop what runs left that were killed."""
        names = [row["name"] for row in self._asked(runner, _BESIDE)]
        for left in left_beside(self.place, names, _NEW):
            _drop(runner, left)

    def _check(self, runner: Runner) -> None:
        """Refuse a table that cannot be exchanged, or that would not keep its rows."""
        found = self._asked(runner, _FOUND)
        if not found:
            raise DataError(f"there is no database {self.place.db!r}", source=self.name)
        holds, kept_by = found[0]["holds"], found[0]["kept_by"]
        if holds not in _EXCHANGING:
            raise DataError(
                f"two tables of a database whose engine is {holds} cannot exchange their names",
                source=self.name,
                hint="write to a database whose engine is Atomic",
            )
        if kept_by is not None and not _KEEPING.fullmatch(kept_by):
            raise DataError(
                f"a table whose engine is {kept_by} is not written to",
                source=self.name,
                hint="write to a table whose engine is MergeTree, or choose another name",
            )

    def _asked(self, runner: Runner, text: str) -> list[dict[str, Any]]:
        """The rows of a question about the table."""
        database = _text(self.place.db) if self.place.db else "currentDatabase()"
        query = text.format(table=_text(self.place.name), database=database)
        return list(runner.table(query + settings(READING)).to_pylist())

    def _load(self, runner: Runner, parquet: Path, table: exp.Table, *, is_there: bool) -> dict[str, str]:
        """Make a table of a Parquet file, and return the types of its columns; only the id is never missing."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = pq.ParquetFile(parquet)
        types = {f.name: f"Nullable({type_of(f.type)})" for f in file.schema_arrow}
        types[next(iter(types))] = type_of(file.schema_arrow.types[0])
        self._create(runner, table, types, is_there=is_there)
        place = _place(table, types)
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            runner.fill(place, pa.Table.from_batches([batch]))
        return types

    def _create(self, runner: Runner, table: exp.Table, types: Mapping[str, str], *, is_there: bool) -> None:
        """Make an empty table: as the one that is there, with its engine, its defaults and columns of one's own."""
        name = table.sql(self.dialect)
        if is_there:
            runner.execute(f"CREATE TABLE {name} AS {self.place.sql(self.dialect)}")
            return
        columns = ", ".join(f"{quoted(column)} {type_}" for column, type_ in types.items())
        runner.execute(
            f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY {quoted(next(iter(types)))}"
        )

    def _put(self, runner: Runner, staged: exp.Table, *, is_there: bool) -> None:
        """Give a table the name of this one, in one step."""
        new, old = staged.sql(self.dialect), self.place.sql(self.dialect)
        runner.execute(f"EXCHANGE TABLES {new} AND {old}" if is_there else f"RENAME TABLE {new} TO {old}")


def _place(table: exp.Table, names: Iterable[str]) -> str:
    """The table and its columns, as they stand behind INSERT INTO."""
    return f"{table.sql('clickhouse')} ({', '.join(map(quoted, names))})"


def _rows(table: Any) -> list[Any]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _drop(runner: Runner, table: exp.Table) -> None:
    runner.execute(f"DROP TABLE IF EXISTS {table.sql('clickhouse')}")


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("clickhouse")
