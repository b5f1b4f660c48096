"""k-modes: the levels that stand for each cluster, by the smallest weighted sum of distances."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import product
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from segmentry.cluster._alternation import Alternated, alternate, complete, draw_modes
from segmentry.cluster._assignment import largest_first, lookup_sums, nearest_clusters
from segmentry.cluster._core import Core
from segmentry.cluster._distance import Distance, read_distances
from segmentry.cluster._encoding import as_values, encode
from segmentry.cluster._parameters import check_enough_patterns, check_whole, read_random_state
from segmentry.cluster._patterns import Floats, Indices, Patterns, read_training
from segmentry.cluster._swap import Medians, search_medians
from segmentry.cluster._table import Codes
from segmentry.cluster._threads import one_thread
from segmentry.errors import SegmentryWarning

_MATRIX = 4 * 10**7  # entries of a distance matrix that is kept in memory


class KModesCore(Core):
    """The work of `KModes`, whose documentation describes it."""

    _fitted: ClassVar[tuple[str, ...]] = ("categories_", "n_features_in_", "mode_codes_")

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_init: int = 10,
        max_iter: int = 100,
        distance: str | Sequence[str] = "matching",
        feature_weights: Sequence[float] | None = None,
        max_grid: int = 10_000,
        missing_value: object = None,
        handle_unknown: str = "error",
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.distance = distance
        self.feature_weights = feature_weights
        self.max_grid = max_grid
        self.missing_value = missing_value
        self.handle_unknown = handle_unknown
        self.random_state = random_state

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:  # noqa: ARG002
        """Find the modes.

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            Levels: whole numbers, text, booleans, categories.
        y : None
            Ignored.
        sample_weight : array (n_rows,), default=None
            How many rows each row stands for; rows of weight 0 change nothing.

        Returns
        -------
        KModes
            The fitted estimator.
        """
        check_whole(self, "n_clusters", "n_init", "max_iter", "max_grid")
        rng = read_random_state(self.random_state)
        training = read_training(self, X, sample_weight)
        patterns = training.patterns
        check_enough_patterns(self, "n_clusters", len(patterns))
        distances = read_distances(self.distance, self.feature_weights, patterns.n_levels)
        modes, self.n_best_, self.n_iter_ = self._search(patterns, distances, rng)
        self.mode_codes_ = modes[largest_first(patterns, _tables(distances, modes))]
        self.cluster_modes_ = as_values(self.mode_codes_, self.categories_)
        tables = _tables(distances, self.mode_codes_)
        self.cost_ = _cost(patterns, tables)
        self.labels_ = nearest_clusters(training.distinct, tables)[training.inverse]
        self._warn_of_empty()
        return self

    def predict(self, X: Any) -> Indices:
        """Return the nearest mode of each row; of equally near ones the first."""
        return nearest_clusters(*self._encode(X))

    def transform(self, X: Any) -> Floats:
        """Return the distances (n_rows, n_clusters) to the modes."""
        return lookup_sums(*self._encode(X))

    def _encode(self, X: Any) -> tuple[Codes, list[Floats]]:
        self._check_fitted("mode_codes_")
        n_levels = [len(levels) for levels in self.categories_]
        distances = read_distances(self.distance, self.feature_weights, n_levels)
        return encode(self, X), _tables(distances, np.asarray(self.mode_codes_))

    def _search(
        self, patterns: Patterns, distances: list[Distance], rng: np.random.Generator
    ) -> tuple[Codes, int, int]:
        """Return the modes, how many starts reached them, and the steps of their descent."""
        n_grid = math.prod(max(n, 1) for n in patterns.n_levels)
        if n_grid > self.max_grid or n_grid * len(patterns) > _MATRIX or n_grid < self.n_clusters:
            return self._search_large(patterns, distances, rng)
        grid = _grid(patterns)
        problem = _problem(patterns, distances, grid, self.max_iter)
        with one_thread(len(problem.shares)):
            best, n_best = search_medians(problem, self.n_clusters, self.n_init, rng)
        return grid[list(best.slots)], n_best, best.n_steps

    def _search_large(
        self, patterns: Patterns, distances: list[Distance], rng: np.random.Generator
    ) -> tuple[Codes, int, int]:
        part = patterns.sample(rng)
        starts = [self._alternate(part, distances, rng) for _ in range(self.n_init)]
        best = min(starts, key=lambda start: start.cost)
        n_best = sum(start.cost <= best.cost * (1 + 1e-9) for start in starts)
        if part is not patterns:
            best = alternate(patterns, distances, best.modes, self.max_iter)
        if len(patterns) * (len(patterns) + self.n_clusters) <= _MATRIX:
            polished = _swap_observed(patterns, distances, best, self.max_iter)
            n_best = n_best if polished.cost >= best.cost * (1 - 1e-9) else 0
            best = polished
        return best.modes, n_best, best.n_iter

    def _alternate(
        self, patterns: Patterns, distances: list[Distance], rng: np.random.Generator
    ) -> Alternated:
        modes = draw_modes(patterns, distances, self.n_clusters, rng)
        return alternate(patterns, distances, modes, self.max_iter)

    def _warn_of_empty(self) -> None:
        n_used = len(np.unique(self.labels_))
        if n_used < self.n_clusters:
            warnings.warn(
                f"KModes: {n_used} of {self.n_clusters} clusters have rows, because patterns are at distance "
                f"0 of each other (missing cells or feature weights of 0); ask for n_clusters={n_used}",
                SegmentryWarning,
                stacklevel=3,
            )


def _tables(distances: Sequence[Distance], modes: npt.NDArray[np.integer]) -> list[Floats]:
    return [distance.table(modes[:, j]) for j, distance in enumerate(distances)]


def _cost(patterns: Patterns, tables: Sequence[Floats]) -> float:
    return float(patterns.weights @ lookup_sums(patterns.codes, tables).min(axis=1))


def _grid(patterns: Patterns) -> Codes:
    """Return every combination of levels (n_candidates, n_features), heavy levels first."""
    orders = [order.tolist() or [-1] for order in patterns.level_orders]
    return np.array(list(product(*orders)), dtype=np.int32)


def _problem(patterns: Patterns, distances: list[Distance], candidates: Codes, max_iter: int) -> Medians:
    tables = _tables(distances, candidates)
    matrix = np.empty((len(patterns), len(candidates)), np.float32)
    height = max(1, 2**20 // len(candidates))
    for start in range(0, len(patterns), height):
        rows = slice(start, start + height)
        matrix[rows] = lookup_sums(patterns.codes[rows], tables)
    return Medians(matrix, patterns.weights / patterns.total_weight, max_iter)


def _swap_observed(
    patterns: Patterns, distances: list[Distance], start: Alternated, max_iter: int
) -> Alternated:
    """Swap modes for observed patterns, then alternate, until neither lowers the cost."""
    best = start
    for _ in range(max_iter):
        candidates = np.concatenate([best.modes, complete(patterns, patterns.codes)])
        problem = _problem(patterns, distances, candidates, max_iter)
        swapped = problem.descend(np.arange(len(best.modes)))
        found = alternate(patterns, distances, candidates[list(swapped.slots)], max_iter)
        if found.cost >= best.cost * (1 - 1e-9):
            break
        best = found
    return best
