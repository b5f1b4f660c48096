"""Normal distributions seen through thresholds: their masses, and steps that make counts of levels likelier.

Arrays end with the columns of all levels, feature after feature; a column stands for the upper threshold of its level, and
that of a feature's last level is beyond everything. `counts` and `masses` are (n_classes, n_runs, n_columns), centres and
spreads (n_classes, n_runs, n_features), thresholds (n_runs, n_columns).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from segmentry.arrays import Floats, Indices

BEYOND = 1e4  # the threshold above the last level
SPREADS = (0.03, 10.0)
"""Least and greatest spread of a class, where all customers have 1: the floor keeps a class from being a spike."""
_FARTHEST = 12.0  # of centres
_TINY = 1e-300
_LEAST_MASS = 1e-100  # of a level: those that nobody has can be closed altogether
_LEAST_GAP, _SLOWEST = 1e-200, 1e-9  # of thresholds; of what a step closes of a gap
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
        return values.take(self.feature_of, axis=-1)


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
        return scores

    @cached_property
    def masses(self) -> Floats:
        """Return the probability of each level, right in both tails.

        With s the tail beyond a threshold, negative below the centre, it is the difference of s, and 1 more where the centre is between.
        """
        upper = self.standardised
        tails = np.abs(upper)
        np.negative(tails, out=tails)
        ndtr(tails, out=tails)
        np.copysign(tails, upper, out=tails)
        is_below = np.signbit(upper)
        was_below = previous(is_below)
        was_below[..., self.columns.starts] = True
        found = previous(tails)
        found -= tails
        found += was_below != is_below
        return np.maximum(found, _LEAST_MASS, out=found)

    @cached_property
    def hazards(self) -> tuple[Floats, Floats]:
        """Return the density at the upper and at the lower threshold of each level, divided by its mass."""
        density = np.square(self.standardised)
        density *= -0.5
        np.exp(density, out=density)
        density *= _DENSITY_AT_0
        below = previous(density)
        density /= self.masses
        below /= self.masses
        return density, below

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
    above, below = counts * above, counts * below
    totals = columns.sums(counts)
    totals += _TINY
    means = columns.sums(below - above)
    means /= totals
    below *= previous(upper)
    above *= upper
    below -= above
    variances = columns.sums(below)
    variances /= totals
    variances += 1
    variances -= means * means
    spreads = normals.spreads * np.sqrt(np.maximum(variances, _LEAST_VARIANCE))
    centres = normals.centres + normals.spreads * means
    return GroupedNormals(
        columns, within(centres, -_FARTHEST, _FARTHEST), within(spreads, *SPREADS), normals.thresholds
    )


def within(values: Floats, least: float, most: float) -> Floats:
    """Bound values in place; `clip` takes several times as long for few of them."""
    np.maximum(values, least, out=values)
    return np.minimum(values, most, out=values)


def _thresholds_moved(normals: GroupedNormals, counts: Floats) -> GroupedNormals:
    """Take a step of Newton in the thresholds, which all classes share; the log-likelihood is concave in them."""
    columns, step = normals.columns, _threshold_step(normals, counts)
    reach = reach_of_step(columns, normals.thresholds, step)
    length = np.minimum(reach, 1.0)
    moved = _along(normals, length, step)
    if reach.min() > _SURE:
        return moved
    now = normals.gains(counts).sum(axis=0)
    for _ in range(_TRIES):
        is_worse = ~(moved.gains(counts).sum(axis=0) >= now)
        if not is_worse.any():
            return moved
        length = np.where(is_worse, _SHRUNK * length, length)
        moved = _along(normals, length, step)
    return _along(normals, np.where(is_worse, 0.0, length), step)


def _along(normals: GroupedNormals, length: Floats, step: Floats) -> GroupedNormals:
    """Return the normals with their thresholds so far along a step; `length` is by feature."""
    columns = normals.columns
    thresholds = columns.spread(length) * step
    thresholds += normals.thresholds
    return GroupedNormals(columns, normals.centres, normals.spreads, thresholds)


def _threshold_step(normals: GroupedNormals, counts: Floats) -> Floats:
    """Return the step of the thresholds: one tridiagonal system over all runs and features.

    At a level's upper threshold b, in spreads from the centre, its log-likelihood has the slope h = d(b) / mass and the curvature
    -h (b + h), at its lower one a, with g = d(a) / mass, -g and -g (g - a), and between both h g.
    """
    from scipy.linalg.lapack import dptsv

    columns, scale = normals.columns, normals.columns.spread(1 / normals.spreads)
    upper, (above, below) = normals.standardised * scale, normals.hazards
    above, below = above * scale, below * scale
    up, down = counts * above, counts * below
    slope = _total(up)
    slope -= _next(_total(down))
    beside = _next(_total(up * below))
    below -= previous(upper)
    down *= below
    above += upper
    up *= above
    diagonal = _total(up)
    diagonal += _next(_total(down))
    diagonal += _RIDGE * _total(counts).sum(axis=-1, keepdims=True) + _TINY
    np.negative(beside, out=beside)
    slope[:, columns.last], diagonal[:, columns.last] = 0.0, 1.0
    beside[:, columns.last] = 0.0
    beside[:, columns.before_last] = 0.0
    solution, failed = dptsv(diagonal.ravel(), beside.ravel()[:-1], slope.ravel()[:, None])[2:]
    return np.asarray(slope / diagonal if failed else solution.reshape(slope.shape))


def _total(values: Floats) -> Floats:
    """Return the sums over the classes."""
    return np.asarray(np.add.reduce(values, axis=0))


def previous(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return the numbers of the column before; a feature's first column has those of another feature's last one, or nothing."""
    shifted = np.empty_like(values)
    shifted[..., 1:] = values[..., :-1]
    shifted[..., 0] = 0
    return shifted


def _next(values: Floats) -> Floats:
    """Return the numbers of the next column; those of a feature's last column are never used."""
    shifted = np.empty_like(values)
    shifted[..., :-1] = values[..., 1:]
    shifted[..., -1] = 0
    return shifted


def reach_of_step(columns: Columns, thresholds: Floats, step: Floats) -> Floats:
    """Return how many times (..., n_features) a step can be taken until thresholds come near to each other."""
    gaps = thresholds - previous(thresholds)
    gaps[..., columns.starts] = BEYOND
    np.maximum(gaps, _LEAST_GAP, out=gaps)
    closing = previous(step)  # that of a feature's last threshold is 0
    closing -= step
    closing /= gaps
    fastest = np.maximum.reduceat(closing, columns.starts, axis=-1)
    return np.asarray((1 - _KEPT_GAP) / np.maximum(fastest, _SLOWEST))


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
