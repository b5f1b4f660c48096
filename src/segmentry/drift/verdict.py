"""Stable, shifting or refit: what has moved beyond chance, and by enough to matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from segmentry.drift.changes import Change
from segmentry.drift.fit import Fit
from segmentry.drift.shares import LeftOut, Shift
from segmentry.text.numbers import format_number

DriftKind = Literal["stable", "shifting", "refit"]
About = Literal["fit", "unseen", "segments", "levels", "rows", "outcomes"]
EXIT_CODES: dict[DriftKind, int] = {"stable": 0, "shifting": 3, "refit": 4}
ALPHA = 0.02
"""Level of each of the two families: shares and fit, outcomes. Together they cry wolf in at most 5 of 100, approximations included."""
MOVED, MUCH_MOVED = 0.05, 0.25
"""Total variation of segments or levels; share of rows that cleaning drops."""
UNSEEN_SHARE, MUCH_UNSEEN_SHARE = 0.01, 0.05
"""Share of customers with a value that the recipe has no level for."""
LOST = 0.25
"""Loss of fit, as a share of what would be lost if the features had become independent."""
RATE_MOVED, MEAN_MOVED = 0.02, 0.10
"""Difference of a rate, and of a mean relative to the old one."""


@dataclass(frozen=True)
class DriftFinding:
    """Something that moved beyond chance and by enough to matter. `size` is 1 at the threshold."""

    verdict: DriftKind
    about: About
    text: str
    size: float


@dataclass(frozen=True)
class DriftVerdict:
    """The verdict with its reason and everything that speaks for it, gravest first."""

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
    """Judge by the rules that the documentation lists; every p-value is adjusted within its family."""
    found = [*_of_fit(fit), *_of_left_out(left_out)]
    found += [f for s in (segments, *features) for f in _of_shift(s, is_segments=s is segments)]
    found += _of_outcomes(changes)
    findings = tuple(sorted(found, key=lambda f: (f.verdict != "refit", _ORDER.index(f.about), -f.size)))
    if not findings:
        return DriftVerdict("stable", _STABLE, ())
    more = len(findings) - 1
    further = f" ({more} further finding{'s' if more > 1 else ''})" if more else ""
    return DriftVerdict(findings[0].verdict, f"{findings[0].text}{further}.", findings)


_ORDER: tuple[About, ...] = ("fit", "unseen", "segments", "levels", "rows", "outcomes")
_STABLE = (
    "Neither the shares of segments and levels, nor how well the model describes the customers, nor what the "
    "segments do has moved beyond chance by enough to matter."
)


def _of_fit(fit: Fit) -> Iterator[DriftFinding]:
    if not fit.p_adjusted < ALPHA or abs(fit.share_lost) < LOST:
        return
    size = abs(fit.share_lost) / LOST
    share = f"{format_number(abs(fit.share_lost), '.0%')} of" if abs(fit.share_lost) < 1 else "all of"
    if fit.loss > 0:
        text = f"The segments no longer describe how the features hang together: {share} that is lost"
        yield DriftFinding("refit", "fit", text, size)
    else:
        text = "The features hang together more than when the segments were made"
        yield DriftFinding("shifting", "fit", text, size)


def _of_left_out(shares: Sequence[LeftOut]) -> Iterator[DriftFinding]:
    for share in shares:
        is_rows = share.name == "rows"
        some, much = (MOVED, MUCH_MOVED) if is_rows else (UNSEEN_SHARE, MUCH_UNSEEN_SHARE)
        moved = abs(share.new - share.old) if is_rows else share.new - share.old
        if not share.p_adjusted < ALPHA or moved < some:
            continue
        text = (
            f"Cleaning drops {format_number(share.new, '.1%')} of the rows, where it dropped {format_number(share.old, '.1%')}"
            if is_rows
            else f"{format_number(share.new, '.1%')} of the customers have a value in {share.label} that is in no level"
        )
        about: About = "rows" if is_rows else "unseen"
        yield DriftFinding("refit" if moved >= much else "shifting", about, text, moved / some)


def _of_shift(shift: Shift, *, is_segments: bool) -> Iterator[DriftFinding]:
    moved = shift.total_variation.value
    if not shift.p_adjusted < ALPHA or moved < MOVED:
        return
    i = shift.largest
    what = (
        "of the customers are in other segments than before"
        if is_segments
        else f"of the customers are in another level of {shift.label}"
    )
    cell = f"segment {shift.cells[i]}" if is_segments else shift.cells[i]
    text = f"{format_number(moved, '.1%')} {what}: {cell} went from {format_number(shift.old[i], '.1%')} to {format_number(shift.new[i], '.1%')}"
    about: About = "segments" if is_segments else "levels"
    yield DriftFinding("refit" if moved >= MUCH_MOVED else "shifting", about, text, moved / MOVED)


def _of_outcomes(changes: Sequence[Change]) -> Iterator[DriftFinding]:
    for c in changes:
        if not c.p_adjusted < ALPHA:
            continue
        if c.is_rate:
            size, values = (
                abs(c.difference) / RATE_MOVED,
                f"from {format_number(c.old, '.1%')} to {format_number(c.new, '.1%')}",
            )
        else:
            size = abs(c.difference) / (MEAN_MOVED * max(abs(c.old), 1e-12))
            values = f"from {format_number(c.old, ',.4g')} to {format_number(c.new, ',.4g')} per customer"
        if size >= 1:
            yield DriftFinding(
                "shifting", "outcomes", f"{c.outcome.label} in segment {c.segment} went {values}", size
            )
