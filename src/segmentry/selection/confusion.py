"""Which two segments are hard to tell apart: who lies between them, and which features separate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Labels
from segmentry.cluster import PatternModel
from segmentry.text.numbers import format_number

CLOSE = 0.75
"""A customer lies between two segments when the second distance is less than 1 / 0.75 of the first; for latent
classes, when the odds of the first are below 3 to 1."""
SEPARATED, ALIKE = 0.3, 0.15
"""Total variation of a feature's levels between two segments: from the first on it separates them, below the
second they are alike in it."""
CONFUSABLE = 0.2
"""From this share of the smaller segment's customers between them, or exchanged by refits, two segments are
confusable."""


@dataclass(frozen=True)
class Pair:
    """Two segments, numbered from 1, the first the one of the smaller number.

    Attributes
    ----------
    n_between
        Customers of either who are nearly as close to the other.
    exchanged
        Customers of either whom a refit to a redrawn table puts into the other, on average.
    share_between, share_exchanged
        The same as shares of the smaller segment; above 1 where most of them belong to the larger.
    separated_by, alike_in
        Features whose levels differ much between the two, most first; features that hardly differ.
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

    def sentence(self, titles: Mapping[str, str] | None = None) -> str:
        """Say it in words; `titles` are what features are called."""
        called = titles or {}
        apart = _listed([called.get(name, name) for name in self.separated_by])
        alike = _listed([called.get(name, name) for name in self.alike_in])
        text = (
            f"Segments {self.first} and {self.second} are hard to tell apart: {format_number(self.n_between, ',.0f')} customers are "
            f"nearly as close to the other, and a refit moves {format_number(self.exchanged, ',.0f')} from one to the other"
        )
        text += f"; what separates them: {apart}" if apart else "; no feature separates them clearly"
        return text + (f"; alike in: {alike}." if alike else ".")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


@dataclass(frozen=True)
class Segments:
    """The segments of the patterns, from 0: each one's own, the second, and whether that is nearly as close."""

    k: int
    labels: Labels
    second: Labels
    is_close: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, model: PatternModel, k: int, codes: npt.NDArray[Any]) -> Self:
        """Assign patterns by a fitted model."""
        labels = model.predict(codes)
        if k == 1:
            return cls(k, labels, np.zeros_like(labels), np.zeros(len(labels), bool))
        return cls(k, labels, *model.runners_up(codes, CLOSE))


def pairs_of(
    codes: npt.NDArray[np.integer],
    weights: Floats,
    labels: Labels,
    second: Labels,
    is_close: npt.NDArray[np.bool_],
    exchanged: Floats,
    features: Sequence[str],
) -> tuple[Pair, ...]:
    """Return every pair of segments that hold customers, the most confusable first.

    Parameters
    ----------
    codes : ndarray of int (n_patterns, n_features)
        Level codes, -1 missing.
    weights, labels : ndarray (n_patterns,)
        Customers, and the segment of each pattern.
    second, is_close : ndarray (n_patterns,)
        The second segment of each pattern, and whether it is nearly as close.
    exchanged : ndarray (n_segments, n_segments)
        Customers of the row's segment whom refits put into the column's, on average.
    features
        Their names.
    """
    k = len(exchanged)
    between = np.zeros((k, k))
    np.add.at(between, (labels[is_close], second[is_close]), weights[is_close])
    sizes = np.bincount(labels, weights, minlength=k)
    shares = [_level_shares(column, weights, labels, k) for column in codes.T]
    found = []
    for a, b in combinations(np.flatnonzero(sizes > 0).tolist(), 2):
        apart = {f: float(np.abs(s[a] - s[b]).sum() / 2) for f, s in zip(features, shares, strict=True)}
        n_between, moved = float(between[a, b] + between[b, a]), float(exchanged[a, b] + exchanged[b, a])
        smaller = float(min(sizes[a], sizes[b]))
        ranked = sorted(apart, key=lambda f: -apart[f])
        found.append(
            Pair(
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
    return tuple(sorted(found, key=lambda p: -p.confusion))


def _level_shares(column: npt.NDArray[np.integer], weights: Floats, labels: Labels, k: int) -> Floats:
    """Return the share (n_segments, n_levels) of every level, the missing one last."""
    width = int(column.max(initial=0)) + 2
    codes = np.where(column < 0, width - 1, column)
    counts = np.bincount(labels * width + codes, weights, minlength=k * width).reshape(k, width)
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    return shares
