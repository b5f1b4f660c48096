"""Segments fitted anew to drawn tables, by each method, with few starts: there are many tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from segmentry.arrays import Floats, Labels, LevelCodes
from segmentry.cluster.input.level_scores import level_scores
from segmentry.cluster.latent_class.replicates import Replicates
from segmentry.patterns import PatternTable, joined_as_one
from segmentry.selection.count_tables import CountTables

REFIT_STARTS = 3
"""Random starts of each fit to a drawn table."""
STARTS_PER_CLASS, MOST_STARTS, _SHORT_CYCLES = 2, 10, 3
"""Refits of latent classes have two starts per class, at most ten, of so many cycles: with three starts, drawn for
all refits at once, five clear classes were found again at 69 % where ten find them at 94 %."""
_STARTS_OF_MEANS = 10
"""Refits by k-means: three starts found the least stable of four segments of the customer personality file again at 58 to
67 %, ten at 72 to 77 %, 25 at 78 to 82 %: what differed was the search, not the customers."""
_MAX_GRID = 1_000
"""Combinations of levels up to which modes are searched on all; beyond, alternation takes a tenth of the time."""
_MOST_ENTRIES = 4_000_000  # of the patterns' one-hot rows that are fitted at once
TOLERANCE = 1e-6
"""Ends a fit of latent classes: labels need less than likelihoods. Similarities change by 0.01, in a third of the time."""


@dataclass(frozen=True)
class Search:
    """How segments are searched: from `effort` times as many random starts as usual, and from segments (n_patterns,) nearby."""

    rng: np.random.Generator
    near: Labels | None = None
    effort: int = 1


@dataclass(frozen=True)
class Refitted:
    """Labels (n_tables, n_patterns) of all patterns, and the loss (n_tables,) that the fit to each table made small."""

    labels: Labels
    losses: Floats


class Refit(ABC):
    """A method of segmentation as drawn tables need it."""

    def __call__(
        self, tables: CountTables, k: int, rng: np.random.Generator, near: Labels | None = None
    ) -> Labels:
        """Return the labels (n_tables, n_patterns) that `fit` finds."""
        return self.fit(tables, k, Search(rng, near)).labels

    @abstractmethod
    def fit(self, tables: CountTables, k: int, search: Search) -> Refitted:
        """Fit `k` segments to each table."""

    def fit_apart(
        self,
        tables: Sequence[CountTables],
        k: int,
        rng: np.random.Generator,
        near: Sequence[Labels] | None = None,
    ) -> list[Labels]:
        """Return the labels (n_tables, n_patterns) of each of several tables with patterns of their own.

        `near` has for each the segments (n_patterns,) that one search begins from.
        """
        begun: Sequence[Labels | None] = near or [None] * len(tables)
        return [self(table, k, rng, labels) for table, labels in zip(tables, begun, strict=True)]

    def without_feature(self, number: int) -> Refit:  # noqa: ARG002 - a method without settings of features
        """Return the method for tables that lack a feature."""
        return self

    def n_without_feature(self, k: int) -> int:
        """Return how many segments the other features form where one of `k` segments' features is left out and tested."""
        return k

    @abstractmethod
    def distances(self, tables: CountTables) -> Floats:
        """Return the method's dissimilarity (n_patterns, n_patterns) between all patterns."""


class CostRefit(Refit):
    """A method that makes a cost small; latent classes have a likelihood instead."""

    @abstractmethod
    def relative_costs(self, tables: CountTables, labels: Labels) -> Floats:
        """Return the cost (n_tables,) of the segments (n_tables, n_patterns) over that of one segment."""


@dataclass(frozen=True)
class SegmentedTable:
    """One table, its segments, and the method that they were found by.

    Attributes
    ----------
    table
        The table.
    labels
        (n_patterns,) segment of each pattern, counted from 0.
    k
        Number of segments.
    refit
        The method.
    """

    table: CountTables
    labels: Labels
    k: int
    refit: Refit

    @property
    def weights(self) -> Floats:
        """(n_patterns,) customers."""
        return self.table.weights[0]


def table_of(method: str, patterns: PatternTable) -> PatternTable:
    """Return the patterns as a method takes them: to latent classes, joined features are one."""
    return joined_as_one(patterns) if method == "latent-class" else patterns


def refit_of(method: str, patterns: PatternTable, tolerance: float = TOLERANCE) -> Refit:
    """Return a method as drawn tables need it; `tolerance` ends a fit of latent classes."""
    if method == "latent-class":
        return ClassesRefit(tolerance)
    if method == "k-means":
        return MeansRefit()
    return ModesRefit([f.distance for f in patterns.features], [f.weight for f in patterns.features])


@dataclass(frozen=True)
class ClassesRefit(Refit):
    """Latent classes; `tolerance` is the relative change of the log-likelihood that ends a fit."""

    tolerance: float = TOLERANCE

    def fit(self, tables: CountTables, k: int, search: Search) -> Refitted:
        """Fit latent classes to each table; the loss is the negative log-likelihood."""
        labels, losses, done = np.zeros(tables.weights.shape, np.intp), np.empty(len(tables.weights)), 0
        parts = tables.parts()
        near = None if search.near is None else [search.near[rows] for rows, _ in parts]
        fits = self._side_by_side([part for _, part in parts], k, search, near)
        for (rows, part), found in zip(parts, fits, strict=True):
            end = done + len(part.weights)
            labels[done:end, rows], losses[done:end], done = found.labels, found.losses, end
        return Refitted(labels, losses)

    def fit_apart(
        self,
        tables: Sequence[CountTables],
        k: int,
        rng: np.random.Generator,
        near: Sequence[Labels] | None = None,
    ) -> list[Labels]:
        """Return the labels of each table; the classes of all are fitted side by side."""
        return [found.labels for found in self._side_by_side(tables, k, Search(rng), near)]

    def _side_by_side(
        self, tables: Sequence[CountTables], k: int, search: Search, near: Sequence[Labels] | None
    ) -> list[Refitted]:
        """Fit tables in batches: a step of many runs costs little more than one of few."""
        found: list[Refitted] = []
        for batch in _batches(tables):
            begun = None if near is None else near[len(found) : len(found) + len(batch)]
            found += self._batch(batch, k, search, begun)
        return found

    def _batch(
        self, tables: Sequence[CountTables], k: int, search: Search, near: Sequence[Labels] | None
    ) -> list[Refitted]:
        n_starts = search.effort * max(REFIT_STARTS, min(STARTS_PER_CLASS * k, MOST_STARTS))
        collapsed = [table.collapsed() for table in tables]
        data = Replicates.side_by_side([table.replicates() for table, _ in collapsed])
        found = data.fit(
            k,
            n_starts,
            search.rng,
            warm=None if near is None else _begun(tables, near, k),
            n_short=_SHORT_CYCLES,
            tolerance=self.tolerance,
        )
        ends = np.cumsum([len(table.weights) for table in tables])[:-1]
        labels = data.labels_by_table(found.parameters)
        losses = np.split(-found.log_likelihoods, ends)
        return [
            Refitted(own[:, place], loss)
            for own, loss, (_, place) in zip(labels, losses, collapsed, strict=True)
        ]

    def distances(self, tables: CountTables) -> Floats:
        """Return how many features differ between two patterns."""
        n_features = len(tables.n_levels)
        return _level_distances(tables, ["matching"] * n_features, [1.0] * n_features)


@dataclass(frozen=True)
class ModesRefit(CostRefit):
    """k-modes, by the recipe's distance and weight of each feature."""

    kinds: Sequence[str]
    weights: Sequence[float]

    def without_feature(self, number: int) -> ModesRefit:
        """Return the method without the distance and the weight of a feature."""
        kept = [j for j in range(len(self.kinds)) if j != number]
        return ModesRefit([self.kinds[j] for j in kept], [self.weights[j] for j in kept])

    def fit(self, tables: CountTables, k: int, search: Search) -> Refitted:
        """Fit k-modes to each table; the loss is the sum of the distances. The search by swaps needs no start nearby."""
        from segmentry.cluster import KModesModel

        labels, losses = np.empty(tables.weights.shape, np.intp), np.empty(len(tables.weights))
        for i, table in enumerate(tables.weights):
            model = KModesModel(
                min(k, int((table > 0).sum())),
                n_init=search.effort * REFIT_STARTS,
                max_grid=_MAX_GRID,
                distance=self.kinds,
                feature_weights=self.weights,
                missing_value=-1,
                handle_unknown="missing",
                random_state=int(search.rng.integers(2**31)),
            )
            labels[i] = model.fit(tables.codes, sample_weight=table).predict(tables.codes)
            losses[i] = model.cost_
        return Refitted(labels, losses)

    def distances(self, tables: CountTables) -> Floats:
        """Return the distance of the recipe; a feature that is missing in either pattern adds 0."""
        return _level_distances(tables, self.kinds, self.weights)

    def relative_costs(self, tables: CountTables, labels: Labels) -> Floats:
        """Return the distances to the modes over those to the modes of all."""
        found = [
            self._cost(tables, weights, segments) / self._cost(tables, weights, segments * 0)
            for weights, segments in zip(tables.weights, labels, strict=True)
        ]
        return np.array(found)

    def _cost(self, tables: CountTables, weights: Floats, labels: Labels) -> float:
        """Return the weighted distances to the modes of the segments; each feature's mode is the level of least cost."""
        total, n_segments = 0.0, int(labels.max()) + 1
        for j, n in enumerate(tables.n_levels):
            codes = tables.codes[:, j]
            known, ranks = codes >= 0, np.arange(n)
            counts = np.bincount(
                labels[known] * n + codes[known], weights[known], minlength=n_segments * n
            ).reshape(n_segments, n)
            apart = np.abs(ranks[:, None] - ranks)
            shares = apart / max(n - 1, 1) if self.kinds[j] == "rank" else 1.0 * (apart > 0)
            total += float((counts @ (self.weights[j] * shares)).min(axis=1).sum()) if n else 0.0
        return max(total, 1e-300)


@dataclass(frozen=True)
class MeansRefit(CostRefit):
    """k-means on the standardised codes of each table, or scores where features are ordered; a missing code lies at the mean."""

    def n_without_feature(self, k: int) -> int:
        """Return twice as many: the first cuts of k-means go to features of few levels, related or not, and hide the structure."""
        return 2 * k

    def fit(self, tables: CountTables, k: int, search: Search) -> Refitted:
        """Fit k-means to each table; the loss is the inertia."""
        from segmentry.cluster import label_by_means

        points = [(standard_points(tables, weights), weights) for weights in tables.weights]
        labels = label_by_means(points, k, search.effort * _STARTS_OF_MEANS, search.rng, search.near)
        losses = [_inertia(*pair, found) for pair, found in zip(points, labels, strict=True)]
        return Refitted(labels, np.array(losses))

    def distances(self, tables: CountTables) -> Floats:
        """Return the Euclidean distance of the standardised codes."""
        points = standard_points(tables, tables.weights.sum(axis=0))
        squares = (points**2).sum(axis=1)
        distances: Floats = np.sqrt(np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0.0))
        np.fill_diagonal(distances, 0.0)
        return distances

    def relative_costs(self, tables: CountTables, labels: Labels) -> Floats:
        """Return the inertia about the means over that about the mean of all."""
        found = []
        for weights, segments in zip(tables.weights, labels, strict=True):
            points = standard_points(tables, weights)
            found.append(_inertia(points, weights, segments) / _inertia(points, weights, segments * 0))
        return np.array(found)


def _batches(tables: Sequence[CountTables]) -> list[Sequence[CountTables]]:
    """Divide tables into batches that are fitted side by side, as many as are held in memory at once.

    Without ordered features a step is cheap, and there is nothing to gain.
    """
    if tables[0].is_ordered is None:
        return [[table] for table in tables]
    ends = np.cumsum([len(table.codes) * sum(table.n_levels) for table in tables])
    number = (ends - ends[0]) // _MOST_ENTRIES
    cuts = np.flatnonzero(np.diff(number)) + 1
    return [tables[a:b] for a, b in pairwise([0, *cuts.tolist(), len(tables)])]


def _begun(tables: Sequence[CountTables], near: Sequence[Labels], k: int) -> Floats:
    """Return the mixtures (k, n_runs, 1 + n_columns) whose classes are the segments `near` each table's own."""
    mixtures = [t.replicates().mixture_of(labels, k) for t, labels in zip(tables, near, strict=True)]
    return np.repeat(np.stack(mixtures, axis=1), [len(table.weights) for table in tables], axis=1)


def standard_points(tables: CountTables, weights: Floats) -> Floats:
    """Return the standardised codes of the patterns; of ordered features the standardised normal scores."""
    if tables.is_ordered is None:
        return standardised(tables.codes, weights)
    columns = [
        np.append(level_scores(codes, weights, n), 0.0)[codes] if is_ordered else codes
        for codes, n, is_ordered in zip(tables.codes.T, tables.n_levels, tables.is_ordered, strict=True)
    ]
    return standardised(tables.codes, weights, np.column_stack(columns))


def standardised(codes: LevelCodes, weights: Floats, values: Floats | None = None) -> Floats:
    """Return the codes, or the `values` that stand for them, with mean 0 and variance 1 under `weights`; missing ones are 0."""
    known = codes >= 0
    values = codes.astype(np.float64) if values is None else values
    masses = weights[:, None] * known
    totals = np.maximum(masses.sum(axis=0), 1e-300)
    centred = np.where(known, values - (masses * values).sum(axis=0) / totals, 0.0)
    deviation = np.sqrt((masses * centred**2).sum(axis=0) / totals)
    return np.asarray(centred / np.where(deviation > 0, deviation, 1.0))


def _level_distances(tables: CountTables, kinds: Sequence[str], weights: Sequence[float]) -> Floats:
    """Add per feature 0/1, or |rank difference| / (levels - 1), times its weight; 0 where one is missing."""
    total = np.zeros((len(tables.codes), len(tables.codes)))
    for j, (kind, weight) in enumerate(zip(kinds, weights, strict=True)):
        codes = tables.codes[:, j]
        known = (codes >= 0)[:, None] & (codes >= 0)
        apart = np.abs(codes[:, None] - codes) if kind == "rank" else codes[:, None] != codes
        scale = weight / max(tables.n_levels[j] - 1, 1) if kind == "rank" else weight
        total += np.where(known, apart * scale, 0.0)
    return total


def _inertia(points: Floats, weights: Floats, labels: Labels) -> float:
    """Return the weighted squared distances to the means of the segments."""
    sums = np.stack([np.bincount(labels, weights * column) for column in points.T])
    masses = np.maximum(np.bincount(labels, weights), 1e-300)
    return float((weights[:, None] * points**2).sum() - (sums**2 / masses).sum())
