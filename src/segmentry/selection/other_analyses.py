"""What depends on our choices: the segments are made anew as somebody else might have made them, on the same counts.

Every other analysis is a pattern table with other levels, another method or number, or redrawn customers. Its segments are matched to
the ones of the run, and each customer either stays or does not (Steegen, Tuerlinckx, Gelman & Vanpaemel 2016, on multiverse
analyses).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, Labels, Mask
from segmentry.patterns.cross_tables import cross_table
from segmentry.profiling import ContactDependence
from segmentry.selection.analysis_variants import Analysis, AnalysisKind, Variants
from segmentry.selection.refits import SegmentedTable
from segmentry.selection.stability import match_segments
from segmentry.system.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

N_ANALYSES = 30
STEADY = 0.9
"""Share of the analyses from which on a customer is called steady."""
SmallLabels = npt.NDArray[np.int16]


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
    contacts
        Per campaign with cost and revenue, whether the same customers would be contacted.
    """

    n_analyses: int
    analyses: tuple[OtherAnalysis, ...]
    by_segment: tuple[float, ...]
    steady: float
    contacts: tuple[ContactDependence, ...] = ()

    @property
    def moved_most(self) -> OtherAnalysis | None:
        """The choice that moves most customers; redraws of customers are none."""
        return next((one for one in self.analyses if one.kind != "customers"), None)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild it from plain values."""
        parts = {
            "analyses": tuple(OtherAnalysis(**one) for one in content["analyses"]),
            "by_segment": tuple(content["by_segment"]),
            "contacts": tuple(map(ContactDependence.from_dict, content.get("contacts", ()))),
        }
        return cls(**{**content, **parts})

    def table(self) -> pd.DataFrame:
        """Return the analyses as a table with a row each; of each campaign how many of them name a set, whom they keep and whom they add."""
        import pandas as pd

        table = pd.DataFrame(map(asdict, self.analyses))
        for campaign in self.contacts:
            for name in ("n_named", "kept", "added"):
                values = [getattr(one, name) for one in campaign.by_analysis]
                table[f"{name}_{campaign.outcome}"] = pd.Series(
                    values, dtype=None if name == "n_named" else "float64"
                )
        return table


@dataclass(frozen=True)
class OtherSegments:
    """Segments of every other analysis, of the patterns that were looked at.

    Attributes
    ----------
    rows
        (n_rows,) positions of these patterns in the pattern table.
    weights
        (n_rows,) customers that each stands for.
    labels
        (n_analyses, n_rows) segment of each in each analysis, counted from 0 in a numbering of its own.
    places
        (n_analyses,) position in `ChoiceDependence.analyses` of the row that each analysis is a part of.
    """

    rows: Indices
    weights: Floats
    labels: SmallLabels
    places: Indices


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
    return summed_up(variants.segmented, analyses, labels_of(analyses, variants.segmented, progress))


def summed_up(
    segmented: SegmentedTable, analyses: Sequence[Analysis], labels: SmallLabels
) -> tuple[ChoiceDependence, Floats]:
    """Return what `analyse_otherwise` does, of analyses whose segments are made."""
    stays = stays_in(segmented, labels)
    weights = segmented.weights / segmented.weights.sum()
    moved = 1 - stays @ weights
    kept = stays.mean(axis=0)
    sizes = np.bincount(segmented.labels, weights, segmented.k)
    by_segment = np.bincount(segmented.labels, weights * kept, segmented.k) / np.maximum(sizes, 1e-300)
    found = ChoiceDependence(
        len(stays),
        _summed(_names(analyses), moved),
        tuple(by_segment.tolist()),
        float(weights[kept >= STEADY].sum()),
    )
    return found, kept


def labels_of(
    analyses: Sequence[Analysis],
    segmented: SegmentedTable,
    progress: Progress = silent,
    part: Part = Part(),
) -> SmallLabels:
    """Make the analyses of a part; return the segment of each pattern in each analysis (n_analyses, n_patterns), -1 in other parts."""
    ends = np.cumsum([0, *(one.n for one in analyses)])
    labels = np.full((ends[-1], len(segmented.labels)), -1, np.int16)
    for number in range(len(analyses)):
        if number % part.of not in part.places:
            continue
        progress(f"Making segments in other ways: {ends[number] + 1} of {len(labels)}")
        labels[ends[number] : ends[number + 1]] = analyses[number].labels()
    return labels


def stays_in(segmented: SegmentedTable, labels: SmallLabels) -> Mask:
    """Return whether each pattern is in the counterpart of its segment in each analysis (n_analyses, n_patterns)."""
    return np.array([_stays(segmented, one.astype(np.intp)) for one in labels])


def _stays(segmented: SegmentedTable, labels: Labels) -> Mask:
    """Return whether each pattern is in the counterpart of its segment."""
    size = max(segmented.k, int(labels.max()) + 1)
    overlap = cross_table((segmented.labels, segmented.k), (labels, size), segmented.weights)
    return match_segments(overlap)[segmented.labels] == labels


def places_of(found: ChoiceDependence, analyses: Sequence[Analysis]) -> Indices:
    """Return the position (n_analyses,) in `found.analyses` of the row that each analysis is a part of."""
    rows = [(one.kind, one.what) for one in found.analyses]
    return np.array([rows.index(name) for name in _names(analyses)], np.intp)


def _names(analyses: Sequence[Analysis]) -> list[tuple[AnalysisKind, str]]:
    return [(one.kind, one.what) for one in analyses for _ in range(one.n)]


def _summed(names: list[tuple[AnalysisKind, str]], moved: Floats) -> tuple[OtherAnalysis, ...]:
    """Put analyses of the same name together, those that move most first."""
    found = {
        name: OtherAnalysis(*name, n_analyses=len(at), moved=float(moved[at].mean()))
        for name in dict.fromkeys(names)
        if (at := [i for i, other in enumerate(names) if other == name])
    }
    return tuple(sorted(found.values(), key=lambda one: -one.moved))
