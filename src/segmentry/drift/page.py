"""The page that shows what has moved: one HTML file that opens offline. Templates compute nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from segmentry.drift.changes import Change
from segmentry.drift.measuring import Drift
from segmentry.drift.shares import Shift
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
from segmentry.text.numbers import format_number

MAX_CELLS = 12
"""Levels of a feature that are shown; of more, those that moved most."""
DRIFT_HEADLINES = {
    "stable": "Stable: these are the customers that the segments were made from",
    "shifting": "Shifting: the segments still hold, the customers have moved",
    "refit": "Refit: these customers are no longer those of the segments",
}
ADVICE = {
    "stable": "Keep the segments.",
    "shifting": "Keep the segments, and plan with the new shares and rates; look again soon.",
    "refit": "Make the segments again from the new customers; --previous keeps the numbers and names of those that survive.",
}


@dataclass(frozen=True)
class DriftCell:
    """A share then and now; `scale` is what a bar of full length stands for."""

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
    """Segments, or a feature's levels, as they are shown."""

    shift: Shift
    cells: tuple[DriftCell, ...]
    n_hidden: int
    state: str


@dataclass(frozen=True)
class ChangeFact:
    """An outcome in a segment as it is shown; positions are on the group's scale of differences."""

    change: Change
    state: str


@dataclass(frozen=True)
class Facts:
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
    return str(_environment().get_template("drift.html").render(facts=drift_facts(found)))


def drift_facts(found: Drift) -> Facts:
    """Gather what the page shows."""
    return Facts(
        found=found,
        headline=DRIFT_HEADLINES[found.verdict.kind],
        advice=ADVICE[found.verdict.kind],
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
    return Part(shift, cells, len(moved) - len(cells), _state(shift))


def _state(shift: Shift) -> str:
    if not shift.p_adjusted < DRIFT_ALPHA:
        return "within chance"
    if shift.total_variation.value < MOVED:
        return "beyond chance, too little to matter"
    return "moved far" if shift.total_variation.value >= MUCH_MOVED else "moved"


def _outcomes(found: Drift) -> tuple[tuple[str, tuple[ChangeFact, ...]], ...]:
    groups: dict[str, list[ChangeFact]] = {}
    for change in found.changes:
        state = "moved" if has_moved(change) else "small" if change.p_adjusted < DRIFT_ALPHA else ""
        groups.setdefault(change.outcome.group_label, []).append(ChangeFact(change, state))
    order = {c.outcome.name: i for i, c in reversed(list(enumerate(found.changes)))}
    return tuple(
        (name, tuple(sorted(rows, key=lambda row: order[row.change.outcome.name])))
        for name, rows in groups.items()
    )


def percent(value: float, digits: int = 1) -> str:
    r"""A fraction as a percentage that does not break.

    Examples
    --------
    >>> percent(0.0853), percent(float("nan"))
    ('8.5\xa0%', '–')
    """
    text = format_number(value * 100, f".{digits}f").replace("-", "−") + "\N{NO-BREAK SPACE}%"
    return "–" if value != value else text  # noqa: PLR0124


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> points(0.0123), points(-0.2), points(0.00001)
    ('+1.2', '−20.0', '0.0')
    """
    if value != value:  # noqa: PLR0124
        return "–"
    text = format_number(abs(value) * 100, ".1f")
    return text if abs(value) < 0.0005 else ("+" if value > 0 else "−") + text


def amount(value: float) -> str:
    """A number with as many digits as people read.

    Examples
    --------
    >>> amount(1216.3), amount(-34.56), amount(0.1234)
    ('1,216', '−34.6', '0.12')
    """
    if value != value:  # noqa: PLR0124
        return "–"
    size = abs(value)
    text = (
        format_number(size, ",.0f")
        if size >= 99.95
        else format_number(size, ".1f")
        if size >= 1
        else format_number(size, ".2f")
    )
    return ("−" if value < 0 and size >= 0.005 else "") + text


def whole(value: float) -> str:
    """A count with separators.

    Examples
    --------
    >>> whole(2216)
    '2,216'
    """
    return format_number(value, ",.0f")


def change(value: float) -> str:
    """A difference of amounts, with its sign.

    Examples
    --------
    >>> change(107.9), change(-9.4)
    ('+108', '−9.4')
    """
    return amount(value) if not value > 0 else f"+{amount(value)}"


def misfit_text(value: float) -> str:
    """A misfit, or a difference of two.

    Examples
    --------
    >>> misfit_text(-0.0512), misfit_text(5.6134)
    ('−0.051', '5.613')
    """
    return format_number(value, ".3f").replace("-", "−")


def length(value: float, scale: float = 1.0) -> str:
    """How long a bar is, as a CSS length."""
    return f"{min(max(value / scale, 0.0), 1.0) * 100:.2f}%" if scale > 0 and value == value else "0%"  # noqa: PLR0124


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("segmentry.drift"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        length_of=len,
        percent=percent,
        points=points,
        amount=amount,
        change=change,
        length=length,
        misfit=misfit_text,
        whole=whole,
    )
    return environment
