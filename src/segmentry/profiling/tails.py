"""Means of amounts with tails: what all segments together say of a shape that one is too small to show."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from segmentry.arrays import Floats, Mask
from segmentry.profiling.moments import Moments
from segmentry.profiling.quotients import quotient

MOST_SKEWED = 1.0
"""Largest skewness of a segment's mean, by the shape of all segments, with which it has an interval."""
LEAST_WITH_ANY = 10
"""Fewest customers of a segment with more than 0, by the share of all customers, with which its mean has an interval."""
_WARY_FROM = 0.3


@dataclass(frozen=True)
class Side:
    """One side of a comparison: means, their variances and third moments, and the customers that they rest on."""

    mean: Floats
    variance: Floats
    third: Floats
    n: Floats

    @classmethod
    def of(cls, moments: Moments) -> Side:
        """Return the side as its own values have it."""
        return cls(moments.mean, moments.variance, moments.third, moments.n)

    @property
    def unskewed(self) -> Side:
        """The same side as if its values were symmetric."""
        return replace(self, third=np.zeros_like(self.third))

    @property
    def error(self) -> Floats:
        """Squared standard error of the mean."""
        return quotient(self.variance, self.n)

    @property
    def third_of_mean(self) -> Floats:
        """Third central moment of the mean."""
        return quotient(self.third, self.n**2)


@dataclass(frozen=True)
class Shape:
    """Shape of the values within segments, each divided by its segment's mean.

    Attributes
    ----------
    variation
        Standard deviation.
    skewness
        Skewness.
    any_share
        Share of the customers with more than 0; 1 where values were not counted.
    """

    variation: float
    skewness: float
    any_share: float = 1.0

    @classmethod
    def of(cls, mine: Moments, any_share: float = 1.0) -> Shape:
        """Return the shape of the segments; that of a point where no mean is above 0."""
        has = (mine.n > 1) & (mine.mean > 0)
        n, mean = mine.n[has], mine.mean[has]
        if not n.sum() > 0:
            return cls(0.0, 0.0)
        # weighted by the means, so that a large value among customers who spend little does not stand for all
        square = float((n * mine.spread[has]).sum() / (n * mean**2).sum())
        cube = float((n * mine.third[has]).sum() / (n * mean**3).sum())
        return cls(np.sqrt(square), cube / square**1.5 if square > 0 else 0.0, any_share)

    def knows(self, n: Floats) -> Mask:
        """Return of which numbers of customers the mean can be bounded."""
        return np.asarray(
            (abs(self.skewness) <= MOST_SKEWED * np.sqrt(n))
            & (n * self.any_share >= LEAST_WITH_ANY * (self.any_share < 1))
        )

    def is_tailed(self, n: Floats) -> Mask:
        """Return of which numbers of customers the mean is so skewed that a few large values could make a difference."""
        return np.asarray(abs(self.skewness) > _WARY_FROM * np.sqrt(np.maximum(n, 1.0)))

    def wary(self, side: Side) -> Side:
        """Return a side whose variance and third moment are at least those of this shape, if it is too small to know its own.

        A segment that by chance lacks the few large values seems less spread, and its mean more certain, than it is: intervals by
        its own values end below the true mean. The larger the skewness of the mean, the more the shape of all counts.
        """
        n = np.maximum(side.n, 1.0)
        trust = np.minimum(1.0, (self.skewness / _WARY_FROM) ** 2 / n)
        least = (self.variation * np.where(side.mean > 0, side.mean, 0.0)) ** 2
        variance = side.variance + trust * np.maximum(least - side.variance, 0.0)
        further = self.skewness * variance**1.5 - side.third
        further = np.maximum(further, 0.0) if self.skewness >= 0 else np.minimum(further, 0.0)
        return replace(side, variance=variance, third=side.third + trust * further)
