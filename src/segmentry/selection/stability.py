"""Do refits find the same segments? Jaccard similarities of segments matched by their overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Labels


@dataclass(frozen=True)
class Stability:
    """Per segment the mean Jaccard similarity over refits; in how many refits it had no counterpart.

    `moved` is the mean share of customers whose segment differs between a refit and the original.
    """

    jaccard: tuple[float, ...]
    n_unmatched: tuple[int, ...]
    moved: float
    n_refits: int

    @property
    def lowest(self) -> float:
        """Return the mean Jaccard similarity of the least stable segment."""
        return min(self.jaccard, default=float("nan"))


def stability(labels: Labels, refits: Labels, weights: Floats, n_segments: int) -> Stability:
    """Compare segments with those of refits, both given for the same patterns.

    Segments of a refit are matched to the original ones so that the overlap is largest (Hungarian
    method; Kuhn 1955); one that overlaps with none has no counterpart and counts as similarity 0. The
    similarity of two sets is the size of their intersection over that of their union (Jaccard; Hennig 2007).

    Parameters
    ----------
    labels : ndarray of int (n_patterns,)
        The segment of each pattern.
    refits : ndarray of int (n_refits, n_patterns)
        The segment of each pattern in each refit, in whatever numbering.
    weights : ndarray (n_patterns,)
        Customers.
    n_segments : int
        How many segments there are, some perhaps empty.
    """
    scores = np.zeros((len(refits), n_segments))
    kept = np.zeros(len(refits))
    for i, refit in enumerate(refits):
        overlap = _overlap(labels, refit, weights, n_segments)
        partner = match_clusters(overlap)
        shared = overlap[np.arange(n_segments), partner]
        union = overlap.sum(axis=1) + overlap.sum(axis=0)[partner] - shared
        scores[i] = np.where(union > 0, shared / np.where(union > 0, union, 1.0), 0.0)
        kept[i] = shared.sum()
    return Stability(
        jaccard=tuple(scores.mean(axis=0).tolist()),
        n_unmatched=tuple((scores == 0).sum(axis=0).tolist()),
        moved=float(1 - (kept / weights.sum()).mean()),
        n_refits=len(refits),
    )


def exchanged(labels: Labels, refits: Labels, weights: Floats, n_segments: int) -> Floats:
    """Return the customers (n_segments, n_segments) of the row's segment in the column's counterpart, on average.

    The arguments are those of `stability`.
    """
    total = np.zeros((n_segments, n_segments))
    for refit in refits:
        overlap = _overlap(labels, refit, weights, n_segments)
        total += overlap[:, match_clusters(overlap)]
    return total / max(len(refits), 1)


def match_clusters(overlap: Floats) -> Labels:
    """Return the partner of each row so that the sum of overlaps is largest."""
    from scipy.optimize import linear_sum_assignment

    partner: Labels = linear_sum_assignment(overlap, maximize=True)[1]
    return partner


def _overlap(labels: Labels, refit: Labels, weights: Floats, n_segments: int) -> Floats:
    """Return the customers (n_segments, at least as many) that each pair of segments shares."""
    size = max(n_segments, int(refit.max(initial=0)) + 1)
    counts = np.bincount(labels * size + refit, weights, minlength=n_segments * size)
    shared: Floats = counts.astype(np.float64).reshape(-1, size)
    return shared[:n_segments]
