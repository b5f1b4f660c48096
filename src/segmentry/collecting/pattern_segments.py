"""Segments of patterns as a table of the engine, which queries join to give every customer the segment of its pattern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.collecting.collection import Collected
from segmentry.engine import Engine, NumbersRows
from segmentry.recipe import Recipe
from segmentry.sql import Query
from segmentry.sql.assign import assigning_query, lookup_columns, with_row_numbers
from segmentry.sql.formula import MISSING
from segmentry.sql.table import LOOKUP

MAX_SORTED = 1_000_000
"""Largest number of customers whose assignments are sorted by id; sorting more would cost as much as a scan."""


def register_segments(
    engine: Engine,
    collected: Collected,
    labels: npt.NDArray[np.intp],
    certainty: npt.NDArray[np.float64],
) -> None:
    """Give the engine the segment of every pattern, for queries that join it."""
    register_results(engine, collected, {"segment": (labels + 1).astype(np.int32), "certainty": certainty})


def assignments_query(
    collected: Collected, results: Sequence[str] = ("segment", "certainty"), unseen: int = MISSING
) -> Query:
    """Return the query that gives every customer the `results` of its pattern, which the engine holds."""
    return assigning_query(
        collected.matched,
        results=tuple(results),
        is_sorted=collected.patterns.n_customers <= MAX_SORTED,
        unseen=unseen,
    )


def can_tell_customers(engine: Engine, recipe: Recipe) -> bool:
    """Whether a row can be told from others: by the recipe's id, or by its number in a file or a table in memory."""
    has_numbers = isinstance(engine, NumbersRows) and engine.has_row_numbers
    return recipe.source.id is not None or (has_numbers and recipe.source.sql is None)


def with_id(collected: Collected) -> Collected:
    """Return what was collected with the numbers of the rows as the id, where the recipe names none."""
    if collected.matched.recipe.source.id is not None:
        return collected
    return replace(collected, matched=with_row_numbers(collected.matched))


def register_results(engine: Engine, collected: Collected, results: Mapping[str, Any]) -> None:
    """Give the engine `results` of every pattern by name, for queries that join them."""
    import pyarrow as pa

    codes = np.asarray(collected.patterns.codes)
    columns = {
        name: pa.array(np.ascontiguousarray(codes[:, j]))
        for j, name in enumerate(lookup_columns(collected.matched.recipe))
    }
    columns |= {name: pa.array(values) for name, values in results.items()}
    engine.register(LOOKUP, pa.table(columns))
