"""From a recipe and an engine to the pattern table: check, fill in what only the table knows, collect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.engine import Engine
from segmentry.errors import DataError
from segmentry.matching import Matched, match
from segmentry.patterns import (
    Cleaning,
    CleaningStep,
    Codes,
    FeatureLevels,
    OutcomeInfo,
    PatternTable,
    as_codes,
    unite,
    unite_folds,
)
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.definitions import definitions
from segmentry.recipe.levels import is_resolved, level_labels, replace_features, with_levels
from segmentry.sql import Kind
from segmentry.sql.collect import CollectQuery, collect, head
from segmentry.sql.encode import MISSING, UNSEEN
from segmentry.sql.examples import unseen_values
from segmentry.sql.flags import exposed_flags, other_values, unexposed
from segmentry.sql.fold import FOLDS
from segmentry.sql.resolve import edges, fill_edges

MAX_LEVELS = 100
"""A feature whose values are its levels may have this many; more are a number or an id."""


@dataclass(frozen=True)
class Collected:
    """The pattern table, and the recipe with every level filled in."""

    matched: Matched
    patterns: PatternTable


def collect_patterns(
    engine: Engine,
    recipe: Recipe,
    *,
    outcomes: bool = True,
    unseen: int = MISSING,
    before: Mapping[str, Kind] | None = None,
) -> Collected:
    """Collect the pattern table of a recipe: one grouped scan, after the few rows that set the origins.

    Values that belong to no level, where the recipe allows them, get the code `unseen`. `before` are the kinds that
    columns had when the segments were made: one without any value now is missing, whatever its type.

    Raises
    ------
    DataError
        The recipe does not fit the table, no customer is left after cleaning, a flag is not 0/1, or
        values belong to no level where the recipe calls that an error.
    """
    matched = _with_edges(engine, match(engine, recipe, outcomes=outcomes, before=before))
    query = collect(matched.recipe, matched.table, matched.kinds, _origins(engine, matched))
    result = engine.query(query.query)
    columns = [_values(result.column(i)) for i in range(result.num_columns)]
    fold = columns.pop() if query.has_folds else None
    kept = columns[0] == 0
    cleaning = _cleaning(matched.recipe, query, columns, kept)
    if not kept.any():
        raise DataError(f"{engine.name}: {_nothing_left(cleaning)}")
    filled, codes = _codes(matched, columns, kept)
    steps = _read_as_missing(engine, filled, codes, columns[1 + codes.shape[1]][kept])
    codes[codes == UNSEEN] = unseen
    table = _table(filled.recipe, query, as_codes(codes), columns, kept)
    _check_outcomes(engine, filled, table)
    steps += _accepted_without_exposure(engine, filled)
    made_by = definitions(filled.recipe, recipe)
    table = replace(table, cleaning=replace(cleaning, steps=(*cleaning.steps, *steps)), made_by=made_by)
    if fold is None:
        return Collected(filled, unite(table))
    return Collected(filled, unite_folds(table, fold[kept].astype(np.intp), FOLDS))


def _with_edges(engine: Engine, matched: Matched) -> Matched:
    query = edges(matched.recipe, matched.table, matched.kinds)
    if query is None:
        return matched
    row = engine.query(query)
    found = [
        None if v is None else float(v) for v in (row.column(i)[0].as_py() for i in range(row.num_columns))
    ]
    return replace(matched, recipe=fill_edges(matched.recipe, found))


def _origins(engine: Engine, matched: Matched) -> list[float]:
    """A round number near each outcome's mean; 0 for flags."""
    query = head(matched.recipe, matched.table, matched.kinds)
    if query is None:
        return []
    row = engine.query(query)
    means = [row.column(i)[0].as_py() for i in range(row.num_columns)]
    roles = [group.role for group in matched.recipe.outcomes for _ in group.columns]
    return [0.0 if role == "flags" else _round(mean) for role, mean in zip(roles, means, strict=True)]


def _round(mean: object) -> float:
    value = float(mean) if mean is not None else 0.0  # type: ignore[arg-type]
    if not np.isfinite(value):
        return 0.0
    return float(round(value)) if abs(value) >= 10 else float(f"{value:.2g}")


def _values(column: Any) -> npt.NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_decimal(column.type):
        if column.type.scale:  # by way of text: Arrow's own conversion makes 19.990000000000002 of 19.99
            column = column.cast(pa.string())
        column = column.cast(pa.float64())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    return np.asarray(values)


def _cleaning(
    recipe: Recipe, query: CollectQuery, columns: list[npt.NDArray[Any]], kept: npt.NDArray[np.bool_]
) -> Cleaning:
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


def _nothing_left(cleaning: Cleaning) -> str:
    if cleaning.n_rows == 0:
        return "the table has no rows"
    steps = ", ".join(f"{s.step} {s.n_rows:,}" for s in cleaning.steps if s.what == "dropped")
    return f"no customer is left of {cleaning.n_rows:,} rows; dropped by {steps}"


def _codes(
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
        raise DataError(
            f"features.{feature.name}: {feature.column or 'the expression'} has no value in any row"
        )
    if len(known) > MAX_LEVELS:
        raise DataError(
            f"features.{feature.name}: {len(known):,} different values; {MAX_LEVELS} levels are the most: "
            "group them (groups, with a rest), or bin numbers (edges, quantiles)"
        )
    missing = len(known) if feature.missing == "level" else MISSING
    position = {value: i for i, value in enumerate(known)}
    codes = series.map(position).fillna(missing).to_numpy(np.int32)
    return known, codes


def _read_as_missing(
    engine: Engine, matched: Matched, codes: npt.NDArray[np.int32], customers: npt.NDArray[Any]
) -> list[CleaningStep]:
    """Count missing and unseen values per feature, and refuse them where the recipe says so."""
    steps = []
    for j, feature in enumerate(matched.recipe.features):
        n_unseen = int(customers[codes[:, j] == UNSEEN].sum())
        n_missing = int(customers[codes[:, j] == MISSING].sum())
        if n_unseen and feature.unseen == "error":
            raise DataError(_unseen_message(engine, matched, j, n_unseen))
        if n_missing and feature.missing == "error":
            raise DataError(
                f'features.{feature.name}: {n_missing:,} customers have no value; say missing = "keep", '
                '"drop" or "level"'
            )
        if n_unseen:
            steps.append(CleaningStep(feature.name, "unseen", n_unseen))
        if n_missing:
            steps.append(CleaningStep(feature.name, "missing", n_missing))
    return steps


def _unseen_message(engine: Engine, matched: Matched, position: int, n_unseen: int) -> str:
    feature = matched.recipe.features[position]
    shown = _shown(engine.query(unseen_values(matched.recipe, matched.table, matched.kinds, position)))
    way = "list them in a level" if feature.yes_no else 'add them to a group, give rest = "Other",'
    return (
        f"features.{feature.name}: {n_unseen:,} customers have a value that is in no level: "
        f'{shown}; {way} or say unseen = "missing"'
    )


def _other_values(engine: Engine, matched: Matched, name: str) -> str:
    return _shown(engine.query(other_values(matched.recipe, matched.table, matched.kinds, name)))


def _shown(found: Any) -> str:
    """Values with their customers, as a message lists them."""
    pairs = zip(found.column(0), found.column(1), strict=True)
    return ", ".join(f"{value.as_py()!r} ({n.as_py():,})" for value, n in pairs)


def _table(
    recipe: Recipe,
    query: CollectQuery,
    codes: Codes,
    columns: list[npt.NDArray[Any]],
    kept: npt.NDArray[np.bool_],
) -> PatternTable:
    at = 1 + len(recipe.features)
    counts = columns[at][kept].astype(np.int64)
    at += 1 + len(query.changed_steps)
    weights = squared = None
    if query.is_weighted:
        weights, squared = (_floats(columns[at + i][kept]) for i in (0, 1))
        at += 2
    outcomes = _outcomes(recipe)
    blocks = _blocks(columns[at:], outcomes, is_weighted=query.is_weighted)
    n_values, sums, squares, cubes, *more = (_stacked(block, kept, len(counts)) for block in blocks)
    return PatternTable(
        features=_features(recipe),
        codes=codes,
        counts=counts,
        outcomes=outcomes,
        n_values=n_values.astype(np.int64),
        sums=sums,
        squares=squares,
        cubes=cubes,
        origins=np.asarray(query.origins, np.float64),
        weights=weights,
        squared_weights=squared,
        value_weights=more[0] if more else None,
    )


def _blocks(
    columns: list[npt.NDArray[Any]], outcomes: tuple[OutcomeInfo, ...], *, is_weighted: bool
) -> list[list[npt.NDArray[Any]]]:
    """The outcomes' columns by what they measure; the cubes of a flag are its squares."""
    blocks: list[list[npt.NDArray[Any]]] = [[] for _ in range(5 if is_weighted else 4)]
    left = iter(columns)
    for outcome in outcomes:
        for place, block in enumerate(blocks):
            block.append(blocks[2][-1] if place == 3 and outcome.role == "flags" else next(left))
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


def _accepted_without_exposure(engine: Engine, matched: Matched) -> list[CleaningStep]:
    """Count the acceptances that are left out, because the customer is not known to have been exposed."""
    flags = exposed_flags(matched.recipe)
    if not flags:
        return []
    row = engine.query(unexposed(matched.recipe, matched.table, matched.kinds))
    found = [int(row.column(i)[0].as_py() or 0) for i in range(row.num_columns)]
    for (group, _), n_unclear in zip(flags, found[1::2], strict=True):
        if n_unclear:
            raise DataError(
                f"outcomes.{group}.exposure: {n_unclear:,} customers have a value other than 0/1, true/false, "
                "yes/no; an exposure says whether a customer could accept: recode it in a clean step"
            )
    why = "accepted without being exposed, left out of the rate"
    counted = zip(flags, found[::2], strict=True)
    return [CleaningStep(name, "unexposed", n, why) for (_, name), n in counted if n]


def _check_outcomes(engine: Engine, matched: Matched, table: PatternTable) -> None:
    """Refuse flags other than 0 and 1 (x² = x only for these), infinite sums, and negative weights."""
    if table.weights is not None and not (np.isfinite(table.weights).all() and (table.weights >= 0).all()):
        raise DataError("source.weight: survey weights must be numbers from 0 up")
    for j, outcome in enumerate(table.outcomes):
        place = f"outcomes.{outcome.group}.columns.{outcome.name}"
        if not np.isfinite(table.squares[:, j]).all():
            raise DataError(f"{place}: has infinite values; replace or drop them in a clean step")
        total, squares = table.sums[:, j].sum(), table.squares[:, j].sum()
        if outcome.role == "flags" and abs(total - squares) > 1e-9 * max(1.0, squares):
            is_text = matched.kinds[f"outcome {outcome.name}"] == "text"
            advice = "" if is_text else "give its group the role 'counts', or "
            raise DataError(
                f"{place}: has values other than 0/1, true/false, yes/no: "
                f"{_other_values(engine, matched, outcome.name)}; {advice}recode it in a clean step"
            )
