"""Standard errors of latent classes with joined features."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster.latent_class.em import DesignMatrix
from segmentry.cluster.latent_class.inference import StandardErrors, covariance, errors_of
from segmentry.cluster.latent_class.joined import JoinedDesign, Pair, by_feature
from segmentry.errors import ModelError


def joined_errors(
    design: DesignMatrix, parameters: Floats, n_levels: list[int], pairs: tuple[Pair, ...], name: str
) -> StandardErrors:
    """Return the standard errors of the probabilities of combinations, and of the sums of them that are those of levels.

    Raises
    ------
    ModelError
        A feature is ordered, or one of two joined features is missing in a row and the other is not.
    """
    if design.ordered is not None:
        raise ModelError("standard_errors of joined features are not known beside ordered ones", source=name)
    if isinstance(design, JoinedDesign) and design.has_parts:
        raise ModelError(
            "standard_errors of joined features are not known where a row has one of the two alone",
            source=name,
            hint="give rows that have both, or neither",
        )
    found = covariance(design, parameters)
    errors = errors_of(found, design, parameters)
    proba, tables = by_feature(errors[:, 1:], n_levels, pairs)
    if found is not None:
        positions = (
            1 + np.arange(design.n_columns)[None] + np.arange(len(parameters))[:, None] * parameters.shape[1]
        )
        for pair, cells in zip(pairs, by_feature(positions, n_levels, pairs)[1], strict=True):
            by_level = {pair.first: cells, pair.second: np.swapaxes(cells, 1, 2)}
            proba = [_of_sums(found, by_level[j]) if j in by_level else one for j, one in enumerate(proba)]
    return StandardErrors(errors[:, 0], proba, joined_proba=tables)


def _of_sums(found: Floats, positions: Floats) -> Floats:
    """Return the standard errors (n_classes, n_levels) of sums over the last axis of positions of parameters; NaN where all are fixed."""
    variances = np.array([[found[np.ix_(at, at)].sum() for at in of_class] for of_class in positions])
    return np.where(
        variances > 0, np.sqrt(np.maximum(variances, 0.0)), 0.0 if positions.shape[1] == 1 else np.nan
    )
