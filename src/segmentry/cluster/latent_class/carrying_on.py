"""Latent classes that are not searched for here: one EM run goes on from classes of other levels, or another process has found them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster.input.collapsed_rows import WeightedPatterns
from segmentry.cluster.latent_class.joined import Pair, new_design
from segmentry.cluster.latent_class.model import LatentClassModel
from segmentry.cluster.latent_class.starts import FoundMixture, StoppingRule, follow_runs

_EVEN = 0.01
"""Part of each level's probability that is made even: EM never leaves a probability of 0."""


class SearchedClasses(LatentClassModel):
    """Latent classes that keep what their search found, for another process."""

    found: FoundMixture

    def _find_mixture(
        self, patterns: WeightedPatterns, pairs: Sequence[Pair], rng: np.random.Generator
    ) -> FoundMixture:
        self.found = super()._find_mixture(patterns, pairs, rng)
        return self.found


class FoundClasses(LatentClassModel):
    """Latent classes that another process has searched for."""

    known: FoundMixture

    def _find_mixture(self, *_: object) -> FoundMixture:
        return self.known


class CarriedClasses(LatentClassModel):
    """Latent classes that EM follows to their end from one mixture."""

    begins_at: Floats
    """The mixture (n_components, width), see `carried_parameters`."""

    def _find_mixture(
        self,
        patterns: WeightedPatterns,
        pairs: Sequence[Pair],
        rng: np.random.Generator,  # noqa: ARG002 - of a search
    ) -> FoundMixture:
        design = new_design(patterns, pairs, self.prior, self._is_ordered)
        limits = StoppingRule(self.max_iter, self.tol, counts_starts=False)
        return follow_runs(design, self.begins_at[:, None], limits)[0]


def carried_parameters(
    model: LatentClassModel, n_levels: Sequence[int], places: Sequence[int | None]
) -> Floats | None:
    """Return parameters (n_classes, width) with which the classes of a fitted model begin on other levels.

    Parameters
    ----------
    model
        Fitted model without joined features.
    n_levels
        Number of levels of each feature.
    places
        Position of each feature in the model; None of a new one. Classes begin alike in it, as they do in a feature with another
        number of levels.

    Returns
    -------
    ndarray or None
        None where the model has an ordered feature, and the features are not just those that it has.
    """
    tables = [np.asarray(table, np.float64) for table in model.response_proba_]
    if model.has_ordered:
        is_same = list(places) == list(range(len(tables))) and [t.shape[1] for t in tables] == list(n_levels)
        return model.mixture() if is_same else None
    shares = np.asarray(model.class_prior_, np.float64)[:, None]
    found = (None if place is None else tables[place] for place in places)
    return np.hstack(
        [shares, *(_begun(table, len(shares), n) for table, n in zip(found, n_levels, strict=True))]
    )


def _begun(table: Floats | None, n_classes: int, n_levels: int) -> Floats:
    even = np.full((n_classes, n_levels), 1 / n_levels)
    return even if table is None or table.shape != even.shape else table + _EVEN * (even - table)
