"""Whether refits find the same segments: Jaccard similarities of segments matched by their overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.patterns.cross_tables import cross_table

STABLE = 0.75
"""Mean Jaccard similarity from which on Hennig (2007) calls a cluster valid."""


@dataclass(frozen=True)
class Stability:
    """Similarity of segments to those of refits.

    Attributes
    ----------
    jaccard
        Mean Jaccard similarity of each segment to its counterpart.
    n_unmatched
        Number of refits in which each segment had no counterpart.
    moved
        Mean share of customers whose segment in a refit is another than the original.
    n_refits
        Number of refits.
    error
        Standard error of the similarity of the least stable segment, over the refits.
    """

    jaccard: tuple[float, ...]
    n_unmatched: tuple[int, ...]
    moved: float
    n_refits: int
    error: float = 0.0

    @property
    def lowest(self) -> float:
        """Return the mean Jaccard similarity of the least stable segment."""
        return min(self.jaccard, default=float("nan"))

    def is_near(self, limit: float, error: float = 0.0) -> bool:
        """Whether it is within two standard errors of a limit, which may have an `error` of its own."""
        return abs(self.lowest - limit) < 2 * float(np.hypot(self.error, error))


def measure_stability(labels: Labels, refits: Labels, weights: Floats, n_segments: int) -> Stability:
    """Compare segments with those of refits, both given for the same patterns.

    Segments of a refit are matched to the original ones so that the overlap is largest (Hungarian method; Kuhn
    1955). One that overlaps with none has no counterpart, and its similarity is 0. The similarity of two sets is the size of
    their intersection over that of their union (Jaccard; Hennig 2007).

    Parameters
    ----------
    labels
        (n_patterns,) segment of each pattern.
    refits
        (n_refits, n_patterns) segment of each pattern in each refit, in any numbering.
    weights
        (n_patterns,) customers.
    n_segments
        Number of segments, those without customers included.
    """
    scores = np.zeros((len(refits), n_segments))
    kept = np.zeros(len(refits))
    for i, refit in enumerate(refits):
        overlap = _overlap(labels, refit, weights, n_segments)
        partner = match_segments(overlap)
        shared = overlap[np.arange(n_segments), partner]
        union = overlap.sum(axis=1) + overlap.sum(axis=0)[partner] - shared
        scores[i] = np.where(union > 0, shared / np.where(union > 0, union, 1.0), 0.0)
        kept[i] = shared.sum()
    means = scores.mean(axis=0)
    return Stability(
        jaccard=tuple(means.tolist()),
        n_unmatched=tuple((scores == 0).sum(axis=0).tolist()),
        moved=float(1 - (kept / weights.sum()).mean()),
        n_refits=len(refits),
        error=float(scores[:, means.argmin()].std() / max(len(refits) - 1, 1) ** 0.5),
    )


def exchanged_customers(labels: Labels, refits: Labels, weights: Floats, n_segments: int) -> Floats:
    """Return the mean number of customers (n_segments, n_segments) of the row's segment in the column's counterpart.

    The parameters are those of `measure_stability`.
    """
    total = np.zeros((n_segments, n_segments))
    for refit in refits:
        overlap = _overlap(labels, refit, weights, n_segments)
        total += overlap[:, match_segments(overlap)]
    return total / max(len(refits), 1)


def match_segments(overlap: Floats) -> Labels:
    """Return the partner of each row with which the sum of the overlaps is largest."""
    from scipy.optimize import linear_sum_assignment

    partner: Labels = linear_sum_assignment(overlap, maximize=True)[1]
    return partner


def share_moved(labels: Labels, again: Labels, weights: Floats) -> float:
    """Return the share of customers whose segments in two segmentations are not each other's counterparts."""
    size = int(max(labels.max(), again.max())) + 1
    overlap = cross_table((labels, size), (again, size), weights)
    return float(1 - overlap[np.arange(size), match_segments(overlap)].sum() / weights.sum())


def _overlap(labels: Labels, refit: Labels, weights: Floats, n_segments: int) -> Floats:
    """Return the customers (n_segments, at least as many) that each pair of segments shares."""
    n_found = max(n_segments, int(refit.max(initial=0)) + 1)
    return cross_table((labels, n_segments), (refit, n_found), weights)
