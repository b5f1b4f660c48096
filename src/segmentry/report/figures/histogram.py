"""The raw values of a feature in a segment: bars, and all customers as an outline."""

from __future__ import annotations

import math

from segmentry.report import wording
from segmentry.report.facts.features import BinFact, HistogramFact
from segmentry.report.figures.scales import Scale
from segmentry.report.figures.svg import (
    Figure,
    FigureTable,
    HeatCell,
    element,
    line,
    path,
    text_element,
    title,
    width_of,
)
from segmentry.text.edges import NumberKind
from segmentry.text.numbers import count, edge_of, percent

WIDTH, HEIGHT = 380.0, 132.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 6.0, 6.0, 6.0, 22.0


def histogram(fact: HistogramFact, segment: int, tone: str) -> Figure:
    """Draw the shares of the segment by bin, and those of all customers as a line."""
    bins = _trimmed(fact.bins)
    x = Scale(0, len(bins), _LEFT, WIDTH - _RIGHT)
    y = Scale(0, max(max(b.share, b.base_share) for b in bins), HEIGHT - _BOTTOM, _TOP)
    floor = HEIGHT - _BOTTOM
    body = "".join(_bar(b, x(i), x(i + 1), y, (tone, fact.kind)) for i, b in enumerate(bins))
    outline = [(x(0), floor)]
    for i, b in enumerate(bins):
        outline += [(x(i), y(b.base_share)), (x(i + 1), y(b.base_share))]
    body += path([*outline, (x(len(bins)), floor)], fill="none", stroke="var(--ink)", stroke_width=1.3)
    body += line(_LEFT, floor, WIDTH - _RIGHT, floor, stroke="var(--line)") + _labels(
        bins, x, floor, fact.kind
    )
    most = max(bins, key=lambda b: b.share)
    finding = wording.HISTOGRAM_FINDING.format(feature=fact.label, bin=range_text(most, fact.kind))
    return Figure(
        f"histogram_{fact.feature}_{segment}", wording.RAW_VALUES.format(feature=fact.label), finding,
        wording.HISTOGRAM_SUBTITLE, wording.HISTOGRAM_SOURCE.format(n=count(fact.n), base_n=count(fact.base_n)),
        wording.HISTOGRAM_ALT.format(feature=fact.label, segment=segment, finding=finding),
        WIDTH, HEIGHT, body, _table(fact, bins),
    )  # fmt: skip


def _table(fact: HistogramFact, bins: list[BinFact]) -> FigureTable:
    first, *heads = wording.HISTOGRAM_HEADS
    rows = tuple(
        (
            range_text(b, fact.kind),
            HeatCell(count(b.n), b.n),
            HeatCell(percent(b.share), b.share),
            HeatCell(percent(b.base_share), b.base_share),
        )
        for b in bins
    )
    return FigureTable((first.format(feature=fact.label), *heads), rows)


def range_text(one: BinFact, kind: NumberKind = "number") -> str:
    """Write a bin in words."""
    if math.isnan(one.low):
        return wording.BIN_BELOW.format(high=edge_of(one.high, kind))
    if math.isnan(one.high):
        return wording.BIN_FROM.format(low=edge_of(one.low, kind))
    return wording.BIN_BETWEEN.format(low=edge_of(one.low, kind), high=edge_of(one.high, kind))


def _trimmed(bins: tuple[BinFact, ...]) -> list[BinFact]:
    """Return every bin from the first to the last that have customers; gaps are filled."""
    closed = [b for b in bins if not math.isnan(b.low) and not math.isnan(b.high)]
    if not closed:
        return list(bins)
    width = closed[0].high - closed[0].low
    start, end = min(b.low for b in closed), max(b.high for b in closed)
    below = [b for b in bins if math.isnan(b.low)]
    above = [b for b in bins if math.isnan(b.high)]
    start = min([start, *(b.high for b in below)])
    end = max([end, *(b.low for b in above)])
    found = {round((b.low - start) / width): b for b in closed}
    n = round((end - start) / width)
    empty = [BinFact(start + i * width, start + (i + 1) * width, 0, 0.0, 0.0) for i in range(n)]
    return [*below, *(found.get(i, empty[i]) for i in range(n)), *above]


def _bar(one: BinFact, left: float, right: float, y: Scale, look: tuple[str, NumberKind]) -> str:
    tone, kind = look
    words = wording.BIN.format(
        bin=range_text(one, kind), share=percent(one.share), n=count(one.n), base=percent(one.base_share)
    )
    height = y(0) - y(one.share)
    bar = element(
        "rect", x=left + 0.7, y=y(one.share), width=right - left - 1.4, height=height, fill=f"var(--{tone})"
    )
    hit = element("rect", x=left, y=_TOP, width=right - left, height=y(0) - _TOP, fill="transparent")
    return element("g", title(words) + bar + hit, class_="mark")


def _labels(bins: list[BinFact], x: Scale, floor: float, kind: NumberKind) -> str:
    """Label as many edges as there is room for, so that no label covers another."""
    edges = [(i, b.low) for i, b in enumerate(bins) if not math.isnan(b.low)]
    widest = max((width_of(edge_of(v, kind), 11) for _, v in edges), default=1.0)
    room = max(1, math.ceil((widest + 14) / (x(1) - x(0))))
    step = next((s for s in (1, 2, 4, 5, 10, 20, 40) if s >= room), room)
    parts = []
    for i, value in edges[::step]:
        half = width_of(edge_of(value, kind), 14) / 2  # texts are larger on small screens
        parts.append(line(x(i), floor, x(i), floor + 4, stroke="var(--muted)"))
        place = min(max(x(i), half), WIDTH - half)
        parts.append(
            text_element(edge_of(value, kind), place, floor + 16, text_anchor="middle", class_="tick")
        )
    return "".join(parts)
