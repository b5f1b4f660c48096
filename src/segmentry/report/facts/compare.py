"""Segments compared: the rows of the heat maps, and the two segments that are hardest to tell apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from segmentry.report.facts.features import FeatureFact
from segmentry.report.facts.outcomes import OutcomeFact
from segmentry.report.facts.segments import SegmentFact

Direction = Literal["more", "less", "same"]
MAX_PAIR_ROWS = 12


@dataclass(frozen=True)
class LevelCell:
    """A level in a segment; `shade` is how strongly its lift is coloured."""

    segment: int
    count: float
    share: float
    lift: float
    shade: float
    direction: Direction


@dataclass(frozen=True)
class LevelRow:
    """A level in all segments."""

    level: str
    spoken: str
    base_share: float
    cells: tuple[LevelCell, ...]


@dataclass(frozen=True)
class FeatureRows:
    """A feature's levels, in their order."""

    label: str
    levels: tuple[LevelRow, ...]


@dataclass(frozen=True)
class OutcomeCell:
    """An outcome in a segment."""

    segment: int
    fact: OutcomeFact
    shade: float
    direction: Direction


@dataclass(frozen=True)
class OutcomeRow:
    """An outcome in all segments."""

    label: str
    is_rate: bool
    base_value: float
    cells: tuple[OutcomeCell, ...]


@dataclass(frozen=True)
class GroupRows:
    """A group's outcomes."""

    label: str
    rows: tuple[OutcomeRow, ...]


@dataclass(frozen=True)
class PairRow:
    """A share or a value in two segments."""

    label: str
    is_rate: bool
    first: float
    second: float


@dataclass(frozen=True)
class PairFact:
    """Two segments side by side, where they differ most first."""

    first: SegmentFact
    second: SegmentFact
    rows: tuple[PairRow, ...]


@dataclass(frozen=True)
class CompareFacts:
    """All segments compared; also a pair of them where there are more than two."""

    features: tuple[FeatureRows, ...]
    groups: tuple[GroupRows, ...]
    pair: PairFact | None

    @property
    def has_differences(self) -> bool:
        """Whether segments were compared with the rest of the customers."""
        return any(o.difference.is_known for o in self._outcomes())

    @property
    def has_corrected(self) -> bool:
        """Whether figures were corrected for misclassification."""
        return any(o.corrected.is_known for o in self._outcomes())

    @property
    def has_corrected_first(self) -> bool:
        """Whether corrected figures come first in some segment."""
        return any(o.is_corrected for o in self._outcomes())

    @property
    def has_quartiles(self) -> bool:
        """Whether quartiles are known."""
        return any(o.quartiles is not None for o in self._outcomes())

    def _outcomes(self) -> list[OutcomeFact]:
        return [cell.fact for group in self.groups for row in group.rows for cell in row.cells]


def compare_facts(segments: tuple[SegmentFact, ...], features: tuple[FeatureFact, ...]) -> CompareFacts:
    """Turn the segments' facts into rows; `features` gives the order of features."""
    rows = tuple(_feature_rows(segments, f) for f in features)
    groups = tuple(
        GroupRows(group.label, tuple(_outcome_row(segments, p, i) for i in range(len(group.outcomes))))
        for p, group in enumerate(segments[0].groups)
    )
    pair = _pair(segments, rows, groups) if len(segments) > 2 else None
    return CompareFacts(rows, groups, pair)


def shade(lift: float) -> float:
    """Return how strongly a lift is coloured: not at all at 1, most from 4 up and from a quarter down.

    Examples
    --------
    >>> shade(1.0), shade(4.0), shade(0.0)
    (0.0, 0.6, 0.6)
    """
    if math.isnan(lift):
        return 0.0
    return round(0.6 * min(abs(math.log2(max(lift, 0.25))), 2.0) / 2, 2)


def _direction(lift: float) -> Direction:
    if math.isnan(lift) or abs(lift - 1) < 0.05:
        return "same"
    return "more" if lift > 1 else "less"


def _feature_rows(segments: tuple[SegmentFact, ...], feature: FeatureFact) -> FeatureRows:
    mine = [
        {lev.level: lev for f in s.features if f.name == feature.name for lev in f.levels} for s in segments
    ]
    rows = []
    for level in feature.levels:
        found = [
            (s.id, levels[level.level])
            for s, levels in zip(segments, mine, strict=True)
            if level.level in levels
        ]
        if found:
            cells = tuple(
                LevelCell(i, lev.count, lev.share, lev.lift, shade(lev.lift), _direction(lev.lift))
                for i, lev in found
            )
            rows.append(LevelRow(level.level, level.spoken, level.base_share, cells))
    return FeatureRows(feature.label, tuple(rows))


def _outcome_row(segments: tuple[SegmentFact, ...], position: int, i: int) -> OutcomeRow:
    facts = [s.groups[position].outcomes[i] for s in segments]
    cells = tuple(
        OutcomeCell(s.id, o, shade(o.lift), _direction(o.lift)) for s, o in zip(segments, facts, strict=True)
    )
    return OutcomeRow(facts[0].label, facts[0].is_rate, facts[0].base_value, cells)


def _pair(
    segments: tuple[SegmentFact, ...], features: tuple[FeatureRows, ...], groups: tuple[GroupRows, ...]
) -> PairFact:
    """Compare the two segments that are hardest to tell apart, where they differ most first."""
    levels = [row for feature in features for row in feature.levels]

    def distance(a: int, b: int) -> float:
        return sum(abs(row.cells[a].share - row.cells[b].share) for row in levels)

    pairs = [(a, b) for a in range(len(segments)) for b in range(a + 1, len(segments))]
    a, b = min(pairs, key=lambda pair: (not _are_neighbours(segments, *pair), distance(*pair)))
    rows = [PairRow(row.spoken, True, row.cells[a].share, row.cells[b].share) for row in levels]
    rows.sort(key=lambda row: -abs(row.first - row.second))
    rows = rows[: MAX_PAIR_ROWS // 2 if groups else MAX_PAIR_ROWS]
    outcomes = [
        (_ratio(row, a, b), PairRow(row.label, row.is_rate, row.cells[a].fact.value, row.cells[b].fact.value))
        for group in groups for row in group.rows
    ]  # fmt: skip
    outcomes.sort(key=lambda found: -found[0])
    return PairFact(segments[a], segments[b], (*rows, *(row for _, row in outcomes[: MAX_PAIR_ROWS // 2])))


def _are_neighbours(segments: tuple[SegmentFact, ...], a: int, b: int) -> bool:
    """Whether each segment is the other's confusable neighbour."""
    nearest = [segments[i].neighbour for i in (a, b)]
    ids = [segments[b].id, segments[a].id]
    return all(n is not None and n.is_confusable and n.id == i for n, i in zip(nearest, ids, strict=True))


def _ratio(row: OutcomeRow, a: int, b: int) -> float:
    """Compute how far two values are apart, in units of the value of all customers."""
    difference = abs(row.cells[a].fact.value - row.cells[b].fact.value)
    return 0.0 if math.isnan(difference) or not row.base_value else difference / abs(row.base_value)
