"""How many segments, and whether there are any: criteria for each number, the choice, the verdict."""

from segmentry.selection.carrying_on import carry_on
from segmentry.selection.choice import Choice, choose_k
from segmentry.selection.confusable_pairs import PatternSegments, SegmentPair
from segmentry.selection.evidence import LEAST_LEAD, Evidence, Gathered, gather_evidence
from segmentry.selection.fits import fit_model, load_estimators
from segmentry.selection.inner_dependence import InnerDependence, measure_inner_dependence
from segmentry.selection.left_out import LeftOutFeature, with_left_out
from segmentry.selection.longer_search import EFFORT, LongerSearch
from segmentry.selection.null_curves import DrawnTables, NullCurves, with_null_curves
from segmentry.selection.null_tables import NullTables, Pending, SharedCurves, null_table_worker
from segmentry.selection.null_tests import SIGNIFICANCE_LEVEL, NullTest
from segmentry.selection.other_analyses import (
    N_ANALYSES,
    STEADY,
    ChoiceDependence,
    OtherAnalysis,
    OtherSegments,
)
from segmentry.selection.redraws import TablesToDraw
from segmentry.selection.refits import refit_of
from segmentry.selection.sample_size import cautions, check_sample_size, max_classes
from segmentry.selection.scan import (
    MOST_TRIED,
    ClassFits,
    Scan,
    ScanWatch,
    ScanWish,
    numbers_to_try,
    scan,
)
from segmentry.selection.splits import split_table
from segmentry.selection.stability import STABLE, Stability
from segmentry.selection.verdict import Verdict, judge_evidence

__all__ = [
    "EFFORT",
    "LEAST_LEAD",
    "MOST_TRIED",
    "N_ANALYSES",
    "SIGNIFICANCE_LEVEL",
    "STABLE",
    "STEADY",
    "Choice",
    "ChoiceDependence",
    "ClassFits",
    "DrawnTables",
    "Evidence",
    "Gathered",
    "InnerDependence",
    "LeftOutFeature",
    "LongerSearch",
    "NullCurves",
    "NullTables",
    "NullTest",
    "OtherAnalysis",
    "OtherSegments",
    "PatternSegments",
    "Pending",
    "Scan",
    "ScanWatch",
    "ScanWish",
    "SegmentPair",
    "SharedCurves",
    "Stability",
    "TablesToDraw",
    "Verdict",
    "carry_on",
    "cautions",
    "check_sample_size",
    "choose_k",
    "fit_model",
    "gather_evidence",
    "judge_evidence",
    "load_estimators",
    "max_classes",
    "measure_inner_dependence",
    "null_table_worker",
    "numbers_to_try",
    "refit_of",
    "scan",
    "split_table",
    "with_left_out",
    "with_null_curves",
]
