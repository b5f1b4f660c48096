"""Rows placed in fitted classes: how likely each row is, how certain its class, and which classes are taken for each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.latent_class.criteria import entropies

_CHUNK = 2**14  # rows, whose numbers stay in a core's cache


@dataclass(frozen=True)
class Placement:
    """Rows in their most probable classes.

    Attributes
    ----------
    labels
        (n_rows,) most probable class, of equally probable ones the first.
    log_likelihoods
        (n_rows,) log-likelihood of each row.
    entropies
        (n_rows,) entropy of each row's posterior probabilities.
    taken
        (n_classes, n_classes) weight that is expected in class t, a row, and placed in class s, a column.
    """

    labels: Indices
    log_likelihoods: Floats
    entropies: Floats
    taken: Floats


def place(sums: Floats, order: Indices, weights: Floats) -> Placement:
    """Place rows of some weights by minus their joint log-probabilities (n_rows, n_classes), whose columns are put in an order."""
    n_rows, n_classes = sums.shape
    labels, likely, unsure = np.empty(n_rows, np.intp), np.empty(n_rows), np.empty(n_rows)
    taken = np.zeros((n_classes, n_classes))
    for start in range(0, n_rows, _CHUNK):
        part = slice(start, start + _CHUNK)
        joint = -np.take(sums[part], order, axis=1)
        peak = joint.max(axis=1)
        joint -= peak[:, None]
        odds = np.exp(joint)
        total = odds.sum(axis=1)
        labels[part], likely[part] = joint.argmax(axis=1), peak + np.log(total)
        odds /= total[:, None]
        unsure[part] = entropies(odds)
        odds *= weights[part, None]
        for s in range(n_classes):
            taken[:, s] += odds[labels[part] == s].sum(axis=0)
    return Placement(labels, likely, unsure, taken)
