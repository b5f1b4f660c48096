"""Two features that depend on each other inside classes: the pair whose table classes miss most, and what joining it would gain.

Bivariate residuals (Vermunt & Magidson 2016) say which pair the classes leave dependent; whether one table of probabilities over both
(Hagenaars 1988) is worth its parameters, BIC says, over all numbers of classes: apart, such a pair makes classes of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy import special

from segmentry.arrays import Floats
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.latent_class.criteria import softmax
from segmentry.cluster.latent_class.em import TINY, DesignMatrix
from segmentry.cluster.latent_class.inference import bivariate_residuals
from segmentry.selection.count_tables import CountTables

_LEAST_P = 0.001
"""p-value, over the number of pairs, below which the residual of a pair is more than chance."""
MOST_PAIRS = 3
MOST_CELLS = 400
"""Combinations of levels above which a pair is not looked at: a table of so many probabilities is no description."""


@dataclass(frozen=True)
class LocalDependence:
    """The pair of features that classes leave dependent most, apart and joined.

    Attributes
    ----------
    features
        Names of the two.
    residual
        Bivariate residual of the pair: 1 where the classes describe its table.
    n_apart, apart_bic
        Number of latent classes with the lowest BIC, and that BIC.
    n_joined, joined_bic
        The same where the pair is joined.
    """

    features: tuple[str, str]
    residual: float
    n_apart: int
    apart_bic: float
    n_joined: int
    joined_bic: float

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> LocalDependence:
        """Rebuild it from plain values."""
        first, second = content["features"]
        return cls(**{**content, "features": (first, second)})


def dependent_pairs(
    table: CountTables, mixtures: Mapping[int, Floats], allowed: Sequence[bool]
) -> list[tuple[int, int, float]]:
    """Return the positions of pairs that may gain by being joined, each with its residual: at most `MOST_PAIRS`, one for each mixture.

    What a pair gains in a mixture is bounded from below by one step of EM, which gives it the table that its expected counts ask for.
    A pair that makes classes of its own stands out where classes are fewer, others where they are more.

    Parameters
    ----------
    table
        Table of counts, of features whose classes have a probability for each level.
    mixtures
        Mixtures (n_classes, 1 + n_columns) of the numbers of classes that are looked at.
    allowed
        Features that can be joined.
    """
    sizes = table.n_levels
    pairs = [
        (i, j)
        for i, j in combinations([j for j, is_so in enumerate(allowed) if is_so and sizes[j] > 1], 2)
        if sizes[i] * sizes[j] <= MOST_CELLS
    ]
    if min(sizes) == 0 or not pairs:
        return []
    order, rows = [np.arange(n) for n in sizes], np.arange(len(table.codes))
    design = DesignMatrix(WeightedPatterns(table.codes, table.weights[0], rows, sizes, order))
    found: dict[tuple[int, int], float] = {}
    for parameters in mixtures.values():
        counts = _expected_pairs(design, parameters)
        saved = [_saved(counts[:, *_block(design, *pair)], table.n_customers) for pair in pairs]
        i, j = pairs[int(np.argmax(saved))]
        residual = float(bivariate_residuals(design, parameters)[i, j])
        if max(saved) > 0 and is_more_than_chance(residual, (sizes[i] - 1) * (sizes[j] - 1), len(pairs)):
            found[i, j] = residual
    return [(i, j, residual) for (i, j), residual in found.items()][:MOST_PAIRS]


def _block(design: DesignMatrix, i: int, j: int) -> tuple[slice, slice]:
    """Return where the levels of two features stand among all."""
    first, second = (slice(design.starts[c], design.starts[c] + design.n_levels[c]) for c in (i, j))
    return first, second


def _expected_pairs(design: DesignMatrix, parameters: Floats) -> Floats:
    """Return how often two levels are expected together in every class (n_classes, n_columns, n_columns)."""
    logs = np.log(np.maximum(parameters, TINY))
    counts = np.zeros((len(parameters), design.n_columns, design.n_columns))
    for rows, weights in design.blocks(len(parameters)):
        posteriors = softmax(rows @ logs.T) * weights[:, None]
        for c, part in enumerate(posteriors.T):
            counts[c] += (rows[:, 1:] * part[:, None]).T @ rows[:, 1:]
    return counts


def _saved(counts: Floats, n_customers: int) -> float:
    """Return by how much tables (n_classes, n_first, n_second) lower BIC beside those of independent features, at least."""
    totals = counts.sum(axis=(1, 2), keepdims=True)
    expected = (
        counts.sum(axis=2, keepdims=True) * counts.sum(axis=1, keepdims=True) / np.maximum(totals, TINY)
    )
    is_there = (counts > TINY) & (expected > TINY)
    gain = float((counts[is_there] * np.log(counts[is_there] / expected[is_there])).sum())
    n_cells = int(counts.any(axis=0).sum())
    n_more = len(counts) * (n_cells - counts.shape[1] - counts.shape[2] + 1)
    return 2 * gain - n_more * float(np.log(n_customers))


def is_more_than_chance(residual: float, degrees: int, n_pairs: int) -> bool:
    """Say whether the residual of one of so many pairs is beyond what chance makes."""
    return bool(special.chdtrc(degrees, residual * degrees) * n_pairs < _LEAST_P)


def known_together(table: CountTables, i: int, j: int) -> CountTables:
    """Return the table with both features missing where one is, so that likelihoods of both apart and joined can be compared."""
    codes = table.codes.copy()
    is_alone = (codes[:, i] < 0) ^ (codes[:, j] < 0)
    if not is_alone.any():
        return table
    codes[is_alone, i] = codes[is_alone, j] = -1
    return replace(table, codes=codes)


def with_pair_joined(table: CountTables, i: int, j: int) -> CountTables:
    """Return the table with one feature of the combinations that occur in place of two."""
    one, other = table.codes[:, i], table.codes[:, j]
    both = np.where((one < 0) | (other < 0), -1, one * table.n_levels[j] + other)
    seen = np.unique(both[both >= 0])
    column = np.where(both < 0, -1, np.searchsorted(seen, both)).astype(np.int32)
    kept = [c for c in range(len(table.n_levels)) if c not in (i, j)]
    codes = np.column_stack([table.codes[:, kept], column])
    return CountTables(codes, [*(table.n_levels[c] for c in kept), len(seen)], table.weights)
