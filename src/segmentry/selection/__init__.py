"""How many segments, and whether there are any: criteria for each number, the choice, the verdict."""

from segmentry.selection.cautions import cautions, check_enough
from segmentry.selection.choice import Choice, choose_k
from segmentry.selection.confusion import Pair, Segments
from segmentry.selection.evidence import Effort, Evidence, gather
from segmentry.selection.null_curves import with_null_curves
from segmentry.selection.null_tables import NullTables, Pending, null_table_worker
from segmentry.selection.nulls import NullTest
from segmentry.selection.refits import refit_of
from segmentry.selection.scan import Scan, fit, load_estimators, numbers_to_try, scan
from segmentry.selection.splits import split_table
from segmentry.selection.stability import Stability
from segmentry.selection.verdict import STABLE, Verdict, judge_evidence

__all__ = [
    "STABLE",
    "Choice",
    "Effort",
    "Evidence",
    "NullTables",
    "NullTest",
    "Pair",
    "Pending",
    "Scan",
    "Segments",
    "Stability",
    "Verdict",
    "cautions",
    "check_enough",
    "choose_k",
    "fit",
    "gather",
    "judge_evidence",
    "load_estimators",
    "null_table_worker",
    "numbers_to_try",
    "refit_of",
    "scan",
    "split_table",
    "with_null_curves",
]
