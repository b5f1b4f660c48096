"""Sums of an outcome per segment, and the moments that means, intervals and tests are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from segmentry.arrays import Floats
from segmentry.profiling.design import Effective, effective_numbers
from segmentry.profiling.effective_number import effective_number
from segmentry.profiling.quotients import quotient
from segmentry.profiling.segmented import SegmentedPatterns

_NO_SUMS = ("origin", "design", "effective")


@dataclass(frozen=True)
class Moments:
    """Sums of one outcome, per segment and, in the last entry, of all customers.

    Attributes
    ----------
    customers, weight
        Customers with a value, and the sums of their weights.
    weights, squared_weights
        Sums of the survey weights of all customers, and of their squares; None where every customer counts once.
    total
        Sums of the values.
    squares, cubes
        Sums of the squared and of the cubed differences from `origin`; `cubes` is None where the pattern table
        has none.
    origin
        Value that squares and cubes are taken about.
    design
        Numbers of customers by the strata and clusters of the sample; None where these are not known.
    effective
        Those of them that are of these entries.
    """

    customers: Floats
    weight: Floats
    weights: Floats | None
    squared_weights: Floats | None
    total: Floats
    squares: Floats
    cubes: Floats | None
    origin: float
    design: Effective | None = None
    effective: Floats | None = None

    @property
    def n(self) -> Floats:
        """Customers that intervals count on: by the sample's design where it is known, else by the weights alone."""
        return self.kish if self.effective is None else self.effective

    @property
    def kish(self) -> Floats:
        """Customers with a value, at most the effective number of all."""
        if self.weights is None or self.squared_weights is None:
            return self.customers
        return np.minimum(self.customers, effective_number(self.weights, self.squared_weights))

    @property
    def mean(self) -> Floats:
        """Weighted mean; missing where nobody has a value."""
        return quotient(self.total, self.weight)

    @property
    def spread(self) -> Floats:
        """Variance of the values, with the divisor n."""
        about_mean = self.squares - self.weight * (self.mean - self.origin) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.maximum(about_mean, 0.0) / self.weight)

    @property
    def variance(self) -> Floats:
        """Variance of the values, with the divisor n - 1."""
        return quotient(self.spread * self.n, self.n - 1)

    @property
    def third(self) -> Floats:
        """Third central moment of the values; 0, as for symmetric values, where there are no cubes."""
        if self.cubes is None:
            return np.zeros_like(self.total)
        shift = self.mean - self.origin
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.cubes - 3 * shift * self.squares) / self.weight + 2 * shift**3)

    def rest(self) -> Moments:
        """Return the sums of the customers outside each segment; the last entry, outside all, is empty."""
        return self._changed(lambda sums: sums[-1] - sums)

    def segments(self) -> Moments:
        """Return the sums of the segments, without the entry of all customers."""
        return self._changed(lambda sums: sums[:-1], None if self.effective is None else self.effective[:-1])

    def sides(self) -> tuple[Moments, Moments]:
        """Return the sums of the segments and of the customers outside each, to be compared."""
        mine, rest = self.segments(), self.rest().segments()
        if self.design is None:
            return mine, rest
        return replace(mine, effective=self.design.mine), replace(rest, effective=self.design.rest)

    def _changed(self, change: Callable[[Floats], Floats], effective: Floats | None = None) -> Moments:
        sums = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NO_SUMS}
        parts: dict[str, Any] = {name: None if v is None else change(v) for name, v in sums.items()}
        return Moments(**parts, origin=self.origin, effective=effective)


def moments_of(segmented: SegmentedPatterns, outcome: int) -> Moments:
    """Add up the sums of an outcome, given by its position, by segment."""
    patterns = segmented.patterns

    def added(values: Floats | None) -> Floats | None:
        if values is None:
            return None
        sums = segmented.sum_by_segment(values)
        return np.append(sums, sums.sum())

    sums: dict[str, Any] = {
        "customers": patterns.n_values[:, outcome].astype(np.float64),
        "weight": patterns.weight_of_values[:, outcome],
        "weights": patterns.weights,
        "squared_weights": patterns.squared_weights,
        "total": patterns.sums[:, outcome],
        "squares": patterns.squares[:, outcome],
        "cubes": None if patterns.cubes is None else patterns.cubes[:, outcome],
    }
    by_segment: dict[str, Any] = {name: added(values) for name, values in sums.items()}
    found = Moments(**by_segment, origin=float(patterns.origins[outcome]))
    if segmented.design is None:
        return found
    is_rate = patterns.outcomes[outcome].role == "flags"
    numbers = effective_numbers(segmented.design, outcome, found, is_rate=is_rate)
    return replace(found, design=numbers, effective=numbers.own)
