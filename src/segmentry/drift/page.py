"""The page that shows what has moved: one HTML file that opens offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segmentry.drift import wording
from segmentry.drift.changes import Change
from segmentry.drift.measuring import Drift
from segmentry.drift.shares import Shift
from segmentry.drift.summary import next_step
from segmentry.drift.verdict import (
    DRIFT_ALPHA,
    LOST,
    MEAN_MOVED,
    MOVED,
    MUCH_MOVED,
    MUCH_UNSEEN_SHARE,
    RATE_MOVED,
    UNSEEN_SHARE,
    has_moved,
)
from segmentry.pages import render_page

MAX_CELLS = 12
"""Largest number of levels of a feature that are shown; of more, those that moved most are shown."""
Reach = Literal["chance", "little", "some", "far"]


@dataclass(frozen=True)
class DriftCell:
    """An old and a new share; `scale` is the share that a bar of full length stands for."""

    name: str
    old: float
    new: float
    scale: float

    @property
    def difference(self) -> float:
        """New less old."""
        return self.new - self.old


@dataclass(frozen=True)
class Part:
    """The segments, or the levels of a feature, as the page shows them."""

    shift: Shift
    cells: tuple[DriftCell, ...]
    n_hidden: int
    reach: Reach

    @property
    def state(self) -> str:
        """How far the shares moved, in words."""
        return wording.REACHES[self.reach]


@dataclass(frozen=True)
class ChangeFact:
    """The change of an outcome in a segment, as the page shows it."""

    change: Change
    has_moved: bool


@dataclass(frozen=True)
class DriftFacts:
    """Everything that the page shows."""

    found: Drift
    headline: str
    advice: str
    segments: Part
    features: tuple[Part, ...]
    outcomes: tuple[tuple[str, tuple[ChangeFact, ...]], ...]
    rules: dict[str, float]


def drift_page(found: Drift) -> str:
    """Render the page."""
    return render_page("drift", facts=drift_facts(found))


def drift_facts(found: Drift) -> DriftFacts:
    """Gather what the page shows."""
    return DriftFacts(
        found=found,
        headline=wording.HEADLINES[found.verdict.kind],
        advice=next_step(found),
        segments=_part(found.segments, tuple(f"{i}. {n}" for i, n in zip(found.segments.cells, found.names, strict=False))),
        features=tuple(_part(s, s.cells) for s in _by_move(found.features)),
        outcomes=_outcomes(found),
        rules={
            "alpha": DRIFT_ALPHA, "moved": MOVED, "much_moved": MUCH_MOVED, "unseen": UNSEEN_SHARE,
            "much_unseen": MUCH_UNSEEN_SHARE, "lost": LOST, "rate": RATE_MOVED, "mean": MEAN_MOVED,
        },
    )  # fmt: skip


def _by_move(features: tuple[Shift, ...]) -> list[Shift]:
    return sorted(features, key=lambda s: -s.total_variation.value)


def _part(shift: Shift, names: tuple[str, ...]) -> Part:
    moved = [abs(float(n - o)) for o, n in zip(shift.old, shift.new, strict=True)]
    strongest = sorted(range(len(moved)), key=lambda i: -moved[i])[:MAX_CELLS]
    scale = float(max(shift.old.max(), shift.new.max()))
    cells = tuple(
        DriftCell(names[i], float(shift.old[i]), float(shift.new[i]), scale) for i in sorted(strongest)
    )
    return Part(shift, cells, len(moved) - len(cells), _reach(shift))


def _reach(shift: Shift) -> Reach:
    if not shift.p_adjusted < DRIFT_ALPHA:
        return "chance"
    if shift.total_variation.value < MOVED:
        return "little"
    return "far" if shift.total_variation.value >= MUCH_MOVED else "some"


def _outcomes(found: Drift) -> tuple[tuple[str, tuple[ChangeFact, ...]], ...]:
    groups: dict[str, list[ChangeFact]] = {}
    for change in found.changes:
        groups.setdefault(change.outcome.group_label, []).append(ChangeFact(change, has_moved(change)))
    order = {c.outcome.name: i for i, c in reversed(list(enumerate(found.changes)))}
    return tuple(
        (name, tuple(sorted(rows, key=lambda row: order[row.change.outcome.name])))
        for name, rows in groups.items()
    )
