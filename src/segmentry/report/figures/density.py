"""How an ordered number is spread: a segment before all customers, small in its card, and all segments below each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from segmentry.report import wording
from segmentry.report.facts.densities import DensityFact
from segmentry.report.facts.features import FeatureFact, MiddleFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.figures.scales import Scale
from segmentry.report.figures.svg import Figure, element, line, path, text_element, title, width_of
from segmentry.text.numbers import edge_of, measured

WIDTH, CARD, ROW = 380.0, 44.0, 38.0
_LEFT, _AXIS = 26.0, 20.0


def card_density(feature: FeatureFact, segment: SegmentFact, *, several: bool) -> str:
    """Draw the density of a segment for its card, as an SVG element; nothing where there is none."""
    fact = feature.density
    if fact is None:
        return ""
    x = Scale(fact.low, fact.high, 0, WIDTH)
    y = Scale(0, max(*fact.shares, *(fact.base_shares if several else ())), CARD, 4)
    body = _row(fact, x, y, f"var(--{segment.tone})", has_base=several) + _axis(fact, x, CARD)
    alt = wording.DENSITY_ALT.format(feature=feature.label, segment=segment.id)
    return Figure("", "", "", "", "", alt, WIDTH, CARD + _AXIS, body).svg


def densities(segments: Sequence[SegmentFact], name: str) -> Figure | None:
    """Draw the densities of a feature in all segments, below each other; None where there are none."""
    found = [(s, f) for s in segments for f in s.features if f.name == name and f.density is not None]
    drawn = [(s, f, f.density) for s, f in found if f.density is not None]
    if not drawn:
        return None
    first = drawn[0][2]
    label, x = drawn[0][1].label, Scale(first.low, first.high, _LEFT, WIDTH - 4)
    highest, body = max(max(*d.shares, *d.base_shares) for _, _, d in drawn), ""
    for i, (segment, feature, fact) in enumerate(drawn):
        floor = (i + 1) * ROW
        y = Scale(0, highest, floor, floor - ROW + 5)
        shown = text_element(str(segment.id), 8, floor - 3, text_anchor="middle", class_="head")
        shown += title(_said(segment, feature)) + _row(fact, x, y, f"var(--{segment.tone})")
        body += element("g", shown, class_="mark", data_segment=segment.id)
    body += _axis(first, x, len(drawn) * ROW)
    finding = _finding([(s, f.middle) for s, f, _ in drawn if f.middle is not None], label)
    return Figure(
        f"density_{name}", wording.DENSITY.format(feature=label), finding, wording.DENSITY_SUBTITLE,
        wording.DENSITY_SOURCE, wording.DENSITIES_ALT.format(feature=label, finding=finding),
        WIDTH, len(drawn) * ROW + _AXIS, body,
    )  # fmt: skip


def _row(fact: DensityFact, x: Scale, y: Scale, colour: str, *, has_base: bool = True) -> str:
    """Draw the segment as an area, and all customers as a line over it."""
    floor = y(0)
    shape = [(x(fact.low), floor), *_points(fact, fact.shares, x, y), (x(fact.high), floor)]
    area = path(shape, fill=colour, fill_opacity=0.75)
    base = path(_points(fact, fact.base_shares, x, y), fill="none", stroke="var(--ink)", stroke_width=1.1)
    return (
        area
        + (base if has_base else "")
        + line(x(fact.low), floor, x(fact.high), floor, stroke="var(--line)")
    )


def _points(fact: DensityFact, shares: tuple[float, ...], x: Scale, y: Scale) -> list[tuple[float, float]]:
    width = (fact.high - fact.low) / len(shares)
    return [(x(fact.low + (i + 0.5) * width), y(share)) for i, share in enumerate(shares)]


def _axis(fact: DensityFact, x: Scale, floor: float) -> str:
    """Draw the edges of the recipe below, with their numbers where there is room."""
    parts, taken = [], -math.inf
    for value in fact.marks:
        words = edge_of(value, fact.kind)
        half = width_of(words, 14) / 2  # texts are larger on small screens
        place = min(max(x(value), half), WIDTH - half)
        parts.append(line(x(value), floor, x(value), floor + 4, stroke="var(--muted)"))
        if place - half > taken + 4:
            parts.append(text_element(words, place, floor + 16, text_anchor="middle", class_="tick"))
            taken = place + half
    return "".join(parts)


def _said(segment: SegmentFact, feature: FeatureFact) -> str:
    """Say in words what a row shows, for those who point at it."""
    found = feature.middle
    if found is None:
        return wording.DENSITY_ALT.format(feature=feature.label, segment=segment.id)
    median, low, high = (measured(v, found.kind) for v in (found.median, found.low, found.high))
    return wording.DENSITY_ROW.format(segment=segment.id, median=median, low=low, high=high)


def _finding(middles: list[tuple[SegmentFact, MiddleFact]], label: str) -> str:
    """Name the segments with the lowest and the highest median, where these are known."""
    if len(middles) < 2:
        return wording.DENSITY_PLAIN.format(feature=label)
    (low, least), (high, most) = (f(middles, key=lambda m: m[1].median) for f in (min, max))
    return wording.DENSITY_FINDING.format(
        feature=label,
        least=measured(least.median, least.kind),
        low=low.id,
        most=measured(most.median, most.kind),
        high=high.id,
    )
