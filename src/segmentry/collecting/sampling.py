"""A sample of the customers of a large table, for halves, quartiles and histograms, which read rows again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from segmentry.engine import Engine
from segmentry.engine.base import Materializes
from segmentry.patterns import Cleaning
from segmentry.sql import MatchedTable, Query, Relation, SourceTable
from segmentry.sql.encode import needed_columns
from segmentry.sql.fold import PRIME, hash_of_id
from segmentry.sql.table import column, unique_name

MAX_ROWS = 1_000_000
"""Number of customers above which a sample of about as many is read again. Ranks in a million customers err by 0.1 % at
95 % confidence, and counting all of a hundred million by their values would take longer than everything else."""
_LEAST_HASHES = 50
"""Smallest effective number of different hashes in a sample; ids that end alike (".com") have few."""
_MOST_WITHOUT_ID = 0.01
"""Largest share of rows without an id. These are never taken: if there were more, a sample would leave out a kind of customers."""
_MOST_ROWS = 4
"""Rows that are taken at most, before cleaning, as a multiple of the customers that are wanted."""


@dataclass(frozen=True)
class Sample:
    """The rows that are read again, as a table, and their share of all rows.

    They are the whole table where that is small, and where the id gives no fair sample (`is_fair`). `n_without_id` is the
    number of rows without an id in the whole table, before cleaning; None where they were not counted.
    """

    matched: MatchedTable
    share: float = 1.0
    is_fair: bool = True
    n_without_id: int | None = None


def can_sample(matched: MatchedTable) -> bool:
    """Whether there is an id that can be hashed, and no survey weights."""
    return not matched.recipe.source.weight and hash_of_id(matched.recipe, matched.table) is not None


def take_sample(
    engine: Engine, matched: MatchedTable, cleaning: Cleaning, max_rows: int | None = None
) -> Sample:
    """Take the rows of about `max_rows` customers; all rows where there are no more, or where the id gives no fair sample.

    Rows are taken by the hash of the id that also makes the folds, so they are the same in every engine and run. An
    engine that materializes results keeps them; in others every query that needs them takes them first.
    """
    max_rows = MAX_ROWS if max_rows is None else max_rows
    n_rows, n_kept = cleaning.n_rows, cleaning.n_rows - cleaning.n_dropped
    number = hash_of_id(matched.recipe, matched.table)
    if n_kept <= max_rows or number is None:
        return Sample(matched)
    without = _n_without_id(engine, matched)
    if without > _MOST_WITHOUT_ID * n_rows:
        return Sample(matched, is_fair=False, n_without_id=without)
    wanted = min(max_rows / n_kept, _MOST_ROWS * max_rows / n_rows)
    relation, hashed = _taken(engine, matched, number, wanted, n_rows)
    share = _share(engine, relation, hashed, n_rows)
    if not 0.5 * wanted <= share <= 2 * wanted:
        return Sample(matched, is_fair=False, n_without_id=without)
    columns = {n: matched.table.columns[n] for n in needed_columns(matched.recipe, also=_id(matched))}
    return Sample(replace(matched, table=SourceTable(relation, columns)), share, n_without_id=without)


def _n_without_id(engine: Engine, matched: MatchedTable) -> int:
    counts = exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=column(_id(matched)[0])))
    body = exp.select(exp.alias_(counts, "n")).from_(matched.table.relation.origin.copy())
    found = engine.query(Query("How many rows have no id", matched.table.relation.query(body)))
    return int(found.column(0)[0].as_py())


def _taken(
    engine: Engine, matched: MatchedTable, number: exp.Expr, share: float, n_rows: int
) -> tuple[Relation, str]:
    """Take the rows whose id has a hash in the lowest share of hashes; also return the name of the hash's column."""
    names = needed_columns(matched.recipe, also=_id(matched))
    hashed = unique_name("id_hash", {n.casefold() for n in names})
    source = matched.table.relation
    items = (*(column(n) for n in names), exp.alias_(number.copy(), hashed, quoted=True))
    rows = exp.select(*items).from_(source.origin.copy())
    rows = rows.where(exp.LT(this=number, expression=exp.convert(round(share * PRIME))))
    # a name that nothing else has: it hides neither a user's table nor an earlier sample
    name = unique_name(f"segmentry_sample_{len(engine.log)}", {n.casefold() for n in dict(source.before)})
    if not isinstance(engine, Materializes):
        return Relation(exp.to_table(name), (*source.before, (name, rows))), hashed
    purpose = (
        f"Take a share of {share:.2g} of {n_rows:,} rows by the id, for halves, quartiles and histograms"
    )
    engine.materialize(name, Query(purpose, source.query(rows)))
    return Relation(exp.to_table(name)), hashed


def _id(matched: MatchedTable) -> tuple[str, ...]:
    return (matched.recipe.source.id,) if matched.recipe.source.id is not None else ()


def _share(engine: Engine, relation: Relation, hashed: str, n_rows: int) -> float:
    """Compute the share of the rows that was taken; 0 where their ids have few different hashes."""
    n = exp.cast(exp.column("n"), exp.DataType.Type.DOUBLE)
    groups = exp.select(column(hashed), exp.alias_(exp.Count(this=exp.Star()), "n"))
    groups = groups.from_(relation.origin.copy()).group_by(column(hashed))
    square = exp.Sum(this=exp.Mul(this=n, expression=n.copy()))
    sums = exp.select(exp.alias_(exp.Sum(this=n.copy()), "total"), exp.alias_(square, "squares"))
    query = Query(
        "Do the ids of the sample differ enough?", relation.query(sums.from_(groups.subquery("by_hash")))
    )
    found = engine.query(query).to_pylist()[0]
    total, squares = float(found["total"] or 0), float(found["squares"] or 0)
    return total / n_rows if total**2 >= _LEAST_HASHES * squares else 0.0
