"""Normal distributions seen through thresholds: their masses, and steps that make counts of levels likelier.

Arrays end with the columns of all levels, feature after feature; a column stands for the upper threshold of its level, and
that of a feature's last level is beyond everything. `counts` and `masses` are (n_classes, n_runs, n_columns), centres and
spreads (n_classes, n_runs, n_features), thresholds (n_runs, n_columns).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from segmentry.arrays import Floats, Indices

FAR = 40.0  # standard deviations beyond which a normal distribution has nothing, in double precision
BEYOND = 1e4  # the threshold above the last level
SPREADS = (0.03, 10.0)
"""Least and greatest spread of a class, where all customers have 1: the floor keeps a class from being a spike."""
_FARTHEST = 12.0  # of centres
_TINY = 1e-300
_STEEPEST = 1e100  # of densities beside masses: those of levels that nobody has can be closed altogether
_SHRUNK, _TRIES = 0.25, 5  # a step that gains nothing is shortened so much, so often
_SURE = 4.0  # times a step could be taken, from which on it is taken without a look at what it gains
_LEAST_VARIANCE = 1e-12  # of the part of a class that lies in its levels
_KEPT_GAP = 0.1  # part of the distance between two thresholds that a step leaves
_BISECTIONS = 60
_RIDGE = 1e-9  # keeps the curvature from being 0
_DENSITY_AT_0 = 1 / np.sqrt(2 * np.pi)
Number = TypeVar("Number", np.float64, np.bool_)


@dataclass(frozen=True)
class Columns:
    """Where the columns of each feature begin, and how many it has."""

    sizes: Indices

    @cached_property
    def starts(self) -> Indices:
        """Return the first column of each feature."""
        return np.cumsum([0, *self.sizes])[:-1]

    @cached_property
    def last(self) -> Indices:
        """Return the last column of each feature."""
        return np.cumsum(self.sizes) - 1

    @cached_property
    def before_last(self) -> Indices:
        """Return the last column but one of each feature."""
        return np.asarray(self.last - 1)

    @cached_property
    def feature_of(self) -> Indices:
        """Return the feature of each column."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def sums(self, values: Floats) -> Floats:
        """Return the sums by feature."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def spread(self, values: Floats) -> Floats:
        """Give every column the number of its feature."""
        return values[..., self.feature_of]

    def lower(self, values: npt.NDArray[Number], first: float) -> npt.NDArray[Number]:
        """Return for each level what belongs to its lower threshold; `first` for the first level of a feature."""
        shifted = np.empty_like(values)
        shifted[..., 1:] = values[..., :-1]
        shifted[..., self.starts] = first
        return shifted


@dataclass(frozen=True)
class GroupedNormals:
    """Normal distributions of each class, run and feature, and the thresholds that make levels of them."""

    columns: Columns
    centres: Floats
    spreads: Floats
    thresholds: Floats

    @cached_property
    def standardised(self) -> Floats:
        """Return the upper thresholds in spreads from the centre."""
        where = self.columns.spread
        scores = self.thresholds - where(self.centres)
        scores /= where(self.spreads)
        np.maximum(scores, -FAR, out=scores)
        np.minimum(scores, FAR, out=scores)
        return scores

    @cached_property
    def masses(self) -> Floats:
        """Return the probability of each level, right in both tails.

        With s the tail beyond a threshold, negative below the centre, it is the difference of s, and 1 more where the centre is between.
        """
        upper, columns = self.standardised, self.columns
        tails = np.abs(upper)
        np.negative(tails, out=tails)
        ndtr(tails, out=tails)
        np.copysign(tails, upper, out=tails)
        is_below = np.signbit(upper)
        found = columns.lower(tails, 0.0)
        found -= tails
        found += columns.lower(is_below, True) != is_below
        return np.maximum(found, _TINY, out=found)

    @cached_property
    def hazards(self) -> tuple[Floats, Floats]:
        """Return the density at the upper and at the lower threshold of each level, divided by its mass."""
        density = self.standardised**2
        density *= -0.5
        np.exp(density, out=density)
        density *= _DENSITY_AT_0
        below = self.columns.lower(density, 0.0)
        density /= self.masses
        below /= self.masses
        return np.minimum(density, _STEEPEST, out=density), np.minimum(below, _STEEPEST, out=below)

    def gains(self, counts: Floats) -> Floats:
        """Return the log-likelihood (n_classes, n_runs, n_features) of counts."""
        return self.columns.sums(counts * np.log(self.masses))


def maximise(normals: GroupedNormals, counts: Floats) -> GroupedNormals:
    """Make counts likelier: a step of every centre and spread, then one of the thresholds."""
    return _thresholds_moved(_classes_moved(normals, counts), counts)


def _classes_moved(normals: GroupedNormals, counts: Floats) -> GroupedNormals:
    """Take a step of EM in every centre and spread: the mean and the variance of what lies in the levels.

    A number in a level with standardised thresholds a and b has the mean (d(a) - d(b)) / mass, and the mean square 1 + (a d(a) - b d(b)) / mass,
    d being the density.
    """
    columns, upper = normals.columns, normals.standardised
    above, below = normals.hazards
    lower = columns.lower(upper, -FAR)
    totals = columns.sums(counts) + _TINY
    means = columns.sums(counts * (below - above)) / totals
    lower *= below
    lower -= upper * above
    variances = 1 + columns.sums(counts * lower) / totals - means**2
    spreads = normals.spreads * np.sqrt(np.maximum(variances, _LEAST_VARIANCE))
    return GroupedNormals(
        columns,
        _within(normals.centres + normals.spreads * means, -_FARTHEST, _FARTHEST),
        _within(spreads, *SPREADS),
        normals.thresholds,
    )


def _within(values: Floats, least: float, most: float) -> Floats:
    """Bound values in place; `clip` takes several times as long for few of them."""
    np.maximum(values, least, out=values)
    return np.minimum(values, most, out=values)


def _thresholds_moved(normals: GroupedNormals, counts: Floats) -> GroupedNormals:
    """Take a step of Newton in the thresholds, which all classes share; the log-likelihood is concave in them."""
    columns = normals.columns
    step = _threshold_step(normals, counts)
    reach = reach_of_step(columns, normals.thresholds, step)
    length = np.minimum(reach, 1.0)
    moved = replace(normals, thresholds=normals.thresholds + columns.spread(length) * step)
    if reach.min() > _SURE:
        return moved
    now = normals.gains(counts).sum(axis=0)
    for _ in range(_TRIES):
        is_worse = ~(moved.gains(counts).sum(axis=0) >= now)
        if not is_worse.any():
            return moved
        length = np.where(is_worse, _SHRUNK * length, length)
        moved = replace(normals, thresholds=normals.thresholds + columns.spread(length) * step)
    return replace(
        normals, thresholds=np.where(columns.spread(is_worse), normals.thresholds, moved.thresholds)
    )


def _threshold_step(normals: GroupedNormals, counts: Floats) -> Floats:
    """Return the step of the thresholds: one tridiagonal system over all runs and features."""
    from scipy.linalg.lapack import dptsv

    columns, upper = normals.columns, normals.standardised
    above, below = normals.hazards
    scale = 1 / columns.spread(normals.spreads)
    up, down = counts * above, _next(counts * below)
    slope = (scale * (up - down)).sum(axis=0)
    beside = up * below
    up *= upper + above
    down *= _next(below) - upper
    up += down
    scale *= scale
    up *= scale
    diagonal = up.sum(axis=0)
    diagonal += _RIDGE * counts.sum(axis=(0, 2))[:, None] + _TINY
    beside *= scale
    beside = -_next(beside.sum(axis=0))
    slope[:, columns.last], diagonal[:, columns.last] = 0.0, 1.0
    beside[:, columns.last] = 0.0
    beside[:, columns.before_last] = 0.0
    solution, failed = dptsv(diagonal.ravel(), beside.ravel()[:-1], slope.ravel()[:, None])[2:]
    return np.asarray(slope / diagonal if failed else solution.reshape(slope.shape))


def _next(values: Floats) -> Floats:
    """Return the numbers of the next column; those of a feature's last column are never used."""
    shifted = np.zeros_like(values)
    shifted[..., :-1] = values[..., 1:]
    return shifted


def reach_of_step(columns: Columns, thresholds: Floats, step: Floats) -> Floats:
    """Return how many times (..., n_features) a step can be taken until thresholds come near to each other."""
    gaps = thresholds - columns.lower(thresholds, -BEYOND)
    closing = columns.lower(step, 0.0) - step
    gaps *= 1 - _KEPT_GAP
    parts = np.full(gaps.shape, np.inf)
    with np.errstate(over="ignore"):
        np.divide(gaps, closing, out=parts, where=closing > 0)
    return np.asarray(np.minimum.reduceat(parts, columns.starts, axis=-1))


def matched_thresholds(
    columns: Columns, shares: Floats, normals: tuple[Floats, Floats], margins: Floats
) -> Floats:
    """Return thresholds (n_runs, n_columns) at which mixtures of normals have the given shares of levels.

    `shares` (n_classes, n_runs) are those of the classes, `normals` their centres and spreads, `margins` (n_columns,)
    the shares of the levels.
    """
    centres, spreads = (columns.spread(numbers) for numbers in normals)
    below, above = _shares_beside(columns, margins)
    low = np.full((shares.shape[1], len(below)), -2 * _FARTHEST)
    high = -low
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        scores = (middle - centres) / spreads
        parts = shares[..., None] * ndtr(np.where(below <= above, scores, -scores))
        found = parts.sum(axis=0)
        is_low = np.where(below <= above, found < below, found > above)
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    middle = (low + high) / 2
    middle[:, columns.last] = BEYOND
    return middle


def _shares_beside(columns: Columns, margins: Floats) -> tuple[Floats, Floats]:
    """Return the share (n_columns,) of all levels up to each one, and of those above it."""
    parts = np.split(margins, columns.starts[1:])
    below = np.concatenate([np.cumsum(part) for part in parts])
    above = np.concatenate([np.append(np.cumsum(part[:0:-1])[::-1], 0.0) for part in parts])
    return below, above
