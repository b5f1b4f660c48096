"""Numbers beside levels: weighted rows, collapsed to the distinct ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.input.collapsed_rows import (
    DistinctRows,
    distinct_rows,
    level_orders,
    read_weights,
    set_features,
)
from segmentry.cluster.input.encoding import check_features, check_handle_unknown, known_levels, learn_levels
from segmentry.cluster.input.frames import missing_values, read_columns, read_factor
from segmentry.cluster.input.mixed_columns import find_categorical, read_numbers


@dataclass(frozen=True)
class MixedRows:
    """Distinct rows: `numbers` (n_numeric, n_rows), `codes` (n_rows, n_categorical), -1 where missing.

    `weights` (n_rows,), `first_rows` (n_rows,): where each row appears first, `orders`: per categorical
    feature its levels, heaviest first.
    """

    numbers: Floats
    codes: LevelCodes
    weights: Floats
    first_rows: Indices
    orders: Sequence[Indices]

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def n_levels(self) -> list[int]:
        """Return the number of levels of each categorical feature."""
        return [len(order) for order in self.orders]

    @property
    def mean(self) -> Floats:
        """Return the weighted means (n_numeric,)."""
        rough = self.numbers.mean(axis=1)
        shift: Floats = (self.numbers - rough[:, None]) @ self.weights / self.weights.sum()
        return rough + shift

    @property
    def scale(self) -> Floats:
        """Return the weighted population standard deviations (n_numeric,)."""
        away = self.numbers - self.mean[:, None]
        deviation: Floats = np.sqrt(away**2 @ self.weights / self.weights.sum())
        return deviation

    def moved(self, origin: Floats) -> MixedRows:
        """Return the rows with their numbers about another origin."""
        return replace(self, numbers=self.numbers - origin[:, None])

    def part(self, chosen: Indices | npt.NDArray[np.bool_], weights: Floats) -> MixedRows:
        """Return some of the rows, weighted anew."""
        codes = np.asfortranarray(self.codes[chosen])
        return MixedRows(self.numbers[:, chosen], codes, weights, self.first_rows[chosen], self.orders)


@dataclass(frozen=True)
class MixedTraining:
    """What `fit` works on: the rows that count, every distinct row, and the way back to the rows of X."""

    rows: MixedRows
    distinct: MixedRows
    inverse: Indices


def read_mixed_training(estimator: Any, X: Any, sample_weight: Any) -> MixedTraining:
    """Read the arguments of `fit`, and set what the estimator learns of its features."""
    check_handle_unknown(estimator.handle_unknown)
    table, missing = read_columns(X), missing_values(X, estimator.missing_value)
    weights = read_weights(sample_weight, table.n_rows)
    is_categorical = find_categorical(estimator, table, missing)
    set_features(estimator, len(table.columns), table.names)
    estimator.numeric_features_ = np.flatnonzero(~is_categorical)
    estimator.categorical_features_ = np.flatnonzero(is_categorical)
    numbers = read_numbers(estimator, table, missing)
    factors = [read_factor(table.columns[j], j, missing) for j in estimator.categorical_features_]
    estimator.categories_, codes = learn_levels(factors, weights > 0)
    return _collapse(numbers, codes, weights, level_orders(codes, weights, estimator.categories_))


def read_mixed(estimator: Any, X: Any) -> MixedRows:
    """Read new rows, each of weight 1, in the codes of the fitted levels."""
    table, missing = read_columns(X), missing_values(X, estimator.missing_value)
    check_features(estimator, len(table.columns), table.names)
    numbers = read_numbers(estimator, table, missing)
    positions = [int(j) for j in estimator.categorical_features_]
    codes = np.empty((table.n_rows, len(positions)), np.int32, order="F")
    for place, j in enumerate(positions):
        factor = read_factor(table.columns[j], j, missing)
        codes[:, place] = known_levels(estimator, factor, place, table.title(j))[factor.codes]
    orders = [np.arange(len(levels)) for levels in estimator.categories_]
    return MixedRows(numbers, codes, np.ones(table.n_rows), np.arange(table.n_rows), orders)


def _collapse(
    numbers: Floats, codes: LevelCodes, weights: Floats, orders: Sequence[Indices]
) -> MixedTraining:
    ranks, rank_orders = _ranks(numbers)
    found = distinct_rows(np.asfortranarray(np.hstack([ranks, codes])), [*rank_orders, *orders], weights)
    every = MixedRows(numbers, codes, weights, np.arange(len(weights)), orders)
    distinct = every.part(found.any_row, found.weights)
    return MixedTraining(_counted(distinct, found), distinct, found.inverse)


def _counted(distinct: MixedRows, found: DistinctRows) -> MixedRows:
    kept = found.is_counted
    rows = distinct if kept.all() else distinct.part(kept, found.weights[kept])
    return replace(rows, first_rows=found.first_rows[kept])


def _ranks(numbers: Floats) -> tuple[LevelCodes, list[Indices]]:
    """Return the rank (n_rows, n_numeric) of every number, and the ranks in order."""
    ranks = np.empty(numbers.shape[::-1], np.int32, order="F")
    orders = []
    for j, column in enumerate(numbers):
        values, ranks[:, j] = np.unique(column, return_inverse=True)
        orders.append(np.arange(len(values)))
    return ranks, orders
