"""Has a population moved away from its segments: arithmetic on two populations in sums, a verdict, a page."""

from segmentry.drift.changes import Change
from segmentry.drift.fit import Fit
from segmentry.drift.measuring import Drift, measure
from segmentry.drift.shares import LeftOut, Shift
from segmentry.drift.summary import most_moved, next_step
from segmentry.drift.verdict import EXIT_CODES, DriftFinding, DriftVerdict

__all__ = [
    "EXIT_CODES",
    "Change",
    "Drift",
    "DriftFinding",
    "Fit",
    "LeftOut",
    "Shift",
    "DriftVerdict",
    "measure",
    "most_moved",
    "next_step",
]
