"""How often the values of an outcome occur in the segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from segmentry.arrays import Floats


@dataclass(frozen=True)
class ValueCounts:
    """How often the values of one outcome, or of an ordered number, occur in the segments.

    `segments` (from 1), `values`, `customers` and `weights` are (n,) arrays; weights are the sums of survey
    weights, None where every customer counts once. `is_exact` is false where near values were put together. `share`
    is the share of the customers whose values were counted, below 1 in a sample.
    """

    outcome: str
    segments: npt.NDArray[Any]
    values: Floats
    customers: Floats
    weights: Floats | None
    is_exact: bool
    share: float = 1.0

    @property
    def n_negative(self) -> int:
        """Number of customers whose value is below 0; in a sample an estimate."""
        return round(float(self.customers[self.values < 0].sum()) / self.share)

    @property
    def kind(self) -> str:
        """How exact quartiles of these counts are: ``exact``, ``approximate``, or of a ``sample``."""
        if self.share < 1:
            return "sample"
        return "exact" if self.is_exact else "approximate"
