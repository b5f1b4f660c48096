"""Names for the arrays that stages hand over, by what they hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
"""Weights, sums, shares and other real numbers."""
SingleFloats = npt.NDArray[np.float32]
"""Real numbers in single precision, where a search compares many."""
Integers = npt.NDArray[np.int64]
"""Counts of customers."""
Indices = npt.NDArray[np.intp]
"""Positions in another array."""
Labels = npt.NDArray[np.intp]
"""The cluster or segment of each row, counted from 0; -1 where there is none."""
LevelCodes = npt.NDArray[np.int32]
"""(n_rows, n_features) levels, counted from 0; -1 is missing."""
Mask = npt.NDArray[np.bool_]
"""Whether each row or cell is chosen."""
