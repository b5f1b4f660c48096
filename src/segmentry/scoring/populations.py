"""Customers that a model was fitted to, in the sums that drift will be measured from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.patterns import PatternTable
from segmentry.profiling import Population, independent_patterns, population_of
from segmentry.scoring.placing import score_patterns


def misfit(model: Any, codes: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """How badly the model describes each pattern: minus the log-likelihood, or the distance to its segment."""
    if hasattr(model, "score_samples"):
        return np.asarray(-model.score_samples(codes), np.float64)
    return np.asarray(model.transform(codes).min(axis=1), np.float64)


def population(model: Any, patterns: PatternTable, labels: npt.NDArray[np.intp], k: int) -> Population:
    """Keep of the customers that the model was fitted to what drift will be measured from."""
    found = population_of(
        patterns,
        labels,
        k,
        misfit(model, patterns.codes),
        n_parameters=int(getattr(model, "n_parameters_", 0)),
    )
    apart = independent_patterns(patterns)
    others = population_of(
        apart, score_patterns(model, apart.codes)[0], k, misfit(model, apart.codes), worst=found.worst
    )
    shares = others.complete / others.complete.sum()
    return replace(found, dependence=float(shares @ (others.misfit - found.misfit)))
