"""Bands: strata of columns that form no segments, each collected with the features in a scan of its own."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Labels, LevelCodes
from segmentry.collecting.collection import collect_sums
from segmentry.engine import Engine
from segmentry.errors import DataError, RecipeError
from segmentry.patterns import PatternTable, group_patterns
from segmentry.recipe import Feature, Recipe
from segmentry.runs.sources import Customers


def collect_bands(customers: Customers) -> tuple[PatternTable, ...]:
    """Collect the patterns with one more feature, the last, for each band that the recipe names in `strata`.

    Returns nothing where the data are a pattern table, which has no further columns.
    """
    engine, recipe = customers.source.engine, customers.recipe
    if engine is None:
        return ()
    return tuple(_collected(engine, recipe, band) for band in recipe.bands)


def _collected(engine: Engine, recipe: Recipe, band: Feature) -> PatternTable:
    changes = {"features": (*recipe.features, band), "sensitive": (), "strata": ()}
    try:
        return collect_sums(engine, recipe.model_copy(update=changes)).patterns
    except (DataError, RecipeError) as error:
        if error.place[:2] != ("features", band.name):
            raise
        raise error.with_(place=("strata", *error.place[1:])) from None


def segments_of(patterns: PatternTable, labels: Labels, codes: LevelCodes) -> Labels:
    """Look up the segments of rows of `codes`, each of which is among the patterns; theirs are `labels`."""
    _, group = group_patterns(np.concatenate([np.asarray(patterns.codes), codes]))
    segment_of = np.zeros(group.max() + 1, np.intp)
    segment_of[group[: patterns.n_patterns]] = labels
    return np.asarray(segment_of[group[patterns.n_patterns :]])
