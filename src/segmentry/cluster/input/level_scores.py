"""Normal scores of ordered levels: numbers that hang on the order of the levels and their shares alone."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from segmentry.arrays import Floats, LevelCodes


def level_scores(codes: LevelCodes, weights: Floats, n_levels: int) -> Floats:
    """Return the normal score (n_levels,) of the middle of each level, for the codes (n_rows,) of a feature.

    The middle is the share of all below the level and half of its own; -1 in codes is missing. Levels that nobody has lie at their
    neighbours' ends.
    """
    known = codes >= 0
    sizes = np.bincount(codes[known], weights[known], n_levels)
    total = sizes.sum()
    if total <= 0:
        return np.zeros(n_levels)
    least = sizes[sizes > 0].min() / 2
    middles = np.clip(np.cumsum(sizes) - sizes / 2, least, total - least) / total
    return np.asarray(ndtri(middles))
