"""The search for the classes of many patterns: starts compete on all of them, on their coarse levels, or on a sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segmentry.cluster.input.collapsed_rows import MAX_SCREENED, WeightedPatterns
from segmentry.cluster.latent_class.em import DesignMatrix
from segmentry.cluster.latent_class.starts import FoundMixture, StoppingRule, find_mixture, follow_runs

_ALIKE = 0.5
"""Part of a sample's rows that differ on coarse levels, up to which it is worth looking how many of all rows do."""


@dataclass(frozen=True)
class ClassSearch:
    """What is searched for.

    Attributes
    ----------
    design_of
        Makes the design of patterns; a sample's prior weighs as much less as the sample does.
    n_classes, n_init
        Numbers of classes and of starts.
    limits
        When a run ends.
    """

    design_of: Callable[[WeightedPatterns, float], DesignMatrix]
    n_classes: int
    n_init: int
    limits: StoppingRule

    def on(self, patterns: WeightedPatterns, rng: np.random.Generator) -> FoundMixture:
        """Return the best mixture of starts that compete on all patterns, or on a sample where there are very many.

        On coarse levels many patterns can be few: then starts compete on these, and no sample decides between them.
        """
        part = patterns.sample(rng) if self.n_classes > 1 else patterns
        design = self.design_of(part, part.total_weight / patterns.total_weight)
        if part is patterns:
            return self._found(design, rng)
        whole = self.design_of(patterns, 1.0) if _is_coarse(design, _ALIKE * len(design)) else None
        if whole is not None and _is_coarse(whole, MAX_SCREENED):
            return self._found(whole, rng)
        start = self._found(design, rng).parameters[:, None]
        whole = whole or self.design_of(patterns, 1.0)
        if whole.ordered is not None:
            start = whole.ordered.with_margins(start)  # the sample may lack levels
        return follow_runs(whole, start, self.limits)[0]

    def _found(self, design: DesignMatrix, rng: np.random.Generator) -> FoundMixture:
        return find_mixture(design, self.n_classes, self.n_init, self.limits, rng)


def _is_coarse(design: DesignMatrix, most: float) -> bool:
    """Whether a design has coarse levels, and on these at most so many rows."""
    return design.ordered is not None and len(design.coarse()) <= most
