"""Whether a campaign would contact the same customers, had the segments been made otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, Mask
from segmentry.patterns import PatternTable
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.targeting import named_segments

_SUMS = ("counts", "n_values", "sums", "squares", "weights", "squared_weights", "value_weights")


@dataclass(frozen=True)
class OtherContacts:
    """Whom one way to make the segments, or the mean of several, would contact.

    Attributes
    ----------
    n_analyses
        Number of analyses.
    n_named
        Number of those in which a set of segments is named.
    kept
        Share of the set's customers who would be contacted, too: 0 in an analysis that names no set. None where the run names none.
    added
        Customers outside the set who would be contacted, as a share of the set's; None where the run names none.
    """

    n_analyses: int
    n_named: int
    kept: float | None
    added: float | None


@dataclass(frozen=True)
class ContactDependence:
    """Whom a campaign would contact in other analyses, beside the set of segments that the run names.

    Attributes
    ----------
    outcome
        The campaign.
    share
        Share of the customers who are in the set; 0 where none is named.
    by_analysis
        Of each of `ChoiceDependence.analyses`, in their order.
    """

    outcome: str
    share: float
    by_analysis: tuple[OtherContacts, ...]

    @property
    def n_analyses(self) -> int:
        """Number of analyses."""
        return sum(one.n_analyses for one in self.by_analysis)

    @property
    def n_named(self) -> int:
        """Number of analyses in which a set is named."""
        return sum(one.n_named for one in self.by_analysis)

    @property
    def kept(self) -> float | None:
        """Mean share of the set's customers who would be contacted, too, over all analyses; None where the run names no set."""
        return self._mean(one.kept for one in self.by_analysis)

    @property
    def added(self) -> float | None:
        """Mean of the customers outside the set who would be contacted, as a share of the set's; None where the run names none."""
        return self._mean(one.added for one in self.by_analysis)

    def _mean(self, values: Iterable[float | None]) -> float | None:
        found = [(one.n_analyses, v) for one, v in zip(self.by_analysis, values, strict=True)]
        known = [n * value for n, value in found if value is not None]
        return sum(known) / self.n_analyses if known else None

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild it from plain values."""
        by_analysis = tuple(OtherContacts(**one) for one in content["by_analysis"])
        return cls(**{**content, "by_analysis": by_analysis})


def contact_dependence(
    segmented: SegmentedPatterns,
    rows: Indices,
    weights: Floats,
    labels: npt.NDArray[np.integer],
    places: Indices,
) -> tuple[ContactDependence, ...]:
    """Find out for each campaign with cost and revenue whom other segments would contact, by the rule that names the run's set.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and the segments of the run.
    rows
        (n_rows,) patterns that the others were made of.
    weights
        (n_rows,) customers that each of these stands for.
    labels
        (n_analyses, n_rows) segments of the other analyses.
    places
        (n_analyses,) place of each in what is returned of a campaign; those of one place are added up.

    Returns
    -------
    tuple of ContactDependence
        None of a campaign whose set is another by what these patterns stand for, and none at all where strata or clusters of the sample count: how
        sure rates are by them is known of the run's segments alone.
    """
    campaigns = [
        (j, outcome.name)
        for j, outcome in enumerate(segmented.patterns.outcomes)
        if outcome.cost_per_contact is not None and outcome.revenue_per_acceptance is not None
    ]
    if segmented.design is not None or not campaigns:
        return ()
    patterns = _standing_for_all(segmented.patterns, rows, weights)
    own = SegmentedPatterns(patterns, segmented.labels[rows], segmented.n_segments)
    others = [SegmentedPatterns(patterns, one.astype(np.intp), int(one.max()) + 1) for one in labels]
    made = []
    for j, name in campaigns:
        if named_segments(own, j) != named_segments(segmented, j):
            continue
        contacted = np.array([_contacted(one, j) for one in others])
        made.append(_compared(name, _contacted(own, j), contacted, weights, places))
    return tuple(made)


def _standing_for_all(patterns: PatternTable, rows: Indices, weights: Floats) -> PatternTable:
    """Return the patterns in `rows` with sums for as many customers as there are, in the shares of `weights`.

    Frequent patterns are drawn more often than rare ones: by their own sums, rates of segments would be those of the frequent ones.
    """
    taken = replace(patterns, folds=None, cubes=None).take(rows)
    factor = weights / weights.sum() * patterns.sample_weight.sum() / taken.sample_weight
    if np.allclose(factor, 1.0):
        return taken
    sums: dict[str, Any] = {name: getattr(taken, name) for name in _SUMS}
    return replace(taken, **{name: (v.T * factor).T for name, v in sums.items() if v is not None})


def _contacted(segmented: SegmentedPatterns, j: int) -> Mask:
    """Return whether each pattern (n_patterns,) is in a segment of the set that is named."""
    return np.isin(segmented.labels, sorted(named_segments(segmented, j)))


def _compared(outcome: str, mine: Mask, theirs: Mask, weights: Floats, places: Indices) -> ContactDependence:
    """Compare who is contacted (n_patterns,) with whom the analyses (n_analyses, n_patterns) contact."""
    size = float(weights[mine].sum())
    is_named: Mask = np.any(theirs, axis=1)
    kept, added = (theirs[:, side] @ weights[side] for side in (mine, ~mine))

    def mean_of(sums: Floats, at: Indices) -> float | None:
        return float(sums[at].mean()) / size if size else None

    by_analysis = tuple(
        OtherContacts(len(at), int(is_named[at].sum()), mean_of(kept, at), mean_of(added, at))
        for place in range(int(places.max()) + 1)
        if len(at := np.flatnonzero(places == place))
    )
    return ContactDependence(outcome, size / float(weights.sum()), by_analysis)
