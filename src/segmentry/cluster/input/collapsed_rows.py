"""Weighted rows, collapsed to distinct patterns in an order that ignores how levels are spelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.input.encoding import check_handle_unknown, encode_in_levels, learn_levels
from segmentry.cluster.input.frames import Factor, Levels, TableColumns, read_table
from segmentry.cluster.model import ClusterModel
from segmentry.errors import ModelError

_KEY_LIMIT = 2**62
_COUNTED_KEYS = 2**16
_HEAD = 2**16  # rows among which levels are looked for first
MAX_SCREENED, SAMPLE_STEPS = 50_000, 20_000
"""Distinct rows up to which starts compete on all of them, and steps of the sample that they compete on where there are more."""


@dataclass(frozen=True)
class WeightedPatterns:
    """Distinct rows with positive weight.

    `codes` (n_patterns, n_features), `weights` (n_patterns,), `first_rows` (n_patterns,): where each
    pattern appears first, `n_levels` (n_features,), `level_orders`: per feature the levels, heaviest first.
    """

    codes: LevelCodes
    weights: Floats
    first_rows: Indices
    n_levels: list[int]
    level_orders: list[Indices]

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def total_weight(self) -> float:
        """Return the N of every formula."""
        return float(self.weights.sum())

    def sample(self, rng: np.random.Generator, n_rows: int | None = None) -> WeightedPatterns:
        """Return a systematic sample where there are more patterns than `n_rows`; without it, than starts compete on."""
        most, n_steps = (MAX_SCREENED, SAMPLE_STEPS) if n_rows is None else (n_rows, n_rows)
        if len(self) <= most:
            return self
        chosen, counts, step = systematic_sample(self.weights, n_steps, rng)
        codes = np.asfortranarray(self.codes[chosen])
        return WeightedPatterns(
            codes, counts * step, self.first_rows[chosen], self.n_levels, self.level_orders
        )


def systematic_sample(
    weights: Floats, n_steps: int, rng: np.random.Generator
) -> tuple[Indices, Floats, float]:
    """Draw rows at equal steps of their weight, so that no heavy row is missed.

    Returns the rows, how many steps fall on each, and the weight of a step.
    """
    running = np.cumsum(weights)
    step = running[-1] / n_steps
    hits = np.searchsorted(running, (np.arange(n_steps) + rng.random()) * step, side="right")
    chosen, counts = np.unique(hits.clip(max=len(weights) - 1), return_counts=True)
    return chosen, counts.astype(np.float64), float(step)


@dataclass(frozen=True)
class DistinctRows:
    """The distinct rows of a table.

    `any_row` (n_distinct,): where each appears, `inverse` (n_rows,): which each row is, `weights`
    (n_distinct,): summed, `first_rows` (n_distinct,): where each first appears with positive weight.
    """

    any_row: Indices
    inverse: Indices
    weights: Floats
    first_rows: Indices

    @property
    def is_counted(self) -> npt.NDArray[np.bool_]:
        """Say which have positive weight."""
        return self.weights > 0


@dataclass(frozen=True)
class CategoricalTraining:
    """What `fit` works on: the patterns, and every distinct row with the way back to the rows of X."""

    patterns: WeightedPatterns
    distinct: LevelCodes
    inverse: Indices
    table: TableColumns[Factor]


def read_training(model: ClusterModel, X: Any, sample_weight: Any) -> CategoricalTraining:
    """Read the arguments of `fit`, and set what scikit-learn expects of any fitted model."""
    check_handle_unknown(model.handle_unknown)
    table = read_table(X, model.missing_value)
    weights = read_weights(sample_weight, table.n_rows)
    set_features(model, len(table.columns), table.names)
    model.categories_, codes = learn_levels(table.columns, weights > 0)
    return CategoricalTraining(*_collapse(codes, weights, model.categories_), table)


def collapse_rows(model: ClusterModel, X: Any, sample_weight: Any) -> WeightedPatterns:
    """Read rows for a fitted estimator, in its levels, as the patterns of positive weight."""
    codes = encode_in_levels(model, X)
    return _collapse(codes, read_weights(sample_weight, len(codes)), model.categories_)[0]


def _collapse(
    codes: LevelCodes, weights: Floats, categories: Sequence[Levels]
) -> tuple[WeightedPatterns, LevelCodes, Indices]:
    """Return the patterns, the distinct rows of any weight, and the way back from these to the rows."""
    orders = level_orders(codes, weights, categories)
    rows = distinct_rows(codes, orders, weights)
    n_levels, distinct = [len(order) for order in orders], _taken(codes, rows.any_row)
    if rows.is_counted.all():
        return (
            WeightedPatterns(distinct, rows.weights, rows.first_rows, n_levels, orders),
            distinct,
            rows.inverse,
        )
    kept = np.flatnonzero(rows.is_counted)
    patterns = WeightedPatterns(
        _taken(distinct, kept), rows.weights[kept], rows.first_rows[kept], n_levels, orders
    )
    return patterns, distinct, rows.inverse


def _taken(codes: LevelCodes, rows: Indices) -> LevelCodes:
    """Return some rows, column after column in memory as all codes are."""
    taken = np.empty((len(rows), codes.shape[1]), codes.dtype, order="F")
    for column, own in zip(codes.T, taken.T, strict=True):
        np.take(column, rows, out=own, mode="clip")  # no index is out of bounds; clipping is fast
    return taken


def set_features(model: ClusterModel, n_features: int, names: tuple[str, ...] | None) -> None:
    """Set what scikit-learn expects of any fitted model."""
    model.n_features_in_ = n_features
    if names is not None:
        model.feature_names_in_ = np.array(names, dtype=object)
    else:
        vars(model).pop("feature_names_in_", None)


def read_weights(sample_weight: Any, n_rows: int) -> Floats:
    """Return one finite weight of at least 0 per row; at least one is positive."""
    if sample_weight is None:
        return np.ones(n_rows)
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(n_rows, weights)
    if weights.shape != (n_rows,):
        raise ModelError(f"sample_weight must have the shape ({n_rows},), one per row; got {weights.shape}")
    for is_bad, what in ((~np.isfinite(weights), "finite"), (weights < 0, "at least 0")):
        if is_bad.any():
            row = int(np.flatnonzero(is_bad)[0])
            raise ModelError(f"sample_weight must be {what}; got {weights[row]} in row {row}")
    if not weights.any():
        raise ModelError("sample_weight is zero in every row; at least one row needs a positive weight")
    return weights


def level_orders(codes: LevelCodes, weights: Floats, categories: Sequence[Levels]) -> list[Indices]:
    """Return per feature its levels, heaviest first."""
    is_counted = weights > 0
    if not is_counted.all():
        codes, weights = _taken(codes, np.flatnonzero(is_counted)), weights[is_counted]
    return [_level_order(codes[:, j], weights, len(levels)) for j, levels in enumerate(categories)]


def distinct_rows(codes: LevelCodes, orders: Sequence[Indices], weights: Floats) -> DistinctRows:
    """Find the distinct rows of `codes` (n_rows, n_features), in the order of their canonical levels."""
    keys, inverse = _distinct(*_keys(codes, orders))
    first_rows = any_row = _first_rows(inverse, np.arange(len(inverse)), len(keys))
    totals: Floats = np.bincount(inverse, weights, minlength=len(keys)).astype(np.float64, copy=False)
    is_counted = weights > 0
    if not is_counted.all():
        first_rows = _first_rows(inverse, np.flatnonzero(is_counted), len(keys))
    return DistinctRows(any_row, inverse, totals, first_rows)


def sorted_rows(codes: LevelCodes) -> tuple[Indices, Indices]:
    """Return where each distinct row is, in the order of their codes, and which of these each row is."""
    orders = [np.arange(n) for n in codes.max(axis=0) + 2]
    found, place = _distinct(*_keys(codes + 1, orders))
    return _first_rows(place, np.arange(len(place)), len(found)), place


def _level_order(codes: LevelCodes, weights: Floats, n_levels: int) -> Indices:
    """Order the levels of one feature: heaviest first, then the one that appears first."""
    groups = codes.astype(np.intp)
    groups += 1
    totals = np.bincount(groups, weights, minlength=n_levels + 1)[1:]
    return np.lexsort((_first_of_levels(groups, n_levels + 1)[1:], -totals))


def _first_of_levels(groups: Indices, n_groups: int) -> Indices:
    """Return per group its first row; where the first rows have all groups, the others are not looked at."""
    head = _first_rows(groups[:_HEAD], np.arange(min(_HEAD, len(groups))), n_groups)
    if len(groups) <= _HEAD or (head[1:] < _HEAD).all():
        return head
    return _first_rows(groups, np.arange(len(groups)), n_groups)


def _first_rows(groups: Indices, rows: Indices, n_groups: int) -> Indices:
    """Return per group the first of the ascending `rows` in it, or the number of rows."""
    first = np.full(n_groups, len(groups), dtype=np.intp)
    first[groups[rows[::-1]]] = rows[::-1]
    return first


def _keys(codes: LevelCodes, orders: Sequence[Indices]) -> tuple[npt.NDArray[np.int64], int]:
    """Number the rows so that equal rows are equal and sort by canonical levels; also the bound."""
    keys, bound = np.zeros(len(codes), np.int64), 1
    for j, order in enumerate(orders):
        base = len(order) + 1
        if bound * base > _KEY_LIMIT:
            found, keys = np.unique(keys, return_inverse=True)
            bound = len(found)
        ranks = np.full(base, base - 1, np.int64)
        ranks[order] = np.arange(len(order))
        keys = keys * base + ranks[codes[:, j]]
        bound *= base
    return keys, bound


def _distinct(keys: npt.NDArray[np.int64], bound: int) -> tuple[npt.NDArray[np.int64], Indices]:
    if bound > max(_COUNTED_KEYS, len(keys)):
        found, inverse = np.unique(keys, return_inverse=True)
        return found, inverse
    is_present = np.bincount(keys, minlength=bound) > 0
    ranks = np.cumsum(is_present) - 1
    return np.flatnonzero(is_present), ranks[keys]
