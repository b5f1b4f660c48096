"""Which layout of a deck a slide is made by, and the room that it leaves."""

from __future__ import annotations

from typing import Any

from segmentry.report.slides.canvas import box_of
from segmentry.report.slides.fitting import POINT, Box
from segmentry.report.slides.opening import is_title, layouts_with_title

_FOOT = ("DATE", "FOOTER", "SLIDE_NUMBER")
_SIDE, _GAP, _SOURCE = 36.0, 10.0, 16.0
_LEAST = 0.45
"""Least part of a slide's height that a layout leaves for content."""
_LARGEST_TITLE = 28.0


def layout_of(presentation: Any) -> Any:
    """Choose the layout for slides that segmentry draws: a title, and as little else as possible."""
    height = presentation.slide_height / POINT

    def rank(layout: Any) -> tuple[bool, bool, int]:
        others = [
            p for p in layout.placeholders if not is_title(p) and p.placeholder_format.type.name not in _FOOT
        ]
        room = room_of(presentation, layout)
        is_centred = any(p.placeholder_format.type.name == "CENTER_TITLE" for p in layout.placeholders)
        return room.height < _LEAST * height, is_centred, len(others)

    return min(layouts_with_title(presentation), key=rank)


def room_of(presentation: Any, layout: Any) -> Box:
    """Return the room under the title of a layout and above its footers."""
    width, height = presentation.slide_width / POINT, presentation.slide_height / POINT
    title = next(
        (box_of(p) for p in layout.placeholders if is_title(p)), Box(_SIDE, 0, width - 2 * _SIDE, _SIDE)
    )
    feet = [
        box.top
        for p in (*layout.placeholders, *layout.slide_master.placeholders)
        if p.placeholder_format.type.name in _FOOT and (box := box_of(p)).height and box.top > height / 2
    ]
    bottom = min([height - _SIDE / 2, *feet])
    body = _body(layout)
    left, right = max(title.left, 0.0), min(title.left + title.width, width)
    if body is not None and body.width > width / 2:
        left, right = max(body.left, 0.0), min(body.left + body.width, width)
    if right - left < width / 2:
        left, right = _SIDE, width - _SIDE
    top = title.top + title.height + _GAP
    return Box(left, top, right - left, max(bottom - top, 1.0))


def divided(room: Box) -> tuple[Box, Box]:
    """Divide the room into that for content, and the line with the source under it."""
    return room.upper(room.height - _SOURCE - 4), room.below(room.height - _SOURCE)


def title_size(layout: Any) -> float:
    """Return the size of titles in a layout, at most what a whole sentence needs."""
    own = [p._element.find(".//{*}lstStyle/{*}lvl1pPr/{*}defRPr") for p in layout.placeholders if is_title(p)]
    places = (
        *own,
        layout.slide_master._element.find(".//{*}titleStyle/{*}lvl1pPr/{*}defRPr"),
    )
    found = next((e.get("sz") for e in places if e is not None and e.get("sz")), "2800")
    return min(int(found) / 100, _LARGEST_TITLE)


def _body(layout: Any) -> Box | None:
    boxes = [box_of(p) for p in layout.slide_master.placeholders if p.placeholder_format.type.name == "BODY"]
    return next((box for box in boxes if box.width), None)


def empty_placeholders(slide: Any) -> list[Any]:
    """Return the placeholders that a new slide has beside its title."""
    return [shape for shape in slide.placeholders if not is_title(shape)]
