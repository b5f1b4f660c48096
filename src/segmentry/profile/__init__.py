"""Who the segments are and what they do: pure functions of weighted counts."""

from segmentry.profile.associations import association_table, cramers_v
from segmentry.profile.comparison import comparison_table
from segmentry.profile.features import feature_table, segment_weights
from segmentry.profile.insights import Insights, insights_of
from segmentry.profile.intervals import adjust_p_values
from segmentry.profile.names import segment_names, spoken_level, unique_names
from segmentry.profile.notes import Note, id_notes, outcome_notes, reversal_notes, sample_note
from segmentry.profile.outcomes import n_comparisons, outcome_table
from segmentry.profile.population import Population, independent, population_of
from segmentry.profile.quartiles import ValueCounts, quartile_table
from segmentry.profile.ranking import ranking_table, shrunken_rates
from segmentry.profile.rules import question_table, rule_table
from segmentry.profile.strata import strata_table
from segmentry.profile.suppression import small_cells, withheld_cells, withheld_rows
from segmentry.profile.targeting import gains_table, targeting_table
from segmentry.profile.texts import SegmentText

__all__ = [
    "Insights",
    "Note",
    "Population",
    "SegmentText",
    "ValueCounts",
    "adjust_p_values",
    "association_table",
    "comparison_table",
    "cramers_v",
    "feature_table",
    "gains_table",
    "id_notes",
    "independent",
    "insights_of",
    "n_comparisons",
    "outcome_notes",
    "outcome_table",
    "population_of",
    "quartile_table",
    "question_table",
    "ranking_table",
    "reversal_notes",
    "sample_note",
    "rule_table",
    "segment_names",
    "segment_weights",
    "shrunken_rates",
    "spoken_level",
    "small_cells",
    "strata_table",
    "targeting_table",
    "unique_names",
    "withheld_cells",
    "withheld_rows",
]
