"""Verdict on drift: stable, shifting or refit, by what moved beyond chance and by enough to matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from segmentry.drift.changes import Change
from segmentry.drift.fit import Fit
from segmentry.drift.shares import LeftOut, Shift
from segmentry.text.numbers import format_number

DriftKind = Literal["stable", "shifting", "refit"]
FindingSubject = Literal["fit", "unseen", "segments", "levels", "rows", "outcomes"]
EXIT_CODES: dict[DriftKind, int] = {"stable": 0, "shifting": 3, "refit": 4}
DRIFT_ALPHA = 0.02
"""Significance level of each of two families of tests, shares with fit and outcomes; false alarms of both stay below 5 %."""
MOVED, MUCH_MOVED = 0.05, 0.25
"""Thresholds of the total variation of segments or levels, and of the change of the share of dropped rows."""
UNSEEN_SHARE, MUCH_UNSEEN_SHARE = 0.01, 0.05
"""Thresholds of the increase of the share of customers with a value in no level."""
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
) -> DriftVerdict:
    """Judge drift by the rules of docs/drift.md; every p-value is adjusted within its family."""
    found = [*_judge_fit(fit), *_judge_left_out(left_out)]
    found += [f for s in (segments, *features) for f in _judge_shift(s, is_segments=s is segments)]
    found += _judge_outcomes(changes)
    findings = tuple(sorted(found, key=lambda f: (f.verdict != "refit", _ORDER.index(f.about), -f.size)))
    if not findings:
        return DriftVerdict("stable", _STABLE, ())
    more = len(findings) - 1
    further = f" ({more} further finding{'s' if more > 1 else ''})" if more else ""
    return DriftVerdict(findings[0].verdict, f"{findings[0].text}{further}.", findings)


_ORDER: tuple[FindingSubject, ...] = get_args(FindingSubject)
_STABLE = (
    "Neither the shares of segments and levels, nor how well the model describes the customers, nor what the "
    "segments do has moved beyond chance by enough to matter."
)


def _judge_fit(fit: Fit) -> Iterator[DriftFinding]:
    if not fit.p_adjusted < DRIFT_ALPHA or abs(fit.share_lost) < LOST:
        return
    size = abs(fit.share_lost) / LOST
    share = f"{format_number(abs(fit.share_lost), '.0%')} of" if abs(fit.share_lost) < 1 else "all of"
    if fit.loss > 0:
        text = f"The segments no longer describe how the features hang together: {share} that is lost"
        yield DriftFinding("refit", "fit", text, size)
    else:
        text = "The features hang together more than when the segments were made"
        yield DriftFinding("shifting", "fit", text, size)


def _judge_left_out(shares: Sequence[LeftOut]) -> Iterator[DriftFinding]:
    for share in shares:
        some, much = (MOVED, MUCH_MOVED) if share.is_rows else (UNSEEN_SHARE, MUCH_UNSEEN_SHARE)
        moved = abs(share.new - share.old) if share.is_rows else share.new - share.old
        if not share.p_adjusted < DRIFT_ALPHA or moved < some:
            continue
        text = (
            f"Cleaning drops {format_number(share.new, '.1%')} of the rows, where it dropped {format_number(share.old, '.1%')}"
            if share.is_rows
            else f"{format_number(share.new, '.1%')} of the customers have a value in {share.label} that is in no level"
        )
        about: FindingSubject = "rows" if share.is_rows else "unseen"
        yield DriftFinding("refit" if moved >= much else "shifting", about, text, moved / some)


def _judge_shift(shift: Shift, *, is_segments: bool) -> Iterator[DriftFinding]:
    moved = shift.total_variation.value
    if not shift.p_adjusted < DRIFT_ALPHA or moved < MOVED:
        return
    i = shift.largest
    what = (
        "of the customers are in other segments than before"
        if is_segments
        else f"of the customers are in another level of {shift.label}"
    )
    cell = f"segment {shift.cells[i]}" if is_segments else shift.cells[i]
    text = f"{format_number(moved, '.1%')} {what}: {cell} went from {format_number(shift.old[i], '.1%')} to {format_number(shift.new[i], '.1%')}"
    about: FindingSubject = "segments" if is_segments else "levels"
    yield DriftFinding("refit" if moved >= MUCH_MOVED else "shifting", about, text, moved / MOVED)


def _judge_outcomes(changes: Sequence[Change]) -> Iterator[DriftFinding]:
    for c in changes:
        if not has_moved(c):
            continue
        spec, unit = (".1%", "") if c.is_rate else (",.4g", " per customer")
        values = f"from {format_number(c.old, spec)} to {format_number(c.new, spec)}{unit}"
        text = f"{c.outcome.label} in segment {c.segment} went {values}"
        yield DriftFinding("shifting", "outcomes", text, _size_of(c))


def has_moved(change: Change) -> bool:
    """Whether an outcome changed beyond chance and by enough to matter."""
    return change.p_adjusted < DRIFT_ALPHA and _size_of(change) >= 1


def _size_of(change: Change) -> float:
    """Size of a change; 1 at the threshold."""
    threshold = RATE_MOVED if change.is_rate else MEAN_MOVED * max(abs(change.old), 1e-12)
    return abs(change.difference) / threshold
