"""Segments carried on from those before, where features are cut otherwise: what is shown while others are searched for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from segmentry.cluster import PatternModel
from segmentry.patterns import FeatureLevels, PatternTable, joined_positions
from segmentry.selection.fits import classes_for, fitted_to

if TYPE_CHECKING:
    from segmentry.cluster import LatentClassModel


def carry_on(
    model: PatternModel, features: Sequence[FeatureLevels], patterns: PatternTable, *, seed: int = 0
) -> LatentClassModel | None:
    """Follow fitted classes on another pattern table: one EM run that begins at them, and no search.

    Where the classes are clear it ends where a search does; where optima lie close together it may end at another one.

    Parameters
    ----------
    model, features
        The model, and the features that it was fitted to.
    patterns
        Pattern table of the same customers, whose features may be cut otherwise.
    seed
        Seed that the model notes; nothing is drawn.

    Returns
    -------
    LatentClassModel or None
        None for other methods, where features are joined, for more classes than patterns, and where ordered features have changed.
    """
    from segmentry.cluster import LatentClassModel
    from segmentry.cluster.latent_class.carrying_on import CarriedClasses, carried_parameters

    is_joined = bool(joined_positions(features) or joined_positions(patterns.features))
    if not isinstance(model, LatentClassModel) or is_joined or model.n_components > patterns.n_patterns:
        return None
    was, becomes = ([(f.name, f.distribution) for f in some] for some in (features, patterns.features))
    if was != becomes and any(distribution == "ordered" for _, distribution in (*was, *becomes)):
        return None
    at = {name: j for j, (name, _) in enumerate(was)}
    n_levels = [len(np.unique(column[column >= 0])) for column in np.asarray(patterns.codes).T]
    begins_at = carried_parameters(model, n_levels, [at.get(name) for name, _ in becomes])
    if begins_at is None:
        return None
    carried = classes_for(CarriedClasses, patterns, model.n_components, seed=seed)
    carried.begins_at = begins_at
    return fitted_to(carried, patterns)
