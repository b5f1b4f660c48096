"""Outcomes by latent class, corrected for customers who were assigned to a class that is not theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from segmentry.arrays import Floats
from segmentry.profiling.intervals import CONFIDENCE
from segmentry.profiling.moments import Moments

BELOW, ABOVE = "BCH, below 0", "BCH, above 1"
PASSED_BOUND = {BELOW: "below 0", ABOVE: "above 1"}
"""Values of the column ``correction`` whose figure lies outside the outcome's range, and the bound that it passes."""


def corrected_means(moments: Moments, correction: Floats | None, *, is_rate: bool) -> dict[str, Any]:
    """Correct rates or means by class for misclassification (Bolck, Croon & Hagenaars 2004).

    Customers assigned to class s count for class c with weight ``correction[s, c]``, which may be negative. All
    customers of a segment have the same weights, so sums per segment suffice.

    Parameters
    ----------
    moments
        Sums of the outcome per segment.
    correction
        (n_segments, n_segments) inverse of the misclassification; None where segments are no latent classes.
    is_rate
        Whether the value has to lie between 0 and 1.

    Returns
    -------
    dict
        Columns: ``corrected``; ``corrected_se``, the standard error with these weights (Vermunt 2010), given
        the misclassification; the 95 % interval; ``correction``, the method, or why the value cannot be right.
        Nothing is clipped.
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
        error = np.sqrt(_variance(moments, value, weight, correction))
    reach = special.ndtri((1 + CONFIDENCE) / 2) * error
    return {
        "corrected": value,
        "corrected_se": error,
        "corrected_low": value - reach,
        "corrected_high": value + reach,
        "correction": _corrections(value, mine.mean, is_rate=is_rate),
    }


def _variance(moments: Moments, value: Floats, weight: Floats, correction: Floats) -> Floats:
    """(n_classes,) squared standard errors of corrected means, by the sample's design where it is known."""
    if moments.design is not None:
        return moments.design.variance_of(value - moments.origin, weight, correction.T)
    squares = ((correction**2).T * _squares_about(moments.segments(), value)).sum(axis=1)
    return np.asarray(squares * _unevenness(moments) / weight**2)


def _squares_about(mine: Moments, centres: Floats) -> Floats:
    """(n_classes, n_segments) sums of squared differences of each segment's values from each class's mean."""
    shift = centres[:, None] - mine.origin
    first = np.nan_to_num(mine.total) - mine.weight * mine.origin
    return np.maximum(mine.squares - 2 * shift * first + mine.weight * shift**2, 0.0)


def _unevenness(moments: Moments) -> float:
    """Factor of the sums of weighted squares: the mean survey weight, weighted by itself."""
    if moments.weights is None or moments.squared_weights is None:
        return 1.0
    return float(moments.squared_weights[-1] / moments.weights[-1])


def _corrections(value: Floats, uncorrected: Floats, *, is_rate: bool) -> npt.NDArray[np.object_]:
    """The method of the correction, and where a value lies outside the range of the outcome."""
    corrections = np.full(len(value), "BCH", object)
    corrections[(value < 0) & (np.nanmin(uncorrected, initial=0.0) >= 0)] = BELOW
    if is_rate:
        corrections[value > 1] = ABOVE
    corrections[np.isnan(value)] = "not estimable"
    return corrections
