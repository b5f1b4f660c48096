"""The deck that is written where nobody gives a template: 16:9, white, in the colours of the report."""

from __future__ import annotations

import re
from typing import Any

from segmentry.pages.palette import LIGHT
from segmentry.report.slides.fitting import Box
from segmentry.report.slides.opening import library

WIDTH, HEIGHT = 960.0, 540.0
_TITLE, _BODY = Box(40, 22, 880, 66), Box(40, 98, 880, 398)
_FOOT = {
    "DATE": Box(40, 510, 120, 20),
    "FOOTER": Box(320, 510, 320, 20),
    "SLIDE_NUMBER": Box(800, 510, 120, 20),
}
_COLOURS = {
    "dk1": "ink", "lt1": "card", "dk2": "muted", "lt2": "ground", "accent1": "s1", "accent2": "s2", "accent3": "s3",
    "accent4": "s4", "accent5": "s5", "accent6": "s6", "hlink": "accent", "folHlink": "muted",
}  # fmt: skip
_FONT = "Arial"
_TITLE_SIZE = 26


def own_base() -> Any:
    """Make an empty deck: python-pptx's default, with another size, theme and places."""
    presentation = library().Presentation()
    before = presentation.slide_width
    whole = Box(0, 0, WIDTH, HEIGHT)
    presentation.slide_width, presentation.slide_height = whole.emu[2:]
    master = presentation.slide_master
    _colour(master)
    for layout in master.slide_layouts:
        for shape in layout.placeholders:
            if shape.element.xfrm is not None:
                shape.left = round(shape.left * presentation.slide_width / before)
                shape.width = round(shape.width * presentation.slide_width / before)
    for shape in master.placeholders:
        name = shape.placeholder_format.type.name
        _place(shape, _TITLE if name == "TITLE" else _BODY if name == "BODY" else _FOOT[name])
    _write_titles(master)
    return presentation


def _place(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.emu


def _colour(master: Any) -> None:
    """Put the report's colours and font into the theme."""
    from pptx.opc.constants import RELATIONSHIP_TYPE

    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme = part.blob.decode("utf-8")
    for name, colour in _COLOURS.items():
        value = LIGHT[colour].removeprefix("#").upper()
        theme = re.sub(
            f"<a:{name}>.*?</a:{name}>",
            f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>',
            theme,
            flags=re.DOTALL,
        )
    part.blob = re.sub('<a:latin typeface="[^"]*"', f'<a:latin typeface="{_FONT}"', theme).encode("utf-8")


def _write_titles(master: Any) -> None:
    """Make titles bold, to the left and at the top, so that they do not jump from slide to slide."""
    style = master._element.find(".//{*}titleStyle/{*}lvl1pPr")
    style.set("algn", "l")
    letters = style.find("{*}defRPr")
    letters.set("sz", str(_TITLE_SIZE * 100))
    letters.set("b", "1")
    for shape in master.placeholders:
        if shape.placeholder_format.type.name == "TITLE":
            frame = shape.text_frame
            frame._txBody.bodyPr.set("anchor", "t")
            frame.margin_left = frame.margin_right = 0
