"""Continuous traits behind all features, and classes beside them.

Without classes it is a table without segments, which segments have to beat to be called natural.

The nominal response model of Bock (1972) with one trait or more, with or without squares: a customer's place x on
independent normal traits gives the level l of feature j the probability exp(a_jl + b_jl . powers of x) / sum over the levels. It
has no classes, but wherever it holds, classes fit better than independence, so that criteria of fit alone find some. Squares
make room for scales of other shapes, such as thresholds on a logistic or normal response. Where levels are ordered, slopes in
proportion to their ranks (the partial credit model of Muraki 1992) take fewer parameters.

Two traits may be places on a circle instead, all of them as frequent: what comes back to its beginning, such as seasons, has a gap in its
middle, where normal traits have most customers.

With classes, each has constants a_jl of its own, and all share the slopes: customers of a class differ along the traits, so that
features depend on each other inside the classes (factor mixture models; Lubke & Muthén 2005).
"""

from __future__ import annotations

import itertools
from copy import copy
from dataclasses import dataclass
from functools import cache

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.latent_class.acceleration import run_until_still, squarem_cycle
from segmentry.cluster.latent_class.criteria import softmax
from segmentry.cluster.latent_class.replicates import Replicates

_NODES = {1: (15, 3.2), 2: (9, 3.0), 3: (7, 2.7)}
"""Nodes along each trait, and the standard deviations that they reach to, by the number of traits."""
_NODES_IN_CLASSES = {1: (7, 2.4), 2: (5, 2.0)}
"""The same beside classes, of which each has all nodes."""
_NODES_ON_CIRCLE = 24
_LEAST_DENSITY = 1e-2  # of the middle node's; nodes of several traits below it are left out
CYCLES = 60
"""Cycles of EM after which a fit ends, at the latest."""
_LONGEST = 100.0  # of the steps that are extrapolated by
_TOLERANCE = 1e-6
_RIDGE = 1e-2  # curvature that keeps slopes finite where a level is never seen
_FIRST_SLOPE = 0.6
_FIRST_ON_LINE = 0.01  # share of a straight line
_LEAST_SHARE = 1e-6  # of a level in a first class, and of a class


@dataclass(frozen=True)
class TraitShape:
    """How many traits there are, and how the levels depend on them.

    Attributes
    ----------
    n_traits
        Number of traits.
    has_squares
        Whether levels depend on squares and products of the traits, too.
    is_by_rank
        Whether slopes are in proportion to the ranks of the levels.
    n_classes
        Number of classes; customers of one class differ along the traits alone.
    lines
        Codes of who ticks one level throughout a battery, a level each, see `straight_lines`: some customers do whatever their
        traits; features that are -1 are as in the whole table.
    is_circle
        Whether the two traits are places on a circle, all alike, such as seasons, and not normal; their squares are twice the angle.
    """

    n_traits: int = 1
    has_squares: bool = True
    is_by_rank: bool = False
    n_classes: int = 1
    lines: tuple[tuple[int, ...], ...] = ()
    is_circle: bool = False

    @property
    def n_powers(self) -> int:
        """Number of powers of the traits: they themselves, their squares and products."""
        d = self.n_traits
        n_squares = 2 if self.is_circle else d * (d + 1) // 2
        return d + (n_squares if self.has_squares else 0)

    def n_parameters(self, n_levels: list[int]) -> int:
        """Return the free parameters; turning the traits changes nothing."""
        n_free = sum(n - 1 for n in n_levels)
        slopes = sum(n > 1 for n in n_levels) if self.is_by_rank else n_free
        turns = self.n_traits * (self.n_traits - 1) // 2
        return self.n_classes * (1 + n_free) - 1 + self.n_powers * slopes - turns + len(self.lines)


ONE_TRAIT = TraitShape()
SHAPES = tuple(
    TraitShape(d, has_squares, is_by_rank)
    for d, has_squares, is_by_rank in [
        (1, False, False), (1, True, False), (1, False, True), (1, True, True), (2, False, False), (2, False, True),
        (2, True, False), (2, True, True),
    ]
) + tuple(TraitShape(2, has_squares, is_circle=True) for has_squares in (False, True))  # fmt: skip
"""The shapes among which BIC chooses, the smaller first; three traits are tried where two are better than one."""


@dataclass(frozen=True)
class Traits:
    """A fitted model.

    Attributes
    ----------
    shape
        Its shape.
    coefficients
        (n_classes + n_powers + n_lines, n_replicates, 1 + n_columns) constants of each class, the logarithm of its share first,
        slopes of each power, and the logarithm of the share of each straight line.
    log_likelihoods
        (n_replicates,) log-likelihoods.
    """

    shape: TraitShape
    coefficients: Floats
    log_likelihoods: Floats

    @property
    def on_lines(self) -> float:
        """Share of the first table's customers who tick one level throughout, beside those whose traits make them do so."""
        n = len(self.shape.lines)
        logs = self.coefficients[:, 0, 0]
        shares = softmax(np.concatenate([logs[: self.shape.n_classes], logs[len(logs) - n :]]))
        return float(shares[self.shape.n_classes :].sum())


def fit_traits(
    data: Replicates,
    shape: TraitShape = ONE_TRAIT,
    start: Traits | Floats | None = None,
    n_cycles: int = CYCLES,
) -> Traits:
    """Fit the model to every replicate by EM with Newton steps, accelerated, the traits on fixed nodes.

    It begins at `start`: traits of the same shape, or classes (n_classes, 1 + n_columns) and what their features have in
    common beside them. None is one class of all customers.
    """

    def cycle(running: Indices, moving: Floats) -> tuple[Floats, Floats]:
        return squarem_cycle(whole.of(running).step, moving, _LONGEST)

    whole = _TraitEM(data.rough(), shape)
    found = run_until_still(cycle, whole.begin(start), _TOLERANCE, n_cycles).parameters
    return Traits(shape, found, _TraitEM(data, shape).values(found))


def as_mixture(data: Replicates, traits: Traits) -> Floats:
    """Return the first replicate's model as a mixture (n_nodes, 1 + n_columns) with a class per class and node."""
    return _TraitEM(data, traits.shape).mixture(traits.coefficients[:, :1])[:, 0]


@cache
def _circle(n: int) -> tuple[Floats, Floats]:
    """Return nodes (n, 2) on a circle, whose coordinates have variance 1, and their shares (n,)."""
    angles = 2 * np.pi * np.arange(n) / n
    return np.sqrt(2) * np.column_stack([np.cos(angles), np.sin(angles)]), np.full(n, 1 / n)


@cache
def _grid(n_traits: int, n: int, reach: float) -> tuple[Floats, Floats]:
    """Return the nodes (n_nodes, n_traits) and their shares (n_nodes,)."""
    nodes = np.array(list(itertools.product(np.linspace(-reach, reach, n), repeat=n_traits)))
    density = np.exp(-(nodes**2).sum(axis=1) / 2)
    kept = (density >= _LEAST_DENSITY) | (n_traits == 1)
    return nodes[kept], density[kept] / density[kept].sum()


class _TraitEM:
    def __init__(self, data: Replicates, shape: TraitShape) -> None:
        self.data, self.shape = data, shape
        self.features = [slice(a, a + n) for a, n in zip(data.starts, data.n_levels, strict=True)]
        grids = _NODES if shape.n_classes == 1 else _NODES_IN_CLASSES
        if shape.is_circle:
            nodes, self.density = _circle(_NODES_ON_CIRCLE)
        else:
            nodes, self.density = _grid(shape.n_traits, *grids[shape.n_traits])
        columns = [*nodes.T]
        if shape.has_squares and shape.is_circle:
            x, y = nodes.T
            columns += [(x**2 - y**2) / np.sqrt(2), np.sqrt(2) * x * y]
        elif shape.has_squares:
            pairs = itertools.combinations_with_replacement(nodes.T, 2)
            columns += [one * other for one, other in pairs]
        classes = np.kron(np.eye(shape.n_classes), np.ones((len(nodes), 1)))
        self.powers = np.hstack([classes, np.tile(np.column_stack(columns), (shape.n_classes, 1))])
        self.squares = (self.powers[:, :, None] * self.powers[:, None]).reshape(len(self.powers), -1).T
        self.levels_of_lines = self._levels_of_lines()

    def of(self, runs: Indices) -> _TraitEM:
        """Return the same for some of the replicates."""
        if len(runs) == len(self.data):
            return self
        part = copy(self)
        part.data = self.data.of(runs)
        part.levels_of_lines = self.levels_of_lines[:, runs]
        return part

    def _levels_of_lines(self) -> Floats:
        """Return the shares (n_lines, n_replicates, n_columns) of the levels of who ticks one throughout."""
        margins = self.data.margins()
        levels = np.repeat(margins[None], len(self.shape.lines), axis=0)
        for line, codes in zip(levels, self.shape.lines, strict=True):
            for feature, code in zip(self.features, codes, strict=True):
                if code >= 0:
                    line[:, feature] = np.arange(feature.stop - feature.start) == code
        return levels

    def begin(self, start: Traits | Floats | None) -> Floats:
        """Return first coefficients: those of `start`, or classes and the first principal axes."""
        if isinstance(start, Traits):
            return np.repeat(start.coefficients[:, :1], len(self.data), axis=1)
        k, d, n_lines = self.shape.n_classes, self.shape.n_traits, len(self.shape.lines)
        margins = self.data.margins()
        if start is None:
            classes = np.concatenate([np.ones((len(margins), 1)), margins], axis=1)[None]
            axes = self.data.first_axes(d)
        else:
            classes, axes = start[:, None], self.data.first_axes(d, start)
        coefficients = np.zeros((k + self.shape.n_powers + n_lines, len(self.data), classes.shape[2]))
        coefficients[:k] = np.log(np.maximum(classes, _LEAST_SHARE))
        coefficients[k + self.shape.n_powers :, :, 0] = np.log(_FIRST_ON_LINE)
        slopes = _FIRST_SLOPE * axes
        for feature in self.features:
            slopes[:, feature] = self._allowed(slopes[:, feature])
        coefficients[k : k + d, :, 1:] = slopes[:, None]
        levels = coefficients[..., 1:]
        for feature in self.features:
            levels[..., feature] -= levels[..., feature][..., :1]
        return coefficients

    def _allowed(self, slopes: Floats) -> Floats:
        """Return the slopes (n_traits, n_levels) of a feature as the shape allows them: nearest by least squares."""
        ranks = _ranks(slopes.shape[1])
        if not self.shape.is_by_rank or len(ranks) < 2:
            return slopes
        centred = ranks - ranks.mean()
        return np.outer((slopes - slopes.mean(axis=1, keepdims=True)) @ centred / (centred @ centred), ranks)

    def mixture(self, coefficients: Floats) -> Floats:
        """Return the mixtures (n_classes * n_nodes + n_lines, n_replicates, 1 + n_columns) that the model is on its nodes."""
        k, n_nodes = self.shape.n_classes, len(self.powers)
        traits, lines = self._parts(coefficients)
        _, n_replicates, width = coefficients.shape
        found = np.empty((n_nodes + len(lines), n_replicates, width))
        shares = softmax(np.concatenate([traits[:k, :, 0], lines[:, :, 0]]).T).T
        found[:n_nodes, :, 0] = (shares[:k, None] * self.density[:, None]).reshape(n_nodes, -1)
        found[n_nodes:, :, 0], found[n_nodes:, :, 1:] = shares[k:], self.levels_of_lines
        logits = found[:n_nodes, :, 1:]
        logits[:] = (self.powers @ traits[..., 1:].reshape(len(traits), -1)).reshape(logits.shape)
        for part in self.features:
            logits[..., part] = softmax(logits[..., part])
        return found

    def _parts(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """Return views of the coefficients of classes and traits, and of those of straight lines."""
        n = self.shape.n_classes + self.shape.n_powers
        return coefficients[:n], coefficients[n:]

    def values(self, coefficients: Floats) -> Floats:
        """Return the log-likelihoods (n_replicates,)."""
        return self.data.expected_counts(self.mixture(coefficients))[1]

    def step(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """Return the coefficients after an EM step, and the log-likelihoods before it."""
        mixture = self.mixture(coefficients)
        counts, values = self.data.expected_counts(mixture)
        updated, k, n_nodes = coefficients.copy(), self.shape.n_classes, len(self.powers)
        traits, lines = self._parts(updated)
        sizes = counts[:n_nodes, :, 0].reshape(k, -1, len(self.data)).sum(axis=1)
        sizes = np.concatenate([sizes, counts[n_nodes:, :, 0]])
        logs = np.log(np.maximum(sizes / sizes.sum(axis=0), _LEAST_SHARE))
        traits[:k, :, 0], lines[:, :, 0] = logs[:k], logs[k:]
        levels, shares, slopes = counts[:n_nodes, :, 1:], mixture[:n_nodes, :, 1:], traits[..., 1:]
        for feature in self.features:
            if feature.stop - feature.start > 1:
                self._newton(levels[..., feature], shares[..., feature], slopes[..., feature])
        return updated, values

    def _newton(self, counts: Floats, p: Floats, coefficients: Floats) -> None:
        """Move the coefficients (n_powers, n_replicates, n_levels), which give the levels `p`, in place; the first level stays at 0."""
        totals = counts.sum(axis=-1, keepdims=True)
        residual, p = (counts - totals * p)[..., 1:], p[..., 1:]
        n_replicates, n_levels = p.shape[1:]
        k, n_powers = self.shape.n_classes, self.powers.shape[1]
        gradient = (self.powers.T @ residual.reshape(len(p), -1)).reshape(n_powers, n_replicates, n_levels)
        gradient[k:] -= _RIDGE * coefficients[k:, :, 1:]
        weighed = totals * p
        spread = weighed[..., None] * -p[..., None, :]
        np.einsum("...ii->...i", spread)[:] += weighed
        blocks = (self.squares @ spread.reshape(len(p), -1)).reshape(
            n_powers, n_powers, n_replicates, n_levels, n_levels
        )
        n_free = n_powers * n_levels
        information = blocks.transpose(2, 0, 3, 1, 4).reshape(-1, n_free, n_free)
        np.einsum("...ii->...i", information)[:] += _RIDGE
        slope = gradient.swapaxes(0, 1).reshape(-1, n_free, 1)
        basis = _basis(self.shape, n_levels)
        if basis is not None:
            information, slope = basis.T @ information @ basis, basis.T @ slope
        step = np.linalg.solve(information, slope)
        np.maximum(np.minimum(step, 1.0, out=step), -1.0, out=step)
        step = step if basis is None else basis @ step
        coefficients[..., 1:] += step.reshape(-1, n_powers, n_levels).swapaxes(0, 1)


@cache
def _basis(shape: TraitShape, n_free_levels: int) -> Floats | None:
    """Return the directions (coefficients of a feature, parameters) that slopes may take; None for all."""
    if not shape.is_by_rank or n_free_levels == 1:
        return None
    n_constants, n_powers = shape.n_classes * n_free_levels, shape.n_powers
    slopes = np.kron(np.eye(n_powers), _ranks(n_free_levels + 1)[1:, None])
    top = np.hstack([np.eye(n_constants), np.zeros((n_constants, n_powers))])
    return np.vstack([top, np.hstack([np.zeros((len(slopes), n_constants)), slopes])])


def _ranks(n_levels: int) -> Floats:
    """Return the ranks of the levels, from 0 to 1."""
    return np.arange(n_levels) / max(n_levels - 1, 1)
