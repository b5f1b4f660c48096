"""The map: a bubble per pattern, the levels where their customers are, a number at the middle of each segment."""

from __future__ import annotations

import math

from segmentry.pages.palette import repeat, tone
from segmentry.report import wording
from segmentry.report.facts.map import MapFact, PlaceFact, PointFact
from segmentry.report.figures.marks import mark
from segmentry.report.figures.placing import Box, Label, placed, spread
from segmentry.report.figures.scales import Scale
from segmentry.report.figures.svg import (
    Figure,
    FigureTable,
    HeatCell,
    element,
    line,
    narrowed,
    text_element,
    title,
)
from segmentry.text.numbers import count, percent_mark, ratio, share
from segmentry.text.words import listed

WIDTH, HEIGHT = 720.0, 520.0
MAX_LABELS = 30
MAX_PATTERNS_LISTED = 25
BADGE = 25.0
"""Smallest distance of the badges of segments' means, which are moved apart."""
_LARGEST = 17.0
_MARGIN = 26.0


def pattern_map(fact: MapFact) -> Figure:
    """Draw the map."""
    x, y = _scales(fact)
    most = max(p.customers for p in fact.points)
    body = line(x(0), 8, x(0), HEIGHT - 24, stroke="var(--line)") + line(
        8, y(0), WIDTH - 8, y(0), stroke="var(--line)"
    )
    body += "".join(
        _bubble(p, x(p.x), y(p.y), _LARGEST * math.sqrt(p.customers / most), fact.uncertain_below)
        for p in fact.points
    )
    places = spread([(x(c.x), y(c.y)) for c in fact.centres], BADGE)
    centres = [(c.segment, a, b, c) for c, (a, b) in zip(fact.centres, places, strict=True)]
    badges = [Box(a - 12, b - 12, a + 12, b + 12) for _, a, b, _ in centres]
    labels, n_left_out = _labels(fact, x, y, badges)
    body += labels
    body += "".join(_badge(number, a, b, c) for number, a, b, c in centres)
    one, two = (wording.AXIS.format(number=i, share=share(held)) for i, held in enumerate(fact.shares, 1))
    body += text_element(one, WIDTH - 8, HEIGHT - 6, text_anchor="end", class_="name")
    body += text_element(two, 8, 18, class_="name")
    held = wording.INERTIA_HELD if fact.is_correspondence else wording.VARIANCE_HELD
    total, finding = share(sum(fact.shares)), _finding(fact)
    hollow = wording.HOLLOW.format(level=percent_mark(fact.uncertain_below)) if fact.uncertain_below else ""
    subtitle = wording.MAP_SUBTITLE.format(
        kind=fact.kind.capitalize(), held=held, total=total, hollow=hollow, omitted=_omitted(fact, n_left_out)
    )
    if any(repeat(c.segment) for c in fact.centres):
        subtitle += wording.MAP_SHAPES
    source = wording.N_CUSTOMERS.format(n=count(fact.n_customers))
    alt = wording.MAP_ALT.format(total=total, finding=finding)
    return Figure("map", wording.MAP, finding, subtitle, source, alt, WIDTH, HEIGHT, body, _table(fact))


def _finding(fact: MapFact) -> str:
    pairs = [listed([str(i) for i in pair]) for pair in fact.pairs]
    if len(pairs) < 2:
        return wording.MAP_FINDING_PAIR.format(total=share(sum(fact.shares)))
    return wording.MAP_FINDING.format(near=pairs[0], far=pairs[-1])


def _omitted(fact: MapFact, n_left_out: int) -> str:
    parts = [wording.LEVELS_LEFT_OUT.format(n=count(n_left_out))] if n_left_out else []
    parts += [wording.PATTERNS_LEFT_OUT.format(n=count(fact.n_hidden))] if fact.n_hidden else []
    return wording.NOT_DRAWN.format(parts=listed(parts)) if parts else ""


def _table(fact: MapFact) -> FigureTable:
    """Make a table of the segments, the levels, and the most frequent patterns."""
    named = [(wording.MAP_SEGMENT.format(id=c.segment, name=c.label), c) for c in fact.centres]
    named += [(level.label, level) for level in fact.levels]
    rows = [(words, place.x, place.y, place.customers) for words, place in named]
    rows += [(p.pattern, p.x, p.y, p.customers) for p in fact.points[:MAX_PATTERNS_LISTED]]
    return FigureTable(
        wording.MAP_HEADS,
        tuple(
            (words, HeatCell(ratio(a), a), HeatCell(ratio(b), b), HeatCell(count(n), n))
            for words, a, b, n in rows
        ),
    )


def _customers(n: float) -> str:
    return (wording.CUSTOMER if n == 1 else wording.CUSTOMERS).format(n=count(n))


def _scales(fact: MapFact) -> tuple[Scale, Scale]:
    """Make scales of both axes in the same unit that hold every point."""
    xs = [p.x for p in fact.points] + [p.x for p in fact.levels]
    ys = [p.y for p in fact.points] + [p.y for p in fact.levels]
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    across, down = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)
    # a map wider than it is tall is stretched a little, at most half as much again
    unit = min((WIDTH - 4 * _MARGIN) / across, (HEIGHT - 3 * _MARGIN) / down)
    stretch = min((WIDTH - 4 * _MARGIN) / across / unit, 1.5)
    rise = min((HEIGHT - 3 * _MARGIN) / down / unit, 1.5)
    return (
        Scale(middle[0], middle[0] + 1, WIDTH / 2, WIDTH / 2 + unit * stretch),
        Scale(middle[1], middle[1] + 1, HEIGHT / 2, HEIGHT / 2 - unit * rise),
    )


def _bubble(point: PointFact, x: float, y: float, radius: float, uncertain_below: float) -> str:
    colour = f"var(--{tone(point.segment)})"
    words = wording.BUBBLE.format(
        pattern=point.pattern, customers=_customers(point.customers), segment=point.segment,
        certainty=share(point.certainty),
    )  # fmt: skip
    look = (
        {"fill": "var(--card)", "fill_opacity": 0.6}
        if point.certainty < uncertain_below
        else {"fill": colour, "fill_opacity": 0.55}
    )
    disc = mark(point.segment, x, y, max(radius, 1.8), title(words), stroke=colour, stroke_width=1.2, **look)
    return element("g", disc, class_="mark", data_segment=point.segment)


def _badge(number: int, x: float, y: float, centre: PlaceFact) -> str:
    disc = element(
        "circle", cx=x, cy=y, r=12.0, fill=f"var(--{tone(number)})", stroke="var(--card)", stroke_width=2
    )
    customers = _customers(centre.customers)
    words = title(wording.MEAN_OF.format(segment=number, name=centre.label, customers=customers))
    inside = text_element(str(number), x, y + 4.5, text_anchor="middle", class_="badge-text")
    return element("g", words + disc + inside, class_="mark", data_segment=number)


def _labels(fact: MapFact, x: Scale, y: Scale, taken: list[Box]) -> tuple[str, int]:
    """Draw labels of the levels that most customers have; also return how many found no room."""
    levels = sorted(fact.levels, key=lambda level: -level.customers)
    wanted = [(narrowed(level.label, 185, 11), x(level.x), y(level.y)) for level in levels[:MAX_LABELS]]
    frame = Box(4, 24, WIDTH - 4, HEIGHT - 22)
    found = placed(wanted, taken, frame)
    pairs = zip(levels, wanted, found, strict=False)
    drawn = "".join(_label(level, a, b, label) for level, (_, a, b), label in pairs if label is not None)
    return drawn, len(levels) - sum(label is not None for label in found)


def _label(level: PlaceFact, x: float, y: float, label: Label) -> str:
    edge = (min(max(x, label.box.left), label.box.right), min(max(y, label.box.top), label.box.bottom))
    leader = line(x, y, *edge, stroke="var(--muted)", stroke_width=0.8)
    point = element("rect", x=x - 2.5, y=y - 2.5, width=5.0, height=5.0, fill="var(--ink)")
    words = title(wording.PLACE.format(label=level.label, customers=_customers(level.customers)))
    shown = text_element(label.words, label.x, label.y + 4, text_anchor="middle", class_="place")
    return element("g", words + leader + point + shown, class_="mark")
