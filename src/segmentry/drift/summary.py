"""Drift in a few sentences: what moved most, whether or not by enough to matter, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from segmentry.drift.changes import Change
from segmentry.drift.shares import Shift
from segmentry.drift.verdict import DRIFT_ALPHA, DriftKind
from segmentry.text.numbers import format_number

if TYPE_CHECKING:
    from segmentry.drift.measuring import Drift

NEXT: dict[DriftKind, str] = {
    "stable": "nothing to do; measure again when customers have been added.",
    "shifting": "keep the segments, and plan with the new shares and rates.",
    "refit": "make the segments again: segmentry run ... --previous {model} keeps the numbers and names of those that survive.",
}


def most_moved(drift: Drift) -> tuple[str, ...]:
    """Write a sentence each about the segments, the feature and the outcome that moved most."""
    return tuple(_sentences(drift))


def next_step(drift: Drift, model: str = "segmentation.json") -> str:
    """Write what to do next, by the verdict; `model` is the name of the segmentation's file."""
    return NEXT[drift.verdict.kind].format(model=model)


def _sentences(drift: Drift) -> Iterator[str]:
    names = dict(zip(drift.segments.cells, drift.names, strict=True))
    if _is_known(drift.segments):
        cell = drift.segments.cells[drift.segments.largest]
        yield f"Segments: {_shift_text(drift.segments, 'in another one', f'segment {cell} ({names[cell]})')}"
    features = [s for s in drift.features if _is_known(s)]
    if features:
        most = max(features, key=lambda s: s.total_variation.value)
        cell = most.cells[most.largest]
        yield f"Features: {most.label} moved most, {_shift_text(most, 'in another level', f'“{cell}”')}"
    changes = [c for c in drift.changes if np.isfinite(c.p_adjusted)]
    if changes:
        yield _change_text(min(changes, key=lambda c: (c.p_adjusted, -_relative(c))))


def _is_known(shift: Shift) -> bool:
    return bool(np.isfinite(shift.total_variation.value) and np.isfinite(shift.new - shift.old).all())


def _shift_text(shift: Shift, where: str, cell: str) -> str:
    moved, i = shift.total_variation, shift.largest
    return (
        f"{format_number(moved.value, '.1%')} of the customers are {where} (chance alone gives up to "
        f"{format_number(moved.chance, '.1%')}); {cell} went from {format_number(shift.old[i], '.1%')} to {format_number(shift.new[i], '.1%')}"
    )


def _change_text(change: Change) -> str:
    spec = ".1%" if change.is_rate else ",.4g"
    values = f"from {format_number(change.old, spec)} to {format_number(change.new, spec)}"
    where = f"{change.outcome.label} in segment {change.segment} moved most, {values}"
    is_beyond = change.p_adjusted < DRIFT_ALPHA
    return f"Outcomes: {where}, {'beyond chance' if is_beyond else 'no further than chance may'}"


def _relative(change: Change) -> float:
    return abs(change.difference) / max(abs(change.old), 1e-12)
