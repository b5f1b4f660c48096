"""Standard errors of mixtures with ordered features: of centres, spreads and all that is made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from segmentry.arrays import Floats, Indices, Mask
from segmentry.cluster.latent_class.em import DesignMatrix, expected_counts
from segmentry.cluster.latent_class.grouped_normals import SPREADS, GroupedNormals, previous
from segmentry.cluster.latent_class.inference import free_parameters, information
from segmentry.cluster.latent_class.ordered import OrderedFeatures

_FLAT = 1e-7  # an eigenvalue of the information, scaled to a diagonal of 1, that counts as 0
_MOVED = 1e-3  # part in a flat direction from which a parameter is not identified
_TINY = 1e-300


@dataclass(frozen=True)
class MixtureErrors:
    """Standard errors of `levels` (n_classes, 1 + n_columns), and of centres and spreads (n_classes, n_ordered)."""

    levels: Floats
    centres: Floats
    spreads: Floats


def mixture_errors(design: DesignMatrix, ordered: OrderedFeatures, mixture: Floats) -> MixtureErrors:
    """Return the standard errors of a mixture (n_classes, width); NaN for what the table does not tell.

    The parameters are the shares and probabilities of all classes, the thresholds but the last of each feature, centres and
    spreads; they move where shares and probabilities sum to 1, and all customers keep the mean 0 and the variance 1.
    """
    layout = _Layout(ordered, len(mixture))
    normals = ordered.normals(mixture)
    levels = ordered.levels(mixture)
    jacobian = _jacobian(layout, normals, levels.shape)
    curved = jacobian.T @ information(design, levels) @ jacobian - _bend(design, layout, normals, levels)
    is_free = _free(layout, levels, normals)
    limits = _constraints(design, layout, mixture, normals)[:, is_free]
    covariance, is_told = _covariance(curved[np.ix_(is_free, is_free)], limits)
    moved = jacobian[:, is_free]
    variances = np.einsum("ij,jk,ik->i", moved, covariance, moved, optimize=True)
    variances[np.abs(moved[:, ~is_told]).sum(axis=1) > 1e-9] = np.nan
    own = np.full(layout.size, np.nan)
    own[is_free] = np.where(is_told, np.diagonal(covariance), np.nan)
    tail = np.sqrt(own[layout.centres[0, 0] :]).reshape(2, len(mixture), -1)
    errors = np.sqrt(np.maximum(variances, 0.0)).reshape(levels.shape)
    is_fixed = ~free_parameters(levels)
    is_fixed[:, 1 + ordered.places] = False
    errors[is_fixed] = np.nan
    return MixtureErrors(errors, tail[0], tail[1])


class _Layout:
    """Positions of the parameters in one vector: those of each class, thresholds, centres, spreads."""

    def __init__(self, ordered: OrderedFeatures, n_classes: int) -> None:
        self.ordered = ordered
        width = 1 + ordered.n_columns
        head = n_classes * width
        self.head = np.arange(head).reshape(n_classes, width)
        self.is_unused = np.zeros(head, bool)
        self.is_unused[self.head[:, 1 + ordered.places].ravel()] = True
        self.thresholds = head + np.arange(len(ordered.places))
        n_normals = n_classes * ordered.n_features
        begin = head + len(ordered.places)
        self.centres = begin + np.arange(n_normals).reshape(n_classes, -1)
        self.spreads = self.centres + n_normals
        self.size = begin + 2 * n_normals


def _jacobian(layout: _Layout, normals: GroupedNormals, shape: tuple[int, ...]) -> Floats:
    """Return the derivatives (n_classes * (1 + n_columns), n_parameters) of all probabilities."""
    ordered, columns = layout.ordered, normals.columns
    found = np.zeros((shape[0] * shape[1], layout.size))
    rest = layout.head.ravel()[~layout.is_unused]
    found[rest, rest] = 1.0
    density, scores = _densities(normals)
    scale = columns.spread(normals.spreads)
    below = previous(density)
    tilt = scores * density
    by_centre = -(density - below) / scale
    by_spread = -(tilt - previous(tilt)) / scale
    for c in range(shape[0]):
        rows = layout.head[c, 1 + ordered.places]
        found[rows, layout.thresholds] = density[c] / scale[c]
        inner = np.setdiff1d(np.arange(len(rows)), columns.starts)
        found[rows[inner], layout.thresholds[inner - 1]] = -below[c, inner] / scale[c, inner]
        found[rows, layout.centres[c, columns.feature_of]] = by_centre[c]
        found[rows, layout.spreads[c, columns.feature_of]] = by_spread[c]
    return found


def _bend(design: DesignMatrix, layout: _Layout, normals: GroupedNormals, levels: Floats) -> Floats:
    """Return the slopes of the likelihood by the probabilities times the second derivatives of these."""
    ordered, columns = layout.ordered, normals.columns
    counts = expected_counts(design, levels[:, None])[0][:, 0]
    if design.has_prior:
        counts = counts + design.pseudo_rows(len(levels))
    slopes = (counts / np.maximum(levels, _TINY))[:, 1 + ordered.places]
    above = np.append(slopes[:, 1:], np.zeros((len(slopes), 1)), axis=1)
    density, z = _densities(normals)
    weights = (slopes - above) * density / columns.spread(normals.spreads) ** 2
    weights[:, columns.last] = 0.0
    squares, mixed = -z * weights, (z**2 - 1) * weights
    spread = (2 - z**2) * z * weights
    total = np.zeros((layout.size, layout.size))
    for c in range(len(levels)):
        t = layout.thresholds
        m, s = layout.centres[c, columns.feature_of], layout.spreads[c, columns.feature_of]
        for one, other, part in ((t, t, squares[c]), (m, m, squares[c]), (s, s, spread[c])):
            np.add.at(total, (one, other), part)
        for one, other, part in ((t, m, -squares[c]), (t, s, mixed[c]), (m, s, -mixed[c])):
            np.add.at(total, (one, other), part)
            np.add.at(total, (other, one), part)
    return total


def _densities(normals: GroupedNormals) -> tuple[Floats, Floats]:
    """Return the standard normal density at the upper thresholds, and these."""
    scores = normals.standardised
    return normals.hazards[0] * normals.masses, scores


def _free(layout: _Layout, levels: Floats, normals: GroupedNormals) -> Mask:
    """Say which parameters can move: not those on a boundary, nor the last threshold of a feature."""
    free = np.ones(layout.size, bool)
    free[layout.head] = free_parameters(levels)
    free[: layout.head.size][layout.is_unused] = False
    free[layout.thresholds[normals.columns.last]] = False
    is_inside = (normals.spreads > SPREADS[0]) & (normals.spreads < SPREADS[1])
    free[layout.spreads] = is_inside
    return free


def _constraints(design: DesignMatrix, layout: _Layout, mixture: Floats, normals: GroupedNormals) -> Floats:
    """Return the directions (n_constraints, n_parameters) in which the parameters must not move."""
    shares, ordered = mixture[:, 0], layout.ordered
    rows = [_marked(layout.size, layout.head[:, 0], 1.0)]
    for j, (start, n) in enumerate(zip(design.starts, design.n_levels, strict=True)):
        if j not in design.ordered_at:
            rows += [
                _marked(layout.size, layout.head[c, 1 + start : 1 + start + n], 1.0)
                for c in range(len(mixture))
            ]
    for f in range(ordered.n_features):
        centres, spreads = normals.centres[:, f], normals.spreads[:, f]
        mean = _marked(layout.size, layout.centres[:, f], shares)
        mean[layout.head[:, 0]] = centres
        variance = _marked(layout.size, layout.centres[:, f], 2 * shares * centres)
        variance[layout.spreads[:, f]] = 2 * shares * spreads
        variance[layout.head[:, 0]] = spreads**2 + centres**2
        rows += [mean, variance]
    return np.array(rows)


def _marked(size: int, places: Indices, values: Floats | float) -> Floats:
    row = np.zeros(size)
    row[places] = values
    return row


def _covariance(curved: Floats, limits: Floats) -> tuple[Floats, Mask]:
    """Return the covariance of parameters under constraints, and which of them the table tells."""
    scale = 1 / np.sqrt(np.maximum(np.diagonal(curved), _TINY))
    basis = null_space(limits * scale)
    values, vectors = np.linalg.eigh(basis.T @ (curved * np.outer(scale, scale)) @ basis)
    is_flat = values < _FLAT
    directions = basis @ vectors
    is_told = np.abs(directions[:, is_flat]).max(axis=1, initial=0.0) < _MOVED
    steep = directions[:, ~is_flat]
    return (steep / values[~is_flat]) @ steep.T * np.outer(scale, scale), is_told
