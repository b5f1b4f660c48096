"""k-means on weighted points: starts drawn and Lloyd steps taken for many runs side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from segmentry.cluster._patterns import Floats, Indices

_Real = TypeVar("_Real", np.float32, np.float64)
GAIN = 1e-9
"""A relative fall of the cost that does not count."""
_BLOCK = 2**15  # distances at a time, so that they stay in a core's cache
_DRAWN = 2**22  # distances that starts drawn together may take


@dataclass(frozen=True)
class Runs:
    """Runs side by side: `centres` (n_runs, n_clusters, n_features), `costs` and `n_steps` (n_runs,)."""

    centres: Floats
    costs: Floats
    n_steps: Indices

    def __len__(self) -> int:
        return len(self.costs)

    def __getitem__(self, chosen: Any) -> Runs:
        return Runs(self.centres[chosen], self.costs[chosen], self.n_steps[chosen])

    def cheapest(self, n_runs: int) -> Runs:
        """Return the cheapest runs, in ascending order."""
        return self[np.argsort(self.costs, kind="stable")[:n_runs]]


class Points:
    """Points `rows` (n_points, n_features) and their positive `weights`, centred: distances are differences of squares."""

    def __init__(self, rows: Floats, weights: Floats) -> None:
        self.rows, self.weights = rows, weights
        self._rows_and_one = np.column_stack([rows, np.ones(len(rows))])
        self._columns = np.ascontiguousarray(self._rows_and_one.T)
        self._squares = np.einsum("ij,ij->i", rows, rows)

    def __len__(self) -> int:
        return len(self.rows)

    def start(self, n_clusters: int, n_runs: int, n_most: int, rng: np.random.Generator) -> Runs:
        """Take Lloyd steps from starts that spread (see `spread`)."""
        return self.descend(self.rows[self.spread(n_clusters, n_runs, rng)], n_most)

    def descend(self, centres: Floats, n_most: int) -> Runs:
        """Take Lloyd steps, at most so many, while they lower a run's cost."""
        best, costs = centres.copy(), np.full(len(centres), np.inf)
        n_steps, running = np.zeros(len(centres), np.intp), np.arange(len(centres))
        for _ in range(n_most):
            found, means = self._step(centres)
            is_better = found < costs[running] * (1 - GAIN)
            running = running[is_better]
            if not len(running):
                break
            best[running], costs[running] = centres[is_better], found[is_better]
            n_steps[running] += 1
            centres = means[is_better]
        return Runs(best, costs, n_steps)

    def _step(self, centres: Floats) -> tuple[Floats, Floats]:
        """Return the cost (n_runs,) of the centres (n_runs, n_clusters, n_features), and the means of their points.

        A point goes to the first of equally near centres; a centre without points stays where it is.
        """
        n_runs, n_clusters, n_features = centres.shape
        sums = np.zeros((n_runs * n_clusters, n_features + 1))
        costs = np.full(n_runs, self.weights @ self._squares)
        numbers = np.arange(n_clusters, dtype=np.int32)[:, None]
        for part, near in self._near(centres):
            owners, nearest = first_smallest(near)
            costs += nearest @ self.weights[part]
            members = (owners[:, None] == numbers) * self.weights[part]
            sums += members.reshape(len(sums), -1) @ self._rows_and_one[part]
        sizes = sums[:, -1:]
        means = sums[:, :-1] / np.where(sizes > 0, sizes, 1.0)
        return costs, np.where(sizes > 0, means, centres.reshape(means.shape)).reshape(centres.shape)

    def _near(self, centres: Floats) -> Iterator[tuple[slice, Floats]]:
        """Yield slices of the points, and their squared distances (n_runs, n_clusters, n) less their own squares."""
        n_runs, n_clusters, n_features = centres.shape
        squares = np.einsum("rkj,rkj->rk", centres, centres)
        tables = np.concatenate([-2 * centres, squares[..., None]], axis=2).reshape(-1, n_features + 1)
        height = max(64, _BLOCK // len(tables))
        for start in range(0, len(self), height):
            part = slice(start, start + height)
            yield part, (tables @ self._columns[:, part]).reshape(n_runs, n_clusters, -1)

    def labels(self, centres: Floats) -> Indices:
        """Return the nearest of the centres (n_clusters, n_features) for each point; of equal ones the first."""
        owners = [first_smallest(near)[0][0] for _, near in self._near(centres[None])]
        return np.concatenate(owners).astype(np.intp)

    def away(self, centres: Floats) -> Floats:
        """Return the squared distances (n_centres, n_points)."""
        near = np.concatenate([near[:, 0] for _, near in self._near(centres[:, None])], axis=1)
        return np.maximum(near + self._squares, 0.0)

    def spread(self, n_clusters: int, n_runs: int, rng: np.random.Generator) -> Indices:
        """Draw points (n_runs, n_clusters) by weight times squared distance to those drawn before.

        Of several draws the best is kept: greedy k-means++ (Arthur & Vassilvitskii 2007).
        """
        n_draws = 2 + int(log(n_clusters))
        together = max(1, _DRAWN // (n_draws * len(self)))
        sizes = [min(together, n_runs - done) for done in range(0, n_runs, together)]
        return np.concatenate([self._spread(n_clusters, size, n_draws, rng) for size in sizes])

    def _spread(self, n_clusters: int, n_runs: int, n_draws: int, rng: np.random.Generator) -> Indices:
        chosen = self.draw(n_runs, rng)[:, None]
        nearest, everyone = self.away(self.rows[chosen[:, 0]]), np.arange(n_runs)
        for _ in range(1, n_clusters):
            drawn = self._by_mass(nearest * self.weights, n_draws, rng)
            away = self.away(self.rows[drawn.reshape(-1)]).reshape(n_runs, n_draws, -1)
            nearer = np.minimum(away, nearest[:, None])
            best = (nearer @ self.weights).argmin(axis=1)
            chosen = np.column_stack([chosen, drawn[everyone, best]])
            nearest = nearer[everyone, best]
        return chosen

    def draw(self, n_points: int, rng: np.random.Generator) -> Indices:
        """Draw points (n_points,) by weight."""
        return self._by_mass(self.weights[None], n_points, rng)[0]

    def _by_mass(self, mass: Floats, n_draws: int, rng: np.random.Generator) -> Indices:
        """Draw points (n_runs, n_draws) in proportion to a mass (n_runs, n_points)."""
        running = np.cumsum(mass, axis=1)
        aims = rng.random((len(mass), n_draws)) * running[:, -1:]
        places = [np.searchsorted(row, aim, "right") for row, aim in zip(running, aims, strict=True)]
        return np.minimum(places, len(self) - 1)


def first_smallest(near: npt.NDArray[_Real]) -> tuple[npt.NDArray[np.int32], npt.NDArray[_Real]]:
    """Return the first of the smallest along the second axis, and it, faster than `argmin` along any axis."""
    nearest = near[:, 0].copy()
    owners = np.zeros(nearest.shape, np.int32)
    for number in range(1, near.shape[1]):
        np.copyto(owners, number, where=near[:, number] < nearest)
        np.minimum(nearest, near[:, number], out=nearest)
    return owners, nearest
