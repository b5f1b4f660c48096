"""Which segment a pattern belongs to, and how clearly; and the same for every customer of a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.collecting import Collected, collect_patterns
from segmentry.engine import Engine, ReadOptions, open_engine
from segmentry.errors import DataError, ModelError
from segmentry.patterns import PatternTable
from segmentry.profile import Population, independent, population_of
from segmentry.recipe import Recipe
from segmentry.segmentation import Segmentation
from segmentry.sql import Query
from segmentry.sql.assign import LOOKUP, lookup_columns
from segmentry.sql.assign import assign as assign_query

if TYPE_CHECKING:
    import pandas as pd

MAX_SORTED = 1_000_000
"""Up to this many customers assignments are in the order of the id; a sort of more would cost a scan."""
Scores = tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]


def score(model: Any, codes: npt.NDArray[Any]) -> Scores:
    """Segment (from 0) and certainty of each pattern.

    The certainty of a latent class is its posterior probability. With distances d1 to the nearest
    segment and d2 to the next, it is 1 - d1/d2: 1 on the segment's own centre, 0 half-way.
    """
    if hasattr(model, "predict_proba"):
        posterior = model.predict_proba(codes)
        return posterior.argmax(axis=1), posterior.max(axis=1)
    distance = model.transform(codes)
    labels = model.predict(codes)
    if distance.shape[1] == 1:
        return labels, np.ones(len(codes))
    two = np.partition(distance, 1, axis=1)[:, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        return labels, np.where(two[:, 1] > 0, 1 - two[:, 0] / two[:, 1], 0.0)


def misfit(model: Any, codes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """How badly the model describes each pattern: minus the log-likelihood, or the distance to its segment."""
    if hasattr(model, "score_samples"):
        return np.asarray(-model.score_samples(codes), np.float64)
    return np.asarray(model.transform(codes).min(axis=1), np.float64)


def population(model: Any, patterns: PatternTable, labels: npt.NDArray[np.intp], k: int) -> Population:
    """Keep of the customers that the model was fitted to what drift will be measured from."""
    found = population_of(
        patterns,
        labels,
        k,
        misfit(model, patterns.codes),
        n_parameters=int(getattr(model, "n_parameters_", 0)),
    )
    apart = independent(patterns)
    others = population_of(
        apart, score(model, apart.codes)[0], k, misfit(model, apart.codes), worst=found.worst
    )
    shares = others.complete / others.complete.sum()
    return replace(found, dependence=float(shares @ (others.misfit - found.misfit)))


def open_data(data: Any, recipe: Recipe) -> Engine:
    """Open the engine that holds the data, with the further tables that the recipe's query reads."""
    source = recipe.source
    options = ReadOptions(source.delimiter, source.encoding, source.header)
    return open_engine(data, options=options, tables=source.tables)


def assign(segmentation: Segmentation, data: Any) -> pd.DataFrame:
    """Assign the customers of `data`; see `Segmentation.assign`."""
    if segmentation.core is None:
        raise ModelError("segments that were given have no model to assign others by; fit one with run")
    recipe = segmentation.recipe
    if recipe.source.id is None:
        raise ModelError('the recipe names no id column; add [source] id = "..." to assign customers')
    engine = open_data(data, recipe)
    try:
        collected = collect_patterns(engine, recipe, outcomes=False)
        labels, certainty = score(segmentation.core, collected.patterns.codes)
        result = engine.query(
            hold_assignments(engine, collected, labels, certainty, numbers_of(segmentation))
        )
    finally:
        engine.close()
    _check_complete(result.num_rows, result.column("segment").null_count, collected.patterns)
    return result.to_pandas()


def numbers_of(segmentation: Segmentation) -> npt.NDArray[np.int32]:
    """Numbers of the segments in the order of the labels; not 1 to k where a previous segmentation was kept."""
    return np.array([s.id for s in segmentation.segments], np.int32)


def hold_assignments(
    engine: Engine,
    collected: Collected,
    labels: npt.NDArray[np.intp],
    certainty: npt.NDArray[np.float64],
    numbers: npt.NDArray[np.int32] | None = None,
) -> Query:
    """Give the engine the segment of every pattern, and return the query that assigns every customer."""
    import pyarrow as pa

    matched = collected.matched
    names = lookup_columns(matched.recipe)
    codes = np.asarray(collected.patterns.codes)
    columns = {name: pa.array(np.ascontiguousarray(codes[:, j])) for j, name in enumerate(names)}
    columns["segment"] = pa.array((labels + 1).astype(np.int32) if numbers is None else numbers[labels])
    columns["certainty"] = pa.array(certainty)
    engine.hold(LOOKUP, pa.table(columns))
    is_sorted = collected.patterns.n_customers <= MAX_SORTED
    return assign_query(matched.recipe, matched.table, matched.kinds, is_sorted=is_sorted)


def write_assignments(engine: Engine, query: Query, patterns: PatternTable, path: Path) -> None:
    """Write id, segment and certainty of every customer to a Parquet file."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    n_rows = engine.write(query, path)
    file = pq.ParquetFile(path)
    groups = (file.read_row_group(i, columns=["segment"]).column(0) for i in range(file.num_row_groups))
    _check_complete(n_rows, sum(pc.sum(pc.is_null(column)).as_py() or 0 for column in groups), patterns)


def _check_complete(n_rows: int, n_without: int, patterns: PatternTable) -> None:
    if n_rows != patterns.n_customers or n_without:
        raise DataError(
            f"{n_rows:,} customers were assigned where {patterns.n_customers:,} were counted: "
            "the table changed between the two scans; run again"
        )
