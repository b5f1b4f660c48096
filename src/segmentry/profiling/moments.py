"""Sums of an outcome per segment, and what means, intervals and tests need of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.patterns import PatternTable


@dataclass(frozen=True)
class Moments:
    """Sums of one outcome, per segment and (last) for all customers together.

    `customers` and `weight` are of those with a value, `weights` and `squared_weights` of all; the last
    two are None where every customer counts once, and `cubes` where they were not collected.
    """

    customers: Floats
    weight: Floats
    weights: Floats | None
    squared_weights: Floats | None
    total: Floats
    squares: Floats
    cubes: Floats | None
    origin: float

    @property
    def n(self) -> Floats:
        """Customers that intervals may count on: those with a value, at most Kish's effective number."""
        if self.weights is None or self.squared_weights is None:
            return self.customers
        with np.errstate(divide="ignore", invalid="ignore"):
            kish = np.where(self.squared_weights > 0, self.weights**2 / self.squared_weights, 0.0)
        return np.minimum(self.customers, kish)

    @property
    def mean(self) -> Floats:
        """Weighted mean; missing where nobody has a value."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.weight > 0, self.total / self.weight, np.nan)

    @property
    def spread(self) -> Floats:
        """Variance of the values, with the divisor n."""
        with np.errstate(divide="ignore", invalid="ignore"):
            about_mean = self.squares - self.weight * (self.mean - self.origin) ** 2
            return np.asarray(np.maximum(about_mean, 0.0) / self.weight)

    @property
    def variance(self) -> Floats:
        """Variance of the values, with the divisor n - 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.n > 1, self.spread * self.n / (self.n - 1), np.nan)

    @property
    def third(self) -> Floats:
        """Third central moment of the values; 0, as of symmetric values, where it was not collected."""
        if self.cubes is None:
            return np.zeros_like(self.total)
        shift = self.mean - self.origin
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.cubes - 3 * shift * self.squares) / self.weight + 2 * shift**3)

    def rest(self) -> Moments:
        """The customers outside each segment; the last entry, outside all, is empty."""
        sums = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "origin"}
        parts: dict[str, Any] = {
            name: values if values is None else values[-1] - values for name, values in sums.items()
        }
        return Moments(**parts, origin=self.origin)

    def segments(self) -> Moments:
        """The segments without the entry of all customers."""
        sums = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "origin"}
        parts: dict[str, Any] = {name: None if v is None else v[:-1] for name, v in sums.items()}
        return Moments(**parts, origin=self.origin)


def moments_of(patterns: PatternTable, labels: Labels, n_segments: int, outcome: int) -> Moments:
    """Add the pattern table's sums of an outcome up by segment."""

    def by_segment(values: Floats | None) -> Floats | None:
        if values is None:
            return None
        sums = np.bincount(labels, values, minlength=n_segments)
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
    added: dict[str, Any] = {name: by_segment(values) for name, values in sums.items()}
    return Moments(**added, origin=float(patterns.origins[outcome]))
