"""Rows of a history as expressions: what counted before, the new scores, and how the two compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlglot import exp

from segmentry.engine.target_tables import ScoresTable
from segmentry.errors import DataError
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column

PERIOD = ("valid_from", "valid_to", "scored_at", "model")
"""Columns that a history has beside those of scores."""
Run: TypeAlias = "Callable[[exp.Expr], list[Any]]"  # no exp.Expr before sqlglot 30


@dataclass(frozen=True)
class Move:
    """Customers who went from one segment to another; `to_second` of them to what was their second segment before."""

    before: int
    after: int
    customers: int
    to_second: int


@dataclass(frozen=True)
class Kept:
    """What a run changed in a history: new customers, gone ones, rows that were written, and moves between segments.

    `is_other_model` says that the earlier rows are of another model, whose segments may be others under the same numbers.
    """

    n_new: int
    n_gone: int
    n_changed: int
    moves: tuple[Move, ...]
    is_other_model: bool

    @property
    def n_moved(self) -> int:
        """Number of customers whose segment is another than before."""
        return sum(move.customers for move in self.moves)


@dataclass(frozen=True)
class Night:
    """When the scores count from, when they were made, and of which model they are."""

    valid_from: datetime
    scored_at: datetime
    model: str


@dataclass(frozen=True)
class Scored:
    """New scores in a database: the dialect, the table that holds them, its columns, of which the first is the id, and the night."""

    dialect: str
    table: exp.Table
    names: tuple[str, ...]
    night: Night

    @property
    def id(self) -> str:
        """The column of the customer's id."""
        return self.names[0]

    @property
    def now(self) -> exp.Expr:
        """The time from which the new rows count."""
        return time_in_utc(self.night.valid_from, self.dialect)

    @property
    def never(self) -> exp.Expr:
        """No time."""
        if self.dialect in ("sqlite", "clickhouse"):
            return exp.null()
        return exp.cast(exp.null(), exp.DataType.Type.TIMESTAMP)

    def rows(self) -> exp.Select:
        """The new scores with their period, from the table ``n``."""
        period = {
            "valid_from": self.now,
            "valid_to": self.never,
            "scored_at": time_in_utc(self.night.scored_at, self.dialect),
            "model": exp.cast(exp.Literal.string(self.night.model), exp.DataType.Type.TEXT),
        }
        columns = [exp.column(n, table="n", quoted=True) for n in self.names]
        shown = [exp.alias_(value, name, quoted=True) for name, value in period.items()]
        return exp.select(*columns, *shown).from_(self.called("n"))

    def called(self, alias: str) -> exp.Expr:
        """The new scores under another name."""
        return exp.alias_(self.table.copy(), alias, table=True)

    def of_customer(self, old: str, new: str) -> exp.Expr:
        """Whether rows of two tables are of one customer."""
        return exp.column(self.id, table=old, quoted=True).eq(exp.column(self.id, table=new, quoted=True))

    def same(self, old: str, new: str) -> exp.Expr:
        """Whether two rows of a customer hold the same scores of the same model."""
        pairs = [
            (exp.column(n, table=old, quoted=True), exp.column(n, table=new, quoted=True))
            for n in self.names[1:]
        ]
        model = exp.column("model", table=old, quoted=True).eq(exp.Literal.string(self.night.model))
        return exp.and_(model, *(self._equal(a, b) for a, b in pairs))

    def _equal(self, a: exp.Expr, b: exp.Expr) -> exp.Expr:
        """Whether two values are equal, or both missing; ClickHouse has an operator for it only of late."""
        if self.dialect != "clickhouse":
            return exp.NullSafeEQ(this=a, expression=b)
        both = exp.and_(a.copy().is_(exp.null()), b.copy().is_(exp.null()))
        return exp.Coalesce(this=a.eq(b), expressions=[both])


def time_in_utc(value: datetime, dialect: str) -> exp.Expr:
    """A time in UTC, which has no zone; one of Spark is an instant."""
    zone = "+00:00" if dialect == "spark" else ""
    text = exp.Literal.string(value.isoformat(sep=" ", timespec="microseconds") + zone)
    if dialect == "clickhouse":
        return exp.Anonymous(
            this="toDateTime64", expressions=[text, exp.convert(6), exp.Literal.string("UTC")]
        )
    return text if dialect == "sqlite" else exp.cast(text, exp.DataType.Type.TIMESTAMP)


def is_current(table: str) -> exp.Expr:
    """Whether a row of a table has no end."""
    return exp.column("valid_to", table=table, quoted=True).is_(exp.null())


def check_time(run: Run, store: ScoresTable, scored: Scored) -> None:
    """Refuse a time before the last one of a history."""
    shown = [exp.Max(this=column(name)) for name in ("valid_from", "valid_to")]
    is_later = exp.or_(*(exp.GT(this=value.copy(), expression=scored.now) for value in shown))
    found, last = run(exp.select(one_where(is_later), shown[0]).from_(store.place))[0]
    if found:
        last = last.astimezone(UTC).replace(tzinfo=None) if getattr(last, "tzinfo", None) else last
        raise DataError(
            f"the history {store.table!r} holds rows of a later time than {scored.night.valid_from:%Y-%m-%d %H:%M:%S}: {last}",
            source=store.name,
            hint="score as of a later time, or correct the clock; times are in UTC",
        )


def check_current(run: Run, store: ScoresTable, scored: Scored) -> None:
    """Refuse a history in which a customer has several current rows."""
    current = exp.select(column(scored.id)).from_(store.place).where(column("valid_to").is_(exp.null()))
    if run(current.group_by(column(scored.id)).having(exp.Count(this=exp.Star()) > 1).limit(1)):
        raise DataError(
            f"customers have several current rows in {store.table!r}: something else writes to it",
            source=store.name,
            hint="write the history to a table of its own",
        )


def compared(run: Run, before: exp.Expr, scored: Scored) -> Kept:
    """What the new scores change of the rows `before`, an item ``t`` after FROM, before anything is changed."""
    joined = exp.select().from_(before.copy()).join(scored.called("n"), on=scored.of_customer("t", "n"))
    joined = joined.where(is_current("t"))
    old, new = (exp.column("segment", table=t, quoted=True) for t in "tn")
    second = exp.column("second_segment", table="t", quoted=True).eq(new.copy())
    n_rows = exp.Count(this=exp.Star())
    to_second = exp.Sum(this=one_where(second))
    shown = {"before": old, "after": new, "customers": n_rows, "to_second": to_second}
    moved = joined.select(*(exp.alias_(value, name, quoted=True) for name, value in shown.items()))
    moved = moved.where(old.copy().neq(new.copy())).group_by(old.copy(), new.copy())
    found = tuple(Move(*row) for row in sorted(_numbers(row) for row in run(moved)))
    n_both, n_same = _sums(run, joined, scored.same("t", "n"))
    other = exp.column("model", table="t", quoted=True).neq(exp.Literal.string(scored.night.model))
    n_old, n_other = _sums(run, exp.select().from_(before.copy()).where(is_current("t")), other)
    n_new = run(exp.select(n_rows.copy()).from_(scored.table.copy()))[0][0]
    return Kept(int(n_new) - n_both, n_old - n_both, n_both - n_same, found, n_other > 0)


def _numbers(row: Sequence[Any]) -> tuple[int, ...]:
    """The segments and counts of a move; SQLite keeps any value in any column."""
    try:
        return tuple(int(value) for value in row)
    except (TypeError, ValueError):
        raise DataError(
            "the history holds segments that are no numbers",
            hint="restore the table from a copy, or choose another one",
        ) from None


def _sums(run: Run, rows: exp.Select, condition: exp.Expr) -> tuple[int, int]:
    """The number of rows, and of those for which a condition holds."""
    holds = exp.Coalesce(this=exp.Sum(this=one_where(condition)), expressions=[exp.convert(0)])
    n_rows, n_so = run(rows.select(exp.Count(this=exp.Star()), holds))[0]
    return int(n_rows), int(n_so)
