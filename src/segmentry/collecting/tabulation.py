"""The pattern table, made from the result of the collecting query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.errors import LevelsError, TooManyLevelsError
from segmentry.patterns import Cleaning, CleaningStep, Codes, FeatureLevels, OutcomeInfo, PatternTable
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import (
    is_resolved,
    level_labels,
    replace_features,
    shown_codes,
    shown_labels,
    with_levels,
)
from segmentry.sql import MatchedTable
from segmentry.sql.collect import CollectLayout, CollectQuery
from segmentry.sql.formula import MISSING

MAX_LEVELS = 100
"""Largest number of levels of a feature whose values are its levels; a column with more is a number or an id."""


@dataclass(frozen=True)
class CollectedRows:
    """The result of the collecting query: a row per pattern, fold and step that dropped it."""

    query: CollectQuery
    columns: tuple[npt.NDArray[Any], ...]

    @classmethod
    def of(cls, query: CollectQuery, result: Any) -> CollectedRows:
        """Make arrays of the result, a pyarrow.Table."""
        return cls(query, tuple(values_of(column) for column in result.columns))

    @property
    def layout(self) -> CollectLayout:
        """Positions of the columns by what they hold."""
        return self.query.layout

    @cached_property
    def is_kept(self) -> npt.NDArray[np.bool_]:
        """(n_rows,) whether no cleaning step dropped the row."""
        return np.asarray(self.columns[self.layout.dropped] == 0)

    def kept(self, position: int) -> npt.NDArray[Any]:
        """Return the values of a column in the rows that are kept."""
        return self.columns[position][self.is_kept]

    def stacked(self, positions: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return (n_kept, n_columns) sums in the rows that are kept."""
        columns = [_floats(self.kept(i)) for i in positions]
        return np.column_stack(columns) if columns else np.zeros((int(self.is_kept.sum()), 0))

    def n_of(self, position: int | None) -> int:
        """Customers that a column of the layout counts in the rows that are kept; 0 where there is no such column."""
        return 0 if position is None else int(np.nansum(self.kept(position)))


def values_of(column: Any) -> npt.NDArray[Any]:
    """Convert an Arrow column to an array, with floating-point numbers for decimals."""
    import pyarrow as pa

    if pa.types.is_decimal(column.type):
        if column.type.scale:  # by way of text: Arrow's own conversion makes 19.990000000000002 of 19.99
            column = column.cast(pa.string())
        column = column.cast(pa.float64())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not column.null_count and (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.from_dlpack(
            column.combine_chunks()
        )  # Arrow's own conversion imports pandas, which takes 0.3 s
    values = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    return np.asarray(values)


def cleaning_of(recipe: Recipe, found: CollectedRows) -> Cleaning:
    """Return how many rows there were, and how many each step dropped or changed."""
    query, layout = found.query, found.layout
    customers = found.columns[layout.counts].astype(np.int64)
    why = {step.step: step.why for step in recipe.clean}
    steps = [
        CleaningStep(
            step, "dropped", int(customers[found.columns[layout.dropped] == i].sum()), why.get(step, "")
        )
        for i, step in enumerate(query.dropped_steps, 1)
    ]
    steps += [
        CleaningStep(step, "changed", int(np.nansum(found.kept(column))), why.get(step, ""))
        for step, column in zip(query.changed_steps, layout.changed, strict=True)
    ]
    order = {step.step: i for i, step in enumerate(recipe.clean)}
    in_order = sorted(steps, key=lambda s: order.get(s.step, len(order)))
    return Cleaning(int(customers.sum()), tuple(in_order))


def codes_of(matched: MatchedTable, found: CollectedRows) -> tuple[MatchedTable, npt.NDArray[np.int32]]:
    """Return the codes of the kept patterns; features without declared levels get the values that were found."""
    changed: dict[str, Feature] = {}
    coded = []
    for feature, column in zip(matched.recipe.features, found.layout.levels, strict=True):
        values = found.kept(column)
        if is_resolved(feature):
            coded.append(values.astype(np.int32))
            continue
        levels, codes = _found_levels(feature, values)
        changed[feature.name] = with_levels(feature, levels)
        coded.append(codes)
    features = replace_features(matched.recipe.features, changed)
    return matched.with_recipe(features=features), np.column_stack(coded)


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
    recipe: Recipe, found: CollectedRows, codes: Codes, origins: Sequence[float]
) -> PatternTable:
    """Make the pattern table of the kept rows, with squares about `origins`; equal patterns are not added up yet."""
    layout = found.layout
    n_values, sums, squares, cubes = (
        found.stacked([getattr(outcome, what) for outcome in layout.outcomes])
        for what in ("n_values", "sums", "squares", "cubes")
    )
    weights = squared_weights = value_weights = None
    if layout.weights is not None and layout.squared_weights is not None:
        weights, squared_weights = (_floats(found.kept(i)) for i in (layout.weights, layout.squared_weights))
        value_weights = found.stacked(
            [o.value_weights for o in layout.outcomes if o.value_weights is not None]
        )
    elif layout.outcomes:  # values have a sum, unless they hold both +∞ and -∞
        unknown = np.column_stack([np.isnan(found.kept(o.sums).astype(np.float64)) for o in layout.outcomes])
        sums[unknown & (n_values > 0)] = np.nan
    return PatternTable(
        features=features_of(recipe),
        codes=codes,
        counts=found.kept(layout.counts).astype(np.int64),
        outcomes=outcomes_of(recipe),
        n_values=n_values.astype(np.int64),
        sums=sums,
        squares=squares,
        cubes=cubes,
        origins=np.asarray(origins, np.float64),
        weights=weights,
        squared_weights=squared_weights,
        value_weights=value_weights,
    )


def _floats(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Convert sums to floating-point numbers; a sum over no values is missing in SQL and 0 here."""
    numbers = values.astype(np.float64)
    return np.where(np.isnan(numbers), 0.0, numbers)


def features_of(recipe: Recipe) -> tuple[FeatureLevels, ...]:
    """Return the features of the pattern tables that a recipe with every level filled in makes."""
    return tuple(
        FeatureLevels(
            name=f.name,
            label=f.title,
            levels=level_labels(f, recipe.locale),
            scale="ordinal" if f.is_ordinal else "nominal",
            distance=f.dissimilarity,
            weight=f.weight,
            distribution=f.distribution,
            shown=shown_labels(f, recipe.locale) if f.fine else (),
            shown_codes=shown_codes(f),
            joined=recipe.joined_with.get(f.name, ""),
        )
        for f in recipe.features
    )


def outcomes_of(recipe: Recipe) -> tuple[OutcomeInfo, ...]:
    """Return the outcomes of the pattern tables that a recipe makes."""
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
        for column, group in recipe.outcome_columns
    )
