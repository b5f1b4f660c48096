"""k-modes: the levels that stand for each cluster, by the smallest weighted sum of distances."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import product
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from segmentry.cluster._alternation import Alternated, alternate, complete, draw_modes
from segmentry.cluster._assignment import largest_first, lookup_sums, nearest_clusters
from segmentry.cluster._distance import Distance, read_distances
from segmentry.cluster._encoding import encode
from segmentry.cluster._parameters import check_enough_patterns, check_whole, read_random_state
from segmentry.cluster._patterns import Floats, Indices, Patterns, read_training
from segmentry.cluster._swap import Medians, search_medians
from segmentry.cluster._table import Codes, Levels
from segmentry.cluster._threads import one_thread
from segmentry.errors import SegmentryWarning

_MATRIX = 4 * 10**7  # entries of a distance matrix that is kept in memory


class KModes(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """Clusters of categorical patterns around modes, searched as a p-median problem.

    The modes are chosen from the product grid of the observed levels, so that the weighted sum of
    distances to the nearest mode is smallest. A distance adds over features: 0/1 for ``'matching'``,
    ``|rank difference| / (levels - 1)`` for ``'rank'``, times the feature's weight; a missing cell adds 0.

    Parameters
    ----------
    n_clusters : int, default=8
        The number of clusters.
    n_init : int, default=10
        The number of random starts.
    max_iter : int, default=100
        The most swaps, or alternations, of one descent.
    distance : {'matching', 'rank'} or a sequence of these, default='matching'
        The distance of all features, or of each.
    feature_weights : sequence of float, default=None
        One weight of at least 0 per feature; None is 1 for all.
    max_grid : int, default=10_000
        The largest grid (the product of the numbers of observed levels) that is searched whole.
    missing_value : object, default=None
        A value that means missing, beside NaN and None.
    handle_unknown : {'error', 'missing'}, default='error'
        What `predict` and `transform` do with a value unseen in `fit`.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    cluster_modes_ : ndarray (n_clusters, n_features)
        The modes in the values of X; None where a feature has no value at all.
    mode_codes_ : ndarray of int (n_clusters, n_features)
        The modes as positions in `categories_`.
    categories_ : list of ndarray
        Per feature its levels: the values seen in rows of positive weight, sorted.
    labels_ : ndarray of int (n_rows,)
        The nearest mode of each row; of equally near ones the first.
    cost_ : float
        The sum over rows of weight times distance to the nearest mode.
    n_best_ : int
        How many of the `n_init` starts reached `cost_` (in a sample, where starts compete on one).
        0 says that only the crosses of local optima reached it.
    n_iter_ : int
        The steps of the descent that found the modes.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : ndarray of str
        The names of the features, where X has names.

    Notes
    -----
    Equal rows are first collapsed to patterns with summed weights, so a weight of 3 equals three rows.
    Starts are drawn by weight times distance. Each descends by the best swap of one mode for one
    candidate of the grid (Teitz & Bart 1968, evaluated as in Schubert & Rousseeuw 2021), then pairs of
    the local optima are crossed and descend again. No bound is computed.

    Where the grid has more than `max_grid` candidates, or the distances to all of them more than 40 million
    entries, the starts alternate between assignment and new modes (Huang 1998), from 50,000 patterns on
    in a sample of 20,000 of them, and the best is improved on all. Where the distances between all patterns
    fit in memory, swaps among the observed patterns follow. Nothing is proved about the result.

    Clusters are numbered by weight, largest first; a pattern equally near to several modes goes to the
    first of them. Of equal weights, the cluster with the heaviest single pattern comes first, then the
    one that appears first in X.

    References
    ----------
    Schubert & Rousseeuw (2021), Fast and eager k-medoids clustering. doi:10.1016/j.is.2021.101804
    Teitz & Bart (1968), Heuristic methods for estimating the generalized vertex median of a weighted
    graph. doi:10.1287/opre.16.5.955
    Huang (1998), Extensions to the k-means algorithm for clustering large data sets with categorical
    values. doi:10.1023/A:1009769707641

    Examples
    --------
    Two kinds of customers, in four rows that stand for 53:

    >>> from segmentry.cluster import KModes
    >>> X = [["young", "one"], ["young", "two"], ["old", "two"], ["old", "one"], ["young", "one"]]
    >>> model = KModes(n_clusters=2, random_state=0).fit(X, sample_weight=[20, 1, 20, 2, 10])
    >>> model.cluster_modes_.tolist()
    [['young', 'one'], ['old', 'two']]
    >>> model.cost_
    3.0
    >>> model.predict([["old", None]]).tolist()
    [1]
    """

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
        self.cluster_modes_ = _as_values(self.mode_codes_, self.categories_)
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
        check_is_fitted(self, "mode_codes_")
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

    @property
    def _n_features_out(self) -> int:
        """Say how many columns `transform` gives, for `get_feature_names_out`."""
        return len(self.mode_codes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags


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


def _as_values(codes: Codes, categories: Sequence[Levels]) -> npt.NDArray[Any]:
    """Return the levels that `codes` (n_clusters, n_features) stand for; objects where types differ."""
    kinds = {levels.dtype for levels in categories}
    is_whole = all(len(levels) for levels in categories)
    values = np.empty(codes.shape, dtype=kinds.pop() if len(kinds) == 1 and is_whole else object)
    for j, levels in enumerate(categories):
        values[:, j] = levels[codes[:, j]] if len(levels) else None
    return values
