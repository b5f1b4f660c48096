"""Ways in which somebody else might have made the segments: other levels, numbers, methods, customers; all on the same counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np

from segmentry.arrays import Indices, Labels, LevelCodes
from segmentry.cluster.latent_class.criteria import ordered_of
from segmentry.patterns import PatternTable
from segmentry.selection.bin_sensitivity import jittered
from segmentry.selection.count_tables import CountTables, bootstrap, refit_levels
from segmentry.selection.refits import SegmentedTable, refit_of

AnalysisKind = Literal["feature", "levels", "edges", "number", "method", "missing", "customers"]
_REDRAWN_AT_ONCE = 5
"""A step of several fits takes little longer than one of one."""
_SHARES = {"feature": 0.3, "levels": 0.25, "edges": 0.15}
"""Largest share of the analyses that a kind of many variants takes; the customers are redrawn for what is left."""
Make = Callable[[np.random.Generator], Labels]
"""Makes the segments of one or several analyses: labels (n, n_patterns) of every pattern of the table."""


_Way = tuple[AnalysisKind, str, Make]


@dataclass(frozen=True)
class Analysis:
    """One other analysis, or several that are made at once: its kind, what it does, how many they are, and what makes their segments.

    The seed is its own, so it finds the same whatever was made before it, and in whichever process.
    """

    kind: AnalysisKind
    what: str
    make: Make
    seed: np.random.SeedSequence
    n: int = 1

    def labels(self) -> Labels:
        """Return the segments (n, n_patterns) of every pattern."""
        return self.make(np.random.default_rng(self.seed))


@dataclass(frozen=True)
class Variants:
    """Ways to make segments anew.

    Attributes
    ----------
    patterns
        Pattern table, with one feature in place of joined ones.
    rows
        Its patterns that are in the table of counts.
    segmented
        Table of counts with the segments.
    method
        Method of the segments.
    rng
        Random numbers of variants, draws and starts.
    apart
        Pattern table with joined features apart, for other methods; None where there are none.
    """

    patterns: PatternTable
    rows: Indices
    segmented: SegmentedTable
    method: str
    rng: np.random.Generator
    apart: PatternTable | None = None

    def chosen(self, n: int) -> list[Analysis]:
        """Return `n` analyses: each number, method and treatment of missing values, and parts of what has many variants."""
        made: list[_Way] = [*self._numbers(), *self._methods(), *self._missing()][:n]
        for kind, variants in (("feature", self._left_out()), ("levels", self._merged())):
            limit = min(round(_SHARES[kind] * n), n - len(made))
            order = self.rng.permutation(len(variants))[:limit]
            made += [variants[i] for i in sorted(order)]
        made += self._moved_edges(min(round(_SHARES["edges"] * n), n - len(made)))
        redraws = batch_sizes(n - len(made), _REDRAWN_AT_ONCE)
        ways = [(*way, 1) for way in made]
        ways += [("customers", "", partial(self._redrawn, size), size) for size in redraws]
        seeds = np.random.SeedSequence(int(self.rng.integers(2**63))).spawn(len(ways))
        return [
            Analysis(kind, what, make, seed, n)
            for (kind, what, make, n), seed in zip(ways, seeds, strict=True)
        ]

    def _again(self, table: CountTables, k: int | None, rng: np.random.Generator) -> Labels:
        one = self.segmented
        near = one.labels if k is None and len(table.codes) == len(one.labels) else None
        return one.refit(table, k or one.k, rng, near)

    def _numbers(self) -> list[_Way]:
        k, table = self.segmented.k, self.segmented.table
        numbers = [n for n in (k - 1, k + 1) if 2 <= n <= len(table.codes)]
        return [("number", str(n), partial(self._again, table, n)) for n in numbers]

    def _methods(self) -> list[_Way]:
        others = {"latent-class", "k-modes", "k-means"} - {self.method}
        if (self.segmented.table.codes < 0).any():
            others -= {"k-means"}
        return [("method", name, partial(self._by, name)) for name in sorted(others)]

    def _by(self, method: str, rng: np.random.Generator) -> Labels:
        """Segment by another method, which takes the levels that are shown."""
        table, apart = self.segmented.table, self.apart or self.patterns
        if table.is_ordered is not None or apart is not self.patterns:
            shown = np.asarray(apart.as_shown().codes, np.int32)[self.rows]
            columns = [_of_those_that_occur(column) for column in shown.T]
            n_levels = [int(column.max(initial=-1)) + 1 for column in columns]
            table = CountTables(np.column_stack(columns).astype(np.int32), n_levels, table.weights)
        return refit_of(method, apart)(table, self.segmented.k, rng)

    def _missing(self) -> list[_Way]:
        table = self.segmented.table
        holes = np.asarray((table.codes < 0).any(axis=0))
        if not holes.any():
            return []
        codes = np.where(table.codes < 0, np.array(table.n_levels), table.codes).astype(table.codes.dtype)
        levels = (np.array(table.n_levels) + holes).tolist()
        ordered = table.is_ordered  # a level of missing values has no place in an order
        kept = (
            None if ordered is None else [o and not h for o, h in zip(ordered, holes.tolist(), strict=True)]
        )
        return [("missing", "", partial(self._again, CountTables(codes, levels, table.weights, kept), None))]

    def _left_out(self) -> list[_Way]:
        names = [feature.label for feature in self.patterns.features]
        return [
            ("feature", name, partial(self._without, j)) for j, name in enumerate(names) if len(names) > 2
        ]

    def _without(self, j: int, rng: np.random.Generator) -> Labels:
        others, pattern = self.segmented.table.without_feature(j)
        k = min(self.segmented.k, len(others.codes))
        return self.segmented.refit.without_feature(j)(others, k, rng)[:, pattern]

    def _merged(self) -> list[_Way]:
        """Merge neighbouring levels of ordered features, and the rarest level of others with the next one."""
        found: list[_Way] = []
        for j, feature in enumerate(self.patterns.features):
            pairs = self._neighbours(j) if feature.scale == "ordinal" else self._rarest(j)
            for a, b in pairs:
                what = f"{feature.label}: {self._level(j, a)} + {self._level(j, b)}"
                found.append(("levels", what, partial(self._merge, j, a, b)))
        return found

    def _neighbours(self, j: int) -> list[tuple[int, int]]:
        n = int(self._shown(j).max(initial=-1)) + 1
        return [(a, a + 1) for a in range(n - 1)] if n > 2 else []

    def _rarest(self, j: int) -> list[tuple[int, int]]:
        table, codes = self.segmented.table, self._shown(j)
        known, n = codes >= 0, int(codes.max(initial=-1)) + 1
        if n <= 2:
            return []
        sizes = np.bincount(codes[known], table.weights[0][known], n)
        a, b = sorted(np.argsort(sizes, kind="stable")[:2].tolist())
        return [(a, b)]

    def _shown(self, j: int) -> Indices:
        """Return the codes (n_rows,) of the levels that are shown of a feature, of those that occur."""
        return _of_those_that_occur(self._shown_codes[:, j])

    @cached_property
    def _shown_codes(self) -> LevelCodes:
        return np.asarray(self.patterns.as_shown().codes, np.int32)[self.rows]

    def _level(self, j: int, code: int) -> str:
        """Return the name of one of the levels that occur."""
        observed = self._shown_codes[:, j]
        shown = self.patterns.features[j].as_shown().levels
        return str(shown[np.unique(observed[observed >= 0])[code]])

    def _merge(self, j: int, a: int, b: int, rng: np.random.Generator) -> Labels:
        """Put two levels that are shown together, with all finer ones in them."""
        table, shown = self.segmented.table, self._shown(j)
        codes, levels = table.codes.copy(), list(table.n_levels)
        if self.patterns.features[j].shown:
            fine = np.asarray(self.patterns.codes[self.rows, j], np.int32)
            merged = np.isin(shown, (a, b))
            column = refit_levels(np.where(merged, fine[merged].min(), fine), table.weights[0])
        else:
            column = table.codes[:, j].copy()
            column[column == b] = a
        codes[:, j] = _of_those_that_occur(column)
        levels[j] = int(codes[:, j].max()) + 1
        ordered = table.is_ordered
        if ordered is not None:
            ordered = ordered_of(levels, ["ordered" if o else "levels" for o in ordered])
        return self._again(CountTables(codes, levels, table.weights, ordered), None, rng)

    def _moved_edges(self, n: int) -> list[_Way]:
        columns = [
            j
            for j, feature in enumerate(self.patterns.features)
            if feature.scale == "ordinal" and self.segmented.table.n_levels[j] > 1
        ]
        return [("edges", "", partial(self._jitter, columns))] * n if columns else []

    def _jitter(self, columns: list[int], rng: np.random.Generator) -> Labels:
        """Refit to a table some of whose customers went to neighbouring levels; return the labels of the patterns as they were."""
        table = self.segmented.table
        _, codes, counts = jittered(table, columns, rng)
        distinct, place = np.unique(np.concatenate([table.codes, codes]), axis=0, return_inverse=True)
        place = place.reshape(-1)
        n = len(table.codes)
        weights = np.bincount(place[n:], counts, len(distinct)).astype(np.float64)
        moved = CountTables(distinct, table.n_levels, weights[None], table.is_ordered)
        return self._again(moved, None, rng)[:, place[:n]]

    def _redrawn(self, n: int, rng: np.random.Generator) -> Labels:
        return self._again(bootstrap(self.segmented.table, n, rng), None, rng)


def batch_sizes(n: int, most: int) -> list[int]:
    """Return the sizes of as few batches as hold `n`, of nearly one size."""
    n_batches = -(-n // most)
    return [n // n_batches + (i < n % n_batches) for i in range(n_batches)]


def _of_those_that_occur(codes: LevelCodes) -> Indices:
    """Return codes that count the levels that occur alone; -1 stays missing."""
    seen = np.unique(codes[codes >= 0])
    return np.where(codes >= 0, np.searchsorted(seen, codes), -1)
