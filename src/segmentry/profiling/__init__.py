"""Who the customers of segments are and what they do: pure functions of weighted counts."""

from segmentry.profiling.associations import association_table
from segmentry.profiling.conditions import Condition, level_names, spoken_code
from segmentry.profiling.decisions import ContactDependence, OtherContacts, contact_dependence
from segmentry.profiling.design import design_table
from segmentry.profiling.features import feature_table, with_quartiles
from segmentry.profiling.insights import Insights, insights_of, ranking_alone
from segmentry.profiling.intervals import ALPHA, adjust_p_values
from segmentry.profiling.name_options import Cell
from segmentry.profiling.names import (
    SegmentName,
    condition_names,
    kept_name,
    segment_names,
    unique_names,
)
from segmentry.profiling.notes import Note, design_notes, id_notes, outcome_notes, reversal_notes, sample_note
from segmentry.profiling.outcomes import CERTAIN, n_comparisons, outcome_table, own_intervals
from segmentry.profiling.population import Population, independent_patterns, population_of
from segmentry.profiling.quartiles import quartile_table
from segmentry.profiling.ranking import ranking_table
from segmentry.profiling.redundancy import redundancy_of
from segmentry.profiling.rows import rows_of
from segmentry.profiling.rules import question_sets, question_table, rule_table
from segmentry.profiling.segmented import SegmentedPatterns, most_frequent
from segmentry.profiling.shrinkage import shrunken_rates
from segmentry.profiling.simple_cuts import comparison_table
from segmentry.profiling.strata import difference_effects, strata_table
from segmentry.profiling.targeting import decision_of, gains_table, targeting_table
from segmentry.profiling.texts import SegmentText
from segmentry.profiling.wording import FEATURES_TOGETHER

__all__ = [
    "ContactDependence",
    "OtherContacts",
    "contact_dependence",
    "ALPHA",
    "FEATURES_TOGETHER",
    "CERTAIN",
    "Cell",
    "Condition",
    "Insights",
    "Note",
    "Population",
    "SegmentName",
    "SegmentText",
    "SegmentedPatterns",
    "adjust_p_values",
    "association_table",
    "comparison_table",
    "condition_names",
    "decision_of",
    "feature_table",
    "design_notes",
    "design_table",
    "difference_effects",
    "gains_table",
    "id_notes",
    "independent_patterns",
    "insights_of",
    "kept_name",
    "most_frequent",
    "level_names",
    "n_comparisons",
    "outcome_notes",
    "outcome_table",
    "own_intervals",
    "population_of",
    "quartile_table",
    "question_sets",
    "question_table",
    "ranking_alone",
    "ranking_table",
    "reversal_notes",
    "sample_note",
    "redundancy_of",
    "rows_of",
    "rule_table",
    "segment_names",
    "shrunken_rates",
    "spoken_code",
    "strata_table",
    "targeting_table",
    "unique_names",
    "with_quartiles",
]
