"""Whether rows repeat customers: then patterns have multiples of as many rows, or far fewer of them a single one than models expect."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable
from segmentry.selection.count_tables import CountTables, from_mixture
from segmentry.selection.null_models import NullModel

_N_DRAWN, _LEAST_EXPECTED, _SHARE = 3, 20, 0.5
_LEAST_PATTERNS = 20
"""Numbers of customers that all have a common divisor by chance once in a million tables of so many patterns, or less often."""


def counts_rows(patterns: PatternTable, n_patterns: int) -> bool:
    """Tell whether `n_patterns` of a table have the numbers of all its rows: no sample, no survey weights, no few customers withheld."""
    is_whole = n_patterns == int((patterns.counts > 0).sum())
    return (
        is_whole and patterns.weights is None and all(s.what != "withheld" for s in patterns.cleaning.steps)
    )


def rows_repeat(table: CountTables, classes: Floats, null: NullModel) -> bool:
    """Tell whether all numbers of rows have a common divisor, or too few patterns belong to a single row.

    Too few are less than half as many as both `classes` (n_classes, 1 + n_columns) and `null` expect, which are fitted to the table.
    Every test counts rows as independent: of 4,800 rows of 400 customers with independent features, twelve classes are found again. Of 24
    processes without classes, and 5 with, the lowest share was 0.61; of 400 customers with 1 to 24 rows 0.26.
    """
    counts = np.rint(table.weights[0])
    are_whole = bool(np.allclose(counts, table.weights[0]))
    if are_whole and len(counts) >= _LEAST_PATTERNS and np.gcd.reduce(counts.astype(np.int64)) > 1:
        return True
    n_alone, rng = int((counts == 1).sum()), np.random.default_rng(0)
    if n_alone >= _SHARE * _alone(from_mixture(table, classes, _N_DRAWN, rng)):
        return False
    expected = _alone(null.draw(table, _N_DRAWN, rng))
    return expected >= _LEAST_EXPECTED and n_alone < _SHARE * expected


def _alone(drawn: CountTables) -> float:
    """Return the mean number of patterns that a single row has."""
    return float((drawn.weights == 1).sum(axis=1).mean())
