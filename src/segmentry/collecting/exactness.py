"""Whether the sums of a table are exact: then those of coarser levels are equal to a scan's, whatever the order in which it adds."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats
from segmentry.collecting.collection import Collected
from segmentry.engine import Engine
from segmentry.patterns import PatternTable
from segmentry.sql.collect import whole_query

EXACT = 2.0**53
"""Sums of whole numbers are exact as long as no sum on the way is larger."""
_MARGIN = 1.001
"""The sums that bounds are made of may themselves be rounded."""


def bounds_of_sums(engine: Engine, collected: Collected) -> Floats | None:
    """Return (n_patterns, n_outcomes) what the sums of a pattern are at most, in units of the last binary digit of their terms.

    Where they add up to less than `EXACT`, sums, squares and cubes are not rounded, in whatever order they are added. Reads
    amounts and counts of all customers once. None where values are no whole numbers, and where customers have survey weights.
    """
    table = collected.patterns
    if table.weights is not None:
        return None
    bounds = table.n_values.astype(np.float64)  # of flags, which are 0 or 1
    measured = [j for j, outcome in enumerate(table.outcomes) if outcome.role != "flags"]
    query = whole_query(collected.matched, table.origins.tolist())
    found = engine.query(query).to_pylist()[0] if query is not None else {}
    for i, j in enumerate(measured, 1):
        farthest = float(found[f"far_{i}"] or 0.0)
        if int(found[f"parts_{i}"] or 0) or not farthest < EXACT:
            return None
        bounds[:, j] = _bounds(table, j, farthest)
    return bounds


def _bounds(table: PatternTable, outcome: int, farthest: float) -> Floats:
    """Bound the values by the farthest one, and cubes by the squares times the largest difference, which no square exceeds."""
    origin, squares = float(table.origins[outcome]), table.squares[:, outcome] * _MARGIN
    unit = float(origin.as_integer_ratio()[1])
    cubes = np.minimum(np.sqrt(squares), farthest) * squares * unit**3
    sums = table.n_values[:, outcome] * (farthest + abs(origin)) * unit
    return np.asarray(np.maximum(np.maximum(cubes, squares * unit**2), sums), np.float64)
