"""How many segments, and whether there are any: criteria for each number, the choice, the verdict."""

from segmentry.selection.aside import Aide, Aside, Here
from segmentry.selection.cautions import cautions, check_enough
from segmentry.selection.choice import Choice, choose_k
from segmentry.selection.confusion import Pair, Segments
from segmentry.selection.evidence import Effort, Evidence, gather
from segmentry.selection.null_curves import with_null_curves
from segmentry.selection.nulls import NullTest
from segmentry.selection.refits import refit_of
from segmentry.selection.scan import Scan, fit, numbers_to_try, preload, scan
from segmentry.selection.splits import split_table
from segmentry.selection.stability import Stability
from segmentry.selection.verdict import STABLE, Verdict, judge_evidence

__all__ = [
    "STABLE",
    "Aide",
    "Aside",
    "Choice",
    "Effort",
    "Evidence",
    "Here",
    "NullTest",
    "Pair",
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
    "numbers_to_try",
    "preload",
    "refit_of",
    "scan",
    "split_table",
    "with_null_curves",
]
