"""Charts for slides of what the page shows as tables: a heat map of features, intervals of outcomes."""

from __future__ import annotations

import math

from segmentry.report import wording
from segmentry.report.facts.compare import shade
from segmentry.report.facts.features import FeatureFact, LevelFact
from segmentry.report.facts.outcomes import GroupFact, OutcomeFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.figures.scales import Scale, bottom_axis, covering
from segmentry.report.figures.svg import Figure, element, fitted, line, text_element, title
from segmentry.text import numbers

_ROW, _CELL, _NAMES = 22.0, 58.0, 260.0


def feature_map(
    segments: tuple[SegmentFact, ...], features: tuple[FeatureFact, ...], n_customers: int
) -> Figure:
    """Draw the share of each level per segment, coloured by its lift; features and levels in their order."""
    width = _NAMES + _CELL * len(segments) + 10
    body = "".join(
        text_element(str(s.id), _NAMES + _CELL * (i + 0.5), 16, text_anchor="middle", class_="head")
        for i, s in enumerate(segments)
    )
    y, best = 24.0, (0.0, "")
    for feature in features:
        body += text_element(fitted(feature.label, _NAMES - 10), 2, y + 15, class_="head")
        y += _ROW
        for level in feature.levels:
            cells = [_level_of(s, feature.name, level.level) for s in segments]
            if not any(cells):
                continue
            body += text_element(fitted(level.level, _NAMES - 24), 12, y + 15, class_="level")
            for i, cell in enumerate(cells):
                if cell is None:
                    continue
                body += _cell(cell, segments[i].id, _NAMES + _CELL * i, y)
                if cell.v_test > best[0]:
                    best = (cell.v_test, _level_finding(cell, segments[i].id))
            y += _ROW
    finding = best[1] or wording.FEATURES_PLAIN
    source = wording.N_CUSTOMERS.format(n=numbers.count(n_customers))
    alt = wording.FEATURES_ALT.format(finding=finding)
    return Figure(
        "features", wording.FEATURES, finding, wording.FEATURES_SUBTITLE, source, alt, width, y + 4, body
    )


def _level_finding(level: LevelFact, segment: int) -> str:
    return wording.FEATURES_FINDING.format(
        level=level.spoken,
        share=numbers.share(level.share),
        segment=segment,
        base=numbers.share(level.base_share),
    )


def _level_of(segment: SegmentFact, feature: str, level: str) -> LevelFact | None:
    found = (lev for f in segment.features if f.name == feature for lev in f.levels if lev.level == level)
    return next(found, None)


def _cell(level: LevelFact, segment: int, x: float, y: float) -> str:
    strength = shade(level.lift)
    colour = "var(--more)" if level.lift >= 1 else "var(--less)"
    box = element(
        "rect",
        x=x + 1,
        y=y + 1,
        width=_CELL - 2,
        height=_ROW - 2,
        fill=colour,
        fill_opacity=round(strength, 2),
    )
    words = title(
        wording.FEATURES_CELL.format(
            level=level.spoken,
            segment=segment,
            share=numbers.percent(level.share),
            lift=numbers.lift(level.lift),
        )
    )
    shown = text_element(
        numbers.share(level.share), x + _CELL / 2, y + 15, text_anchor="middle", class_="level"
    )
    return element("g", words + box + shown, class_="mark", data_segment=segment)


def intervals(segments: tuple[SegmentFact, ...], position: int, group: GroupFact, n_customers: int) -> Figure:
    """Draw one group of outcomes: value and 95 % interval per segment, and the value of all customers."""
    width, left, right = 560.0, 170.0, 548.0
    found = [[s.groups[position].outcomes[i] for s in segments] for i in range(len(group.outcomes))]
    ends = [v for row in found for o in row for v in (o.low, o.high, o.value) if math.isfinite(v)]
    x, marks = covering([0.0, *ends], left + 20, right)
    y, body = 8.0, ""
    for row in found:
        top = y
        for s, o in zip(segments, row, strict=True):
            body += _interval(s, o, x, y, left)
            y += 20
        body += text_element(fitted(row[0].label, left - 12), 2, (top + y) / 2 + 4, class_="level")
        body += line(
            x(row[0].base_value), top, x(row[0].base_value), y, stroke="var(--ink)", stroke_dasharray="3 3"
        )
        y += 10
    is_rate = group.is_rates
    places = [(x(m), numbers.percent_mark(m) if is_rate else numbers.mark(m)) for m in marks]
    body += bottom_axis(places, y - 6)
    finding = outcome_finding(segments, position, group)
    return Figure(
        f"outcomes_{group.name}", group.label, finding,
        wording.RATE_SUBTITLE if is_rate else wording.MEAN_SUBTITLE,
        wording.N_CUSTOMERS.format(n=numbers.count(n_customers)),
        wording.INTERVALS_ALT.format(group=group.label, finding=finding), width, y + 20, body,
    )  # fmt: skip


def _interval(segment: SegmentFact, fact: OutcomeFact, x: Scale, y: float, left: float) -> str:
    colour = f"var(--{segment.tone})"
    value = numbers.outcome(fact.value, fact.is_rate)
    words = wording.INTERVAL.format(segment=segment.id, outcome=fact.label, value=value)
    shown = text_element(str(segment.id), left, y + 14, text_anchor="middle", class_="tick")
    if math.isfinite(fact.low) and math.isfinite(fact.high):
        low, high = numbers.outcome(fact.low, fact.is_rate), numbers.outcome(fact.high, fact.is_rate)
        words += wording.INTERVAL_ENDS.format(low=low, high=high, n=numbers.count(fact.n))
        shown += line(x(fact.low), y + 10, x(fact.high), y + 10, stroke=colour, stroke_width=3)
    if math.isfinite(fact.value):
        shown += element("circle", cx=x(fact.value), cy=y + 10, r=4.5, fill=colour)
    return element("g", title(words) + shown, class_="mark", data_segment=segment.id)


def outcome_finding(segments: tuple[SegmentFact, ...], position: int, group: GroupFact) -> str:
    """Name the segment and outcome that differ most from all customers."""
    pairs = [
        (o.lift, s.id, o)
        for s in segments for o in s.groups[position].outcomes
        if o.is_different and o.lift == o.lift and o.lift > 1
    ]  # fmt: skip
    if not pairs:
        return wording.NO_OUTCOME_FINDING.format(group=group.label)
    most, segment, best = max(pairs, key=lambda p: p[0])
    value = numbers.outcome(best.value, best.is_rate)
    return wording.OUTCOME_FINDING.format(
        segment=segment, outcome=best.label, value=value, lift=numbers.lift(most)
    )
