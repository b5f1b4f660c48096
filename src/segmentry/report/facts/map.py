"""The map: patterns on two principal axes, with the places of levels and of segments."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from segmentry.patterns import PatternTable
from segmentry.profiling import level_names, spoken_code
from segmentry.report.axes import principal_axes
from segmentry.report.facts.segments import levels_of_certainty
from segmentry.segmentation import Segmentation
from segmentry.segmentation.shown_patterns import with_shown_patterns
from segmentry.text.levels import LevelNames

MAX_BUBBLES = 1_500
"""A map shows at most this many patterns, the most frequent."""


@dataclass(frozen=True)
class PointFact:
    """A pattern on the map."""

    x: float
    y: float
    customers: float
    segment: int
    certainty: float
    pattern: str


@dataclass(frozen=True)
class PlaceFact:
    """Where a level, or the mean of a segment, lies; `segment` is 0 for a level."""

    label: str
    x: float
    y: float
    customers: float
    segment: int = 0


@dataclass(frozen=True)
class MapFact:
    """The patterns on two axes, the share that each axis holds, and the method that made the axes.

    A pattern with a certainty below `uncertain_below` is nearly as close to another segment; 0 where no certainty is known.
    """

    kind: str
    is_correspondence: bool
    shares: tuple[float, float]
    n_customers: float
    n_hidden: int
    uncertain_below: float
    points: tuple[PointFact, ...]
    levels: tuple[PlaceFact, ...]
    centres: tuple[PlaceFact, ...]

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Every pair of segments, by the distance of their means, the nearest first."""
        pairs = itertools.combinations(self.centres, 2)
        far = sorted(pairs, key=lambda ends: math.dist(*((c.x, c.y) for c in ends)))
        return tuple((a.segment, b.segment) for a, b in far)


def map_fact(result: Segmentation) -> MapFact | None:
    """Make the map; None where there is one segment, or there are no two axes to draw it on."""
    result = with_shown_patterns(result)
    patterns, labels = result.patterns, result.labels
    if patterns is None or labels is None or len(result.segments) < 2:
        return None
    axes = principal_axes(patterns, result.method)
    if not np.isfinite(axes.coordinates).all() or axes.shares[1] <= 0:
        return None
    weight = patterns.sample_weight
    certainty = result.certainty if result.certainty is not None else np.ones(len(weight))
    words = level_names(patterns)
    shown = np.argsort(-weight, kind="stable")[:MAX_BUBBLES]
    points = tuple(
        PointFact(
            float(axes.coordinates[i, 0]), float(axes.coordinates[i, 1]), float(weight[i]),
            int(labels[i]) + 1, float(certainty[i]), _pattern(words, patterns, int(i)),
        )
        for i in shown
    )  # fmt: skip
    centres = tuple(
        PlaceFact(s.name, *_mean(axes.coordinates, weight * (labels == s.id - 1)), float(s.size), s.id)
        for s in result.segments if weight[labels == s.id - 1].sum() > 0
    )  # fmt: skip
    return MapFact(
        kind=axes.kind,
        is_correspondence=result.method != "k-means",
        shares=axes.shares,
        n_customers=float(weight.sum()),
        n_hidden=len(weight) - len(shown),
        uncertain_below=0.0 if result.method == "given" else levels_of_certainty(result.method)[-1],
        points=points,
        levels=_levels(result, axes.coordinates, weight),
        centres=centres,
    )


def _levels(result: Segmentation, coordinates: np.ndarray, weight: np.ndarray) -> tuple[PlaceFact, ...]:
    """Place each level at the mean of its customers, divided by the spread of the axis, as MCA does."""
    assert result.patterns is not None  # noqa: S101 - map_fact looked
    spread = np.sqrt((weight / weight.sum()) @ coordinates**2)
    words, made = level_names(result.patterns), []
    for j, feature in enumerate(result.patterns.features):
        codes = np.asarray(result.patterns.codes[:, j])
        for code, level in enumerate(feature.levels):
            mine = weight * (codes == code)
            if mine.sum() > 0:
                x, y = np.array(_mean(coordinates, mine)) / np.where(spread > 0, spread, 1.0)
                spoken = words.level(feature.label, level)
                made.append(PlaceFact(spoken, float(x), float(y), float(mine.sum())))
    return tuple(made)


def _mean(coordinates: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    x, y = (weight @ coordinates / weight.sum()).tolist()
    return x, y


def _pattern(words: LevelNames, patterns: PatternTable, row: int) -> str:
    codes = patterns.codes[row].tolist()
    return ", ".join(spoken_code(words, f, code) for f, code in zip(patterns.features, codes, strict=True))
