"""The customers that a model was fitted to, in the sums that drift is measured from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.profiling import Population, SegmentedPatterns, independent_patterns, population_of
from segmentry.scoring.placing import score_patterns


def misfit(model: Any, codes: npt.NDArray[Any]) -> Floats:
    """(n_patterns,) misfit of each pattern: minus the log-likelihood, or the distance to its segment's centre."""
    if hasattr(model, "score_samples"):
        return np.asarray(-model.score_samples(codes), np.float64)
    return np.asarray(model.transform(codes).min(axis=1), np.float64)


def fitted_population(model: Any, segmented: SegmentedPatterns) -> Population:
    """Add up the customers that a model was fitted to, with the misfit that independent features would have."""
    patterns = segmented.patterns
    n_parameters = int(getattr(model, "n_parameters_", 0))
    found = population_of(segmented, misfit(model, patterns.codes), n_parameters=n_parameters)
    independent = independent_patterns(patterns)
    labels, _ = score_patterns(model, independent.codes)
    others = population_of(
        SegmentedPatterns(independent, labels, segmented.n_segments),
        misfit(model, independent.codes),
        worst=found.worst,
    )
    shares = others.complete / others.complete.sum()
    return replace(found, dependence=float(shares @ (others.misfit - found.misfit)))
