"""The elbow of a curve: shown where people look for it, and never a ground for the choice by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def knee(k: Sequence[int], values: Sequence[float]) -> int | None:
    """Return the number of segments at which a falling curve bends most, or None where it has no bend.

    Both axes are scaled to 0..1; the knee is the point farthest below the straight line from the first point to the
    last (Kneedle without smoothing; Satopaa, Albrecht, Irwin & Raghavan 2011).

    Parameters
    ----------
    k
        Numbers of segments, ascending.
    values
        Cost, or negative log-likelihood, of each number.

    Examples
    --------
    >>> knee([1, 2, 3, 4, 5], [100.0, 60.0, 30.0, 25.0, 22.0])
    3
    """
    across, down = np.asarray(k, float), np.asarray(values, float)
    if len(across) < 3 or not np.isfinite(down).all() or down[0] <= down[-1]:
        return None
    below = (down[0] - down) / (down[0] - down[-1]) - (across - across[0]) / (across[-1] - across[0])
    place = int(below.argmax())
    return int(across[place]) if below[place] > 1e-9 else None
