"""The search for medians: what it remembers changes nothing, and what it drops is the cheapest."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from segmentry.cluster.kmodes.p_median import LocalOptimum, PMedianProblem, Slots, search_medians


class Forgetful(PMedianProblem):
    def descend(self, chosen: Slots) -> LocalOptimum:
        self._swaps.clear()
        return super().descend(chosen)


def _problem(kind: type[PMedianProblem], seed: int = 0, heaviest: int = 8) -> PMedianProblem:
    rng = np.random.default_rng(seed)
    codes, candidates = rng.integers(3, size=(60, 5)), rng.integers(3, size=(40, 5))
    distances = (candidates[:, None] != codes).sum(axis=2).astype(np.float32)
    shares = rng.integers(1, 9, size=60).astype(np.float64)
    shares[::6] *= heaviest
    return kind(distances, shares / shares.sum(), max_iter=100)


@pytest.mark.parametrize("k", [1, 2, 4, 6])
def test_swaps_remembered_find_what_swaps_computed_afresh_find(k: int) -> None:
    found = [
        search_medians(_problem(kind), k, n_init=5, rng=np.random.default_rng(k))
        for kind in (PMedianProblem, Forgetful)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("heaviest", [1, 100])
@pytest.mark.parametrize("seed", range(5))
def test_no_swap_improves_where_a_descent_ends(seed: int, heaviest: int) -> None:
    problem = _problem(PMedianProblem, seed, heaviest)
    assert len(problem._choosers) == (1 if heaviest == 1 else 2)
    found = problem.descend([0, 1, 2])
    assert found.cost == pytest.approx(problem.cost(found.slots))
    for slot in range(3):
        for candidate in range(40):
            swapped = [*found.slots[:slot], candidate, *found.slots[slot + 1 :]]
            assert problem.cost(swapped) >= found.cost - 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_the_slot_dropped_is_the_one_whose_loss_costs_least(seed: int) -> None:
    problem = _problem(PMedianProblem, seed)
    slots = [3, 7, 12, 20]
    cheapest = min(problem.cost(left) for left in combinations(slots, 3))
    assert problem.cost(problem.drop(slots, 3)) == pytest.approx(cheapest)


def test_the_search_finds_the_best_of_all_pairs() -> None:
    problem = _problem(PMedianProblem)
    best, n_best = search_medians(problem, 2, n_init=10, rng=np.random.default_rng(0))
    assert best.cost == pytest.approx(min(problem.cost(pair) for pair in combinations(range(40), 2)))
    assert 0 <= n_best <= 10


@pytest.mark.parametrize("k", [1, 2, 4, 7])
def test_n_best_counts_the_starts_that_reach_the_best_by_themselves(k: int) -> None:
    problem = _problem(PMedianProblem)
    best, n_best = search_medians(problem, k, n_init=20, rng=np.random.default_rng(3))
    rng = np.random.default_rng(3)
    ends = [problem.descend(problem.draw([], k, rng)) for _ in range(20)]
    assert n_best == sum(end.cost <= best.cost + 1e-9 for end in ends)
