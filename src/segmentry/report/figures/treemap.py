"""What makes up a segment's own total: rectangles as large as their part of it, the largest first."""

from __future__ import annotations

import math
from dataclasses import dataclass

from segmentry.report import wording
from segmentry.report.facts.outcomes import GroupFact, OutcomeFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.figures.svg import Figure, element, fitted, text_element, title, width_of
from segmentry.text import numbers

WIDTH, HEIGHT = 380.0, 230.0
LEAST_TILES = 3
"""Smallest number of parts for a treemap; fewer are easier to read from their bars."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of the map."""

    x: float
    y: float
    width: float
    height: float


def treemap(segment: SegmentFact, group: GroupFact) -> Figure | None:
    """Draw the parts of a group's sum per customer; None where they are few, withheld, or do not add up."""
    parts = sorted((o for o in group.outcomes if o.mix > 0), key=lambda o: -o.mix)
    if group.value is None or len(parts) < LEAST_TILES or any(math.isnan(o.mix) for o in group.outcomes):
        return None
    if any(o.value < 0 for o in group.outcomes):
        return None
    tiles = squarified([o.mix for o in parts], WIDTH, HEIGHT)
    body = "".join(_tile(o, t, segment.tone) for o, t in zip(parts, tiles, strict=True))
    largest = parts[0]
    finding = wording.TREEMAP_FINDING.format(
        part=largest.label, share=numbers.share(largest.mix), base=numbers.share(largest.base_mix)
    )
    alt = wording.TREEMAP_ALT.format(group=group.label, segment=segment.id, finding=finding)
    return Figure(
        f"treemap_{group.name}_{segment.id}", wording.TREEMAP.format(group=group.label), finding,
        wording.TREEMAP_SUBTITLE, wording.N_CUSTOMERS.format(n=numbers.count(segment.size)), alt, WIDTH, HEIGHT, body,
    )  # fmt: skip


def squarified(parts: list[float], width: float, height: float) -> list[Tile]:
    """Divide a ground into rectangles, nearly square, with areas in proportion to `parts` (Bruls, Huizing & van Wijk 2000).

    Parameters
    ----------
    parts
        Positive numbers, the largest first.
    width, height
        Width and height of the ground.

    Examples
    --------
    >>> squarified([2.0, 1.0, 1.0], 4.0, 2.0)
    [Tile(x=0.0, y=0.0, width=2.0, height=2.0), Tile(x=2.0, y=0.0, width=2.0, height=1.0), Tile(x=2.0, y=1.0, width=2.0, height=1.0)]
    """
    scale = width * height / sum(parts)
    left, x, y, made = [p * scale for p in parts], 0.0, 0.0, []
    while left:
        side = min(width, height)
        n = 1
        while n < len(left) and _worst(left[: n + 1], side) <= _worst(left[:n], side):
            n += 1
        row, left = left[:n], left[n:]
        depth = sum(row) / side
        at = 0.0
        for area in row:
            along = area / depth
            made.append(Tile(x, y + at, depth, along) if height <= width else Tile(x + at, y, along, depth))
            at += along
        if height <= width:
            x, width = x + depth, width - depth
        else:
            y, height = y + depth, height - depth
    return made


def _worst(row: list[float], side: float) -> float:
    """Compute the ratio of the sides of the most stretched rectangle of a row along a side."""
    total = sum(row)
    return max(max(side**2 * area / total**2, total**2 / (side**2 * area)) for area in row)


def _tile(part: OutcomeFact, tile: Tile, tone: str) -> str:
    box = element(
        "rect", x=tile.x + 1, y=tile.y + 1, width=max(tile.width - 2, 0.5), height=max(tile.height - 2, 0.5),
        rx=2, fill=f"var(--{tone})", fill_opacity=0.22, stroke=f"var(--{tone})",
    )  # fmt: skip
    shown, room = "", tile.width - 14
    share = numbers.share(part.mix)
    if tile.height >= 24 and room >= width_of(share, 12):
        label = fitted(part.label, room, 11)
        if len(label) > 2 and tile.height >= 40:
            shown = text_element(label, tile.x + 7, tile.y + 17, class_="level")
            shown += text_element(share, tile.x + 7, tile.y + 33, class_="head")
        else:
            shown = text_element(share, tile.x + 7, tile.y + 17, class_="head")
    words = wording.TREEMAP_TILE.format(
        part=part.label,
        share=numbers.percent(part.mix),
        value=numbers.number(part.value),
        base=numbers.percent(part.base_mix),
    )
    return element("g", title(words) + box + shown, class_="mark")
