"""Pairs of features that depend on each other inside classes: a class has one table of probabilities over the levels of both.

The fit sees a pair as one feature whose levels are the combinations. Rows in which one of the two is missing say how the other's levels
sum up in that table; they have columns of their own (`JoinedDesign`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, LevelCodes
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.latent_class.em import TINY, DesignMatrix
from segmentry.cluster.latent_class.grouped_normals import GroupedNormals
from segmentry.errors import ModelError

MOST_CELLS = 4_096
_STEPS, _STILL = 2_000, 1e-12
"""Steps of EM for the shares of a pair among all rows, and the change that ends them."""


@dataclass(frozen=True)
class Pair:
    """Positions of two joined features, and their numbers of levels."""

    first: int
    second: int
    shape: tuple[int, int]

    def combined(self, codes: LevelCodes) -> LevelCodes:
        """Return the code (n_rows,) of each row's combination; -1 where one of the two is missing."""
        one, other = codes[:, self.first], codes[:, self.second]
        return np.where((one >= 0) & (other >= 0), one * self.shape[1] + other, -1).astype(codes.dtype)

    def with_parts(self, codes: LevelCodes) -> LevelCodes:
        """Return the same, with further codes for a level of the first alone, and then of the second alone."""
        one, other = codes[:, self.first], codes[:, self.second]
        n_cells = self.shape[0] * self.shape[1]
        of_one = np.where(one >= 0, n_cells + one, -1)
        alone = np.where(other >= 0, n_cells + self.shape[0] + other, -1)
        partly = np.where(one >= 0, of_one, alone)
        whole = self.combined(codes)
        return np.where(whole >= 0, whole, partly).astype(codes.dtype)

    def n_combinations(self, codes: LevelCodes) -> int:
        """Return the combinations that rows have; a level seen without the other feature alone counts as one."""
        cells = np.unique(self.combined(codes))
        cells = cells[cells >= 0]
        seen = [len(np.unique(cells // self.shape[1])), len(np.unique(cells % self.shape[1]))]
        return len(cells) + sum(n - m for n, m in zip(self.shape, seen, strict=True))


def joined_pairs(
    asked: object, names: Sequence[str] | None, n_levels: Sequence[int], is_ordered: Sequence[bool], name: str
) -> tuple[Pair, ...]:
    """Read which features are joined.

    Raises
    ------
    ModelError
        What is asked for is no list of pairs, names no feature, or joins one twice, an ordered one, one without values, or too many
        levels.
    """
    found: list[Pair] = []
    taken: set[int] = set()
    for pair in _list_of_pairs(asked, name):
        first, second = (_position(one, names, len(n_levels), name) for one in pair)
        shown = " and ".join(repr(one) for one in pair)
        if first == second or taken & {first, second}:
            raise ModelError(f"joined of {name} has {shown}; a feature can be joined with one other feature")
        if is_ordered[first] or is_ordered[second]:
            raise ModelError(
                f"joined of {name} has {shown}, and one of them is ordered; only features whose distribution is 'levels' can be joined"
            )
        shape = (n_levels[first], n_levels[second])
        if not 1 <= shape[0] * shape[1] <= MOST_CELLS:
            raise ModelError(
                f"joined of {name} has {shown} with {shape[0]:,} and {shape[1]:,} levels; each needs at least one, and both together "
                f"can have {MOST_CELLS:,} combinations: put levels together first"
            )
        taken |= {first, second}
        found.append(Pair(first, second, shape))
    return tuple(found)


def _list_of_pairs(asked: object, name: str) -> list[Sequence[object]]:
    if asked is None:
        return []
    kinds = (list, tuple, np.ndarray)
    pairs = list(asked) if isinstance(asked, kinds) else None
    if pairs is None or not all(isinstance(pair, kinds) and len(pair) == 2 for pair in pairs):
        raise ModelError(f"joined of {name} must be a list of pairs of features; got {asked!r}")
    return pairs


def _position(one: object, names: Sequence[str] | None, n_features: int, name: str) -> int:
    if isinstance(one, str) and names is not None and one in names:
        return list(names).index(one)
    if isinstance(one, int | np.integer) and not isinstance(one, bool) and 0 <= one < n_features:
        return int(one)
    allowed = f"a number from 0 to {n_features - 1}"
    known = allowed if names is None else f"{', '.join(map(repr, names))}, or {allowed}"
    raise ModelError(f"joined of {name} has {one!r}; a feature of X is {known}")


def other_features(pairs: Sequence[Pair], n_features: int) -> list[int]:
    """Return the positions of the features that are in no pair."""
    taken = {j for pair in pairs for j in (pair.first, pair.second)}
    return [j for j in range(n_features) if j not in taken]


def joined_patterns(patterns: WeightedPatterns, pairs: Sequence[Pair]) -> WeightedPatterns:
    """Return the same patterns with a column for each pair, after those of the other features."""
    kept = other_features(pairs, len(patterns.n_levels))
    columns = [patterns.codes[:, j] for j in kept] + [pair.with_parts(patterns.codes) for pair in pairs]
    n_levels = [patterns.n_levels[j] for j in kept] + [pair.shape[0] * pair.shape[1] for pair in pairs]
    orders = [np.arange(n) for n in n_levels]
    codes = np.asfortranarray(np.column_stack(columns))
    return replace(patterns, codes=codes, n_levels=n_levels, level_orders=orders)


def new_design(
    patterns: WeightedPatterns, pairs: Sequence[Pair], prior: float, is_ordered: Sequence[bool]
) -> DesignMatrix:
    """Return the design of patterns whose features are joined in pairs."""
    if not pairs:
        return DesignMatrix(patterns, prior, is_ordered)
    kept = [is_ordered[j] for j in other_features(pairs, len(is_ordered))] + [False] * len(pairs)
    return JoinedDesign(joined_patterns(patterns, pairs), prior, kept, [pair.shape for pair in pairs])


def by_feature(
    columns: Floats, n_levels: Sequence[int], pairs: Sequence[Pair]
) -> tuple[list[Floats], list[Floats]]:
    """Split the levels (n_classes, n_columns) of a design: probabilities of each feature, and tables (n_classes, n_first, n_second)."""
    others = other_features(pairs, len(n_levels))
    sizes = [n_levels[j] for j in others] + [pair.shape[0] * pair.shape[1] for pair in pairs]
    parts = np.split(columns, np.cumsum(sizes)[:-1], axis=1)
    found = dict(zip(others, parts[: len(others)], strict=True))
    tables = [
        part.reshape(len(part), *pair.shape) for pair, part in zip(pairs, parts[len(others) :], strict=True)
    ]
    for pair, table in zip(pairs, tables, strict=True):
        found |= {pair.first: table.sum(axis=2), pair.second: table.sum(axis=1)}
    return [found[j] for j in range(len(n_levels))], tables


def counted_levels(
    patterns: WeightedPatterns, pairs: Sequence[Pair], is_ordered: Sequence[bool]
) -> tuple[list[int], list[bool]]:
    """Return how many levels count as parameters, of features and then of pairs, and which of them are ordered."""
    others = other_features(pairs, len(patterns.n_levels))
    n_levels = [patterns.n_levels[j] for j in others] + [p.n_combinations(patterns.codes) for p in pairs]
    return n_levels, [is_ordered[j] for j in others] + [False] * len(pairs)


def interactions(table: Floats) -> Floats:
    """Return what a combination adds (n_cells + 1, n_classes) to the terms of its two levels; 0 where one is missing.

    Terms are negative logarithms of the probabilities of levels; with what is added they are that of the combination, from a table
    (n_classes, n_first, n_second). Combinations that nobody has add 0: such a row is seen as if the two were independent.
    """
    logs = [np.log(np.maximum(part, TINY)) for part in (table, table.sum(axis=2), table.sum(axis=1))]
    added = logs[1][:, :, None] + logs[2][:, None, :] - logs[0]
    added = np.where(table.any(axis=0), added, 0.0)
    flat = added.reshape(len(table), -1).T
    return np.vstack([flat, np.zeros(len(table))])


class JoinedDesign(DesignMatrix):
    """A design whose last features are pairs.

    `shapes` are their numbers of levels. Where a row has one of the two alone, its code is beyond the combinations (`Pair.with_parts`), and
    the design has a column for each level of each of the two, after all others: its probability is a sum over combinations.
    """

    def __init__(
        self,
        patterns: WeightedPatterns,
        prior: float,
        is_ordered: Sequence[bool],
        shapes: Sequence[tuple[int, int]],
    ) -> None:
        self.shapes = list(shapes)
        sizes = [one * other for one, other in self.shapes]
        self.has_parts = any((patterns.codes[:, -len(sizes) :] >= np.array(sizes)).ravel())
        self.may_pack = not self.has_parts
        super().__init__(patterns, prior, is_ordered)

    def like(self, patterns: WeightedPatterns, is_ordered: Sequence[bool]) -> DesignMatrix:
        """Return the design of other patterns with the same pairs."""
        return JoinedDesign(patterns, self.prior, is_ordered, self.shapes)

    def levels(self, parameters: Floats, normals: GroupedNormals | None = None) -> Floats:
        """Return the shares of the classes and the probabilities of the levels, and of what rows have of pairs."""
        found = super().levels(parameters, normals)
        if not self.has_parts:
            return found
        parts = [np.concatenate([t.sum(axis=-1), t.sum(axis=-2)], axis=-1) for t in self._tables(found)]
        return np.concatenate([found, *parts], axis=-1)

    def folded(self, counts: Floats, levels: Floats) -> Floats:
        """Spread counts of one of two joined features over the combinations, as probable as these are in `levels`."""
        if not self.has_parts:
            return counts
        found, at = counts[..., : 1 + self.n_columns].copy(), 1 + self.n_columns
        for table, whole in zip(self._tables(levels), self._tables(found), strict=True):
            n_first, n_second = table.shape[-2:]
            first, second = np.split(counts[..., at : at + n_first + n_second], [n_first], axis=-1)
            whole[:] += table * _ratio(first, table.sum(axis=-1))[..., :, None]
            whole[:] += table * _ratio(second, table.sum(axis=-2))[..., None, :]
            at += n_first + n_second
        return found

    def margins(self) -> Floats:
        """Return the share of every level and combination in its feature (n_columns,), of all rows."""
        totals = sum((weights @ rows for rows, weights in self.blocks(1)), start=np.zeros(self.width))
        shares = self.normalise(totals[1 : 1 + self.n_columns], np.zeros(self.n_columns))
        if not self.has_parts:
            return shares
        levels = np.concatenate([[1.0], shares])
        for table in self._tables(levels):
            table[:] = 1.0 / table.size
        for _ in range(_STEPS):
            again = self.folded(totals, levels)
            again[1:] = self.normalise(again[1:], levels[1:])
            change = np.abs(again[1:] - levels[1:]).max()
            levels = again
            if change < _STILL:
                break
        return levels[1:]

    def _tables(self, levels: Floats) -> list[Floats]:
        """Return the probabilities (..., n_first, n_second) of each pair's combinations, as views."""
        at = self.starts[len(self.starts) - len(self.shapes) :]
        return [
            levels[..., 1 + start : 1 + start + one * other].reshape(*levels.shape[:-1], one, other)
            for start, (one, other) in zip(at, self.shapes, strict=True)
        ]

    def _one_hot(self, codes: LevelCodes, kind: type[np.generic]) -> npt.NDArray[np.generic]:
        rows = super()._one_hot(codes, kind)
        if not self.has_parts:
            return rows
        n_pairs = len(self.shapes)
        parts = [
            np.equal(column[:, None], np.arange(one * other, one * other + one + other)).astype(kind)
            for column, (one, other) in zip(codes[:, -n_pairs:].T, self.shapes, strict=True)
        ]
        return np.hstack([rows, *parts])


def _ratio(counts: Floats, sums: Floats) -> Floats:
    return np.where(sums > 0, counts / np.where(sums > 0, sums, 1.0), 0.0)
