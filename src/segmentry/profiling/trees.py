"""Trees over patterns: groups of levels between which the targets (outcomes or segments) differ most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from segmentry.arrays import Floats, Indices
from segmentry.patterns import PatternTable
from segmentry.profiling.quotients import quotient


@dataclass(frozen=True)
class LevelColumns:
    """Patterns as indicators of the levels of each feature, with the unknown level first.

    Attributes
    ----------
    indicators
        Per feature (n_levels + 1, n_patterns) 1 where a pattern has the level, else 0.
    is_ordinal
        Whether the levels of each feature are ordered.
    codes
        (n_patterns, n_features) codes of the levels.
    """

    indicators: tuple[csr_array, ...]
    is_ordinal: tuple[bool, ...]
    codes: npt.NDArray[np.integer]

    @classmethod
    def of(cls, patterns: PatternTable) -> Self:
        """Spread the codes of a pattern table."""
        codes = np.asarray(patterns.codes)
        ones, rows = np.ones(len(codes)), np.arange(len(codes))
        indicators = tuple(
            csr_array((ones, (codes[:, j].astype(np.intp) + 1, rows)), shape=(len(f.levels) + 1, len(codes)))
            for j, f in enumerate(patterns.features)
        )
        return cls(indicators, tuple(f.scale == "ordinal" for f in patterns.features), codes)

    def n_levels(self, feature: int) -> int:
        """Return the number of levels of a feature, the unknown one left out."""
        return int(self.indicators[feature].shape[0]) - 1


@dataclass(frozen=True)
class Node:
    """A part of the patterns, and its conditions: position of a feature to codes allowed."""

    rows: Indices
    allowed: dict[int, frozenset[int]]


@dataclass(frozen=True)
class _Split:
    gain: float
    feature: int
    left: frozenset[int]


def grow(
    columns: LevelColumns,
    sums: Floats,
    weights: Floats,
    max_leaves: int,
    features: Sequence[int] | None = None,
) -> tuple[list[Node], list[Node]]:
    """Grow a tree, the split with the largest gain first, until it has `max_leaves` leaves or no split gains.

    Parameters
    ----------
    columns
        Patterns as indicator columns.
    sums
        (n_patterns, n_targets) sums of the targets' values.
    weights
        (n_patterns, n_targets) customers with a value.
    max_leaves
        Largest number of leaves.
    features
        Positions of the features that may split; by default all.

    Returns
    -------
    leaves
        Leaves, which together hold all patterns.
    nodes
        All nodes but the root.

    Notes
    -----
    The gain of a split is the decrease of the sum of squares about the means, summed over the targets; with
    indicators of segments as targets this is the Gini index. Ordinal features are split in their order. Levels of
    nominal features, and features with unknown levels, are put into the order of their means along the main direction
    in which these differ (Breiman et al. 1984, for one target the best of all splits; Coppersmith, Hong & Hosking
    1999).
    """
    both = np.hstack([sums, weights])
    allowed = range(len(columns.indicators)) if features is None else features
    leaves = [Node(np.arange(len(both)), {})]
    splits = [_best_split(columns, both, leaves[0].rows, allowed)]
    nodes: list[Node] = []
    while len(leaves) < max_leaves:
        at = max(range(len(leaves)), key=lambda i: splits[i].gain)
        if splits[at].gain <= 1e-12:
            break
        parts = _divided(columns, leaves[at], splits[at])
        nodes += parts
        leaves[at : at + 1] = parts
        splits[at : at + 1] = [_best_split(columns, both, part.rows, allowed) for part in parts]
    return leaves, nodes


def leaf_groups(leaves: Sequence[Node], n_patterns: int) -> Indices:
    """(n_patterns,) leaf of each pattern."""
    groups = np.zeros(n_patterns, np.intp)
    for i, leaf in enumerate(leaves):
        groups[leaf.rows] = i
    return groups


def _divided(columns: LevelColumns, node: Node, split: _Split) -> list[Node]:
    codes = columns.codes[node.rows, split.feature]
    here = np.isin(codes, sorted(split.left))
    before = node.allowed.get(split.feature, frozenset(range(-1, columns.n_levels(split.feature))))
    sides = ((here, before & split.left), (~here, before - split.left))
    return [Node(node.rows[mask], {**node.allowed, split.feature: codes_}) for mask, codes_ in sides]


def _best_split(columns: LevelColumns, both: Floats, rows: Indices, features: Sequence[int]) -> _Split:
    own = np.zeros_like(both)
    own[rows] = both[rows]
    best = _Split(0.0, -1, frozenset())
    for j in features:
        found = _best_cut(columns.indicators[j] @ own, columns.is_ordinal[j])
        if found is not None and found[0] > best.gain * (1 + 1e-9) + 1e-12:
            best = _Split(found[0], j, frozenset(int(i) - 1 for i in found[1]))
    return best


def _best_cut(levels: Floats, is_ordinal: bool) -> tuple[float, Indices] | None:
    """(gain, levels of the left side) of the best split of one feature's levels in this node."""
    m = levels.shape[1] // 2
    sums, weights = levels[:, :m], levels[:, m:]
    present = np.flatnonzero(weights.sum(axis=1) > 0)
    if len(present) < 2:
        return None
    sums, weights = sums[present], weights[present]
    in_order = is_ordinal and present[0] > 0
    if not in_order:
        order = _order_of_means(sums, weights)
        present, sums, weights = present[order], sums[order], weights[order]
    left_s, left_w = np.cumsum(sums, axis=0)[:-1], np.cumsum(weights, axis=0)[:-1]
    all_s, all_w = sums.sum(axis=0), weights.sum(axis=0)
    gain = _scatter(left_s, left_w) + _scatter(all_s - left_s, all_w - left_w) - _scatter(all_s, all_w)
    cut = int(gain.argmax())
    left = np.arange(present[cut] + 1) if in_order else present[: cut + 1]
    return float(gain[cut]), left


def _scatter(sums: Floats, weights: Floats) -> Floats:
    return np.asarray(np.divide(sums**2, weights, out=np.zeros_like(sums), where=weights > 1e-9).sum(axis=-1))


def _order_of_means(sums: Floats, weights: Floats) -> Indices:
    """Levels in the order of their means along the direction in which these differ most."""
    common = quotient(sums.sum(axis=0), weights.sum(axis=0), 0.0)
    apart = np.where(weights > 0, quotient(sums, weights), common) - common
    if sums.shape[1] == 1:
        return np.argsort(apart[:, 0], kind="stable")
    scaled = apart * np.sqrt(weights)
    direction = np.linalg.svd(scaled, full_matrices=False)[2][0]
    direction = direction if direction[np.abs(direction).argmax()] > 0 else -direction
    return np.argsort(apart @ direction, kind="stable")
