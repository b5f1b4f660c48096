"""Continuous traits behind all features: a table without segments that segments have to beat to be called natural.

The nominal response model of Bock (1972) with one trait or more, with or without squares: a customer's place x on
independent normal traits gives the level l of feature j the probability exp(a_jl + b_jl . powers of x) / sum over the levels. It
has no classes, but wherever it holds, classes fit better than independence, so that criteria of fit alone find some. Squares
make room for scales of other shapes, such as thresholds on a logistic or normal response. Where levels are ordered, slopes in
proportion to their ranks (the partial credit model of Muraki 1992) take fewer parameters.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.latent_class.acceleration import run_until_still, squarem_cycle
from segmentry.cluster.latent_class.criteria import softmax
from segmentry.cluster.latent_class.replicates import Replicates

_NODES = {1: (15, 3.2), 2: (9, 3.0), 3: (7, 2.7)}
"""Nodes along each trait, and the standard deviations that they reach to, by the number of traits."""
_LEAST_DENSITY = 1e-2  # of the middle node's; nodes of several traits below it are left out
CYCLES = 60
"""Cycles of EM after which a fit ends, at the latest."""
_LONGEST = 100.0  # of the steps that are extrapolated by
_TOLERANCE = 1e-6
_RIDGE = 1e-2  # curvature that keeps slopes finite where a level is never seen
_FIRST_SLOPE = 0.6


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
    """

    n_traits: int = 1
    has_squares: bool = True
    is_by_rank: bool = False

    @property
    def n_powers(self) -> int:
        """Number of powers: 1, the traits, and their squares and products."""
        d = self.n_traits
        return 1 + d + (d * (d + 1) // 2 if self.has_squares else 0)

    def n_parameters(self, n_levels: list[int]) -> int:
        """Return the free parameters; turning the traits changes nothing."""
        n_free = sum(n - 1 for n in n_levels)
        slopes = sum(n > 1 for n in n_levels) if self.is_by_rank else n_free
        return n_free + (self.n_powers - 1) * slopes - self.n_traits * (self.n_traits - 1) // 2


ONE_TRAIT = TraitShape()
SHAPES = tuple(
    TraitShape(d, has_squares, is_by_rank)
    for d, has_squares, is_by_rank in [
        (1, False, False), (1, True, False), (1, False, True), (1, True, True), (2, False, False), (2, False, True),
        (2, True, False), (2, True, True),
    ]
)  # fmt: skip
"""The shapes among which BIC chooses, the smaller first; three traits are tried where two are better than one."""


@dataclass(frozen=True)
class Traits:
    """Coefficients (n_powers, n_replicates, n_columns) of the powers of the traits, and log-likelihoods (n_replicates,)."""

    shape: TraitShape
    coefficients: Floats
    log_likelihoods: Floats


def fit_traits(
    data: Replicates, shape: TraitShape = ONE_TRAIT, start: Traits | None = None, n_cycles: int = CYCLES
) -> Traits:
    """Fit the model to every replicate by EM with Newton steps, accelerated, the traits on fixed nodes."""

    def cycle(running: Indices, moving: Floats) -> tuple[Floats, Floats]:
        return squarem_cycle(_TraitEM(data.of(running), shape).step, moving, _LONGEST)

    whole = _TraitEM(data, shape)
    found = run_until_still(cycle, whole.begin(start), _TOLERANCE, n_cycles).parameters
    return Traits(shape, found, whole.step(found)[1])


def as_mixture(data: Replicates, traits: Traits) -> Floats:
    """Return the first replicate's model as a mixture (n_nodes, 1 + n_columns) with a class per node."""
    return _TraitEM(data, traits.shape).mixture(traits.coefficients[:, :1])[:, 0]


@cache
def _grid(n_traits: int) -> tuple[Floats, Floats]:
    """Return the nodes (n_nodes, n_traits) and their shares (n_nodes,)."""
    n, reach = _NODES[n_traits]
    nodes = np.array(list(itertools.product(np.linspace(-reach, reach, n), repeat=n_traits)))
    density = np.exp(-(nodes**2).sum(axis=1) / 2)
    kept = (density >= _LEAST_DENSITY) | (n_traits == 1)
    return nodes[kept], density[kept] / density[kept].sum()


class _TraitEM:
    def __init__(self, data: Replicates, shape: TraitShape) -> None:
        self.data, self.shape = data, shape
        self.features = [slice(a, a + n) for a, n in zip(data.starts, data.n_levels, strict=True)]
        nodes, self.density = _grid(shape.n_traits)
        columns = [np.ones(len(nodes)), *nodes.T]
        if shape.has_squares:
            pairs = itertools.combinations_with_replacement(nodes.T, 2)
            columns += [one * other for one, other in pairs]
        self.powers = np.column_stack(columns)

    def begin(self, start: Traits | None) -> Floats:
        """Return first coefficients: those of `start`, or margins and the first principal axes."""
        if start is not None:
            return np.repeat(start.coefficients[:, :1], len(self.data), axis=1)
        margins = np.maximum(self.data.margins(), 1e-6)
        coefficients = np.zeros((self.shape.n_powers, *margins.shape))
        coefficients[0] = np.log(margins)
        slopes = _FIRST_SLOPE * self.data.first_axes(self.shape.n_traits)
        for feature in self.features:
            slopes[:, feature] = self._allowed(slopes[:, feature])
        coefficients[1 : 1 + len(slopes)] = slopes[:, None]
        for feature in self.features:
            coefficients[..., feature] -= coefficients[..., feature][..., :1]
        return coefficients

    def _allowed(self, slopes: Floats) -> Floats:
        """Return the slopes (n_traits, n_levels) of a feature as the shape allows them: nearest by least squares."""
        ranks = _ranks(slopes.shape[1])
        if not self.shape.is_by_rank or len(ranks) < 2:
            return slopes
        centred = ranks - ranks.mean()
        return np.outer((slopes - slopes.mean(axis=1, keepdims=True)) @ centred / (centred @ centred), ranks)

    def mixture(self, coefficients: Floats) -> Floats:
        """Return the mixtures (n_nodes, n_replicates, 1 + n_columns) that the model is on its nodes."""
        logits = np.tensordot(self.powers, coefficients, axes=1)
        parts = [np.broadcast_to(self.density[:, None, None], (*logits.shape[:2], 1))]
        parts += [softmax(logits[..., feature]) for feature in self.features]
        return np.concatenate(parts, axis=2)

    def step(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """Return the coefficients after an EM step, and the log-likelihoods before it."""
        counts, values = self.data.expected_counts(self.mixture(coefficients))
        updated = coefficients.copy()
        for feature in self.features:
            if feature.stop - feature.start > 1:
                self._newton(counts[..., feature], updated[..., feature])
        return updated, values

    def _newton(self, counts: Floats, coefficients: Floats) -> None:
        """Move the coefficients (n_powers, n_replicates, n_levels) in place; the first level stays at 0."""
        p = softmax(np.tensordot(self.powers, coefficients, axes=1))
        totals = counts.sum(axis=-1, keepdims=True)
        residual, p = (counts - totals * p)[..., 1:], p[..., 1:]
        spread = totals[..., None] * (p[..., None] * np.eye(p.shape[-1]) - p[..., None] * p[..., None, :])
        gradient = np.tensordot(self.powers.T, residual, axes=1).swapaxes(0, 1)
        gradient[:, 1:] -= _RIDGE * coefficients[1:, :, 1:].swapaxes(0, 1)
        squares = (self.powers[:, :, None] * self.powers[:, None]).reshape(len(self.powers), -1)
        n_powers, n_free = self.powers.shape[1], self.powers.shape[1] * p.shape[-1]
        blocks = np.tensordot(squares.T, spread, axes=1).reshape(n_powers, n_powers, *spread.shape[1:])
        information = blocks.transpose(2, 0, 3, 1, 4).reshape(-1, n_free, n_free) + _RIDGE * np.eye(n_free)
        gradient = gradient.reshape(-1, n_free, 1)
        basis = self._basis(p.shape[-1])
        if basis is not None:
            information, gradient = basis.T @ information @ basis, basis.T @ gradient
        step = np.clip(np.linalg.solve(information, gradient), -1.0, 1.0)
        step = step if basis is None else basis @ step
        coefficients[..., 1:] += step.reshape(-1, n_powers, p.shape[-1]).swapaxes(0, 1)

    def _basis(self, n_free_levels: int) -> Floats | None:
        """Return the directions (coefficients of a feature, parameters) that slopes may take; None for all."""
        if not self.shape.is_by_rank or n_free_levels == 1:
            return None
        n_slopes = self.powers.shape[1] - 1
        slopes = np.kron(np.eye(n_slopes), _ranks(n_free_levels + 1)[1:, None])
        top = np.hstack([np.eye(n_free_levels), np.zeros((n_free_levels, n_slopes))])
        return np.vstack([top, np.hstack([np.zeros((len(slopes), n_free_levels)), slopes])])


def _ranks(n_levels: int) -> Floats:
    """Return the ranks of the levels, from 0 to 1."""
    return np.arange(n_levels) / max(n_levels - 1, 1)
