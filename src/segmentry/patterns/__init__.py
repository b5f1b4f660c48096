"""The pattern table: distinct combinations of levels with their counts and sums, their merging and their files."""

from segmentry.patterns.cleaning import Cleaning, CleaningStep
from segmentry.patterns.design import DesignSums
from segmentry.patterns.features import Codes, FeatureLevels, OutcomeInfo
from segmentry.patterns.joined_features import columns_as_one, joined_as_one, joined_positions
from segmentry.patterns.table import (
    PatternTable,
    as_codes,
    group_patterns,
    unite,
    unite_folds,
    with_folds_of,
)
from segmentry.patterns.value_counts import ValueCounts

__all__ = [
    "Cleaning",
    "CleaningStep",
    "Codes",
    "DesignSums",
    "FeatureLevels",
    "OutcomeInfo",
    "PatternTable",
    "ValueCounts",
    "as_codes",
    "columns_as_one",
    "group_patterns",
    "joined_as_one",
    "joined_positions",
    "unite",
    "unite_folds",
    "with_folds_of",
]
