"""Means of skewed values: Student's t corrected for skewness, and the permutation distribution of a mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from segmentry.arrays import Floats

_NO_SKEW = 1e-6


def unskewed(t: npt.ArrayLike, skewness: npt.ArrayLike) -> Floats:
    """Transform t, whose sampling distribution has this skewness, so that its distribution is symmetric.

    Hall's (1992) cubic ``t + κt²/3 + κ²t³/27 + κ/6``, with κ the skewness of the mean (that of the values
    over √n) or of a difference of means. It rises with t, so it has an inverse: `skewed`.

    Examples
    --------
    >>> unskewed(2.0, 0.0).item(), round(unskewed(2.0, 0.3).item(), 3)
    (2.0, 2.477)
    """
    t, k = np.asarray(t, np.float64), np.asarray(skewness, np.float64)
    return np.asarray(t + k * t**2 / 3 + k**2 * t**3 / 27 + k / 6)


def skewed(quantile: npt.ArrayLike, skewness: npt.ArrayLike) -> Floats:
    """Invert `unskewed`: return the t that is transformed into `quantile`.

    Examples
    --------
    >>> round(skewed(unskewed(2.0, 0.3), 0.3).item(), 9)
    2.0
    """
    q, k = np.broadcast_arrays(np.asarray(quantile, np.float64), np.asarray(skewness, np.float64))
    safe = np.where(np.abs(k) < _NO_SKEW, _NO_SKEW, k)
    return np.where(np.abs(k) < _NO_SKEW, q, 3 / safe * (np.cbrt(1 + safe * (q - safe / 6)) - 1))


def drawn_difference_p_value(
    difference: Floats, n: Floats, rest: Floats, spread: float, third: float
) -> Floats:
    """Two-sided p-value of the difference of two means, if all values were dealt out to the sides at random.

    The distribution is that of segments that have nothing to do with the outcome. Such draws without
    replacement have a known mean, variance and skewness; their distribution is approximated by Pearson's type III
    with these moments (Mielke & Berry 2007). `spread` and `third` are the second and third central moment of all
    values. The p-value is twice the smaller tail; missing where a side has no values.
    """
    total = n + rest
    has_both = (n > 0) & (rest > 0)
    if not spread > 0:
        return np.where(has_both, 1.0, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(spread * (1 / n + 1 / rest) * total / (total - 1))
        skewness = third / spread**1.5 * (rest - n) / (total - 2) * np.sqrt((total - 1) / (n * rest))
        p_value = np.minimum(1.0, 2 * _smaller_tail(difference / error, skewness))
    return np.where(has_both, p_value, np.nan)


def _smaller_tail(z: Floats, skewness: Floats) -> Floats:
    """Smaller tail of Pearson's type III with mean 0 and variance 1, which without skewness is normal."""
    sign = np.where(skewness < 0, -1.0, 1.0)
    size = np.abs(np.nan_to_num(skewness, posinf=0.0, neginf=0.0))
    shape = 4 / np.maximum(size, 1e-3) ** 2
    at = np.maximum(shape + sign * z * np.sqrt(shape), 0.0)
    tail = np.minimum(special.gammaincc(shape, at), special.gammainc(shape, at))
    return np.asarray(np.where(size < 1e-3, special.ndtr(-np.abs(z)), tail))
