"""The second mark of a segment beside its colour: colours repeat from the ninth segment on, shapes and lines do not."""

from __future__ import annotations

from typing import Any

from segmentry.pages.palette import repeat, tone
from segmentry.report.figures.svg import element, path

_DASHES = (None, "5 3", "2 2", "8 2 2 2")


def mark(segment: int, x: float, y: float, radius: float, content: str = "", **look: Any) -> str:
    """Draw a mark of a segment: a disc, a square for the ninth to the sixteenth, then a diamond, then a triangle.

    Examples
    --------
    >>> [mark(n, 0, 0, 2).split()[0] for n in (1, 8, 9, 17)]
    ['<circle', '<circle', '<rect', '<path']
    """
    shape, side = repeat(segment) % len(_DASHES), radius * 0.89
    if shape == 0:
        return element("circle", content, cx=x, cy=y, r=radius, **look)
    if shape == 1:
        return element("rect", content, x=x - side, y=y - side, width=2 * side, height=2 * side, **look)
    if shape == 2:
        far = radius * 1.25
        corners = [(x, y - far), (x + far, y), (x, y + far), (x - far, y)]
    else:
        far = radius * 1.2
        corners = [(x, y - far), (x + far, y + radius * 0.8), (x - far, y + radius * 0.8)]
    return path([*corners, corners[0]], content, **look)


def area(segment: int, opacity: float) -> dict[str, Any]:
    """Return how an area of a segment is filled: from the ninth segment on pale, with a dashed edge.

    Examples
    --------
    >>> area(2, 0.45)
    {'fill': 'var(--s2)', 'fill_opacity': 0.45}
    >>> area(10, 0.45)["stroke_dasharray"]
    '5 3'
    """
    colour, dashes = f"var(--{tone(segment)})", _DASHES[repeat(segment) % len(_DASHES)]
    if dashes is None:
        return {"fill": colour, "fill_opacity": opacity}
    return {"fill": colour, "fill_opacity": opacity / 3, "stroke": colour, "stroke_dasharray": dashes}
