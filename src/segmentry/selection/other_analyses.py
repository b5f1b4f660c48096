"""What depends on our choices: the segments are made anew as somebody else might have made them, on the same counts.

Every other analysis is a pattern table with other levels, another method or number, or redrawn customers. Its segments are matched to
the ones of the run, and each customer either stays or does not (Steegen, Tuerlinckx, Gelman & Vanpaemel 2016, on multiverse
analyses).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from segmentry.arrays import Floats, Labels, Mask
from segmentry.patterns.cross_tables import cross_table
from segmentry.selection.analysis_variants import Analysis, AnalysisKind, Variants
from segmentry.selection.refits import SegmentedTable
from segmentry.selection.stability import match_segments
from segmentry.system.progress import Progress, silent

N_ANALYSES = 30
STEADY = 0.9
"""Share of the analyses from which on a customer is called steady."""


@dataclass(frozen=True)
class Part:
    """Every analysis, or what one of two processes makes: of each `of` of them in turn those at `places`."""

    places: tuple[int, ...] = (0,)
    of: int = 1


@dataclass(frozen=True)
class OtherAnalysis:
    """Segments made in another way.

    Attributes
    ----------
    kind
        What was done otherwise: a ``feature`` left out, ``levels`` merged, ``edges`` moved, another ``number`` of segments, another
        ``method``, ``missing`` values taken as a level, or ``customers`` redrawn.
    what
        The feature, the levels, the number or the method; empty where there is nothing to name.
    n_analyses
        Number of analyses.
    moved
        Mean share of the customers whose segment is not the counterpart of their own.
    """

    kind: AnalysisKind
    what: str
    n_analyses: int
    moved: float


@dataclass(frozen=True)
class ChoiceDependence:
    """How far the segments hang on choices that could have been made otherwise.

    Attributes
    ----------
    n_analyses
        Number of analyses.
    analyses
        The analyses, those that move most customers first; redraws and moved edges are one row each.
    by_segment
        Per segment the mean share of the analyses in which its customers stay together in its counterpart.
    steady
        Share of the customers who stay in at least 90 % of the analyses.
    """

    n_analyses: int
    analyses: tuple[OtherAnalysis, ...]
    by_segment: tuple[float, ...]
    steady: float

    @property
    def moved_most(self) -> OtherAnalysis | None:
        """The choice that moves most customers; redraws of customers are none."""
        return next((one for one in self.analyses if one.kind != "customers"), None)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild it from plain values."""
        analyses = tuple(OtherAnalysis(**one) for one in content["analyses"])
        return cls(**{**content, "analyses": analyses, "by_segment": tuple(content["by_segment"])})


def analyse_otherwise(
    variants: Variants, n: int, progress: Progress = silent
) -> tuple[ChoiceDependence, Floats]:
    """Make segments anew in `n` other ways; `progress` is called with a line of text before each.

    Returns
    -------
    tuple of ChoiceDependence and ndarray (n_patterns_of_table,)
        The summary, and per pattern the share of the analyses in which it stays in its segment.
    """
    analyses = variants.chosen(n)
    return summed_up(variants.segmented, analyses, stays_in(variants.segmented, analyses, progress))


def summed_up(
    segmented: SegmentedTable, analyses: Sequence[Analysis], stays: Mask
) -> tuple[ChoiceDependence, Floats]:
    """Return what `analyse_otherwise` does, of analyses that are made."""
    weights = segmented.weights / segmented.weights.sum()
    moved = 1 - stays @ weights
    kept = stays.mean(axis=0)
    sizes = np.bincount(segmented.labels, weights, segmented.k)
    by_segment = np.bincount(segmented.labels, weights * kept, segmented.k) / np.maximum(sizes, 1e-300)
    found = ChoiceDependence(
        len(stays),
        _summed([(one.kind, one.what) for one in analyses for _ in range(one.n)], moved),
        tuple(by_segment.tolist()),
        float(weights[kept >= STEADY].sum()),
    )
    return found, kept


def stays_in(
    segmented: SegmentedTable,
    analyses: Sequence[Analysis],
    progress: Progress = silent,
    part: Part = Part(),
) -> Mask:
    """Return whether each pattern is in the counterpart of its segment in each analysis (n_analyses, n_patterns); False in other parts."""
    ends = np.cumsum([0, *(one.n for one in analyses)])
    stays = np.zeros((ends[-1], len(segmented.labels)), bool)
    for number in range(len(analyses)):
        if number % part.of not in part.places:
            continue
        progress(f"Making segments in other ways: {ends[number] + 1} of {len(stays)}")
        for row, labels in enumerate(analyses[number].labels(), start=ends[number]):
            stays[row] = _stays(segmented, labels)
    return stays


def _stays(segmented: SegmentedTable, labels: Labels) -> Mask:
    """Return whether each pattern is in the counterpart of its segment."""
    size = max(segmented.k, int(labels.max()) + 1)
    overlap = cross_table((segmented.labels, segmented.k), (labels, size), segmented.weights)
    return match_segments(overlap)[segmented.labels] == labels


def _summed(names: list[tuple[AnalysisKind, str]], moved: Floats) -> tuple[OtherAnalysis, ...]:
    """Put analyses of the same name together, those that move most first."""
    found = {
        name: OtherAnalysis(*name, n_analyses=len(at), moved=float(moved[at].mean()))
        for name in dict.fromkeys(names)
        if (at := [i for i, other in enumerate(names) if other == name])
    }
    return tuple(sorted(found.values(), key=lambda one: -one.moved))
