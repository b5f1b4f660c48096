"""Rows that share an id, and rows without one: they are counted, and never refused."""

from __future__ import annotations

from dataclasses import replace

from segmentry.collecting import sampling
from segmentry.collecting.collection import Collected
from segmentry.engine import Engine
from segmentry.patterns import CleaningStep
from segmentry.sql import MatchedTable
from segmentry.sql.ids import first_rows, ids_query, without_id_query

_REPEATED = "with an id that an earlier row has"
_MISSING = "without an id"
_AMONG_FIRST = f"{_REPEATED} (only the first rows were read, because these ids give no fair sample)"
_ESTIMATED = f"{_REPEATED} (an estimate from a sample of the ids)"


def with_ids_counted(engine: Engine, collected: Collected) -> Collected:
    """Add steps to the cleaning of a table: how many rows repeat an id, and how many have none.

    Of a table with more than `sampling.MAX_ROWS` customers repeats are counted in the sample that is taken by a hash of
    the id: it has every row of an id, or none. Where there is no fair sample, repeats are counted in the first rows.
    """
    name = collected.matched.recipe.source.id
    if name is None:
        return collected
    cleaning = collected.patterns.cleaning
    taken = collected.ids or collected.sample or sampling.take_sample(engine, collected.matched, cleaning)
    n_repeated, n_missing, why = _counted(engine, collected, taken)
    found = [
        CleaningStep(name, "repeated id", n_repeated, why),
        CleaningStep(name, "missing id", n_missing, _MISSING),
    ]
    cleaning = cleaning.with_steps(*(step for step in found if step.n_rows))
    patterns = replace(collected.patterns, cleaning=cleaning)
    return replace(collected, patterns=patterns, sample=None if collected.ids else taken)


def _in_table(engine: Engine, matched: MatchedTable) -> tuple[int, int]:
    """Count the rows of a table, or of a part of it, that repeat an id, and those without one."""
    n = engine.query(ids_query(matched)).to_pylist()[0]
    return int(n["n_with_id"] - n["n_ids"]), int(n["n_rows"] - n["n_with_id"])


def _counted(engine: Engine, collected: Collected, taken: sampling.Sample) -> tuple[int, int, str]:
    """Count the rows that repeat an id and those without one; say in words how repeats were counted."""
    matched = collected.matched
    if collected.patterns.n_customers <= sampling.MAX_ROWS:
        return *_in_table(engine, matched), _REPEATED
    n_missing = 0
    if taken.n_without_id != 0:
        n_missing = int(engine.query(without_id_query(matched)).column("missing")[0].as_py())
    if taken.share < 1:
        n_repeated, _ = _in_table(engine, taken.matched)
        return int(float(f"{n_repeated / taken.share:.2g}")), n_missing, _ESTIMATED
    n_repeated, _ = _in_table(engine, first_rows(matched, sampling.MAX_ROWS))
    return n_repeated, n_missing, _AMONG_FIRST
