"""The search for the best modes: on the whole grid of levels with a proof, or by alternation beyond it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import LevelCodes
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.kmodes.alternation import Alternation, AlternationResult, fill_missing
from segmentry.cluster.kmodes.distance import FeatureDistance
from segmentry.cluster.kmodes.p_median import PMedianProblem, keeps_to_one_thread, search_medians
from segmentry.cluster.kmodes.proof import prove_medians
from segmentry.cluster.kmodes.starts import IndicatorPoints, best_mean_starts
from segmentry.cluster.threads import one_thread

_MATRIX = 4 * 10**7  # entries of a distance matrix that is kept in memory
_HEIGHT = 512  # patterns whose weighted distances are made at a time, for a proof
_CONTEST = 4_000  # patterns on which starts and their crosses compete
_FOLLOWED = 3  # runs of them that are followed
_MEANS = (4, 8)  # steps of k-means on all patterns, after each of which modes are tried
_SAME = 1e-9  # relative difference of costs that are one


@dataclass(frozen=True)
class SearchEffort:
    """Number of starts, steps of a descent, the largest grid that is searched whole, and seconds for a proof."""

    n_init: int
    max_iter: int
    max_grid: int
    proof_seconds: float | None


@dataclass(frozen=True)
class ModesProblem:
    """A search for modes: the patterns, a distance per feature, the number of modes, and the effort."""

    patterns: WeightedPatterns
    distances: Sequence[FeatureDistance]
    n_clusters: int
    effort: SearchEffort


@dataclass(frozen=True)
class FoundModes:
    """Modes (n_clusters, n_features) as level codes; how many starts reached them; steps of their descent.

    `lower_bound` is what any modes cost at least, NaN where nothing is proved.
    """

    modes: LevelCodes
    n_best: int
    n_iter: int
    lower_bound: float = math.nan
    is_optimal: bool = False
    is_whole_grid: bool = True


def find_modes(task: ModesProblem, rng: np.random.Generator) -> FoundModes:
    """Return the best modes found, by linear algebra on one thread."""
    patterns, effort = task.patterns, task.effort
    n_grid = math.prod(max(n, 1) for n in patterns.n_levels)
    is_on_grid = task.n_clusters <= n_grid <= min(effort.max_grid, _MATRIX // len(patterns))
    is_unlimited = is_on_grid and effort.proof_seconds is None
    is_unlimited &= keeps_to_one_thread(task.n_clusters, len(patterns))
    with nullcontext() if is_unlimited else one_thread():
        return _search_grid(task, rng) if is_on_grid else _search_patterns(task, rng)


def _search_grid(task: ModesProblem, rng: np.random.Generator) -> FoundModes:
    """Swap modes for any combination of levels; and prove that there are no better ones, where that is asked for."""
    patterns, effort = task.patterns, task.effort
    grid = _grid(patterns)
    matrix = _grid_distances(patterns, slice(None), task.distances, np.float32)
    problem = PMedianProblem(matrix, patterns.weights / patterns.total_weight, effort.max_iter)
    best, n_best = search_medians(problem, task.n_clusters, effort.n_init, rng)
    found = FoundModes(grid[list(best.slots)], n_best, best.n_steps)
    return found if effort.proof_seconds is None else _prove(task, grid, found)


def _prove(task: ModesProblem, grid: LevelCodes, found: FoundModes) -> FoundModes:
    """Bound the cost of all modes; what costs less than `found` replaces it."""
    costs = np.empty((len(task.patterns), len(grid)))
    for start in range(0, len(costs), _HEIGHT):
        rows = slice(start, start + _HEIGHT)
        costs[rows] = _grid_distances(task.patterns, rows, task.distances, np.float64).T
    costs *= task.patterns.weights[:, None]
    positions = {tuple(codes): position for position, codes in enumerate(grid.tolist())}
    slots = tuple(positions[tuple(codes)] for codes in found.modes.tolist())
    proof = prove_medians(costs, slots, task.effort.proof_seconds or 0.0)
    n_best = found.n_best if proof.slots == slots else 0
    modes = grid[list(proof.slots)]
    return FoundModes(modes, n_best, found.n_iter, proof.lower_bound, proof.is_complete)


def _search_patterns(task: ModesProblem, rng: np.random.Generator) -> FoundModes:
    """Let starts and their crosses compete on few patterns, alternate on many, then on all; then swap."""
    patterns, distances, max_iter = task.patterns, task.distances, task.effort.max_iter
    part = patterns.sample(rng)
    points = IndicatorPoints(part.sample(rng, _CONTEST), distances)
    starts, best_runs = best_mean_starts(points, task.n_clusters, task.effort.n_init, rng)
    sample = Alternation(part, distances, max_iter)
    ends = [sample.descend(points.modes_of(totals)) for totals in starts.totals]
    leaders = np.stack([points.modes_of(totals) for totals in best_runs.totals[:_FOLLOWED]])
    best = min([_best_descent(sample, leaders), *ends], key=lambda end: end.cost)
    n_best = sum(end.cost <= best.cost * (1 + _SAME) for end in ends)
    whole = sample if part is patterns else Alternation(patterns, distances, max_iter)
    if part is not patterns:
        best = _best_descent(whole, best.modes[None])
    if len(patterns) * (len(patterns) + task.n_clusters) <= _MATRIX:
        polished = _swap_observed(whole, best)
        n_best = n_best if polished.cost >= best.cost * (1 - _SAME) else 0
        best = polished
    return FoundModes(best.modes, n_best, best.n_iter, is_whole_grid=False)


def _best_descent(problem: Alternation, leaders: LevelCodes) -> AlternationResult:
    """Alternate from modes (n_runs, n_clusters, n_features), as they are and after steps of k-means."""
    points = IndicatorPoints(problem.patterns, problem.distances)
    totals, modes = points.clusters_of(leaders), list(leaders)
    for n_means in _MEANS:
        totals = points.advance(totals, n_means, 0).totals
        modes += [points.modes_of(each) for each in totals]
    return min((problem.descend(each) for each in modes), key=lambda end: end.cost)


def _swap_observed(problem: Alternation, start: AlternationResult) -> AlternationResult:
    """Swap modes for observed patterns, then alternate, until neither lowers the cost."""
    best, patterns = start, problem.patterns
    points, observed = IndicatorPoints(patterns, problem.distances), fill_missing(patterns, patterns.codes)
    shares = patterns.weights / patterns.total_weight
    for _ in range(problem.max_iter):
        candidates = np.concatenate([best.modes, observed])
        medians = PMedianProblem(points.distances_to(candidates), shares, problem.max_iter)
        swapped = medians.descend(range(len(best.modes)))
        found = problem.descend(candidates[list(swapped.slots)])
        if found.cost >= best.cost * (1 - _SAME):
            break
        best = found
    return best


def _grid(patterns: WeightedPatterns) -> LevelCodes:
    """Return every combination of levels (n_candidates, n_features), heavy levels first."""
    orders = [order.tolist() or [-1] for order in patterns.level_orders]
    return np.array(list(product(*orders)), dtype=np.int32)


def _grid_distances(
    patterns: WeightedPatterns, rows: slice, distances: Sequence[FeatureDistance], kind: type[np.floating]
) -> npt.NDArray[Any]:
    """Return the distance (n_grid, n_rows) of every combination of levels, in the order of `_grid`, to some patterns.

    Each feature is added once to all that follow it: as many additions as the matrix has entries, and few more.
    """
    chosen = patterns.codes[rows].T
    sums: npt.NDArray[Any] = np.zeros((1, chosen.shape[1]), kind)
    features = list(zip(distances, chosen, patterns.level_orders, strict=True))
    for distance, codes, order in reversed(features):
        table = distance.table(order if len(order) else np.array([-1])).T.astype(kind)
        sums = (np.take(table, codes, axis=1)[:, None] + sums).reshape(-1, len(codes))
    return sums
