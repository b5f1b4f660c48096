"""The customers that a model was fitted to, in the sums that drift is measured from."""

from __future__ import annotations

from dataclasses import replace

from segmentry.cluster import PatternModel
from segmentry.profiling import Population, SegmentedPatterns, independent_patterns, population_of
from segmentry.scoring.placing import score_patterns


def fitted_population(model: PatternModel, segmented: SegmentedPatterns) -> Population:
    """Add up the customers that a model was fitted to, with the misfit that independent features would have."""
    patterns = segmented.patterns
    found = population_of(segmented, model.misfit(patterns.codes), n_parameters=model.n_free_parameters)
    independent = independent_patterns(patterns)
    labels, _ = score_patterns(model, independent.codes)
    others = population_of(
        SegmentedPatterns(independent, labels, segmented.n_segments),
        model.misfit(independent.codes),
        worst=found.worst,
    )
    shares = others.complete / others.complete.sum()
    return replace(found, dependence=float(shares @ (others.misfit - found.misfit)))
