"""Drift in a few sentences: what moved most, even if not by enough to matter, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from segmentry.drift import wording
from segmentry.drift.changes import Change
from segmentry.drift.shares import Shift
from segmentry.drift.verdict import DRIFT_ALPHA
from segmentry.text.numbers import outcome, percent

if TYPE_CHECKING:
    from segmentry.drift.measuring import Drift


def most_moved(drift: Drift) -> tuple[str, ...]:
    """Write a sentence each about the segments, the feature and the outcome that moved most."""
    return tuple(_sentences(drift))


def next_step(drift: Drift, model: str = "segmentation.json") -> str:
    """Write what to do next, by the verdict; `model` is the name of the segmentation's file."""
    return wording.NEXT[drift.verdict.kind].format(model=model)


def _sentences(drift: Drift) -> Iterator[str]:
    names = dict(zip(drift.segments.cells, drift.names, strict=True))
    if _is_known(drift.segments):
        name = names[drift.segments.cells[drift.segments.largest]]
        yield wording.MOST_SEGMENTS.format(name=name, **_moved(drift.segments))
    features = [s for s in drift.features if _is_known(s)]
    if features:
        most = max(features, key=lambda s: s.total_variation.value)
        yield wording.MOST_FEATURES.format(feature=most.label, **_moved(most))
    changes = [c for c in drift.changes if np.isfinite(c.p_adjusted)]
    if changes:
        yield _change_text(min(changes, key=lambda c: (c.p_adjusted, -_relative(c))))


def _is_known(shift: Shift) -> bool:
    return bool(np.isfinite(shift.total_variation.value) and np.isfinite(shift.new - shift.old).all())


def _moved(shift: Shift) -> dict[str, str]:
    i, moved = shift.largest, shift.total_variation
    values = {"moved": moved.value, "chance": moved.chance, "old": shift.old[i], "new": shift.new[i]}
    return {"cell": shift.cells[i], **{name: percent(float(value)) for name, value in values.items()}}


def _change_text(change: Change) -> str:
    return wording.MOST_OUTCOMES.format(
        outcome=change.outcome.label,
        segment=change.segment,
        old=outcome(change.old, change.is_rate),
        new=outcome(change.new, change.is_rate),
        reach=wording.BEYOND_CHANCE if change.p_adjusted < DRIFT_ALPHA else wording.WITHIN_CHANCE,
    )


def _relative(change: Change) -> float:
    return abs(change.difference) / max(abs(change.old), 1e-12)
