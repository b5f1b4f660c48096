"""Indices of a number of segments, each beside its values where the features are independent.

All work on counts: a pattern with n customers counts as n rows at distance 0 of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from segmentry.patterns import PatternTable
from segmentry.selection.draws import Cells, bootstrap, from_mixture
from segmentry.selection.refits import Refit, standardised
from segmentry.selection.stability import stability

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]
NAMES = ("silhouette", "prediction_strength", "gap", "jaccard")


Distances = Callable[[Cells], Floats]
"""The dissimilarity of a method between all patterns (n_patterns, n_patterns)."""


def distances_of(method: str, patterns: PatternTable) -> Distances:
    """Return a method's own dissimilarity: k-modes' by the recipe, k-means' Euclidean, else matching."""
    if method == "k-means":
        return _euclidean
    is_k_modes = method == "k-modes"
    kinds = [f.distance if is_k_modes else "matching" for f in patterns.features]
    weights = [f.weight if is_k_modes else 1.0 for f in patterns.features]

    def by_level(cells: Cells) -> Floats:
        return _by_level(cells, kinds, weights)

    return by_level


def _euclidean(cells: Cells) -> Floats:
    points = standardised(cells.codes, cells.weights.sum(axis=0))
    squares = (points**2).sum(axis=1)
    distances: Floats = np.sqrt(np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0.0))
    np.fill_diagonal(distances, 0.0)
    return distances


def _by_level(cells: Cells, kinds: Sequence[str], weights: Sequence[float]) -> Floats:
    """Add per feature 0/1, or |rank difference| / (levels - 1), times its weight; 0 where one is missing."""
    total = np.zeros((len(cells.codes), len(cells.codes)))
    for j, (kind, weight) in enumerate(zip(kinds, weights, strict=True)):
        codes = cells.codes[:, j]
        known = (codes >= 0)[:, None] & (codes >= 0)
        apart = np.abs(codes[:, None] - codes) if kind == "rank" else codes[:, None] != codes
        scale = weight / max(cells.n_levels[j] - 1, 1) if kind == "rank" else weight
        total += np.where(known, apart * scale, 0.0)
    return total


def index_row(
    cells: Cells,
    k: int,
    refit: Refit,
    distances_between: Distances,
    margins: Floats,
    n_tables: int,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Return every index of `k` segments, two or more, with the middle 90 % of its null values.

    `margins` (1, 1 + n_columns) is the mixture of one class: independent features.
    """
    observed = _values(cells, k, refit, distances_between, n_tables, rng)[0]
    drawn = from_mixture(cells, margins, n_tables, rng)
    nulls = _values(drawn, k, refit, distances_between, 1, rng)
    log_dispersion = np.array([v["gap"] for v in nulls])
    for value in (observed, *nulls):  # so far the logarithm of the dispersion
        value["gap"] = float(log_dispersion.mean() - value["gap"])
    row: dict[str, float] = {}
    for name in NAMES:
        low, high = np.quantile([v[name] for v in nulls], [0.05, 0.95])
        row |= {name: observed[name], f"{name}_null_low": float(low), f"{name}_null_high": float(high)}
    return row


def _values(
    cells: Cells, k: int, refit: Refit, distances_between: Distances, n_draws: int, rng: np.random.Generator
) -> list[dict[str, float]]:
    """Return the indices of each table, with so many redraws and halvings; the gap without its null."""
    distances = distances_between(cells)
    counts = np.round(cells.weights)
    redrawn = np.stack([bootstrap(cells.only(i), n_draws, rng).weights for i in range(len(counts))])
    first = rng.binomial(counts[:, None].astype(np.int64), 0.5, (len(counts), n_draws, counts.shape[1]))
    halves = np.stack([first, counts[:, None] - first], axis=2)
    width = counts.shape[1]
    parts = (cells.weights, redrawn.reshape(-1, width), halves.reshape(-1, width).astype(np.float64))
    labels = refit(Cells(cells.codes, cells.n_levels, np.concatenate(parts)), k, rng)
    ends = np.cumsum([len(part) for part in parts])
    again = labels[ends[0] : ends[1]].reshape(redrawn.shape)
    split = labels[ends[1] :].reshape(halves.shape)
    found = []
    for i, weights in enumerate(cells.weights):
        mean_width, scatter = silhouette(labels[i], weights, distances, k)
        found.append(
            {
                "silhouette": mean_width,
                "prediction_strength": prediction_strength(split[i], halves[i]),
                "gap": float(np.log(max(scatter, 1e-300))),
                "jaccard": stability(labels[i], again[i], weights, k).lowest,
            }
        )
    return found


def silhouette(labels: Labels, weights: Floats, distances: Floats, k: int) -> tuple[float, float]:
    """Return the mean silhouette width (Rousseeuw 1987) and the pooled within-segment dispersion.

    The dispersion is the sum over segments of the distances within, divided by twice the size (Tibshirani,
    Walther & Hastie 2001).
    """
    members = weights[:, None] * (labels[:, None] == np.arange(k))
    sizes = members.sum(axis=0)
    sums = distances @ members
    own = sums[np.arange(len(labels)), labels]
    within = own / np.maximum(sizes[labels] - 1, 1)
    means = np.where(sizes > 0, sums / np.where(sizes > 0, sizes, 1.0), np.inf)
    means[np.arange(len(labels)), labels] = np.inf
    nearest = means.min(axis=1)
    largest = np.maximum(within, nearest)
    is_apart = np.isfinite(nearest) & (largest > 0) & (sizes[labels] > 1)
    widths = np.where(is_apart, (np.where(is_apart, nearest, 0) - within) / np.where(is_apart, largest, 1), 0)
    dispersion = float((weights * own / (2 * np.maximum(sizes[labels], 1e-300))).sum())
    return float(weights @ widths / weights.sum()), dispersion


def prediction_strength(labels: Labels, halves: Floats) -> float:
    """Return the mean prediction strength of random halves (Tibshirani & Walther 2005).

    Both halves of a table are segmented. Of each segment of one half, the share of pairs of its customers
    that the other half's segments put together; the smallest share counts.

    Parameters
    ----------
    labels : ndarray of int (n_splits, 2, n_patterns)
        The segment of every pattern by the segments of each half.
    halves : ndarray (n_splits, 2, n_patterns)
        The customers of each half.
    """
    sides = ((0, 1), (1, 0))
    kept = [
        _kept_pairs(mine[test], mine[other], half[test])
        for mine, half in zip(labels, halves, strict=True)
        for test, other in sides
    ]
    return float(np.mean(kept))


def _kept_pairs(labels: Labels, other: Labels, weights: Floats) -> float:
    width = int(max(labels.max(), other.max())) + 1
    shared = np.bincount(labels * width + other, weights, minlength=width * width).reshape(width, width)
    sizes = shared.sum(axis=1)
    pairs = (shared * np.maximum(shared - 1, 0)).sum(axis=1)
    counted = sizes > 1
    return float((pairs[counted] / (sizes[counted] * (sizes[counted] - 1))).min()) if counted.any() else 0.0
