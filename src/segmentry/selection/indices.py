"""Indices of a number of segments, each beside its values where the features are independent.

All work on counts: a pattern with n customers counts as n rows at distance 0 of each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.patterns.cross_tables import cross_table
from segmentry.selection.count_tables import CountTables, bootstrap, from_mixture
from segmentry.selection.null_tests import middle_90
from segmentry.selection.refits import Refit, SegmentedTable
from segmentry.selection.stability import Stability, measure_stability

_ONE_MATRIX = 2_000  # patterns up to which one matrix of distances serves all tables
_WITH_NULLS = ("silhouette", "prediction_strength", "jaccard")


@dataclass(frozen=True)
class NullModels:
    """Models without segments: independent features, and one trait, as mixtures (n_classes, 1 + n_columns)."""

    independence: Floats
    continuum: Floats


def index_row(
    segmented: SegmentedTable, nulls: NullModels, n_tables: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Return every index of two or more segments, with the middle 90 % of its values under the null models.

    Parameters
    ----------
    segmented
        Table with its segments.
    nulls
        Models that tables without segments are drawn from.
    n_tables
        Number of tables of each model, and of redraws and halvings of the table itself.
    rng
        Source of the draws and of the random starts.
    """
    table, k, refit = segmented.table, segmented.k, segmented.refit
    observed, stable = _observed_indices(segmented, n_tables, rng)
    independent = _null_indices(from_mixture(table, nulls.independence, n_tables, rng), k, refit, rng)
    row: dict[str, Any] = {}
    for name in _WITH_NULLS:
        row |= {name: observed[name], **_band(name, [values[name] for values in independent])}
    continuum = from_mixture(table, nulls.continuum, n_tables, rng)
    widths = _silhouettes(continuum, refit(continuum, k, rng), k, refit)
    dispersions = {
        "gap": [values["log_dispersion"] for values in independent],
        "gap_continuum": [_log(dispersion) for _, dispersion in widths],
    }
    for name, values in dispersions.items():
        expected = float(np.mean(values))
        row |= {name: expected - observed["log_dispersion"], **_band(name, [expected - v for v in values])}
    row["jaccard_by_segment"] = " ".join(f"{j:.3f}" for j in stable.jaccard)
    row["moved"] = stable.moved
    return row


def _band(name: str, values: Sequence[float]) -> dict[str, float]:
    low, high = middle_90(values)
    return {f"{name}_null_low": low, f"{name}_null_high": high}


def _observed_indices(
    segmented: SegmentedTable, n_draws: int, rng: np.random.Generator
) -> tuple[dict[str, float], Stability]:
    """Return the indices of the segments of one table, from so many redraws and halvings."""
    table, k, weights = segmented.table, segmented.k, segmented.weights
    counts = np.round(weights).astype(np.int64)
    redrawn = bootstrap(table, n_draws, rng).weights
    first = rng.binomial(counts, 0.5, (n_draws, len(counts)))
    halves = np.stack([first, counts - first], axis=1).astype(np.float64)
    drawn = np.concatenate([redrawn, halves.reshape(-1, len(counts))])
    again = segmented.refit(CountTables(table.codes, table.n_levels, drawn, table.is_ordered), k, rng)
    stable = measure_stability(segmented.labels, again[:n_draws], weights, k)
    strength = prediction_strength(again[n_draws:].reshape(halves.shape), halves)
    width, dispersion = silhouette(segmented.labels, weights, segmented.refit.distances(table), k)
    return _by_name(width, strength, stable.lowest, dispersion), stable


def _null_indices(
    tables: CountTables, k: int, refit: Refit, rng: np.random.Generator
) -> list[dict[str, float]]:
    """Return the indices of each table of a null model, with one redraw and one halving each."""
    counts = np.round(tables.weights)
    redrawn = np.stack([bootstrap(tables.table(i), 1, rng).weights for i in range(len(counts))])
    first = rng.binomial(counts[:, None].astype(np.int64), 0.5, (len(counts), 1, counts.shape[1]))
    halves = np.stack([first, counts[:, None] - first], axis=2)
    n_patterns = counts.shape[1]
    parts = (
        tables.weights,
        redrawn.reshape(-1, n_patterns),
        halves.reshape(-1, n_patterns).astype(np.float64),
    )
    labels = refit(
        CountTables(tables.codes, tables.n_levels, np.concatenate(parts), tables.is_ordered), k, rng
    )
    ends = np.cumsum([len(part) for part in parts])
    own, again, split = np.split(labels, ends[:-1])
    again, split = again.reshape(redrawn.shape), split.reshape(halves.shape)
    found = []
    for i, (width, dispersion) in enumerate(_silhouettes(tables, own, k, refit)):
        lowest = measure_stability(own[i], again[i], tables.weights[i], k).lowest
        found.append(_by_name(width, prediction_strength(split[i], halves[i]), lowest, dispersion))
    return found


def _by_name(width: float, strength: float, jaccard: float, dispersion: float) -> dict[str, float]:
    return {
        "silhouette": width,
        "prediction_strength": strength,
        "jaccard": jaccard,
        "log_dispersion": _log(dispersion),
    }


def _log(dispersion: float) -> float:
    return float(np.log(max(dispersion, 1e-300)))


def _silhouettes(tables: CountTables, labels: Labels, k: int, refit: Refit) -> Iterator[tuple[float, float]]:
    """Yield `silhouette` of each table; where there are many patterns, distances are those of each table alone."""
    shared = refit.distances(tables) if len(tables.codes) <= _ONE_MATRIX else None
    for i, weights in enumerate(tables.weights):
        if shared is not None:
            yield silhouette(labels[i], weights, shared, k)
        else:
            alone, kept = tables.table_without_zeros(i), weights > 0
            yield silhouette(labels[i][kept], weights[kept], refit.distances(alone), k)


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

    Both halves of a table are segmented. For each segment of one half, the share of the pairs of its customers is taken
    that the other half's segments put together; the smallest share counts.

    Parameters
    ----------
    labels
        (n_splits, 2, n_patterns) segment of every pattern by the segments of each half.
    halves
        (n_splits, 2, n_patterns) customers of each half.
    """
    sides = ((0, 1), (1, 0))
    kept = [
        _kept_pairs(mine[test], mine[other], half[test])
        for mine, half in zip(labels, halves, strict=True)
        for test, other in sides
    ]
    return float(np.mean(kept))


def _kept_pairs(labels: Labels, other: Labels, weights: Floats) -> float:
    """Return the smallest share of the pairs of a segment's customers that are in one segment of the other half."""
    n_segments = int(max(labels.max(), other.max())) + 1
    shared = cross_table((labels, n_segments), (other, n_segments), weights)
    sizes = shared.sum(axis=1)
    pairs = (shared * np.maximum(shared - 1, 0)).sum(axis=1)
    counted = sizes > 1
    return float((pairs[counted] / (sizes[counted] * (sizes[counted] - 1))).min()) if counted.any() else 0.0
