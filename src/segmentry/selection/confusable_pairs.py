"""Which two segments are hard to tell apart: who lies between them, and which features separate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, Labels, Mask
from segmentry.cluster import PatternModel
from segmentry.patterns.cross_tables import cross_table
from segmentry.text.numbers import count
from segmentry.text.words import counted, ended

CLOSENESS = 0.75
"""A customer lies between two segments when the first distance is above 0.75 times the second; for latent classes,
when the odds of the first class are below 3 to 1."""
SEPARATED, ALIKE = 0.3, 0.15
"""Total variation of a feature's levels between two segments: from the first on the feature separates them, below the
second they are alike in it."""
CONFUSABLE = 0.2
"""From this share of the smaller segment's customers between them, or exchanged by refits, two segments are confusable."""


@dataclass(frozen=True)
class SegmentPair:
    """Two segments, numbered from 1, the first the one of the smaller number.

    Attributes
    ----------
    first, second
        Numbers of the segments.
    n_between
        Customers of either who are nearly as close to the other.
    exchanged
        Mean number of customers of either whom a refit to a redrawn table puts into the other.
    share_between, share_exchanged
        The same as shares of the smaller segment; above 1 where most of them belong to the larger.
    separated_by
        Features whose levels differ much between the two, most first.
    alike_in
        Features whose levels hardly differ.
    """

    first: int
    second: int
    n_between: float
    exchanged: float
    share_between: float
    share_exchanged: float
    separated_by: tuple[str, ...]
    alike_in: tuple[str, ...]

    @property
    def confusion(self) -> float:
        """How hard the two are to tell apart: the larger of the shares between them and exchanged."""
        return max(self.share_between, self.share_exchanged)

    @property
    def is_confusable(self) -> bool:
        """Whether the two are hard to tell apart."""
        return self.confusion >= CONFUSABLE

    @property
    def overlap(self) -> str:
        """How many customers are between the two, in words; what counts nobody is not said."""
        n, moved = round(self.n_between), round(self.exchanged)
        parts = (
            [f"{counted(n, 'customer')} {'is' if n == 1 else 'are'} nearly as close to the other"]
            if n
            else []
        )
        if moved:
            who = count(moved) if parts else counted(moved, "customer")
            parts.append(f"{who} {'changes' if moved == 1 else 'change'} sides when customers are redrawn")
        return ", and ".join(parts)

    def sentence(self, titles: Mapping[str, str] | None = None) -> str:
        """Say it in words; `titles` are what features are called."""
        called = titles or {}
        apart, alike = (
            ", ".join(called.get(name, name) for name in names)
            for names in (self.separated_by, self.alike_in)
        )
        text = f"Segments {self.first} and {self.second} are hard to tell apart"
        text += f": {self.overlap}" if self.overlap else ""
        text += f"; what separates them: {apart}" if apart else "; no feature separates them clearly"
        return ended(text + (f"; alike in: {alike}" if alike else ""))


@dataclass(frozen=True)
class PatternSegments:
    """The segments that patterns belong to and come near to.

    Attributes
    ----------
    k
        Number of segments.
    labels
        (n_patterns,) segment of each pattern, counted from 0.
    second
        (n_patterns,) segment that each pattern would belong to if its own were not there.
    is_close
        (n_patterns,) whether the second segment is nearly as close as the first.
    """

    k: int
    labels: Labels
    second: Labels
    is_close: Mask

    @classmethod
    def of(cls, model: PatternModel, k: int, codes: npt.NDArray[Any]) -> Self:
        """Assign patterns by a fitted model."""
        labels = model.predict(codes)
        if k == 1:
            return cls(k, labels, np.zeros_like(labels), np.zeros(len(labels), bool))
        return cls(k, labels, *model.runners_up(codes, CLOSENESS))

    def at(self, rows: Indices) -> PatternSegments:
        """Return the segments of some of the patterns."""
        return PatternSegments(self.k, self.labels[rows], self.second[rows], self.is_close[rows])


def segment_pairs(
    codes: npt.NDArray[np.integer],
    weights: Floats,
    segments: PatternSegments,
    exchanged: Floats,
    features: Sequence[str],
) -> tuple[SegmentPair, ...]:
    """Return every pair of segments that hold customers, the most confusable first.

    Parameters
    ----------
    codes
        (n_patterns, n_features) codes of the levels; -1 is missing.
    weights
        (n_patterns,) customers.
    segments
        Segments of the patterns.
    exchanged
        (n_segments, n_segments) mean number of customers of the row's segment whom refits put into the column's.
    features
        Names of the features.
    """
    k, labels, second = len(exchanged), segments.labels, segments.second
    between = np.zeros((k, k))
    close = segments.is_close
    np.add.at(between, (labels[close], second[close]), weights[close])
    sizes = np.bincount(labels, weights, minlength=k)
    shares = [_level_shares(column, weights, labels, k) for column in codes.T]
    found = []
    for a, b in combinations(np.flatnonzero(sizes > 0).tolist(), 2):
        apart = {f: float(np.abs(s[a] - s[b]).sum() / 2) for f, s in zip(features, shares, strict=True)}
        n_between, moved = float(between[a, b] + between[b, a]), float(exchanged[a, b] + exchanged[b, a])
        smaller = float(min(sizes[a], sizes[b]))
        ranked = sorted(apart, key=lambda f: -apart[f])
        found.append(
            SegmentPair(
                first=a + 1,
                second=b + 1,
                n_between=n_between,
                exchanged=moved,
                share_between=n_between / smaller,
                share_exchanged=moved / smaller,
                separated_by=tuple(f for f in ranked if apart[f] >= SEPARATED),
                alike_in=tuple(f for f in reversed(ranked) if apart[f] < ALIKE),
            )
        )
    return tuple(sorted(found, key=lambda pair: -pair.confusion))


def _level_shares(column: npt.NDArray[np.integer], weights: Floats, labels: Labels, k: int) -> Floats:
    """Return the share (n_segments, n_levels + 1) of every level, the missing one last."""
    n_levels = int(column.max(initial=0)) + 1
    codes = np.where(column < 0, n_levels, column)
    counts = cross_table((labels, k), (codes, n_levels + 1), weights)
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    return shares
