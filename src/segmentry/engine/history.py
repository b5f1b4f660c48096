"""Scores with their history: a row per customer and period, of which at most one is current."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from sqlglot import exp

from segmentry.engine.target_tables import STAGED, Target
from segmentry.errors import DataError
from segmentry.sql.table import column

PERIOD = ("valid_from", "valid_to", "scored_at", "model")
"""Columns that a history has beside those of scores."""
NEW = STAGED
T = TypeVar("T")
Run = Callable[[exp.Expr], list[Any]]


@runtime_checkable
class KeepsHistory(Protocol):
    """A table in whose database several statements can be one transaction."""

    @property
    def dialect(self) -> str:
        """The dialect of its statements."""
        ...

    @property
    def table(self) -> str:
        """Name of the table in the database."""
        ...

    @property
    def name(self) -> str:
        """Name in messages, without a password."""
        ...

    def transact(self, parquet: Path, work: Callable[[Run], T]) -> T:
        """Do work in one transaction, in which the rows of a Parquet file are the table `NEW`."""
        ...


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


def keep_history(
    store: KeepsHistory, parquet: Path, names: Sequence[str], night: Night, *, is_there: bool
) -> Kept:
    """Bring a history up to the scores of a Parquet file: whole or not at all, and again with the same result.

    A customer whose scores are as before keeps the row. Of any other the row ends, and a new one begins at the same time; of one
    who is not among the scores it ends. A run for the time of the last one first takes back what that changed.

    Raises
    ------
    DataError
        The history holds rows of a later time, or a customer has several current rows.
    """
    writer = _Writer(store, tuple(names), night)
    return store.transact(parquet, lambda run: writer.work(run, is_there))


def check_history(store: Target, found: Collection[str] | None, names: Sequence[str]) -> None:
    """Refuse a target that cannot keep a history, before any work."""
    if not isinstance(store, KeepsHistory):
        raise DataError(
            "has no transactions over several statements, which a history needs",
            source=store.name,
            hint="write the history to duckdb://, sqlite:// or postgresql://, or replace the table with --replace",
        )
    if names[0].casefold() in PERIOD:
        raise DataError(
            f"the id {names[0]!r} has the name of a column that a history has of its own",
            source=store.name,
            hint="rename it in [source] sql, or replace the table with --replace",
        )
    lacking = [name for name in (*names, *PERIOD) if found is not None and name not in found]
    if lacking:
        raise DataError(
            f"the table {store.table!r} lacks the columns {', '.join(lacking)}: it is no history of scores",
            source=store.name,
            hint="choose another name",
        )


class _Writer:
    """Writes the statements for one table; the first of its columns is the customer's id."""

    def __init__(self, store: KeepsHistory, names: tuple[str, ...], night: Night) -> None:
        self.store, self.names, self.night = store, names, night
        self.id, self.scores = names[0], names[1:]

    def work(self, run: Run, is_there: bool) -> Kept:
        if is_there:
            self._lock(run)
            self._check_time(run)
            self._take_back(run)
        else:
            for statement in self._created():
                run(statement)
        kept = self._compared(run)
        run(self._ended())
        run(self._begun())
        self._check_current(run)
        return kept

    def _table(self, alias: str = "") -> exp.Expr:
        parts = self.store.table.split(".") if self.store.dialect == "postgres" else [self.store.table]
        table = exp.table_(parts[-1], db=parts[0] if len(parts) == 2 else None, quoted=True)
        return exp.alias_(table, alias, table=True) if alias else table

    def _created(self) -> list[exp.Expr]:
        empty = self._rows(exp.Select()).where(
            exp.false() if self.store.dialect != "sqlite" else exp.convert(0)
        )
        statements: list[exp.Expr] = [exp.Create(this=self._table(), kind="TABLE", expression=empty)]
        statements.append(self._unique("period", (self.id, "valid_from")))
        if self.store.dialect != "duckdb":  # which has no indexes over some of the rows
            is_current = exp.Where(this=column("valid_to").is_(exp.null()))
            statements.append(self._unique("current", (self.id,), is_current))
        return statements

    def _unique(self, what: str, names: Sequence[str], where: exp.Where | None = None) -> exp.Expr:
        """An index, which PostgreSQL names: it cuts names, and two tables may share the beginning or end of theirs."""
        parameters = exp.IndexParameters(columns=[column(n) for n in names], where=where)
        own = (
            None
            if self.store.dialect == "postgres"
            else exp.to_identifier(f"segmentry {self.store.table} {what}", quoted=True)
        )
        index = exp.Index(this=own, table=self._table(), params=parameters)
        return exp.Create(this=index, kind="INDEX", unique=True)

    def _lock(self, run: Run) -> None:
        if self.store.dialect == "postgres":
            run(
                exp.Command(
                    this="LOCK",
                    expression=f"TABLE {self._table().sql('postgres')} IN SHARE ROW EXCLUSIVE MODE",
                )
            )

    def _time(self, value: datetime) -> exp.Expr:
        text = exp.Literal.string(value.isoformat(sep=" ", timespec="microseconds"))
        return text if self.store.dialect == "sqlite" else exp.cast(text, exp.DataType.Type.TIMESTAMP)

    @property
    def _now(self) -> exp.Expr:
        return self._time(self.night.valid_from)

    def _check_time(self, run: Run) -> None:
        latest = [exp.Max(this=column(name)) for name in ("valid_from", "valid_to")]
        later = exp.or_(*(exp.GT(this=value, expression=self._now) for value in latest))
        shown = exp.Max(this=exp.cast(column("valid_from"), exp.DataType.Type.VARCHAR))
        query = exp.select(
            exp.Case(ifs=[exp.If(this=later, true=exp.convert(1))], default=exp.convert(0)), shown
        )
        is_later, last = run(query.from_(self._table()))[0]
        if is_later:
            raise DataError(
                f"the history {self.store.table!r} holds rows of a later time than {self.night.valid_from:%Y-%m-%d %H:%M:%S}: {last}",
                source=self.store.name,
                hint="score as of a later time, or correct the clock; times are in UTC",
            )

    def _take_back(self, run: Run) -> None:
        """Undo an earlier run for the same time."""
        run(exp.Delete(this=self._table(), where=exp.Where(this=column("valid_from").eq(self._now))))
        ended = exp.Update(
            this=self._table(),
            expressions=[column("valid_to").eq(exp.null())],
            where=exp.Where(this=column("valid_to").eq(self._now)),
        )
        run(ended)

    def _same(self, old: str, new: str) -> exp.Expr:
        """Whether two rows of a customer hold the same scores of the same model."""
        pairs = [
            (exp.column(n, table=old, quoted=True), exp.column(n, table=new, quoted=True))
            for n in self.scores
        ]
        equal = [exp.NullSafeEQ(this=a, expression=b) for a, b in pairs]
        model = exp.column("model", table=old, quoted=True).eq(exp.Literal.string(self.night.model))
        return exp.and_(model, *equal)

    def _of_customer(self, old: str, new: str) -> exp.Expr:
        return exp.column(self.id, table=old, quoted=True).eq(exp.column(self.id, table=new, quoted=True))

    def _is_current(self, table: str) -> exp.Expr:
        return exp.column("valid_to", table=table, quoted=True).is_(exp.null())

    def _compared(self, run: Run) -> Kept:
        """What the new scores change, before anything is changed."""
        new = exp.alias_(exp.to_table(NEW), "n", table=True)
        joined = exp.select().from_(self._table("t")).join(new, on=self._of_customer("t", "n"))
        joined = joined.where(self._is_current("t"))
        before, after = (exp.column("segment", table=t, quoted=True) for t in "tn")
        second = exp.column("second_segment", table="t", quoted=True).eq(after.copy())
        likely = exp.Sum(
            this=exp.Case(ifs=[exp.If(this=second, true=exp.convert(1))], default=exp.convert(0))
        )
        moved = joined.select(before, after, exp.Count(this=exp.Star()), likely).where(
            before.copy().neq(after.copy())
        )
        moves = sorted(run(moved.group_by(before.copy(), after.copy())))
        n_same = run(joined.select(exp.Count(this=exp.Star())).where(self._same("t", "n")))[0][0]
        n_both = run(joined.select(exp.Count(this=exp.Star())))[0][0]
        n_new = run(exp.select(exp.Count(this=exp.Star())).from_(NEW))[0][0]
        current = exp.select(exp.Count(this=exp.Star())).from_(self._table("t")).where(self._is_current("t"))
        n_old = run(current)[0][0]
        other = exp.column("model", table="t", quoted=True).neq(exp.Literal.string(self.night.model))
        is_other = run(current.copy().where(other))[0][0] > 0
        found = tuple(Move(*(int(v) for v in row)) for row in moves)
        return Kept(int(n_new - n_both), int(n_old - n_both), int(n_both - n_same), found, is_other)

    def _ended(self) -> exp.Expr:
        """The current rows end of customers whose scores are others, or who are gone."""
        same = exp.select(exp.convert(1)).from_(exp.to_table(NEW))
        target = self.store.table.rpartition(".")[2] if self.store.dialect == "postgres" else self.store.table
        same = same.where(exp.and_(self._of_customer(target, NEW), self._same(target, NEW)))
        where = exp.and_(self._is_current(target), exp.not_(exp.Exists(this=same)))
        return exp.Update(
            this=self._table(),
            expressions=[column("valid_to").eq(self._now)],
            where=exp.Where(this=where),
        )

    def _rows(self, query: exp.Select) -> exp.Select:
        """The new scores with their period."""
        period = {
            "valid_from": self._now,
            "valid_to": exp.null() if self.store.dialect == "sqlite" else exp.cast(exp.null(), exp.DataType.Type.TIMESTAMP),
            "scored_at": self._time(self.night.scored_at),
            "model": exp.cast(exp.Literal.string(self.night.model), exp.DataType.Type.TEXT),
        }  # fmt: skip
        columns = [exp.column(n, table="n", quoted=True) for n in self.names]
        shown = [exp.alias_(value, name, quoted=True) for name, value in period.items()]
        return query.select(*columns, *shown).from_(exp.alias_(exp.to_table(NEW), "n", table=True))

    def _begun(self) -> exp.Expr:
        """New rows of the customers who have no current one."""
        current = exp.select(exp.convert(1)).from_(self._table("t"))
        current = current.where(exp.and_(self._of_customer("t", "n"), self._is_current("t")))
        rows = self._rows(exp.Select()).where(exp.not_(exp.Exists(this=current)))
        names = [exp.to_identifier(n, quoted=True) for n in (*self.names, *PERIOD)]
        return exp.Insert(this=exp.Schema(this=self._table(), expressions=names), expression=rows)

    def _check_current(self, run: Run) -> None:
        current = exp.select(column(self.id)).from_(self._table()).where(column("valid_to").is_(exp.null()))
        doubled = current.group_by(column(self.id)).having(exp.Count(this=exp.Star()) > 1).limit(1)
        if run(doubled):
            raise DataError(
                f"customers have several current rows in {self.store.table!r}: something else writes to it",
                source=self.store.name,
                hint="write the history to a table of its own",
            )
