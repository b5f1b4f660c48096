"""Who the segments are and what they do: pure functions of weighted counts."""

from segmentry.profile.features import feature_table, segment_weights
from segmentry.profile.names import segment_names, spoken_level, unique_names
from segmentry.profile.outcomes import outcome_table
from segmentry.profile.population import Population, independent, population_of
from segmentry.profile.targeting import targeting_table

__all__ = [
    "Population",
    "feature_table",
    "independent",
    "outcome_table",
    "population_of",
    "segment_names",
    "segment_weights",
    "spoken_level",
    "targeting_table",
    "unique_names",
]
