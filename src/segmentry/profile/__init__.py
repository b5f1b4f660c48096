"""Who the segments are and what they do: pure functions of weighted counts."""

from segmentry.profile.features import feature_table, segment_weights
from segmentry.profile.names import segment_names, spoken_level, unique_names
from segmentry.profile.notes import Note, outcome_notes
from segmentry.profile.outcomes import n_comparisons, outcome_table
from segmentry.profile.quartiles import ValueCounts, quartile_table
from segmentry.profile.strata import strata_table
from segmentry.profile.suppression import small_cells, withheld_cells, withheld_rows
from segmentry.profile.targeting import targeting_table

__all__ = [
    "Note",
    "ValueCounts",
    "feature_table",
    "n_comparisons",
    "outcome_notes",
    "outcome_table",
    "quartile_table",
    "segment_names",
    "segment_weights",
    "spoken_level",
    "small_cells",
    "strata_table",
    "targeting_table",
    "unique_names",
    "withheld_cells",
    "withheld_rows",
]
