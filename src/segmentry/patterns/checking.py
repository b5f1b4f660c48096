"""Is a pattern table one: shapes, ranges, and sums that can be those of its counts. Files of other people are checked by it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.errors import DataError
from segmentry.patterns.features import FeatureLevels, OutcomeInfo
from segmentry.patterns.folds import FoldSums
from segmentry.patterns.table import PatternTable
from segmentry.text.kinds import has_kinds, is_number
from segmentry.text.plain_json import value_of

MOST_CUSTOMERS = 2**53
"""Above, counts lose their last digits."""
MOST_LEVELS = 10_000
_SLACK = 1e-6
"""Share by which sums may differ from what they should be: they were added up in another order."""
_LARGEST = 1e150
"""Above, squares are no numbers any more."""


def check_table(table: PatternTable) -> PatternTable:
    """Return the table if its parts belong together.

    Raises
    ------
    DataError
        The first thing that cannot be.
    """
    _check_columns(table)
    _check_counts(table)
    _check_weights(table)
    for j, outcome in enumerate(table.outcomes):
        _check_outcome(table, j, outcome)
    _check_cleaning(table)
    if table.folds is not None:
        _check_folds(table, table.folds)
    _check_made_by(table.made_by)
    return table


def _need(holds: object, problem: str) -> None:
    if not holds:
        raise DataError(f"no pattern table can be so: {problem}")


def _check_columns(table: PatternTable) -> None:
    _need(table.features, "it has no features")
    both: tuple[tuple[str, tuple[FeatureLevels | OutcomeInfo, ...]], ...]
    both = (("features", table.features), ("outcomes", table.outcomes))
    for what, parts in both:
        for part in parts:
            _need(has_kinds(part), f"{part.name!r} is described by values of the wrong kind")
        names = [part.name for part in parts]
        _need(len(set(names)) == len(names), f"two {what} have one name")
    for feature in table.features:
        _check_feature(feature)
    for outcome in table.outcomes:
        money = (outcome.cost_per_contact, outcome.revenue_per_acceptance)
        _need(
            all(m is None or (math.isfinite(m) and m >= 0) for m in money),
            f"{outcome.name!r} has money below 0",
        )


def _check_feature(feature: FeatureLevels) -> None:
    name = feature.name
    for levels in (feature.levels, feature.shown):
        _need(len(levels) <= MOST_LEVELS, f"{name!r} has more than {MOST_LEVELS:,} levels")
        _need(len(set(levels)) == len(levels), f"{name!r} has two levels of one name")
    _need(feature.levels, f"{name!r} has no levels")
    _need(is_number(feature.weight) and feature.weight > 0, f"{name!r} has no weight above 0")
    if feature.shown:
        _need(len(feature.shown_codes) == len(feature.levels), f"{name!r} shows another number of levels")
        _need(
            all(0 <= c < len(feature.shown) for c in feature.shown_codes),
            f"{name!r} shows a level that it lacks",
        )


def _check_counts(table: PatternTable) -> None:
    n = table.n_patterns
    codes, counts = np.asarray(table.codes), table.counts
    _need(codes.shape == (n, len(table.features)) and codes.dtype.kind == "i", "its codes have another shape")
    _need(counts.shape == (n,) and counts.dtype.kind in "iu", "its counts are no whole numbers")
    _need((counts >= 1).all(), "a count is below 1")
    _need(counts.astype(np.float64).sum() <= MOST_CUSTOMERS, "it counts more customers than can be counted")
    for j, feature in enumerate(table.features):
        in_levels = (codes[:, j] >= -1) & (codes[:, j] < len(feature.levels))
        _need(in_levels.all(), f"{feature.name!r} has a code that is no level")


def _check_weights(table: PatternTable) -> None:
    weights, squares, values = table.weights, table.squared_weights, table.value_weights
    _need((weights is None) == (squares is None), "survey weights lack their squares")
    _need(weights is not None or values is None, "outcomes have survey weights, and customers have none")
    if weights is None or squares is None:
        return
    _need(weights.shape == squares.shape == (table.n_patterns,), "survey weights have another shape")
    _need(_are_numbers(weights, squares) and (weights >= 0).all(), "a survey weight is below 0")
    _need(weights.sum() > 0 or not len(weights), "nobody has a survey weight")
    least = weights**2 / table.counts
    _need((squares >= least * (1 - _SLACK)).all(), "squares of survey weights are too small for their sum")
    _need(
        (squares <= weights**2 * (1 + _SLACK)).all(), "squares of survey weights are too large for their sum"
    )


def _check_outcome(table: PatternTable, j: int, outcome: OutcomeInfo) -> None:
    name, shape = outcome.name, (table.n_patterns, len(table.outcomes))
    arrays = {"n_values": table.n_values, "sums": table.sums, "squares": table.squares}
    arrays |= {} if table.cubes is None else {"cubes": table.cubes}
    arrays |= {} if table.value_weights is None else {"value_weights": table.value_weights}
    for what, values in arrays.items():
        _need(values.shape == shape, f"{what} have another shape")
        _need(_are_numbers(values[:, j]), f"{what} of {name!r} are no numbers, or enormous ones")
    _need(
        table.origins.shape == (shape[1],) and _are_numbers(table.origins), "its origins have another shape"
    )
    n = table.n_values[:, j]
    _need(((n >= 0) & (n <= table.counts)).all(), f"{name!r} has more values than customers")
    weights = np.asarray(table.weight_of_values[:, j], np.float64)
    _need((weights >= 0).all(), f"{name!r} has weights below 0")
    if table.weights is not None:
        _need((weights <= table.weights * (1 + _SLACK)).all(), f"{name!r} has more weight than its customers")
    _check_sums(outcome, weights, table.sums[:, j], table.squares[:, j], float(table.origins[j]))


def _check_sums(outcome: OutcomeInfo, weights: Any, sums: Any, squares: Any, origin: float) -> None:
    """Sums of flags lie between nobody and everybody; squares are at least what the mean asks for (Cauchy-Schwarz)."""
    name = outcome.name
    is_empty = weights == 0
    _need((sums[is_empty] == 0).all(), f"{name!r} has a sum of no values")
    _need((squares >= 0).all() and (squares[is_empty] == 0).all(), f"{name!r} has squares that are none")
    if outcome.role == "flags":
        _need(origin == 0, f"{name!r} is a flag about another origin than 0")
        _need(
            (sums >= 0).all() and (sums <= weights * (1 + _SLACK)).all(),
            f"more say yes to {name!r} than were asked",
        )
        _need(_is_near(squares, sums, weights), f"squares of the flag {name!r} are not its sums")
    known = ~is_empty
    away = sums[known] - weights[known] * origin
    least = away**2 / weights[known]
    scale = squares[known] + weights[known] * origin**2 + np.abs(sums[known] * origin)
    _need(
        (squares[known] + _SLACK * scale + 1e-9 >= least).all(),
        f"squares of {name!r} are too small for its sum",
    )


def _is_near(one: Any, other: Any, scale: Any) -> bool:
    return bool((np.abs(one - other) <= _SLACK * (np.abs(scale) + 1)).all())


def _check_cleaning(table: PatternTable) -> None:
    cleaning = table.cleaning
    _need(
        has_kinds(cleaning) and all(map(has_kinds, cleaning.steps)),
        "its cleaning has values of the wrong kind",
    )
    _need(
        all(step.n_rows >= 0 for step in cleaning.steps), "a step of its cleaning concerns fewer than no rows"
    )
    _need(cleaning.n_rows >= 0 and cleaning.n_dropped <= cleaning.n_rows, "more rows were dropped than read")


def _check_folds(table: PatternTable, folds: FoldSums) -> None:
    n, m = table.n_patterns, len(table.outcomes)
    _need(
        folds.counts.ndim == 2 and folds.counts.shape[0] == n and folds.counts.shape[1] >= 2,
        "its halves have another shape",
    )
    shape = (n, folds.n_folds, m)
    for values in (folds.value_weights, folds.sums, folds.squares):
        _need(values.shape == shape and _are_numbers(values), "its halves have another shape, or no numbers")
    _need(_are_numbers(folds.counts) and (folds.counts >= 0).all(), "a half counts fewer than no customers")
    _need((folds.value_weights >= 0).all(), "a half has weights below 0")
    _need((folds.squares >= 0).all(), "a half has squares that are none")
    total, share = folds.counts.sum(axis=1), table.fold_share
    _need(isinstance(share, (int, float)) and 0 < share <= 1, "its halves hold no share of the customers")
    if share == 1:
        _need(_is_near(total, table.counts, table.counts), "its halves count others than the table")
        _need(
            _is_near(folds.sums.sum(axis=1), table.sums, np.abs(table.sums) + folds.squares.sum(axis=1)),
            "its halves add up to other sums",
        )


def _check_made_by(made_by: Mapping[str, Any]) -> None:
    for place, text in made_by.items():
        _need(isinstance(place, str) and isinstance(text, str), "what it was made by is no text")
        try:
            part = value_of(text)
        except (ValueError, RecursionError):
            part = None
        _need(
            part is None or text == "null" or isinstance(part, (dict, str)), f"{place} is no part of a recipe"
        )
        _need(part is not None, f"{place} is no part of a recipe")
        if place.startswith("features.") and isinstance(part, dict):
            _check_found(place, part)


def _check_found(place: str, part: dict[str, Any]) -> None:
    """Edges that were found increase; levels are texts, numbers or truth values."""
    found = part.get("found")
    _need(found in (None, "edges", "levels"), f"{place} was found in no way that is known")
    if found is not None:
        _need(isinstance(part.get(found), list) and part[found], f"{place} has no {found}")
    edges = part.get("edges", [])
    are_numbers = isinstance(edges, list) and all(is_number(e) for e in edges)
    _need(
        are_numbers and all(a < b for a, b in itertools.pairwise(edges)),
        f"the edges of {place} do not increase",
    )
    for key in ("levels", "fine"):
        values = part.get(key) or []
        _need(
            isinstance(values, list) and all(_is_scalar(v) for v in values),
            f"the {key} of {place} are no values",
        )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, bool)) or is_number(value)


def _are_numbers(*arrays: npt.NDArray[Any]) -> bool:
    """Whether all values are numbers of which squares are numbers, too."""
    return all(a.dtype.kind in "iuf" and bool((np.abs(a) <= _LARGEST).all()) for a in arrays)
