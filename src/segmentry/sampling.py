"""A part of the customers, for what reads their rows again: how values spread, halves, quartiles, histograms."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from segmentry.engine import Engine
from segmentry.engine.base import KeepsResults
from segmentry.matching import Matched
from segmentry.sql import Query, Relation, SourceTable
from segmentry.sql.encode import needed_columns
from segmentry.sql.fold import PRIME, hash_of_id
from segmentry.sql.table import column, unique_name

MAX_ROWS = 1_000_000
"""Of a table with more rows about so many are read again. Ranks of a million customers err by 0.1 % at 95 %
confidence, and counting all of a hundred million by their values would take longer than everything else."""
_LEAST_HASHES = 50
"""Rows of so many different hashes, all equally frequent, are a sample; ids that end alike (".com") have few."""


@dataclass(frozen=True)
class Sample:
    """The rows that are read again, as if they were the table, and which share of all they are."""

    matched: Matched
    share: float = 1.0


def can_sample(matched: Matched) -> bool:
    """Whether there is an id that can be hashed, and no survey weights."""
    return not matched.recipe.source.weight and hash_of_id(matched.recipe, matched.table) is not None


def sample(engine: Engine, matched: Matched, n_rows: int, max_rows: int | None = None) -> Sample:
    """Take about `max_rows` of `n_rows` rows, or all where there are no more, or an id whose hash takes no fair part.

    Rows are taken by the hash of the id that also makes the folds: the same rows in every engine and run. An
    engine that keeps results keeps them; in others the query that needs them begins with taking them.
    """
    max_rows = MAX_ROWS if max_rows is None else max_rows
    number = hash_of_id(matched.recipe, matched.table) if n_rows > max_rows else None
    if number is None:
        return Sample(matched)
    share = max_rows / n_rows
    names = needed_columns(matched.recipe, also=_id(matched))
    hashed = unique_name("id_hash", {n.casefold() for n in names})
    source = matched.table.relation
    items = (*(column(n) for n in names), exp.alias_(number.copy(), hashed, quoted=True))
    rows = exp.select(*items).from_(source.origin.copy())
    rows = rows.where(exp.LT(this=number, expression=exp.convert(round(share * PRIME))))
    name = unique_name("sampled_rows", {n.casefold() for n in (*engine.tables, *dict(source.before))})
    if isinstance(engine, KeepsResults):
        purpose = f"Take about {max_rows:,} of {n_rows:,} rows, for what reads rows again"
        engine.keep(name, Query(purpose, source.query(rows)))
        relation = Relation(exp.to_table(name))
    else:
        relation = Relation(exp.to_table(name), (*source.before, (name, rows)))
    if not _is_spread(engine, relation, hashed, max_rows):
        return Sample(matched)
    table = SourceTable(relation, {n: matched.table.columns[n] for n in names})
    return Sample(replace(matched, table=table), share)


def _id(matched: Matched) -> tuple[str, ...]:
    return (matched.recipe.source.id,) if matched.recipe.source.id is not None else ()


def _is_spread(engine: Engine, relation: Relation, hashed: str, max_rows: int) -> bool:
    """Whether about as many rows were taken as should be, and by many values of the hash."""
    n = exp.cast(exp.column("n"), exp.DataType.Type.DOUBLE)
    groups = exp.select(column(hashed), exp.alias_(exp.Count(this=exp.Star()), "n"))
    groups = groups.from_(relation.origin.copy()).group_by(column(hashed))
    square = exp.Sum(this=exp.Mul(this=n, expression=n.copy()))
    sums = exp.select(exp.alias_(exp.Sum(this=n.copy()), "total"), exp.alias_(square, "squares"))
    query = Query("Is the sample of ids that differ", relation.query(sums.from_(groups.subquery("by_hash"))))
    total, squares = (float(c[0].as_py() or 0) for c in engine.query(query).columns)
    return 0.5 * max_rows <= total <= 2 * max_rows and total**2 >= _LEAST_HASHES * squares
