"""What the likelihood says beyond the estimate: standard errors, and pairs of features left dependent."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from segmentry.arrays import Floats, Indices, Mask
from segmentry.cluster.latent_class.criteria import softmax
from segmentry.cluster.latent_class.degeneracy import BOUNDARY
from segmentry.cluster.latent_class.em import TINY, DesignMatrix
from segmentry.errors import SegmentryWarning

_CELLS, _BLOCK = 2**12, 2**8  # possible rows that are looked at, and at a time
_INSIDE = 0.01  # how far parameters are moved off the boundary, towards equal ones
_FLAT = 1e-7  # an eigenvalue of the information, scaled to a diagonal of 1, that counts as 0


@dataclass(frozen=True)
class StandardErrors:
    """The standard errors of a latent class model, in the shapes of its parameters.

    Attributes
    ----------
    class_prior : ndarray (n_components,)
        Standard errors of the shares of the classes.
    response_proba : list of ndarray (n_components, n_levels)
        Standard errors of the probabilities of each feature's levels in each class.
    centres, spreads : ndarray (n_components, n_features) or None
        Standard errors of the centres and spreads of ordered features, NaN for the others; None where there are none.
    joined_proba : list of ndarray (n_components, n_first_levels, n_second_levels)
        Standard errors of the probabilities of each pair of joined features.
    """

    class_prior: Floats
    response_proba: list[Floats]
    centres: Floats | None = None
    spreads: Floats | None = None
    joined_proba: list[Floats] = field(default_factory=list)


def standard_errors(design: DesignMatrix, parameters: Floats) -> Floats:
    """Return the standard errors of the parameters (n_classes, 1 + n_columns)."""
    return errors_of(covariance(design, parameters), design, parameters)


def errors_of(found: Floats | None, design: DesignMatrix, parameters: Floats) -> Floats:
    """Return the standard errors that a covariance says; without one NaN, with a warning."""
    is_single = np.concatenate([[len(parameters) == 1], np.repeat(design.n_levels, design.n_levels) == 1])
    errors = np.where(np.broadcast_to(is_single, parameters.shape), 0.0, np.nan)
    if found is None:
        _warn_not_identified()
        return errors
    variances = np.diagonal(found).reshape(parameters.shape)
    return np.where(variances > 0, np.sqrt(np.maximum(variances, 0.0)), errors)


def covariance(design: DesignMatrix, parameters: Floats) -> Floats | None:
    """Return the covariance (n_parameters, n_parameters), class by class; None where not identified.

    The probabilities of a class in a feature, and the shares of the classes, sum to 1: where the columns
    of `basis` span the directions that keep the sums, it is ``basis (basis' I basis)^-1 basis'``.
    Parameters on the boundary are fixed: their rows and columns are 0.
    """
    if not design.has_prior and not _is_identified(design, parameters):
        return None
    basis = _basis(design, parameters)
    inverse = _inverse(basis.T @ information(design, parameters) @ basis)
    return None if inverse is None else basis @ inverse @ basis.T


def _is_identified(design: DesignMatrix, parameters: Floats) -> bool:
    """Say whether a table can tell the parameters; the boundary is left before, where it holds some of them fixed.

    A run of EM along a ridge of equally good parameters may end on the boundary, and be a single point there.
    """
    levels = np.repeat(1 / np.array(design.n_levels), design.n_levels)
    uniform = np.concatenate([[1 / len(parameters)], levels])
    inside = (
        parameters if free_parameters(parameters).all() else (1 - _INSIDE) * parameters + _INSIDE * uniform
    )
    basis = _basis(design, inside)
    return _inverse(basis.T @ _expected(design, inside) @ basis) is not None


def _basis(design: DesignMatrix, parameters: Floats) -> Floats:
    """Return the directions (n_parameters, n_directions) in which the free parameters can move."""
    flat, is_free = parameters.ravel(), free_parameters(parameters).ravel()
    groups = _groups(design, len(parameters))
    return np.hstack([_directions(group[is_free[group]], flat) for group in groups])


def free_parameters(parameters: Floats) -> Mask:
    """Say which parameters (n_classes, 1 + n_columns) are off the boundary, in classes that are."""
    is_free: Mask = (parameters > BOUNDARY) & (parameters < 1 - BOUNDARY)
    is_free[:, 1:] &= parameters[:, :1] > BOUNDARY
    return is_free


def information(design: DesignMatrix, parameters: Floats) -> Floats:
    """Return the observed information (n_parameters, n_parameters) of all parameters, class by class.

    The likelihood f of a row is linear in every single parameter. Its first derivatives are f times
    `scores`; its second ones vanish but within a class, where they are f times posterior times the product
    of two `slopes`. The information is minus the second derivative of ``sum(weight * log f)``, so
    ``sum(weight * (scores scores' - second / f))``; a prior adds its own. Fixed parameters have zeros.
    """
    n_classes, width = parameters.shape
    slopes = _slopes(parameters)
    total = np.zeros((n_classes * width, n_classes * width))
    for cells, weights in design.blocks(n_classes * width):
        posteriors = _posteriors(cells, parameters)
        scores = (posteriors[:, :, None] * (cells[:, None, :] * slopes)).reshape(len(cells), -1)
        total += (scores * weights[:, None]).T @ scores
        for c in range(n_classes):
            own = slice(c * width, (c + 1) * width)
            steep = cells * slopes[c]
            second = (steep * (weights * posteriors[:, c])[:, None]).T @ steep
            np.fill_diagonal(second, 0.0)
            total[own, own] -= second
    if design.has_prior:
        total[np.diag_indices_from(total)] += (design.pseudo_rows(n_classes) * slopes**2).ravel()
    return total


def _expected(design: DesignMatrix, parameters: Floats) -> Floats:
    """Return the products of scores summed over possible rows: singular where no table identifies the model.

    Goodman (1974): a model is identified where the derivatives of the probabilities of all cells of the
    table have full rank. Unlike the observed information, this does not hang on how far EM has gone.
    """
    codes = _possible_rows(design, parameters)
    total = np.zeros((parameters.size, parameters.size))
    slopes = _slopes(parameters)
    for start in range(0, len(codes), _BLOCK):
        part = codes[start : start + _BLOCK] + design.starts
        cells = np.zeros((len(part), parameters.shape[1]))
        cells[:, 0] = 1.0
        np.put_along_axis(cells, part + 1, 1.0, axis=1)
        scores = _posteriors(cells, parameters)[:, :, None] * (cells[:, None, :] * slopes)
        flat = scores.reshape(len(part), -1)
        total += flat.T @ flat
    return total


def _possible_rows(design: DesignMatrix, parameters: Floats) -> Indices:
    """Return all cells of the table as codes (n_rows, n_features); of many, a sample around every class."""
    sizes = design.n_levels
    if prod(sizes) <= _CELLS:
        return np.indices(sizes).reshape(len(sizes), prod(sizes)).T
    rng = np.random.default_rng(0)
    n_rows = _CELLS // len(parameters) + parameters.size
    parts = np.split(parameters[:, 1:], design.starts[1:], axis=1)
    columns = []
    for part, size in zip(parts, sizes, strict=True):
        mixed = 0.9 * part + 0.1 / size  # rare levels come up too
        columns.append(np.concatenate([rng.choice(size, n_rows, p=p / p.sum()) for p in mixed]))
    return np.column_stack(columns)


def _slopes(parameters: Floats) -> Floats:
    """Return the derivatives of the logarithms of the parameters; 0 where they are fixed."""
    return np.where(free_parameters(parameters), 1 / np.maximum(parameters, BOUNDARY), 0.0)


def _posteriors(cells: Floats, parameters: Floats) -> Floats:
    return softmax(cells @ np.log(np.maximum(parameters, TINY)).T)


def _groups(design: DesignMatrix, n_classes: int) -> Iterator[Indices]:
    """Yield the positions of the parameters that sum to 1: the shares, then per class and feature."""
    width = 1 + design.n_columns
    yield np.arange(n_classes) * width
    for c in range(n_classes):
        for start, size in zip(design.starts, design.n_levels, strict=True):
            yield c * width + 1 + start + np.arange(size)


def _directions(free: Indices, flat: Floats) -> Floats:
    """Return the directions (n_parameters, n_free - 1) in which free parameters can move at a fixed sum."""
    columns = np.zeros((len(flat), max(len(free) - 1, 0)))
    if len(free) > 1:
        largest = free[flat[free].argmax()]
        others = free[free != largest]
        columns[others, np.arange(len(others))] = 1.0
        columns[largest] = -1.0
    return columns


def _inverse(matrix: Floats) -> Floats | None:
    """Invert a positive definite matrix; None where it is not."""
    scale = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
    if not (scale > 0).all():
        return None
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    if values.min(initial=1.0) < _FLAT:
        return None
    inverse: Floats = (vectors / values) @ vectors.T / np.outer(scale, scale)
    return inverse


def _warn_not_identified() -> None:
    warnings.warn(
        "LatentClass: the information is not positive definite, so other parameters fit as well (the model "
        "is not identified) or the fit has not converged; standard errors are NaN. Ask for fewer classes, set "
        "a prior, or fit with a smaller tol",
        SegmentryWarning,
        stacklevel=5,
    )


def bivariate_residuals(
    design: DesignMatrix, parameters: Floats, joined: Sequence[tuple[int, int, Floats]] = ()
) -> Floats:
    """Return per pair of features the Pearson chi-square of the model's table, by its degrees of freedom.

    `joined` are positions of two features that have values and are joined, with their table (n_classes, n_first, n_second). Vermunt &
    Magidson (2016), bivariate residuals.
    """
    sizes, starts = np.array(design.n_levels, dtype=np.intp), design.starts
    observed = np.zeros((design.n_columns, design.n_columns))
    for rows, weights in design.blocks(1):
        levels = rows[:, 1:]
        observed += (levels * weights[:, None]).T @ levels
    totals = _sum_by_pair(observed, starts)
    probabilities = (parameters[:, 1:] * parameters[:, :1]).T @ parameters[:, 1:]
    for first, second, table in joined:
        at = [starts[j] + np.arange(sizes[j]) for j in (first, second)]
        both = np.tensordot(parameters[:, 0], table, axes=1)
        probabilities[np.ix_(*at)], probabilities[np.ix_(*at[::-1])] = both, both.T
    expected = probabilities * totals.repeat(sizes, axis=0).repeat(sizes, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = np.where(observed == expected, 0.0, (observed - expected) ** 2 / expected)
        degrees = np.outer(sizes - 1, sizes - 1)
        residuals = np.where(totals > 0, _sum_by_pair(distances, starts) / degrees, np.nan)
    np.fill_diagonal(residuals, np.nan)
    return np.where(degrees > 0, (residuals + residuals.T) / 2, np.nan)


def _sum_by_pair(table: Floats, starts: Indices) -> Floats:
    if not len(starts):
        return np.zeros((0, 0))
    return np.add.reduceat(np.add.reduceat(table, starts, axis=0), starts, axis=1)
