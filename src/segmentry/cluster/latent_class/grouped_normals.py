"""Normal distributions seen through thresholds: their masses, and steps of Newton that make counts of levels likelier.

Arrays end with the columns of all levels, feature after feature; a column stands for the upper threshold of its level, and
that of a feature's last level is beyond everything. `counts` and `masses` are (n_classes, n_runs, n_columns), centres and
spreads (n_classes, n_runs, n_features), thresholds (n_runs, n_columns).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr

from segmentry.arrays import Floats, Indices

FAR = 37.0  # standard deviations beyond which a normal distribution has nothing, in double precision
BEYOND = 1e4  # the threshold above the last level
SPREADS = (0.03, 10.0)
"""Least and greatest spread of a class, where all customers have 1: the floor keeps a class from being a spike."""
_FARTHEST = 12.0  # of centres
_TINY = 1e-300
_STEEPEST = 1e100  # of densities beside masses: those of levels that nobody has can be closed altogether
_SHRUNK, _TRIES = 0.25, 5  # a step that gains nothing is shortened so much, so often
_KEPT_GAP = 0.1  # part of the distance between two thresholds that a step leaves
_BISECTIONS = 60
_RIDGE = 1e-9  # keeps the curvature from being 0
_DENSITY_AT_0 = 1 / np.sqrt(2 * np.pi)


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
    def feature_of(self) -> Indices:
        """Return the feature of each column."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def sums(self, values: Floats) -> Floats:
        """Return the sums by feature."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def spread(self, values: Floats) -> Floats:
        """Give every column the number of its feature."""
        return values[..., self.feature_of]

    def lower(self, values: Floats, first: float) -> Floats:
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
        scores = (self.thresholds - where(self.centres)) / where(self.spreads)
        return np.clip(scores, -FAR, FAR)

    @cached_property
    def masses(self) -> Floats:
        """Return the probability of each level, right in both tails."""
        upper = self.standardised
        lower = self.columns.lower(upper, -FAR)
        tail = ndtr(-np.abs(upper))
        tail_below = self.columns.lower(tail, 0.0)
        middle = np.where(upper <= 0, tail - tail_below, 1.0 - tail - tail_below)
        return np.maximum(np.where(lower >= 0, tail_below - tail, middle), _TINY)

    @cached_property
    def hazards(self) -> tuple[Floats, Floats]:
        """Return the density at the upper and at the lower threshold of each level, divided by its mass."""
        density = _DENSITY_AT_0 * np.exp(-0.5 * self.standardised**2)
        density[np.abs(self.standardised) >= FAR] = 0.0
        below = self.columns.lower(density, 0.0)
        return np.minimum(density / self.masses, _STEEPEST), np.minimum(below / self.masses, _STEEPEST)

    def gains(self, counts: Floats) -> Floats:
        """Return the log-likelihood (n_classes, n_runs, n_features) of counts."""
        return self.columns.sums(counts * np.log(self.masses))


def maximise(normals: GroupedNormals, counts: Floats) -> GroupedNormals:
    """Make counts likelier: a step of every centre and spread, then one of the thresholds."""
    return _thresholds_moved(_classes_moved(normals, counts), counts)


def _classes_moved(normals: GroupedNormals, counts: Floats) -> GroupedNormals:
    """Take a step of Newton in every centre and spread; the log-likelihood is concave in 1 / spread and centre / spread.

    With z the standardised thresholds, the step looks for ``stretch`` and ``shift`` in ``stretch * z + shift``.
    """
    stretch, shift = _newton(normals, counts)
    now, length = normals.gains(counts), np.ones_like(normals.centres)
    for _ in range(_TRIES):
        factor = np.clip(1 + length * stretch, 0.25, 4.0)
        spreads = np.clip(normals.spreads / factor, *SPREADS)
        centres = np.clip(normals.centres - length * shift * spreads, -_FARTHEST, _FARTHEST)
        moved = GroupedNormals(normals.columns, centres, spreads, normals.thresholds)
        is_worse = ~(moved.gains(counts) >= now)
        if not is_worse.any():
            return moved
        length = np.where(is_worse, _SHRUNK * length, length)
    centres = np.where(is_worse, normals.centres, moved.centres)
    spreads = np.where(is_worse, normals.spreads, moved.spreads)
    return GroupedNormals(normals.columns, centres, spreads, normals.thresholds)


def _newton(normals: GroupedNormals, counts: Floats) -> tuple[Floats, Floats]:
    """Return the changes of stretch and shift (n_classes, n_runs, n_features)."""
    columns, upper = normals.columns, normals.standardised
    lower = columns.lower(upper, -FAR)
    above, below = normals.hazards
    bent_above, bent_below = above * (upper + above), below * (below - lower)  # minus the second derivatives
    both = above * below
    tilt = upper * above - lower * below
    slopes = [columns.sums(counts * part) for part in (tilt, above - below)]
    products = upper * lower * both
    curves = [
        upper**2 * bent_above + lower**2 * bent_below - 2 * products,
        upper * bent_above + lower * bent_below - (upper + lower) * both,
        bent_above + bent_below - 2 * both,
    ]
    stretched, mixed, shifted = (columns.sums(counts * part) for part in curves)
    ridge = _RIDGE * columns.sums(counts) + _TINY
    stretched, shifted = stretched + ridge, shifted + ridge
    determinant = np.maximum(stretched * shifted - mixed**2, ridge**2)
    return (
        (shifted * slopes[0] - mixed * slopes[1]) / determinant,
        (stretched * slopes[1] - mixed * slopes[0]) / determinant,
    )


def _thresholds_moved(normals: GroupedNormals, counts: Floats) -> GroupedNormals:
    """Take a step of Newton in the thresholds, which all classes share; the log-likelihood is concave in them."""
    columns = normals.columns
    step = _threshold_step(normals, counts)
    length = longest_step(columns, normals.thresholds, step)
    now = normals.gains(counts).sum(axis=0)
    for _ in range(_TRIES):
        thresholds = normals.thresholds + columns.spread(length) * step
        moved = GroupedNormals(columns, normals.centres, normals.spreads, thresholds)
        is_worse = ~(moved.gains(counts).sum(axis=0) >= now)
        if not is_worse.any():
            return moved
        length = np.where(is_worse, _SHRUNK * length, length)
    kept = np.where(columns.spread(is_worse), normals.thresholds, moved.thresholds)
    return GroupedNormals(columns, normals.centres, normals.spreads, kept)


def _threshold_step(normals: GroupedNormals, counts: Floats) -> Floats:
    """Return the step of the thresholds: one tridiagonal system over all runs and features."""
    from scipy.linalg.lapack import dptsv

    columns, upper = normals.columns, normals.standardised
    above, below = normals.hazards
    scale = 1 / columns.spread(normals.spreads)
    next_below, next_counts = _next(below), _next(counts)
    slope = (scale * (counts * above - next_counts * next_below)).sum(axis=0)
    bent = counts * above * (upper + above) + next_counts * next_below * (next_below - upper)
    diagonal = (scale**2 * bent).sum(axis=0) + _RIDGE * counts.sum(axis=(0, 2))[:, None] + _TINY
    beside = -(scale**2 * _next(counts * above * below)).sum(axis=0)
    is_last = np.zeros(len(columns.feature_of), bool)
    is_last[columns.last] = True
    before_last = np.append(is_last[1:], True)
    slope[:, is_last], diagonal[:, is_last] = 0.0, 1.0
    beside[:, is_last | before_last] = 0.0
    solution, failed = dptsv(diagonal.ravel(), beside.ravel()[:-1], slope.ravel()[:, None])[2:]
    return np.asarray(slope / diagonal if failed else solution.reshape(slope.shape))


def _next(values: Floats) -> Floats:
    """Return the numbers of the next column; those of a feature's last column are never used."""
    return np.concatenate([values[..., 1:], np.zeros_like(values[..., :1])], axis=-1)


def longest_step(columns: Columns, thresholds: Floats, step: Floats) -> Floats:
    """Return the longest part (..., n_features), at most 1, of a step that keeps the thresholds apart."""
    gaps = thresholds - columns.lower(thresholds, -BEYOND)
    closing = columns.lower(step, 0.0) - step
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(closing > 0, (1 - _KEPT_GAP) * gaps / closing, 1.0)
    return np.minimum(1.0, np.minimum.reduceat(parts, columns.starts, axis=-1))


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
