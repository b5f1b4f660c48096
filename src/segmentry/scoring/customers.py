"""Scoring of a table: every customer gets the segment of the customer's pattern, by a join in the engine."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from segmentry.arrays import Indices
from segmentry.collecting.collection import Collected, collect_patterns
from segmentry.collecting.pattern_segments import (
    assignments_query,
    can_tell_customers,
    register_results,
    with_id,
)
from segmentry.engine import (
    DOUBTFUL,
    Engine,
    Reach,
    ReadOptions,
    in_library,
    library_of,
    open_engine,
    reading_notes,
)
from segmentry.engine.history_rows import Kept
from segmentry.errors import DataError, ModelError, SegmentryWarning
from segmentry.patterns import Cleaning, PatternTable
from segmentry.recipe import Recipe
from segmentry.scoring.digest import model_digest
from segmentry.scoring.doubts import find_doubts
from segmentry.scoring.placing import formula_of, id_column, place_patterns, write_reasons
from segmentry.segmentation import Segmentation
from segmentry.sql import ColumnKind, MatchedTable, Query
from segmentry.sql.assign import repeated_ids_query
from segmentry.sql.encode import needed_columns
from segmentry.sql.formula import UNSEEN


@dataclass(frozen=True)
class Scoring:
    """Result of scoring a table.

    Attributes
    ----------
    cleaning
        Cleaning of the rows.
    sizes
        Customers per segment, by its number.
    n_unfit
        Number of customers who do not fit.
    warnings
        Sentences that say why these may not be the customers that the segments were made for.
    kept
        What changed in a history; None where none is kept.
    model
        Twelve digits that are equal where recipe and model assign alike.
    """

    cleaning: Cleaning
    sizes: dict[int, int]
    n_unfit: int
    warnings: tuple[str, ...] = ()
    kept: Kept | None = None
    model: str = ""

    @property
    def n_customers(self) -> int:
        """Number of customers who were assigned."""
        return sum(self.sizes.values())


def open_data(
    data: Any,
    recipe: Recipe,
    kinds: Mapping[str, ColumnKind] | None = None,
    *,
    writes: Path | None = None,
) -> Engine:
    """Open the engine of the data, with the further tables that the recipe's query reads.

    Columns that were text when the segments were made, of the `kinds` of then, are read from files as they are written.
    Unless the recipe is trusted, its SQL reaches these tables alone, and the file or folder `writes`.
    """
    recipe.check_files()
    source = recipe.source
    options = ReadOptions(
        source.delimiter,
        source.encoding,
        source.header,
        dates=source.dates,
        thousands=source.thousands,
        texts=tuple(name for name, kind in (kinds or {}).items() if kind == "text"),
    )
    engine = open_engine(data, options=options, tables=source.tables, reach=Reach(recipe.is_trusted, writes))
    for note in reading_notes(engine, counted=False):
        if note.kind in DOUBTFUL:
            warnings.warn(f"{engine.name}: {note.sentence} {note.advice}", SegmentryWarning, stacklevel=4)
    return engine


def assign_customers(segmentation: Segmentation, data: Any) -> Any:
    """Assign the customers of `data`; see `Segmentation.assign`."""
    scoring, table = score_customers(segmentation, data, lambda engine, query, _: engine.query(query))
    check_complete(table.num_rows, table.column("segment").null_count, scoring.n_customers)
    for text in scoring.warnings:
        warnings.warn(f"{text}; `drift` says what moved", SegmentryWarning, stacklevel=3)
    return in_library(library_of(data), table)


def score_customers(
    segmentation: Segmentation,
    data: Any,
    fetch: Callable[[Engine, Query, int], Any],
    *,
    writes: Path | None = None,
) -> tuple[Scoring, Any]:
    """Assign the customers of `data`.

    One scan collects the patterns, one looks for ids that repeat, and `fetch` makes the third, which joins.

    Parameters
    ----------
    segmentation
        Segmentation with a model.
    data
        Table of customers.
    fetch
        Function that runs the query for the assignments, given the engine, the query and the number of customers.
    writes
        File that it writes.

    Returns
    -------
    scoring, found
        Result, and what `fetch` returned.

    Raises
    ------
    DataError, ModelError
        The data do not fit the model, an id repeats, or the table changed between the scans.
    """
    formula, recipe = formula_of(segmentation), segmentation.recipe
    kinds = kinds_before(segmentation)
    engine = open_data(data, recipe, kinds, writes=writes)
    try:
        if not can_tell_customers(engine, recipe):
            raise _nothing_tells(engine)
        collected = with_id(collect_patterns(engine, recipe, outcomes=False, unseen=UNSEEN, before=kinds))
        id_column(collected.matched.recipe)
        if recipe.source.id is not None:
            _check_ids(engine, collected)
        codes, counts = np.asarray(collected.patterns.codes), collected.patterns.counts
        placed = place_patterns(formula, codes)
        results = {
            "segment": (placed.segment + 1).astype(np.int32),
            "certainty": placed.certainty,
            "second_segment": _numbers_or_null(placed.second),
            "reason": write_reasons(formula, placed, codes),
            "fits": placed.fits,
        }
        register_results(engine, collected, results)
        found = fetch(
            engine,
            assignments_query(collected, tuple(results), UNSEEN),
            collected.patterns.n_customers,
        )
    finally:
        engine.close()
    sizes = np.bincount(placed.segment, counts, minlength=formula.n_segments).astype(np.int64)
    unfit = int(counts[~placed.fits].sum())
    said = find_doubts(segmentation, codes, counts, placed.fits)
    of_segments = dict(enumerate(sizes.tolist(), 1))
    digest = model_digest(segmentation)
    return Scoring(collected.patterns.cleaning, of_segments, unfit, said, model=digest), found


def _nothing_tells(engine: Engine) -> ModelError:
    return ModelError(
        f"the recipe names no id column, and rows of {engine.name} have no number that stays: those of one file, or of a table in memory, have one",
        hint='add [source] id = "..." to assign customers',
    )


def kinds_of(matched: MatchedTable) -> dict[str, dict[str, str]]:
    """Return the kinds of the columns that assign a customer, and of the features' values; empty for a pattern file."""
    recipe, columns = matched.recipe, matched.table.columns
    if not columns:
        return {}
    customer = (recipe.source.id,) if recipe.source.id is not None else ()
    names = needed_columns(recipe, outcomes=False, also=customer)
    return {
        "columns": {name: columns[name] for name in names},
        "features": dict(matched.feature_kinds),
    }


def kinds_before(segmentation: Segmentation) -> dict[str, ColumnKind]:
    """Return the kinds that the columns which assign a customer had when the segments were made, the id apart."""
    kinds = segmentation.kinds.get("columns", {})
    return {
        name: cast("ColumnKind", kind)
        for name, kind in kinds.items()
        if name != segmentation.recipe.source.id
    }


def _check_ids(engine: Engine, collected: Collected) -> None:
    matched = collected.matched
    found = engine.query(repeated_ids_query(matched)).to_pydict()
    ids, rows = found.values()
    if not ids:
        return
    name = matched.recipe.source.id
    if None in ids:
        n_rows = rows[ids.index(None)]
        raise DataError(
            f"{n_rows:,} rows have no id", source=name, hint="drop them in a clean step, or give them one"
        )
    shown = ", ".join(f"{i!r} ({n:,} rows)" for i, n in zip(ids, rows, strict=True))
    raise DataError(
        f"ids repeat, such as {shown}",
        source=name,
        hint="a table to score has one row per customer: keep one of each, or say in [source] sql which",
    )


def _numbers_or_null(segments: Indices) -> Any:
    """Numbers of segments from 1, missing where there is no segment."""
    import pyarrow as pa

    return pa.array((segments + 1).astype(np.int32), mask=segments < 0)


def write_parquet(engine: Engine, query: Query, patterns: PatternTable, path: Path) -> None:
    """Write id, segment and certainty of every customer into a Parquet file."""
    n_rows = engine.write(query, path)
    check_complete(n_rows, count_unassigned(path), patterns.n_customers)


def count_unassigned(path: Path) -> int:
    """Count the rows of a Parquet file without a segment."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    groups = (file.read_row_group(i, columns=["segment"]).column(0) for i in range(file.num_row_groups))
    return sum(pc.sum(pc.is_null(column)).as_py() or 0 for column in groups)


def check_complete(n_rows: int, n_without: int, n_counted: int) -> None:
    """Raise DataError where the assigned customers are not the counted ones."""
    if n_rows != n_counted or n_without:
        raise DataError(
            f"{n_rows:,} customers were assigned where {n_counted:,} were counted: the table "
            "changed between the two scans",
            hint="run again",
        )
