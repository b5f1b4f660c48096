"""Proof that no choice of modes costs less: Lagrangian bounds and branch and bound on the p-median problem."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.kmodes.p_median import Slots

_ROOT_STEPS, _STEPS = 600, 20  # subgradient steps at the root, and at each further node
_ROOT_LENGTH, _LENGTH = 1.5, 0.5  # the first step, as a part of Polyak's
_PATIENCE, _SHRINK, _SHORTEST = 6, 0.6, 0.02
_DENOMINATORS = (1, 2, 3, 4, 6, 12, 60)
_ROUNDING = 1e-9
_BLOCK = 2**17  # entries of the costs that stay in a core's cache


@dataclass(frozen=True)
class Proof:
    """The best choice known, what it costs, and what every choice costs at least."""

    slots: Slots
    cost: float
    lower_bound: float
    n_nodes: int

    @property
    def is_complete(self) -> bool:
        """Return whether the choice is proved to be the best."""
        return self.lower_bound >= self.cost


@dataclass(frozen=True)
class _Relaxed:
    """The best Lagrangian bound found: its multipliers, reduced costs and the candidates that it takes."""

    bound: float
    multipliers: Floats
    reduced: Floats
    taken: Indices


@dataclass(order=True)
class _Node:
    """A part of the choices: those with all of `chosen`, and the rest from `free`."""

    bound: float
    number: int
    chosen: list[int] = field(compare=False)
    free: Indices = field(compare=False)
    multipliers: Floats = field(compare=False)


def prove_medians(costs: Floats, slots: Slots, time_limit: float) -> Proof:
    """Search for a cheaper choice of as many columns as `slots`, until there is proved to be none.

    `costs` (n_patterns, n_candidates) are the weighted distances: a choice of columns costs the sum over
    rows of the smallest. Each node drops the constraint that a row is served once, with multipliers
    found by subgradient steps (Fisher 1981); candidates whose reduced cost lifts the bound above the best
    known cost are left out; and a candidate is branched on (Cornuéjols, Fisher & Nemhauser 1977). Nodes
    are taken by their bound, so the bound holds whenever time runs out.
    """
    return _Search(costs, slots, monotonic() + time_limit).run()


class _Search:
    def __init__(self, costs: Floats, slots: Slots, deadline: float) -> None:
        self.costs = costs
        self.deadline = deadline
        self.n_chosen = len(slots)
        self.step = _granularity(costs)
        self.best, self.best_cost = slots, self._cost(slots)
        self.n_nodes = 0
        self.n_made = 0

    def run(self) -> Proof:
        start = self.costs.min(axis=1) + 0.1 * self.costs.max(axis=1)
        nodes = [_Node(0.0, 0, [], np.arange(self.costs.shape[1]), start)]
        while nodes and nodes[0].bound < self.target and (monotonic() < self.deadline or not self.n_nodes):
            for child in self._expand(heapq.heappop(nodes)):
                heapq.heappush(nodes, child)
        lower = self.best_cost if not nodes else min(self.best_cost, self._rounded_up(nodes[0].bound))
        return Proof(self.best, self.best_cost, lower, self.n_nodes)

    @property
    def target(self) -> float:
        """Return the bound from which a node holds nothing cheaper than the best known."""
        if self.step:
            return self.best_cost - self.step * (1 - 1e-6)
        return self.best_cost * (1 - _ROUNDING)

    def _expand(self, node: _Node) -> list[_Node]:
        """Bound a node; return its two halves if it can hold a cheaper choice."""
        self.n_nodes += 1
        n_missing = self.n_chosen - len(node.chosen)
        if not n_missing:
            self._try(node.chosen)
        if not n_missing or len(node.free) < n_missing:
            return []
        found = self._relax(node, n_missing)
        self._try([*node.chosen, *node.free[found.taken].tolist()])
        bound = max(node.bound, found.bound)
        if bound >= self.target:
            return []
        kept = found.bound + found.reduced - found.reduced[found.taken].max() < self.target
        kept[found.taken] = True
        branch = int(found.taken[found.reduced[found.taken].argmin()])
        kept[branch] = False
        halves = ([*node.chosen, int(node.free[branch])], node.chosen)
        rest = node.free[kept]
        return [_Node(bound, self._number(), chosen, rest, found.multipliers) for chosen in halves]

    def _relax(self, node: _Node, n_missing: int) -> _Relaxed:
        served = self.costs[:, node.chosen].min(axis=1, initial=np.inf)
        costs = self.costs if len(node.free) == self.costs.shape[1] else self.costs[:, node.free]
        live = served > costs.min(axis=1)
        done = float(served[~live].sum())
        steps, length = (_ROOT_STEPS, _ROOT_LENGTH) if node.number == 0 else (_STEPS, _LENGTH)
        found = _subgradient(
            costs if live.all() else costs[live],
            served[live],
            node.multipliers[live],
            _Steps(n_missing, self.target - done, steps, length, self.deadline),
        )
        multipliers = node.multipliers.copy()
        multipliers[live] = found.multipliers
        return _Relaxed(found.bound + done, multipliers, found.reduced, found.taken)

    def _try(self, slots: Sequence[int]) -> None:
        cost = self._cost(slots)
        if cost < self.best_cost - _ROUNDING * self.best_cost:
            self.best, self.best_cost = tuple(sorted(slots)), cost

    def _cost(self, slots: Sequence[int]) -> float:
        return float(self.costs[:, list(slots)].min(axis=1).sum())

    def _number(self) -> int:
        self.n_made += 1
        return self.n_made

    def _rounded_up(self, bound: float) -> float:
        if not self.step:
            return bound
        return float(np.ceil(bound / self.step - 1e-6) * self.step)


@dataclass(frozen=True)
class _Steps:
    """How many candidates a choice takes, the bound that suffices, and how far to go for it."""

    n_taken: int
    target: float
    n_steps: int
    length: float
    deadline: float


def _subgradient(costs: Floats, served: Floats, multipliers: Floats, steps: _Steps) -> _Relaxed:
    """Raise the Lagrangian bound: rows pay their multiplier, or `served` if that is less.

    The bound is ``sum(u) + the n_taken smallest of sum(min(0, costs - u))`` over the candidates.
    """
    u, length, idle = np.minimum(multipliers, served), steps.length, 0
    best = found = _bound(costs, u, steps.n_taken)
    for step in range(steps.n_steps):
        found = _bound(costs, u, steps.n_taken) if step else best
        idle = 0 if found.bound > best.bound + 0.02 * abs(steps.target - best.bound) else idle + 1
        best = found if found.bound > best.bound else best
        if best.bound >= steps.target or (step % 16 == 0 and monotonic() > steps.deadline):
            break
        if idle > _PATIENCE:
            length, idle, u, found = length * _SHRINK, 0, best.multipliers, best
        slope = 1.0 - (costs[:, found.taken] < u[:, None]).sum(axis=1)
        slope[(u >= served) & (slope > 0)] = 0.0
        norm = float(slope @ slope)
        if length < _SHORTEST or not norm:
            break
        aim = steps.target + 0.02 * abs(steps.target)
        u = np.minimum(u + length * (aim - found.bound) / norm * slope, served)
    return best


def _bound(costs: Floats, u: Floats, n_taken: int) -> _Relaxed:
    reduced, height = np.zeros(costs.shape[1]), max(1, _BLOCK // costs.shape[1])
    for start in range(0, len(costs), height):
        rows = slice(start, start + height)
        reduced += np.minimum(costs[rows] - u[rows, None], 0.0).sum(axis=0)
    taken = np.argpartition(reduced, n_taken - 1)[:n_taken]
    return _Relaxed(float(u.sum() + reduced[taken].sum()), u, reduced, taken)


def _granularity(costs: Floats) -> float:
    """Return the step in which all costs are counted, such as 1 of whole weights and distances; else 0."""
    for denominator in _DENOMINATORS:
        scaled = costs * denominator
        if np.abs(scaled - np.round(scaled)).max() < 1e-7:
            return 1.0 / denominator
    return 0.0
