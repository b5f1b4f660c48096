"""Distances between patterns and modes: per feature matching or rank, times the feature's weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segmentry.cluster._patterns import Floats, Indices
from segmentry.errors import ModelError

_KINDS = ("matching", "rank")


@dataclass(frozen=True)
class Distance:
    """One feature: 0/1 or |rank difference| / (levels - 1), times `weight`."""

    is_rank: bool
    weight: float
    n_levels: int

    def table(self, modes: npt.NDArray[np.integer]) -> Floats:
        """Return the distance (n_levels + 1, n_modes) of every level, and of a missing cell, to the modes."""
        table = np.zeros((self.n_levels + 1, len(modes)))
        levels = np.arange(self.n_levels)[:, None]
        if self.is_rank:
            table[:-1] = np.abs(levels - modes) * (self.weight / max(self.n_levels - 1, 1))
        else:
            table[:-1] = (levels != modes) * self.weight
        return table

    def best_levels(self, totals: Floats, order: Indices) -> Indices:
        """Return the level nearest to each row of `totals` (n_clusters, n_levels); ties follow `order`."""
        if not self.n_levels:
            return np.full(len(totals), -1)
        if not self.is_rank:
            best: Indices = order[totals[:, order].argmax(axis=1)]
            return best
        running = np.cumsum(totals, axis=1)
        return np.asarray((running >= running[:, -1:] / 2).argmax(axis=1))


def read_distances(
    kinds: object, weights: object, n_levels: Sequence[int], estimator_name: str = "KModes"
) -> list[Distance]:
    """Check the hyper-parameters `distance` and `feature_weights`, and give one distance per feature."""
    n_features = len(n_levels)
    listed = [kinds] * n_features if isinstance(kinds, str) else _as_list(kinds)
    if len(listed) != n_features or any(kind not in _KINDS for kind in listed):
        raise ModelError(
            f"{estimator_name}: distance must be 'matching', 'rank', or one of them for each of "
            f"{n_features} features; got {kinds!r}"
        )
    numbers = _read_feature_weights(weights, n_features, estimator_name)
    return [Distance(k == "rank", w, n) for k, w, n in zip(listed, numbers, n_levels, strict=True)]


def _as_list(values: object) -> list[object]:
    return list(values) if isinstance(values, Sequence | np.ndarray) else []


def _read_feature_weights(weights: object, n_features: int, estimator_name: str) -> list[float]:
    if weights is None:
        return [1.0] * n_features
    try:
        numbers = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.shape != (n_features,) or not np.isfinite(numbers).all() or (numbers < 0).any():
        raise ModelError(
            f"{estimator_name}: feature_weights must be {n_features} finite numbers of at least 0, "
            f"one per feature; got {weights!r}"
        )
    return [float(number) for number in numbers]
