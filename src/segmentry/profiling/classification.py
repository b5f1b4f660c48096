"""Outcomes by latent class, corrected for customers that were assigned to another class than their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from segmentry.arrays import Floats
from segmentry.profiling.intervals import CONFIDENCE
from segmentry.profiling.moments import Moments


def corrected_means(moments: Moments, correction: Floats | None, *, is_rate: bool) -> dict[str, Any]:
    """Correct rates or means by class for misclassification (Bolck, Croon & Hagenaars 2004).

    Customers assigned to class s count for class c with weight ``correction[s, c]``, of either sign. All
    customers of a segment have the same weights, so sums per segment suffice.

    Parameters
    ----------
    moments
        Sums of the outcome per segment.
    correction
        (n_segments, n_segments) the inverse of the misclassification; None where there are no classes.
    is_rate
        Whether the value has to lie between 0 and 1.

    Returns
    -------
    dict
        Columns: ``corrected``; ``corrected_se``, the standard error with these weights (Vermunt 2010), the
        misclassification taken as known; the 95 % interval; ``correction``, which says where the value
        is outside of what the outcome can be. Nothing is clipped.
    """
    n_segments = len(moments.total) - 1
    if correction is None:
        nothing = np.full(n_segments, np.nan)
        names = ("corrected", "corrected_se", "corrected_low", "corrected_high")
        return {**dict.fromkeys(names, nothing), "correction": ""}
    mine = moments.segments()
    weight, total = correction.T @ mine.weight, correction.T @ np.nan_to_num(mine.total)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(weight > 0, total / weight, np.nan)
        squares = ((correction**2).T * _squares_about(mine, value)).sum(axis=1)
        error = np.sqrt(squares * _design_effect(moments)) / weight
    reach = special.ndtri((1 + CONFIDENCE) / 2) * error
    notes = _notes(value, mine.mean, is_rate=is_rate)
    return {
        "corrected": value,
        "corrected_se": error,
        "corrected_low": value - reach,
        "corrected_high": value + reach,
        "correction": notes,
    }


def _squares_about(mine: Moments, centres: Floats) -> Floats:
    """(n_classes, n_segments) sums of squared differences of each segment's values from each class's mean."""
    shift = centres[:, None] - mine.origin
    first = np.nan_to_num(mine.total) - mine.weight * mine.origin
    return np.maximum(mine.squares - 2 * shift * first + mine.weight * shift**2, 0.0)


def _design_effect(moments: Moments) -> float:
    """By how much sums of weighted squares have to grow: the mean survey weight, weighted by itself."""
    if moments.weights is None or moments.squared_weights is None:
        return 1.0
    return float(moments.squared_weights[-1] / moments.weights[-1])


def _notes(value: Floats, modal: Floats, *, is_rate: bool) -> npt.NDArray[np.object_]:
    """What is wrong with a corrected value, in words; BCH where nothing is."""
    notes = np.full(len(value), "BCH", object)
    is_negative = (value < 0) & (np.nanmin(modal, initial=0.0) >= 0)
    notes[is_negative] = "BCH, below 0"
    if is_rate:
        notes[value > 1] = "BCH, above 1"
    notes[np.isnan(value)] = "not estimable"
    return notes
