"""Values of the features, read for fine levels: of all customers, or of some hundred thousand by the hash of the id."""

from __future__ import annotations

import warnings
from collections.abc import Collection

from segmentry.collecting.fine_levels import (
    LEAST_MODELLED,
    MAX_LEVELS,
    MAX_PATTERNS,
    FeatureValues,
    can_be_finer,
    fine,
)
from segmentry.collecting.tabulation import values_of
from segmentry.engine import Engine
from segmentry.errors import SegmentryWarning
from segmentry.recipe.levels import without_fine
from segmentry.sql import MatchedTable
from segmentry.sql.values import customers_query, values_query

MAX_READ = 200_000
"""Customers whose values are read: ranks in so many err by 0.2 % at 95 % confidence, and an interval holds 1.6 % or more."""


def with_fine_levels(
    engine: Engine, matched: MatchedTable, names: Collection[str], least: int = LEAST_MODELLED
) -> MatchedTable:
    """Return the matched table with fine levels of the features in `names`, and of no other.

    Levels that the recipe declares as fine are taken as they are; others of ordered features have `least` customers or more.

    Warns
    -----
    SegmentryWarning
        Levels are not as fine as they could be, because there would be too many patterns.
    """
    recipe = without_fine(matched.recipe, [f.name for f in matched.recipe.features if f.name not in names])
    open_names = [f.name for f in recipe.features if f.name in names and can_be_finer(f)]
    if not open_names:
        return matched.with_recipe(features=recipe.features)
    made = fine(recipe, read_values(engine, matched), open_names, max_patterns=MAX_PATTERNS, least=least)
    if made.n_levels < MAX_LEVELS and made.n_patterns is not None:
        text = (
            f"{engine.name}: features are collected in at most {made.n_levels} levels, not {MAX_LEVELS}: about "
            f"{made.n_patterns:,} patterns, where {MAX_PATTERNS:,} are the most"
        )
        warnings.warn(text, SegmentryWarning, stacklevel=2)
    return matched.with_recipe(features=made.recipe.features)


def read_values(engine: Engine, matched: MatchedTable) -> FeatureValues:
    """Read the values of the features, as they stand in the table."""
    n_customers = int(engine.query(customers_query(matched)).column(0)[0].as_py())
    result = engine.query(values_query(matched, n_customers, MAX_READ))
    columns = [values_of(column) for column in result.columns]
    names = [f.name for f in matched.recipe.features]
    return FeatureValues(dict(zip(names, columns, strict=True)), n_customers)
