"""Many short runs of k-means on indicator columns in one batch, of which the best are crossed.

A mode knows a level alone, where a mean knows how sure a cluster is of it: alternation from drawn modes stops
early, at several per cent above the cost of what k-means finds. And the best means are not always the best
modes: so every run ends in steps of k-modes, and its cost is that of its modes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, LevelCodes, SingleFloats
from segmentry.cluster.assignment import first_smallest
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.kmodes.distance import FeatureDistance

_BLOCK = 2**17  # entries of a block of distances, to stay in a core's cache
_CACHED = 2 * 10**7  # indicators that are kept in single precision; more are kept in bytes
_MEANS, _MODES = 4, 3  # steps of k-means in a run, then of k-modes
_POOL, _CHILDREN = 10, 10  # runs that may be crossed, and crosses per round
_PATIENCE, _ROUNDS = 4, 30  # rounds that bring nothing, and rounds in all
_GAIN = 1e-6  # relative cost that counts as a gain, or as another optimum
_PART = 1e-6  # of all rows in every cluster: an empty one has the shares of the whole


@dataclass(frozen=True)
class MeansRuns:
    """Clusters of several runs: `totals` (n_runs, n_clusters, n_columns) are the shares of all rows by level.

    `costs` (n_runs,) are those of the means or modes that the clusters were assigned by.
    """

    totals: SingleFloats
    costs: Floats

    def __getitem__(self, chosen: Indices | slice) -> MeansRuns:
        return MeansRuns(self.totals[chosen], self.costs[chosen])

    def __add__(self, other: MeansRuns) -> MeansRuns:
        return MeansRuns(
            np.concatenate([self.totals, other.totals]), np.concatenate([self.costs, other.costs])
        )

    def best_distinct(self, n_runs: int) -> MeansRuns:
        """Keep the best runs, best first, one of those that cost the same."""
        order = np.argsort(self.costs, kind="stable")
        ranked = self.costs[order]
        is_other = np.append(True, np.diff(ranked) > _GAIN * ranked[1:])
        return self[order[is_other][:n_runs]]


class IndicatorPoints:
    """Patterns as indicator columns, one per level (0 where missing), with ``-distance`` as their kernel.

    For matching it is half the squared Euclidean distance.
    """

    def __init__(self, patterns: WeightedPatterns, distances: Sequence[FeatureDistance]) -> None:
        self.distances, self.orders = distances, patterns.level_orders
        self.kept = [j for j, d in enumerate(distances) if d.n_levels]
        sizes = [distances[j].n_levels for j in self.kept]
        self.starts = np.cumsum([0, *sizes])[:-1]
        self.feature_of = np.repeat(np.arange(len(sizes)), sizes)
        self.weights: SingleFloats = (patterns.weights / patterns.total_weight).astype(np.float32)
        kind = np.float32 if len(patterns) * sum(sizes) <= _CACHED else np.uint8
        self.rows = self._indicators(patterns.codes, kind)
        self.kernel = np.zeros((sum(sizes), sum(sizes)), np.float32)
        for j, part in self._columns():
            self.kernel[part, part] = distances[j].table(np.arange(distances[j].n_levels))[:-1]
        self.margins = np.zeros(sum(sizes), np.float32)
        for rows, weights in self._blocks(sum(sizes)):
            self.margins += weights @ rows

    def step(self, totals: SingleFloats, *, is_by_modes: bool) -> MeansRuns:
        """Assign the rows to the nearest means, or modes, of the clusters; return the new clusters."""
        n_runs, n_clusters, n_columns = totals.shape
        flat = totals.reshape(-1, n_columns)
        tables = self._tables(self._modes(flat) if is_by_modes else flat)
        found, costs = np.zeros_like(flat), np.zeros(n_runs)
        numbers = np.arange(n_clusters, dtype=np.int32)[:, None]
        for rows, weights in self._blocks(len(flat)):
            owners, nearest = first_smallest((tables @ rows.T).reshape(n_runs, n_clusters, -1))
            costs += nearest @ weights
            found += ((owners[:, None] == numbers) * weights).reshape(len(flat), -1) @ rows
        return MeansRuns(found.reshape(totals.shape), costs)

    def advance(self, totals: SingleFloats, n_means: int, n_modes: int) -> MeansRuns:
        """Take steps of k-means, then of k-modes."""
        for step in range(n_means + n_modes):
            runs = self.step(totals, is_by_modes=step >= n_means)
            totals = runs.totals
        return runs

    def draw(self, n_clusters: int, n_runs: int, rng: np.random.Generator) -> SingleFloats:
        """Draw rows by weight times distance to those drawn before (Arthur & Vassilvitskii 2007)."""
        rows: SingleFloats = self.rows.astype(np.float32, copy=False)
        chosen = np.empty((n_runs, n_clusters), np.intp)
        nearest = np.full((len(rows), n_runs), np.inf, np.float32)
        mass = np.broadcast_to(self.weights[:, None], nearest.shape)
        for c in range(n_clusters):
            running = np.cumsum(mass, axis=0, dtype=np.float64).T
            aims = rng.random(n_runs) * running[:, -1]
            places = [np.searchsorted(row, aim, "right") for row, aim in zip(running, aims, strict=True)]
            chosen[:, c] = np.minimum(places, len(rows) - 1)
            away = rows @ (rows[chosen[:, c]] @ self.kernel.T).T
            nearest = np.minimum(nearest, away)
            mass = self.weights[:, None] * nearest
        return rows[chosen]

    def clusters_of(self, modes: LevelCodes) -> SingleFloats:
        """Return modes (..., n_clusters, n_features) as clusters of themselves."""
        flat = self._indicators(modes.reshape(-1, modes.shape[-1]), np.float32)
        return flat.reshape(*modes.shape[:-1], -1)

    def distances_to(self, modes: LevelCodes) -> SingleFloats:
        """Return the distance (n_modes, n_rows) of every row to modes (n_modes, n_features)."""
        rows: SingleFloats = self.rows.astype(np.float32, copy=False)
        to_levels: SingleFloats = self.clusters_of(modes) @ self.kernel.T
        return to_levels @ rows.T

    def modes_of(self, totals: SingleFloats) -> LevelCodes:
        """Return the modes (n_clusters, n_features) of clusters (n_clusters, n_columns)."""
        modes = np.full((len(totals), len(self.distances)), -1, np.int32)
        for j, part in self._columns():
            modes[:, j] = self.distances[j].best_levels(totals[:, part].astype(np.float64), self.orders[j])
        return modes

    def _columns(self) -> list[tuple[int, slice]]:
        """Return the features that have levels, and the columns of each."""
        return [
            (j, slice(start, start + self.distances[j].n_levels))
            for j, start in zip(self.kept, self.starts.tolist(), strict=True)
        ]

    def _indicators(self, codes: LevelCodes, kind: type[np.generic]) -> npt.NDArray[Any]:
        rows: npt.NDArray[Any] = np.zeros((len(codes), len(self.feature_of)), kind)
        for j, part in self._columns():
            np.equal(
                codes[:, [j]], np.arange(self.distances[j].n_levels), out=rows[:, part], casting="unsafe"
            )
        return rows

    def _blocks(self, n_tables: int) -> Iterator[tuple[SingleFloats, SingleFloats]]:
        height = max(64, _BLOCK // max(n_tables, 1))
        for start in range(0, len(self.rows), height):
            part = slice(start, start + height)
            yield self.rows[part].astype(np.float32, copy=False), self.weights[part]

    def _modes(self, totals: SingleFloats) -> SingleFloats:
        """Return the indicators (n_modes, n_columns) of the best levels; of equal ones the first."""
        costs, modes = totals @ self.kernel, np.zeros_like(totals)
        everyone = np.arange(len(totals))
        for _, part in self._columns():
            modes[everyone, part.start + costs[:, part].argmin(axis=1)] = 1.0
        return modes

    def _tables(self, totals: SingleFloats) -> SingleFloats:
        """Return the squared distance (n_means, n_columns) of every level to the means.

        It is ``sum(share * distance) - sum(share * share' * distance) / 2``, and for a mode the distance.
        """
        if not len(self.starts):
            return totals
        filled = totals + np.float32(_PART) * self.margins
        shares = filled / np.add.reduceat(filled, self.starts, axis=1)[:, self.feature_of]
        away = shares @ self.kernel.T
        spread = np.add.reduceat(shares * away, self.starts, axis=1)[:, self.feature_of]
        return np.asarray(away - spread / 2, np.float32)


def best_mean_starts(
    points: IndicatorPoints, n_clusters: int, n_starts: int, rng: np.random.Generator
) -> tuple[MeansRuns, MeansRuns]:
    """Return the random starts, and the best runs of rounds of crosses between them and some more."""
    drawn = points.draw(n_clusters, max(n_starts, _POOL), rng)
    starts = points.advance(drawn, _MEANS, _MODES)
    runs, idle = starts.best_distinct(_POOL), 0
    for _ in range(_ROUNDS if n_clusters > 1 else 0):
        children = points.advance(_crosses(points, runs, rng), _MEANS, _MODES)
        merged = (runs + children).best_distinct(_POOL)
        idle = 0 if merged.costs[0] < runs.costs[0] * (1 - _GAIN) else idle + 1
        runs = merged
        if idle == _PATIENCE:
            break
    return starts[:n_starts], runs


def _crosses(points: IndicatorPoints, runs: MeansRuns, rng: np.random.Generator) -> SingleFloats:
    """Return children of two runs, with clusters of both; every other one has a row instead (Fränti 2018)."""
    n_runs, n_clusters, _ = runs.totals.shape
    children = []
    for child in range(_CHILDREN):
        first, second = rng.choice(n_runs, 2, replace=n_runs < 2)
        if child % 2:
            both = np.concatenate([runs.totals[first], runs.totals[second]])
            children.append(both[rng.choice(2 * n_clusters, n_clusters, replace=False)])
        else:
            swapped = runs.totals[min(first, second)].copy()
            swapped[rng.integers(n_clusters)] = points.rows[rng.integers(len(points.rows))]
            children.append(swapped)
    return np.stack(children)
