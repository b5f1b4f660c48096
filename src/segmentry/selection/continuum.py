"""One factor behind all features: the continuum that segments have to beat to be called natural.

The nominal response model of Bock (1972), with a square: a customer's place on one normal factor x gives the level l
of feature j the probability exp(a_jl + b_jl x + c_jl x^2) / sum over the levels. It has no classes, but wherever it
holds, classes fit better than independence, so that criteria of fit alone find some. The square makes room for scales of
other shapes, such as thresholds on a logistic or normal response.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.cluster.latent_class.acceleration import run_until_still, squarem_cycle
from segmentry.cluster.latent_class.criteria import softmax
from segmentry.cluster.latent_class.replicates import Replicates

_NODES = 15
_REACH = 3.2  # standard deviations that the nodes reach to
_CYCLES, _NEWTON = 60, 1
_LONGEST = 100.0  # of the steps that are extrapolated by
_TOLERANCE = 1e-6
_RIDGE = 1e-2  # curvature that keeps slopes finite where a level is never seen


@dataclass(frozen=True)
class OneFactorModel:
    """Coefficients (n_powers, n_replicates, n_columns) of 1, x, x², and log-likelihoods (n_replicates,)."""

    coefficients: Floats
    log_likelihoods: Floats


def fit_one_factor(
    data: Replicates, start: OneFactorModel | None = None, n_powers: int = 3
) -> OneFactorModel:
    """Fit the model to every replicate by EM with Newton steps, accelerated, the factor on fixed nodes.

    With `n_powers` 2 the square is left out: Bock's own model.
    """

    def cycle(running: Indices, moving: Floats) -> tuple[Floats, Floats]:
        return squarem_cycle(_OneFactorEM(data.of(running)).step, moving, _LONGEST)

    whole = _OneFactorEM(data)
    found = run_until_still(cycle, whole.begin(start, n_powers), _TOLERANCE, _CYCLES).parameters
    return OneFactorModel(found, whole.step(found)[1])


def factor_bic(data: Replicates, n_customers: float) -> float:
    """Return the BIC of the one-factor model of one table, with or without the square, whichever is lower."""
    n_free = sum(n - 1 for n in data.n_levels)
    found = []
    for n_powers in (2, 3):
        value = float(fit_one_factor(data, n_powers=n_powers).log_likelihoods[0])
        found.append(-2 * value + n_powers * n_free * float(np.log(n_customers)))
    return min(found)


def as_mixture(data: Replicates, factor: OneFactorModel) -> Floats:
    """Return the first replicate's model as a mixture (n_nodes, 1 + n_columns) with a class per node."""
    return _OneFactorEM(data).mixture(factor.coefficients[:, :1])[:, 0]


class _OneFactorEM:
    def __init__(self, data: Replicates) -> None:
        self.data = data
        self.features = [slice(a, a + n) for a, n in zip(data.starts, data.n_levels, strict=True)]
        self.nodes = np.linspace(-_REACH, _REACH, _NODES)
        density = np.exp(-(self.nodes**2) / 2)
        self.density = density / density.sum()

    def begin(self, start: OneFactorModel | None, n_powers: int) -> Floats:
        """Return first coefficients: those of `start`, or margins and the first principal axis."""
        if start is not None:
            return np.repeat(start.coefficients[:, :1], len(self.data), axis=1)
        margins = np.maximum(self.data.margins(), 1e-6)
        coefficients = np.zeros((n_powers, *margins.shape))
        coefficients[0], coefficients[1] = np.log(margins), 0.6 * self.data.first_axis()
        for feature in self.features:
            coefficients[..., feature] -= coefficients[..., feature][..., :1]
        return coefficients

    def mixture(self, coefficients: Floats) -> Floats:
        """Return the mixtures (n_nodes, n_replicates, 1 + n_columns) that the model is on its nodes."""
        logits = np.tensordot(self._powers(coefficients), coefficients, axes=1)
        parts = [np.broadcast_to(self.density[:, None, None], (*logits.shape[:2], 1))]
        parts += [softmax(logits[..., feature]) for feature in self.features]
        return np.concatenate(parts, axis=2)

    def step(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """Return the coefficients after an EM step, and the log-likelihoods before it."""
        counts, values = self.data.expected_counts(self.mixture(coefficients))
        updated = coefficients.copy()
        self.maximise(counts, updated)
        return updated, values

    def maximise(self, counts: Floats, coefficients: Floats) -> None:
        """Take Newton steps on every feature, given the expected counts (n_nodes, n_replicates, columns)."""
        for feature in self.features:
            if feature.stop - feature.start > 1:
                for _ in range(_NEWTON):
                    self._newton(counts[..., feature], coefficients[..., feature])

    def _newton(self, counts: Floats, coefficients: Floats) -> None:
        """Move the coefficients (n_powers, n_replicates, n_levels) in place; the first level stays at 0."""
        powers = self._powers(coefficients)
        p = softmax(np.tensordot(powers, coefficients, axes=1))
        totals = counts.sum(axis=-1, keepdims=True)
        residual, p = (counts - totals * p)[..., 1:], p[..., 1:]
        spread = totals[..., None] * (p[..., None] * np.eye(p.shape[-1]) - p[..., None] * p[..., None, :])
        gradient = np.tensordot(powers.T, residual, axes=1).swapaxes(0, 1)
        gradient[:, 1:] -= _RIDGE * coefficients[1:, :, 1:].swapaxes(0, 1)
        squares = (powers[:, :, None] * powers[:, None]).reshape(len(powers), -1)
        blocks = np.tensordot(squares.T, spread, axes=1).reshape(*powers.shape[1:] * 2, *spread.shape[1:])
        n_free = len(coefficients) * p.shape[-1]
        information = blocks.transpose(2, 0, 3, 1, 4).reshape(-1, n_free, n_free) + _RIDGE * np.eye(n_free)
        step = np.linalg.solve(information, gradient.reshape(-1, n_free, 1)).reshape(gradient.shape)
        coefficients[..., 1:] += np.clip(step, -1.0, 1.0).swapaxes(0, 1)

    def _powers(self, coefficients: Floats) -> Floats:
        return np.asarray(self.nodes[:, None] ** np.arange(len(coefficients)))
