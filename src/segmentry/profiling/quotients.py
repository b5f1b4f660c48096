"""Quotients that are missing where nobody is counted."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats


def quotient(top: object, bottom: object, otherwise: float = np.nan) -> Floats:
    """Divide; `otherwise` where the divisor is not positive.

    Examples
    --------
    >>> quotient([1, 2], [4, 0]).tolist()
    [0.25, nan]
    """
    top, bottom = np.broadcast_arrays(np.asarray(top, np.float64), np.asarray(bottom, np.float64))
    return np.divide(top, bottom, out=np.full(top.shape, otherwise), where=bottom > 0)
