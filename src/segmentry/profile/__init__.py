"""Who the segments are and what they do: pure functions of weighted counts."""

from segmentry.profile.features import feature_table, segment_weights
from segmentry.profile.names import segment_names, spoken_level, unique_names
from segmentry.profile.outcomes import n_comparisons, outcome_table
from segmentry.profile.targeting import targeting_table

__all__ = [
    "feature_table",
    "n_comparisons",
    "outcome_table",
    "segment_names",
    "segment_weights",
    "spoken_level",
    "targeting_table",
    "unique_names",
]
