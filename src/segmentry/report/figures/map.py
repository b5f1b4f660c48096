"""The map: a bubble per pattern, the levels where their customers are, a number at the middle of each segment."""

from __future__ import annotations

import math

from segmentry.report.facts.map import MapFact, PlaceFact, PointFact
from segmentry.report.figures.placing import Box, Label, placed
from segmentry.report.figures.scales import Scale
from segmentry.report.figures.svg import Figure, element, line, shortened, text, title
from segmentry.report.formats import and_list, percent, whole
from segmentry.report.palette import tone

WIDTH, HEIGHT = 720.0, 520.0
MAX_LABELS = 30
_LARGEST = 17.0
_MARGIN = 26.0


def pattern_map(fact: MapFact) -> Figure:
    """Draw the map."""
    x, y = _scales(fact)
    most = max(p.customers for p in fact.points)
    body = line(x(0), 8, x(0), HEIGHT - 24, stroke="var(--line)") + line(
        8, y(0), WIDTH - 8, y(0), stroke="var(--line)"
    )
    body += "".join(_bubble(p, x(p.x), y(p.y), _LARGEST * math.sqrt(p.customers / most)) for p in fact.points)
    centres = [(c.segment, x(c.x), y(c.y), c) for c in fact.centres]
    badges = [Box(a - 12, b - 12, a + 12, b + 12) for _, a, b, _ in centres]
    labels, n_left_out = _labels(fact, x, y, badges)
    body += labels
    body += "".join(_badge(number, a, b, c) for number, a, b, c in centres)
    body += text(
        f"axis 1: {percent(fact.shares[0], 0)}", WIDTH - 8, HEIGHT - 6, text_anchor="end", class_="name"
    )
    body += text(f"axis 2: {percent(fact.shares[1], 0)}", 8, 18, class_="name")
    held = "adjusted inertia (Greenacre)" if fact.is_correspondence else "variance"
    left_out = []
    if n_left_out:
        left_out.append(f"{n_left_out} levels without room for a label")
    if fact.n_hidden:
        left_out.append(f"{fact.n_hidden:,} rarer patterns")
    omitted = f". Not drawn: {and_list(left_out)}" if left_out else ""
    total = percent(sum(fact.shares), 0)
    return Figure(
        "map", "Map of the patterns", f"Two axes hold {total} of what differs between customers",
        f"{fact.kind.capitalize()}, {held}. A bubble is a pattern, its area the customers; hollow: certainty below "
        f"70 %. A level stands where its customers are{omitted}. A picture of the data, not evidence of separation",
        f"n = {whole(fact.n_customers)} customers",
        f"Map of patterns and levels on two axes that hold {total}.", WIDTH, HEIGHT, body,
    )  # fmt: skip


def _scales(fact: MapFact) -> tuple[Scale, Scale]:
    """Both axes in the same unit, everything inside."""
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


def _bubble(point: PointFact, x: float, y: float, radius: float) -> str:
    colour = f"var(--{tone(point.segment)})"
    words = (
        f"{point.pattern}: {whole(point.customers)} customer{'s' if point.customers != 1 else ''}, segment "
        f"{point.segment}, certainty {percent(point.certainty, 0)}"
    )
    look = (
        {"fill": "var(--card)", "fill_opacity": 0.6}
        if point.is_uncertain
        else {"fill": colour, "fill_opacity": 0.55}
    )
    disc = element(
        "circle", title(words), cx=x, cy=y, r=max(radius, 1.8), stroke=colour, stroke_width=1.2, **look
    )
    return element("g", disc, class_="mark", data_segment=point.segment)


def _badge(number: int, x: float, y: float, centre: PlaceFact) -> str:
    disc = element(
        "circle", cx=x, cy=y, r=12.0, fill=f"var(--{tone(number)})", stroke="var(--card)", stroke_width=2
    )
    words = title(f"segment {number}, {centre.label}: mean of {whole(centre.customers)} customers")
    inside = text(str(number), x, y + 4.5, text_anchor="middle", class_="badge-text")
    return element("g", words + disc + inside, class_="mark", data_segment=number)


def _labels(fact: MapFact, x: Scale, y: Scale, taken: list[Box]) -> tuple[str, int]:
    """Labels of the levels that most customers have, and how many found no room."""
    levels = sorted(fact.levels, key=lambda level: -level.customers)
    wanted = [(shortened(level.label, 150, 11), x(level.x), y(level.y)) for level in levels[:MAX_LABELS]]
    frame = Box(4, 24, WIDTH - 4, HEIGHT - 22)
    found = placed(wanted, taken, frame)
    pairs = zip(levels, wanted, found, strict=False)
    drawn = "".join(_label(level, a, b, label) for level, (_, a, b), label in pairs if label is not None)
    return drawn, len(levels) - sum(label is not None for label in found)


def _label(level: PlaceFact, x: float, y: float, label: Label) -> str:
    edge = (min(max(x, label.box.left), label.box.right), min(max(y, label.box.top), label.box.bottom))
    leader = line(x, y, *edge, stroke="var(--muted)", stroke_width=0.8)
    point = element("rect", x=x - 2.5, y=y - 2.5, width=5.0, height=5.0, fill="var(--ink)")
    words = title(f"{level.label}: {whole(level.customers)} customers")
    shown = text(label.words, label.x, label.y + 4, text_anchor="middle", class_="place")
    return element("g", words + leader + point + shown, class_="mark")
