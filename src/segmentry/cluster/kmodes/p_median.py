"""The p-median problem on a fixed set of candidates: swap descent, and crosses of its local optima."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from segmentry.arrays import Floats, Indices, SingleFloats

_BLOCK = 2**16  # entries of the distance matrix that stay in a core's cache
_LEAST_HEIGHT = 16  # candidates at a time, where the patterns alone would fill more
_PRODUCT = 2**18  # multiplications of a product that OpenBLAS makes on one thread
_FEW = 2**14  # clusters times patterns from which products are larger
_CROSS_WORK = 2**30  # entries that all crosses together may touch
_STEPS_PER_CROSS = 3
_POOL = 30
_LOST = (2, 0, 3)  # candidates that children lose, in turn
_GAIN = 1e-12
_HEAVY = 0.75
"""The heaviest patterns that hold this share of the customers choose swaps, where they are at most a third of all: on a
million households 162 of 640. Four modes take 10 ms instead of 62, and no optimum of 2 to 8 was missed from 150 seeds. Where
weights differ less they chose too much alike: four modes of the customer personality file were missed from 22 of 300 seeds, else from none."""

Slots = tuple[int, ...]


@dataclass(frozen=True)
class LocalOptimum:
    """A local optimum: the candidates chosen, in ascending order, and its cost per unit of weight."""

    cost: float
    slots: Slots
    n_steps: int = 1

    @property
    def rank(self) -> tuple[float, Slots]:
        """Return what orders optima; costs that differ by rounding alone are equal."""
        return round(self.cost, 11), self.slots


@dataclass(frozen=True)
class _Chooser:
    """Patterns with their `shares`, the candidates that they choose a swap from, and `distances` (n_candidates, n_patterns)."""

    patterns: Indices | slice
    shares: Floats
    candidates: Indices
    distances: SingleFloats


class PMedianProblem:
    """Choose `k` of the candidates so that the weighted sum of distances to the nearest is smallest.

    `distances` (n_candidates, n_patterns), single precision; `shares` (n_patterns,) sum to 1.
    Costs are compared in double precision: rounding can hide a swap, never accept a bad one.
    """

    def __init__(self, distances: SingleFloats, shares: Floats, max_iter: int) -> None:
        self.distances, self.shares = distances, shares
        self.max_iter = max_iter
        self._choosers = [_Chooser(slice(None), shares, np.arange(len(distances)), distances)]
        heaviest = np.argsort(-shares, kind="stable")
        heaviest = heaviest[: int(np.searchsorted(np.cumsum(shares[heaviest]), _HEAVY)) + 1]
        if len(heaviest) <= len(shares) // 3:
            own = np.unique(self.home[heaviest])
            few = distances[np.ix_(own, heaviest)]
            self._choosers.insert(0, _Chooser(heaviest, shares[heaviest], own, few))
        n_buffered = max(_BLOCK, _LEAST_HEIGHT * len(shares))
        self._nearer = np.empty(n_buffered, np.float32)  # a new one for each block costs a third of a swap
        self._swaps: dict[Slots, tuple[Slots, float]] = {}

    @cached_property
    def home(self) -> Indices:
        """Return the candidate that stands for each pattern."""
        parts = np.array_split(self.distances, max(1, self.distances.size // _BLOCK), axis=1)
        return np.concatenate([part.T.copy().argmin(axis=1) for part in parts])  # along the rows is faster

    def cost(self, slots: Sequence[int]) -> float:
        """Return the weighted mean distance to the nearest of the chosen candidates."""
        return float(self.shares @ self.distances[list(slots)].min(axis=0))

    def descend(self, chosen: Iterable[int]) -> LocalOptimum:
        """Make the best swaps until none improves (Teitz & Bart 1968)."""
        slots = tuple(sorted(chosen))
        cost = self.cost(slots)
        for step in range(1, self.max_iter + 1):  # noqa: B007
            swapped, new_cost = self._best_swaps(slots, cost)
            if new_cost >= cost - _GAIN:
                break
            slots, cost = swapped, new_cost
        return LocalOptimum(cost, slots, step)

    def _best_swaps(self, slots: Slots, before: float) -> tuple[Slots, float]:
        """Return the slots after the best swap, and those of other slots that gain beside it, and their cost.

        The heaviest patterns choose the swap where they are few, and all of them where those find none that gains. Many
        descents meet on their way, so the answer is remembered.
        """
        if slots not in self._swaps:
            found = (slots, np.inf)
            for chooser in self._choosers:
                found = self._swapped(slots, chooser)
                if found[1] < before - _GAIN:
                    break
            self._swaps[slots] = found
        return self._swaps[slots]

    def _swapped(self, slots: Slots, chooser: _Chooser) -> tuple[Slots, float]:
        """Return the slots, and their cost, after the swaps that cost the choosing patterns least."""
        table, before = self._swap_costs(slots, chooser)
        candidates, costs = chooser.candidates[table.argmin(axis=1)].tolist(), table.min(axis=1)
        swapped, cost = list(slots), np.inf
        n_gains = np.count_nonzero(costs < before)
        for slot in np.argsort(costs, kind="stable")[: max(1, n_gains)].tolist():
            tried = [*swapped[:slot], candidates[slot], *swapped[slot + 1 :]]
            if (new_cost := self.cost(tried)) < cost - _GAIN:
                swapped, cost = tried, new_cost
        return tuple(sorted(swapped)), cost

    def _swap_costs(self, slots: Slots, chooser: _Chooser) -> tuple[SingleFloats, float]:
        """Return what the choosers pay (n_slots, n_candidates) after each swap, and before (Schubert & Rousseeuw 2021).

        A pattern pays min(d, d1) while its nearest slot stays and min(d, d2) when that slot leaves;
        d1 and d2 are its distances to the nearest and second nearest slot.
        """
        n_candidates, n = chooser.distances.shape
        owner, first, second = self._two_nearest(slots, chooser.patterns)
        members = np.zeros((len(slots), n), np.float32)
        members[owner, np.arange(n)] = chooser.shares
        staying = np.empty((len(slots), n_candidates), np.float32)
        leaving = np.empty_like(staying)
        height = max(_LEAST_HEIGHT, min(_BLOCK, _PRODUCT // len(slots)) // n)
        for start in range(0, n_candidates, height):
            part = slice(start, start + height)
            rows = chooser.distances[part]
            nearer = self._nearer[: rows.size].reshape(rows.shape)
            staying[:, part] = members @ np.minimum(rows, first, out=nearer).T
            leaving[:, part] = members @ np.minimum(rows, second, out=nearer).T
        leaving -= staying
        leaving += staying.sum(axis=0)
        return leaving, float(chooser.shares @ first)

    def drop(self, slots: list[int], n_clusters: int) -> list[int]:
        """Leave out slots one by one, the one whose loss costs least first."""
        left = list(slots)
        while len(left) > n_clusters:
            owner, first, second = self._two_nearest(left, slice(None))
            del left[np.bincount(owner, self.shares * (second - first), len(left)).argmin()]
        return left

    def _two_nearest(
        self, slots: Sequence[int], patterns: Indices | slice
    ) -> tuple[Indices, SingleFloats, SingleFloats]:
        """Return which slot is nearest to each pattern, and the distances to it and to the second nearest."""
        near = self.distances[list(slots)][:, patterns]
        owner, columns = near.argmin(axis=0), np.arange(near.shape[1])
        first = near[owner, columns]
        near[owner, columns] = np.inf
        return owner, first, near.min(axis=0)

    def draw(self, chosen: list[int], n_clusters: int, rng: np.random.Generator) -> list[int]:
        """Fill up `chosen` with candidates of patterns drawn by weight times distance."""
        slots = list(chosen)
        while len(slots) < n_clusters:
            mass = self.shares
            if slots:
                mass = mass * self.distances[slots].min(axis=0)
            if not mass.any():
                free = np.setdiff1d(np.arange(len(self.distances)), slots)
                slots += free[: n_clusters - len(slots)].tolist()
                break
            slots.append(int(self.home[draw_index(mass, rng)]))
        return slots


def keeps_to_one_thread(n_clusters: int, n_patterns: int) -> bool:
    """Say whether OpenBLAS makes every product of a search on one thread by itself.

    Finding the libraries of linear algebra, to limit their threads, takes as long as a search on some hundred patterns.
    """
    return n_clusters > 1 and n_clusters * n_patterns <= _FEW


def draw_index(mass: Floats, rng: np.random.Generator) -> int:
    """Draw one index in proportion to `mass`."""
    running = np.cumsum(mass)
    return int(np.searchsorted(running / running[-1], rng.random(), side="right"))


def search_medians(
    problem: PMedianProblem, n_clusters: int, n_init: int, rng: np.random.Generator
) -> tuple[LocalOptimum, int]:
    """Return the best optimum of `n_init` starts and of their crosses, and how many starts reached it."""
    starts = [problem.descend(problem.draw([], n_clusters, rng)) for _ in range(n_init)]
    best = _cross_best(problem, starts, rng)
    return best, n_init - _n_missed(starts, best)


def _cross_best(
    problem: PMedianProblem, starts: list[LocalOptimum], rng: np.random.Generator
) -> LocalOptimum:
    """Cross pairs of local optima until a number of crosses in a row has not improved the best.

    The number grows with the starts that missed the best, and with the clusters: for six and more, plain
    descents alone miss the optimum; 27 crosses per start instead of 31 missed it from 1 of 200 seeds for six.
    """
    pool = _best_distinct(starts)
    n_clusters = len(pool[0].slots)
    affordable = _CROSS_WORK // (_STEPS_PER_CROSS * problem.distances.size)
    per_start = max((n_clusters - 1) ** 3 // 4, 12)
    idle, patience = 0, min(max(per_start * _n_missed(starts, pool[0]), len(starts)), affordable)
    while idle < patience and n_clusters > 1 and pool[0].cost > 0:
        child = problem.descend(_child(problem, pool, _LOST[idle % len(_LOST)], rng))
        idle += 1
        if child.rank[0] < pool[0].rank[0]:
            idle, patience = 0, min(per_start * len(starts), affordable)
        if child not in pool:
            pool = _best_distinct([*pool, child])
    return pool[0]


def _n_missed(starts: list[LocalOptimum], best: LocalOptimum) -> int:
    return sum(start.rank[0] > best.rank[0] for start in starts)


def _child(
    problem: PMedianProblem, pool: list[LocalOptimum], n_lost: int, rng: np.random.Generator
) -> list[int]:
    """Cross two optima of the pool.

    Where nothing is lost, the cheapest to leave out are dropped from the slots of both (Alp, Erkut & Drezner
    2003). Else the child keeps what both share, takes the rest from either at random, and loses some.
    """
    pair = rng.choice(len(pool), 2, replace=len(pool) < 2)
    first, second = (set(pool[i].slots) for i in pair)
    if not n_lost:
        return problem.drop(sorted(first | second), len(first))
    either = rng.permutation(sorted(first ^ second))[: len(first - second)]
    slots = [*sorted(first & second), *either.tolist()]
    for _ in range(min(n_lost, len(slots) - 1)):
        del slots[rng.integers(len(slots))]
    return problem.draw(slots, len(first), rng)


def _best_distinct(found: list[LocalOptimum]) -> list[LocalOptimum]:
    distinct = {optimum.slots: optimum for optimum in reversed(found)}
    return sorted(distinct.values(), key=lambda optimum: optimum.rank)[:_POOL]
