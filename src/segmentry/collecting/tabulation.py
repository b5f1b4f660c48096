"""The result of the collecting query made into a pattern table: codes, counts and sums by position of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.collecting.matching import Matched
from segmentry.errors import LevelsError, TooManyLevelsError
from segmentry.patterns import Cleaning, CleaningStep, Codes, FeatureLevels, OutcomeInfo, PatternTable
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import is_resolved, level_labels, replace_features, with_levels
from segmentry.sql.collect import CollectQuery
from segmentry.sql.formula import MISSING

MAX_LEVELS = 100
"""A feature whose values are its levels may have this many; more are a number or an id."""


def values_of(column: Any) -> npt.NDArray[Any]:
    """A column of a result in Arrow as an array; decimals as floating-point numbers."""
    import pyarrow as pa

    if pa.types.is_decimal(column.type):
        if column.type.scale:  # by way of text: Arrow's own conversion makes 19.990000000000002 of 19.99
            column = column.cast(pa.string())
        column = column.cast(pa.float64())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    return np.asarray(values)


def cleaning_of(
    recipe: Recipe, query: CollectQuery, columns: list[npt.NDArray[Any]], kept: npt.NDArray[np.bool_]
) -> Cleaning:
    """How many rows there were, and how many each step dropped or changed."""
    at = 1 + len(recipe.features)
    customers = columns[at].astype(np.int64)
    why = {step.step: step.why for step in recipe.clean}
    found = [
        CleaningStep(step, "dropped", int(customers[columns[0] == i].sum()), why.get(step, ""))
        for i, step in enumerate(query.dropped_steps, 1)
    ]
    found += [
        CleaningStep(step, "changed", int(np.nansum(columns[at + j][kept])), why.get(step, ""))
        for j, step in enumerate(query.changed_steps, 1)
    ]
    order = {step.step: i for i, step in enumerate(recipe.clean)}
    in_order = sorted(found, key=lambda s: order.get(s.step, len(order)))
    return Cleaning(int(customers.sum()), tuple(in_order))


def codes_of(
    matched: Matched, columns: list[npt.NDArray[Any]], kept: npt.NDArray[np.bool_]
) -> tuple[Matched, npt.NDArray[np.int32]]:
    """Codes of the kept patterns; features without declared levels get the values that were found."""
    changed: dict[str, Feature] = {}
    coded = []
    for feature, column in zip(matched.recipe.features, columns[1:], strict=False):
        values = column[kept]
        if is_resolved(feature):
            coded.append(values.astype(np.int32))
            continue
        levels, codes = _found_levels(feature, values)
        changed[feature.name] = with_levels(feature, levels)
        coded.append(codes)
    features = replace_features(matched.recipe.features, changed)
    recipe = matched.recipe.model_copy(update={"features": features})
    return replace(matched, recipe=recipe), np.column_stack(coded)


def _found_levels(feature: Feature, values: npt.NDArray[Any]) -> tuple[list[Any], npt.NDArray[np.int32]]:
    import pandas as pd

    series = pd.Series(values)
    known = sorted(series.dropna().unique().tolist())
    if not known:
        raise LevelsError(
            f"{feature.column or 'the expression'} has no value in any row", place=("features", feature.name)
        )
    if len(known) > MAX_LEVELS:
        raise TooManyLevelsError(
            f"{len(known):,} different values; {MAX_LEVELS} levels are the most",
            place=("features", feature.name),
            hint="group them (groups, with a rest), or bin numbers (edges, quantiles)",
            n_levels=len(known),
        )
    missing = len(known) if feature.missing == "level" else MISSING
    position = {value: i for i, value in enumerate(known)}
    codes = series.map(position).fillna(missing).to_numpy(np.int32)
    return known, codes


def pattern_table_of(
    recipe: Recipe,
    query: CollectQuery,
    codes: Codes,
    columns: list[npt.NDArray[Any]],
    kept: npt.NDArray[np.bool_],
    origins: Sequence[float],
) -> PatternTable:
    """The pattern table of the kept rows, equal patterns not yet added up, squares about `origins`."""
    at = 1 + len(recipe.features)
    counts = columns[at][kept].astype(np.int64)
    at += 1 + len(query.changed_steps)
    weights = squared = None
    if query.is_weighted:
        weights, squared = (_floats(columns[at + i][kept]) for i in (0, 1))
        at += 2
    outcomes = _outcomes(recipe)
    blocks = _blocks(columns[at:], outcomes, query)
    n_values, sums, squares, cubes, *more = (_stacked(block, kept, len(counts)) for block in blocks)
    if not query.is_weighted and blocks[1]:  # values that are not missing have a sum, but +∞ and -∞
        unknown = np.column_stack([np.isnan(c[kept].astype(np.float64)) for c in blocks[1]])
        sums[unknown & (n_values > 0)] = np.nan
    return PatternTable(
        features=_features(recipe),
        codes=codes,
        counts=counts,
        outcomes=outcomes,
        n_values=n_values.astype(np.int64),
        sums=sums,
        squares=squares,
        cubes=cubes,
        origins=np.asarray(origins, np.float64),
        weights=weights,
        squared_weights=squared,
        value_weights=more[0] if more else None,
    )


def _blocks(
    columns: list[npt.NDArray[Any]], outcomes: tuple[OutcomeInfo, ...], query: CollectQuery
) -> list[list[npt.NDArray[Any]]]:
    """The outcomes' columns by what they measure; squares and cubes of flags are their sums."""
    blocks: list[list[npt.NDArray[Any]]] = [[] for _ in range(5 if query.is_weighted else 4)]
    left = iter(columns)
    for outcome in outcomes:
        for place, block in enumerate(blocks):
            is_sum = place in (2, 3) and outcome.role == "flags"
            block.append(blocks[1][-1] if is_sum else next(left))
    return blocks


def _stacked(block: list[npt.NDArray[Any]], kept: npt.NDArray[np.bool_], n: int) -> npt.NDArray[np.float64]:
    return np.column_stack([_floats(c[kept]) for c in block]) if block else np.zeros((n, 0))


def _floats(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Sums as floating-point numbers; the sum over no value is missing in SQL and 0 here."""
    numbers = values.astype(np.float64)
    return np.where(np.isnan(numbers), 0.0, numbers)


def _features(recipe: Recipe) -> tuple[FeatureLevels, ...]:
    return tuple(
        FeatureLevels(
            name=f.name,
            label=f.title,
            levels=level_labels(f, recipe.locale),
            scale="ordinal" if f.is_ordinal else "nominal",
            distance=f.dissimilarity,
            weight=f.weight,
        )
        for f in recipe.features
    )


def _outcomes(recipe: Recipe) -> tuple[OutcomeInfo, ...]:
    return tuple(
        OutcomeInfo(
            name=column.name,
            label=column.label,
            group=group.name,
            group_label=group.title,
            role=group.role,
            cost_per_contact=group.cost_per_contact,
            revenue_per_acceptance=group.revenue_per_acceptance,
            campaign=group.campaign,
        )
        for group in recipe.outcomes
        for column in group.columns
    )
