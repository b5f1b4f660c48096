"""Median, quartiles and share of customers above 0 per segment, from counts of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.patterns import ValueCounts

if TYPE_CHECKING:
    import pandas as pd

_QUARTILE_COLUMNS = ("lower_quartile", "median", "upper_quartile")


def quartile_table(counts: Sequence[ValueCounts], n_segments: int) -> pd.DataFrame:
    """Compute median and quartiles of every segment and outcome.

    Parameters
    ----------
    counts
        Counts of values, one entry per outcome.
    n_segments
        Number of segments.

    Returns
    -------
    DataFrame
        Per segment and outcome: ``any_share`` (of the customers with a value, those above 0),
        ``lower_quartile``, ``median``, ``upper_quartile``, and ``quartiles``: exact, approximate
        (within 0.5 % of the value) where there were too many values to count one by one, or sample. Quartiles are
        interpolated between the two nearest customers (type 7 of Hyndman & Fan 1996); under survey weights they are
        the smallest value at which the cumulated weight reaches the share.
    """
    import pandas as pd

    rows = [
        (s, count.outcome, *_share_and_quartiles(count, count.segments == s), count.kind)
        for count in counts
        for s in range(1, n_segments + 1)
    ]
    return pd.DataFrame(rows, columns=["segment", "outcome", "any_share", *_QUARTILE_COLUMNS, "quartiles"])


def _share_and_quartiles(count: ValueCounts, is_mine: npt.NDArray[np.bool_]) -> tuple[float, ...]:
    order = np.argsort(count.values[is_mine], kind="stable")
    values = count.values[is_mine][order]
    masses = (count.customers if count.weights is None else count.weights)[is_mine][order]
    if not masses.sum() > 0:
        return (float("nan"),) * 4
    find = _interpolated if count.weights is None else _weighted
    any_share = float(masses[values > 0].sum() / masses.sum())
    return (any_share, *(find(values, masses, q) for q in (0.25, 0.5, 0.75)))


def _interpolated(values: Floats, customers: Floats, share: float) -> float:
    """Interpolate between the two customers next to the share, in the order of their values."""
    ends = np.cumsum(customers)
    place = (ends[-1] - 1) * share
    low, high = (values[np.searchsorted(ends, at, side="right")] for at in (np.floor(place), np.ceil(place)))
    if not np.isfinite((low, high)).all():  # the open end of fine levels
        return float(low)
    return float(low + (high - low) * (place - np.floor(place)))


def _weighted(values: Floats, weights: Floats, share: float) -> float:
    """Find the smallest value at which the cumulated weight reaches the share."""
    ends = np.cumsum(weights)
    at = np.searchsorted(ends, share * ends[-1] * (1 - 1e-12), side="left")
    return float(values[min(int(at), len(values) - 1)])
