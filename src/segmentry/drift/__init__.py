"""Drift: whether a population has moved away from its segments, measured on sums of the old and the new customers."""

from segmentry.drift.changes import Change
from segmentry.drift.fit import Fit
from segmentry.drift.measuring import Drift, measure_drift
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
    "measure_drift",
    "most_moved",
    "next_step",
]
