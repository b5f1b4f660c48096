"""Verdict on drift: stable, shifting or refit, by what moved beyond chance and by enough to matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from segmentry.drift import wording
from segmentry.drift.changes import Change
from segmentry.drift.fit import Fit
from segmentry.drift.shares import LeftOut, Shift
from segmentry.drift.unlike import Unlike
from segmentry.text.numbers import outcome, percent, share
from segmentry.text.words import counted

DriftKind = Literal["stable", "shifting", "refit"]
FindingSubject = Literal["fit", "unseen", "unlike", "segments", "levels", "rows", "outcomes"]
EXIT_CODES: dict[DriftKind, int] = {"stable": 0, "shifting": 3, "refit": 4}
DRIFT_ALPHA = 0.02
"""Significance level of each of two families of tests, shares with fit and outcomes; false alarms of both stay below 5 %."""
MOVED, MUCH_MOVED = 0.05, 0.25
"""Thresholds of the total variation of segments or levels, and of the change of the share of dropped rows."""
UNSEEN_SHARE, MUCH_UNSEEN_SHARE = 0.01, 0.05
"""Thresholds of the increase of the share of customers with a value in no level."""
NEW_KIND = 0.015
"""Threshold of the share of new customers who lie farther from the segments than the old ones did."""
GONE = 0.01
"""Smallest share that a segment has to lose, if it loses half of its share or more."""
LOST = 0.25
"""Threshold of the loss of fit, as a share of the loss that independent features would have."""
RATE_MOVED, MEAN_MOVED = 0.02, 0.10
"""Thresholds of the difference of a rate, and of the difference of a mean relative to the old mean."""


@dataclass(frozen=True)
class DriftFinding:
    """A change beyond chance and by enough to matter; `size` is 1 at the threshold."""

    verdict: DriftKind
    about: FindingSubject
    text: str
    size: float


@dataclass(frozen=True)
class DriftVerdict:
    """The verdict with its reason and its findings, the gravest first."""

    kind: DriftKind
    reason: str
    findings: tuple[DriftFinding, ...]


def judge_drift(
    segments: Shift,
    features: Sequence[Shift],
    fit: Fit,
    left_out: Sequence[LeftOut],
    changes: Sequence[Change],
    unlike: Unlike | None = None,
) -> DriftVerdict:
    """Judge drift by the rules of docs/drift.md; every p-value is adjusted within its family."""
    found = [*_judge_fit(fit), *_judge_left_out(left_out)]
    found += [f for s in (segments, *features) for f in _judge_shift(s, is_segments=s is segments)]
    found += _judge_outcomes(changes)
    found += _judge_unlike(unlike)
    findings = tuple(sorted(found, key=lambda f: (f.verdict != "refit", _ORDER.index(f.about), -f.size)))
    if not findings:
        return DriftVerdict("stable", wording.NOTHING_MOVED, ())
    more = len(findings) - 1
    further = wording.FURTHER.format(findings=counted(more, "further finding")) if more else ""
    reason = wording.REASON.format(finding=findings[0].text, further=further)
    return DriftVerdict(findings[0].verdict, reason, findings)


_ORDER: tuple[FindingSubject, ...] = get_args(FindingSubject)


def _judge_fit(fit: Fit) -> Iterator[DriftFinding]:
    if not fit.p_adjusted < DRIFT_ALPHA or abs(fit.share_lost) < LOST:
        return
    lost = abs(fit.share_lost)
    if fit.loss > 0:
        part = wording.PART_LOST.format(share=share(lost)) if lost < 1 else wording.ALL_LOST
        yield DriftFinding("refit", "fit", wording.FIT_LOST.format(part=part), lost / LOST)
    else:
        yield DriftFinding("shifting", "fit", wording.FIT_GAINED, lost / LOST)


def _judge_left_out(shares: Sequence[LeftOut]) -> Iterator[DriftFinding]:
    for one in shares:
        is_rows = one.is_rows
        some, much = (MOVED, MUCH_MOVED) if is_rows else (UNSEEN_SHARE, MUCH_UNSEEN_SHARE)
        moved = abs(one.new - one.old) if is_rows else one.new - one.old
        if not one.p_adjusted < DRIFT_ALPHA or moved < some:
            continue
        form = wording.ROWS_DROPPED if is_rows else wording.UNSEEN
        text = form.format(new=percent(one.new), old=percent(one.old), feature=one.label)
        about: FindingSubject = "rows" if is_rows else "unseen"
        yield DriftFinding("refit" if moved >= much else "shifting", about, text, moved / some)


def _judge_unlike(unlike: Unlike | None) -> Iterator[DriftFinding]:
    if unlike is not None and unlike.p_adjusted < DRIFT_ALPHA and unlike.excess >= NEW_KIND:
        text = wording.UNLIKE.format(new=percent(unlike.new), old=percent(unlike.old))
        yield DriftFinding("shifting", "unlike", text, unlike.excess / NEW_KIND)


def _judge_shift(shift: Shift, *, is_segments: bool) -> Iterator[DriftFinding]:
    moved = shift.total_variation.value
    if not shift.p_adjusted < DRIFT_ALPHA:
        return
    if moved < MOVED:
        yield from _judge_gone(shift) if is_segments else ()
        return
    i = shift.largest
    text = (wording.SEGMENTS_MOVED if is_segments else wording.LEVELS_MOVED).format(
        moved=percent(moved),
        feature=shift.label,
        cell=shift.cells[i],
        old=percent(float(shift.old[i])),
        new=percent(float(shift.new[i])),
    )
    about: FindingSubject = "segments" if is_segments else "levels"
    yield DriftFinding("refit" if moved >= MUCH_MOVED else "shifting", about, text, moved / MOVED)


def _judge_gone(shift: Shift) -> Iterator[DriftFinding]:
    """A segment that has lost half of its share, and a point at least, is going, however small it was."""
    lost = shift.old - shift.new
    i = int(np.where(shift.new <= shift.old / 2, lost, 0.0).argmax())
    if lost[i] >= GONE and shift.new[i] <= shift.old[i] / 2:
        text = wording.SEGMENT_GOES.format(
            cell=shift.cells[i], old=percent(float(shift.old[i])), new=percent(float(shift.new[i]))
        )
        yield DriftFinding("shifting", "segments", text, float(lost[i]) / GONE)


def _judge_outcomes(changes: Sequence[Change]) -> Iterator[DriftFinding]:
    for c in changes:
        if has_moved(c):
            text = (wording.RATE_WENT if c.is_rate else wording.MEAN_WENT).format(
                outcome=c.outcome.label,
                segment=c.segment,
                old=outcome(c.old, c.is_rate),
                new=outcome(c.new, c.is_rate),
            )
            yield DriftFinding("shifting", "outcomes", text, _size_of(c))


def has_moved(change: Change) -> bool:
    """Whether an outcome has moved beyond chance, and by enough to matter."""
    return change.p_adjusted < DRIFT_ALPHA and _size_of(change) >= 1


def _size_of(change: Change) -> float:
    """Size of a change; 1 at the threshold."""
    threshold = RATE_MOVED if change.is_rate else MEAN_MOVED * max(abs(change.old), 1e-12)
    return abs(change.difference) / threshold
