"""Distances between patterns and modes: per feature matching, rank or a given matrix, times its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices
from segmentry.cluster.input.frames import Levels
from segmentry.errors import ModelError

_KINDS = ("matching", "rank")


@dataclass(frozen=True)
class FeatureDistance:
    """One feature: `kind` matching, rank or matrix, times `weight`.

    Matching is 0/1, rank ``|rank difference| / (levels - 1)``; `matrix` (n_levels, n_levels) gives the
    distance of every level (row) to a mode (column).
    """

    kind: str
    weight: float
    n_levels: int
    matrix: Floats | None = None

    def table(self, modes: npt.NDArray[np.integer]) -> Floats:
        """Return the distance (n_levels + 1, n_modes) of every level, and of a missing cell, to the modes."""
        table = np.zeros((self.n_levels + 1, len(modes)))
        levels = np.arange(self.n_levels)[:, None]
        if self.matrix is not None:
            table[:-1] = self.matrix[:, modes] * self.weight
        elif self.kind == "rank":
            table[:-1] = np.abs(levels - modes) * (self.weight / max(self.n_levels - 1, 1))
        else:
            table[:-1] = (levels != modes) * self.weight
        return table

    def best_levels(self, totals: Floats, order: Indices) -> Indices:
        """Return the level nearest to each row of `totals` (n_clusters, n_levels); ties follow `order`."""
        if not self.n_levels:
            return np.full(len(totals), -1)
        if self.matrix is not None:
            return np.asarray(order[(totals @ self.matrix)[:, order].argmin(axis=1)])
        if self.kind == "matching":
            return np.asarray(order[totals[:, order].argmax(axis=1)])
        running = np.cumsum(totals, axis=1)
        return np.asarray((running >= running[:, -1:] / 2).argmax(axis=1))


def mode_tables(distances: Sequence[FeatureDistance], modes: npt.NDArray[np.integer]) -> list[Floats]:
    """Return per feature the distances (n_levels + 1, n_modes) to the modes (n_modes, n_features)."""
    return [distance.table(modes[:, j]) for j, distance in enumerate(distances)]


def read_distances(kinds: object, weights: object, categories: Sequence[Levels]) -> list[FeatureDistance]:
    """Check the hyper-parameters `distance` and `feature_weights`, and give one distance per feature."""
    n_features = len(categories)
    listed = [kinds] * n_features if isinstance(kinds, str) else _as_list(kinds)
    is_known = [not isinstance(kind, str) or kind in _KINDS for kind in listed]
    if len(listed) != n_features or not all(is_known) or any(kind is None for kind in listed):
        raise ModelError(
            "distance must be 'matching', 'rank', or one of them or a matrix for each of "
            f"{n_features} features; got {kinds!r}",
            source="KModes",
        )
    numbers = _read_feature_weights(weights, n_features)
    return [
        FeatureDistance(kind, weight, len(levels))
        if isinstance(kind, str)
        else FeatureDistance(
            "matrix", weight, len(levels), _read_matrix(kind, levels, f"KModes: distance[{j}]")
        )
        for j, (kind, weight, levels) in enumerate(zip(listed, numbers, categories, strict=True))
    ]


def _read_matrix(given: Any, levels: Levels, where: str) -> Floats:
    """Return a matrix in the order of `levels`; a data frame may have them in any order."""
    names = levels.tolist()
    if hasattr(given, "reindex"):
        given = given.reindex(index=names, columns=names)
    try:
        matrix = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    n = len(names)
    if (
        matrix.shape != (n, n)
        or not np.isfinite(matrix).all()
        or (matrix < 0).any()
        or matrix.diagonal().any()
    ):
        raise ModelError(
            f"{where} must be a matrix ({n}, {n}) of finite distances of at least 0, 0 on the diagonal, in the "
            f"order of the levels {names[:10]}, or a data frame with them as its rows and columns; got "
            f"{given!r}"
        )
    return matrix


def _as_list(values: object) -> list[object]:
    return list(values) if isinstance(values, Sequence | np.ndarray) else []


def _read_feature_weights(weights: object, n_features: int) -> list[float]:
    if weights is None:
        return [1.0] * n_features
    try:
        numbers = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.shape != (n_features,) or not np.isfinite(numbers).all() or (numbers < 0).any():
        raise ModelError(
            f"feature_weights must be {n_features} finite numbers of at least 0, one per "
            f"feature; got {weights!r}",
            source="KModes",
        )
    return [float(number) for number in numbers]
