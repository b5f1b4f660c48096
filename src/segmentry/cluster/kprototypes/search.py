"""Good prototypes: starts that spread, and swaps of the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.input.collapsed_mixed_rows import MixedRows
from segmentry.cluster.input.collapsed_rows import MAX_SCREENED, SAMPLE_STEPS, systematic_sample
from segmentry.cluster.kprototypes.descent import DescentResult, MixedPoints, Prototypes, descend

_WORK = 4 * 10**6  # rows times clusters times swaps that are tried in all
_FEWEST, _MOST = 20, 400
_AGREED = 3  # starts that reach the same cost end the search
_PATIENCE = 15  # swaps in a row that bring nothing
_BLIND = 0.25  # the share of swaps that are not the best of those drawn
_STEPS = 5
_FOLLOWED = 3  # optima of the sample that are followed on all rows
_ALIKE = 1e-4  # optima of the sample this near each other count as one
_GAIN = 1e-9
_PROMISING = 1.002  # a swap this near the best is followed until it stands still


def search(
    points: MixedPoints, n_clusters: int, n_init: int, max_iter: int, rng: np.random.Generator
) -> tuple[list[DescentResult], int]:
    """Return `n_init` starts, best first, improved by swaps; and how many starts reached the lowest cost.

    The best start goes first; where the table is large, the number of swaps leaves some as they are.
    """
    starts = [descend(points, draw_start(points, n_clusters, rng), max_iter) for _ in range(n_init)]
    starts.sort(key=lambda start: start.cost)
    n_left = min(_MOST, max(_FEWEST, _WORK // (len(points) * n_clusters)))
    for place, start in enumerate(starts):
        starts[place], n_tried = _swap(points, start, n_left, max_iter, rng)
        n_left -= n_tried
        if _n_best(starts[: place + 1]) == _AGREED:
            break
    return sorted(starts, key=lambda start: start.cost), _n_best(starts)


def follow_descents(points: MixedPoints, starts: Sequence[DescentResult], max_iter: int) -> DescentResult:
    """Descend a little from the best few of the sorted `starts`, and from the best of those to the end."""
    chosen = starts[:1]
    for start in starts[1:]:
        if len(chosen) < _FOLLOWED and start.cost > chosen[-1].cost * (1 + _ALIKE):
            chosen = [*chosen, start]
    found = [descend(points, start.prototypes, min(_STEPS, max_iter)) for start in chosen]
    best = min(found, key=lambda end: end.cost)
    return descend(points, best.prototypes, max_iter)


def _n_best(starts: Sequence[DescentResult]) -> int:
    """Count the starts at the lowest cost."""
    lowest = min(start.cost for start in starts)
    return sum(start.cost <= lowest * (1 + _GAIN) for start in starts)


def sample_rows(rows: MixedRows, n_clusters: int, rng: np.random.Generator) -> MixedRows:
    """Return a systematic sample where there are too many rows for every start, weighted by the steps on each row."""
    if len(rows) <= MAX_SCREENED:
        return rows
    chosen, counts, _ = systematic_sample(rows.weights, SAMPLE_STEPS, rng)
    return rows.part(chosen, counts) if len(chosen) >= 10 * n_clusters else rows


def draw_start(points: MixedPoints, n_clusters: int, rng: np.random.Generator) -> Prototypes:
    """Draw rows by weight times dissimilarity to those drawn before; of several draws keep the best.

    This is greedy k-means++ (Arthur & Vassilvitskii 2007).
    """
    n_draws = 2 + int(log(n_clusters))
    chosen = _draw(points.weights, 1, rng)
    away = points.sums(points.at(chosen))[0]
    for _ in range(1, n_clusters):
        drawn = _draw(points.weights * away, n_draws, rng)
        nearer = np.minimum(points.sums(points.at(drawn)), away)
        best = int((nearer @ points.weights).argmin())
        chosen, away = np.append(chosen, drawn[best]), nearer[best]
    return points.at(chosen)


def _swap(
    points: MixedPoints, start: DescentResult, n_most: int, max_iter: int, rng: np.random.Generator
) -> tuple[DescentResult, int]:
    """Let a row replace a prototype, repair, keep if better; also return how many swaps were tried."""
    best, n_tried, n_failed = start, 0, 0
    while n_tried < n_most and n_failed < _PATIENCE and best.cost > 0 and len(start.prototypes) > 1:
        found = descend(points, _swapped(points, best.prototypes, rng), _STEPS)
        if found.cost < best.cost * _PROMISING:
            found = descend(points, found.prototypes, max_iter)
        is_better = found.cost < best.cost * (1 - _GAIN)
        best, n_failed = (found, 0) if is_better else (best, n_failed + 1)
        n_tried += 1
    return best, n_tried


def _swapped(points: MixedPoints, prototypes: Prototypes, rng: np.random.Generator) -> Prototypes:
    """Draw some rows, and let one of them replace a prototype: the pair with the lowest cost.

    Rows are drawn by weight times dissimilarity (Lattanzi & Sohler 2019). Now and then any row, drawn by
    weight, replaces any prototype (Fränti 2018): the best pair alone leads to the same optima.
    """
    n_clusters = len(prototypes)
    if rng.random() < _BLIND:
        return _replaced(prototypes, int(rng.integers(n_clusters)), points.at(_draw(points.weights, 1, rng)))
    labels, nearest, second = points.nearest_two(prototypes)
    drawn = _draw(points.weights * nearest, 2 + int(log(n_clusters)), rng)
    costs = np.empty((len(drawn), n_clusters))
    for place, away in enumerate(points.sums(points.at(drawn))):
        stay, leave = np.minimum(nearest, away), np.minimum(second, away)
        costs[place] = points.weights @ stay
        costs[place] += np.bincount(labels, points.weights * (leave - stay), n_clusters)
    row, slot = divmod(int(costs.argmin()), n_clusters)
    return _replaced(prototypes, slot, points.at(drawn[row : row + 1]))


def _replaced(prototypes: Prototypes, slot: int, by: Prototypes) -> Prototypes:
    means, modes = prototypes.means.copy(), prototypes.modes.copy()
    means[slot], modes[slot] = by.means[0], by.modes[0]
    return Prototypes(means, modes)


def _draw(mass: Floats, n_draws: int, rng: np.random.Generator) -> Indices:
    """Draw rows in proportion to `mass`; any row where no mass is left."""
    running = np.cumsum(mass if mass.any() else np.ones_like(mass))
    drawn = np.searchsorted(running / running[-1], rng.random(n_draws), side="right")
    return drawn.clip(max=int(np.flatnonzero(running < running[-1]).max(initial=-1)) + 1)
