"""Indices of a number of segments, each beside its values where the features are independent.

All work on counts: a pattern with n customers counts as n rows at distance 0 of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.patterns import PatternTable
from segmentry.selection.draws import Cells, bootstrap, from_mixture
from segmentry.selection.refits import Refit, standardised
from segmentry.selection.stability import Stability, stability

_SHARED = 2_000  # patterns up to which one matrix of distances serves all tables
NAMES = ("silhouette", "prediction_strength", "jaccard", "gap")


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


@dataclass(frozen=True)
class Nulls:
    """Where there are no segments: independent features, and one factor, as mixtures (n_classes, 1 + n_columns)."""

    independence: Floats
    continuum: Floats


def index_row(
    cells: Cells,
    labels: Labels,
    k: int,
    refit: Refit,
    distances_between: Distances,
    nulls: Nulls,
    n_tables: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return every index of `k` segments, two or more, with the middle 90 % of its null values.

    `labels` (n_patterns,) are the segments.
    """
    observed, stable = _observed(cells, labels, k, refit, distances_between, n_tables, rng)
    independent = from_mixture(cells, nulls.independence, n_tables, rng)
    at_null = _values(independent, k, refit, distances_between, rng)
    row: dict[str, Any] = {}
    for name in NAMES[:-1]:
        row |= {name: observed[name], **_band(name, [v[name] for v in at_null])}
    scale = from_mixture(cells, nulls.continuum, n_tables, rng)
    scattered = {
        "gap": [v["log_dispersion"] for v in at_null],
        "gap_continuum": _log_dispersions(scale, k, refit, distances_between, rng),
    }
    for name, values in scattered.items():
        expected = float(np.mean(values))
        row |= {name: expected - observed["log_dispersion"], **_band(name, [expected - v for v in values])}
    row["jaccard_by_segment"] = " ".join(f"{j:.3f}" for j in stable.jaccard)
    row["moved"] = stable.moved
    return row


def _band(name: str, values: Sequence[float]) -> dict[str, float]:
    low, high = np.quantile(values, [0.05, 0.95])
    return {f"{name}_null_low": float(low), f"{name}_null_high": float(high)}


def _observed(
    cells: Cells,
    labels: Labels,
    k: int,
    refit: Refit,
    distances_between: Distances,
    n_draws: int,
    rng: np.random.Generator,
) -> tuple[dict[str, float], Stability]:
    """Return the indices of the segments of one table, from so many redraws and halvings."""
    counts = np.round(cells.weights[0]).astype(np.int64)
    redrawn = bootstrap(cells, n_draws, rng).weights
    first = rng.binomial(counts, 0.5, (n_draws, len(counts)))
    halves = np.stack([first, counts - first], axis=1).astype(np.float64)
    parts = Cells(cells.codes, cells.n_levels, np.concatenate([redrawn, halves.reshape(-1, len(counts))]))
    again = refit(parts, k, rng)
    stable = stability(labels, again[:n_draws], cells.weights[0], k)
    strength = prediction_strength(again[n_draws:].reshape(halves.shape), halves)
    width, scatter = silhouette(labels, cells.weights[0], distances_between(cells), k)
    return _named(width, strength, stable.lowest, scatter), stable


def _named(width: float, strength: float, jaccard: float, scatter: float) -> dict[str, float]:
    return {
        "silhouette": width,
        "prediction_strength": strength,
        "jaccard": jaccard,
        "log_dispersion": float(np.log(max(scatter, 1e-300))),
    }


def _log_dispersions(
    cells: Cells, k: int, refit: Refit, distances_between: Distances, rng: np.random.Generator
) -> list[float]:
    """Return the logarithm of each table's dispersion within its own segments."""
    widths = _silhouettes(cells, refit(cells, k, rng), distances_between, k)
    return [float(np.log(max(scatter, 1e-300))) for _, scatter in widths]


def _silhouettes(
    cells: Cells, labels: Labels, distances_between: Distances, k: int
) -> Iterator[tuple[float, float]]:
    """Yield `silhouette` of each table; where tables share few patterns, distances are those of each alone."""
    whole = distances_between(cells) if len(cells.codes) <= _SHARED else None
    for i, weights in enumerate(cells.weights):
        kept = np.flatnonzero(weights > 0)
        if whole is not None:
            yield silhouette(labels[i], weights, whole, k)
        else:
            alone = distances_between(Cells(cells.codes[kept], cells.n_levels, weights[kept][None]))
            yield silhouette(labels[i][kept], weights[kept], alone, k)


def _values(
    cells: Cells, k: int, refit: Refit, distances_between: Distances, rng: np.random.Generator
) -> list[dict[str, float]]:
    """Return the indices of each table of a null model, with one redraw and one halving each."""
    counts = np.round(cells.weights)
    redrawn = np.stack([bootstrap(cells.only(i), 1, rng).weights for i in range(len(counts))])
    first = rng.binomial(counts[:, None].astype(np.int64), 0.5, (len(counts), 1, counts.shape[1]))
    halves = np.stack([first, counts[:, None] - first], axis=2)
    n_patterns = counts.shape[1]
    parts = (
        cells.weights,
        redrawn.reshape(-1, n_patterns),
        halves.reshape(-1, n_patterns).astype(np.float64),
    )
    labels = refit(Cells(cells.codes, cells.n_levels, np.concatenate(parts)), k, rng)
    ends = np.cumsum([len(part) for part in parts])
    again = labels[ends[0] : ends[1]].reshape(redrawn.shape)
    split = labels[ends[1] :].reshape(halves.shape)
    found = []
    widths = _silhouettes(cells, labels[: ends[0]], distances_between, k)
    for i, (weights, (width, scatter)) in enumerate(zip(cells.weights, widths, strict=True)):
        strength = prediction_strength(split[i], halves[i])
        lowest = stability(labels[i], again[i], weights, k).lowest
        found.append(_named(width, strength, lowest, scatter))
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
