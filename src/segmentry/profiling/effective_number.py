"""How many customers the survey weights leave for intervals and tests."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats


def effective_number(weights: Floats, squared_weights: Floats) -> Floats:
    """Kish's effective number of customers, from sums of survey weights and of their squares.

    So many customers of equal weight would give a mean the same variance.

    Examples
    --------
    >>> effective_number(np.array([4.0, 0.0]), np.array([10.0, 0.0])).tolist()
    [1.6, 0.0]
    """
    return np.divide(weights**2, squared_weights, out=np.zeros_like(weights), where=squared_weights > 0)
