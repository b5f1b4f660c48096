"""What a slide is drawn with: texts, tables and marks in boxes of points, each named as segmentry's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from segmentry.report.slides.fitting import INDENT, LINE, POINT, Box, Paragraph, fitted, height_of, plain
from segmentry.report.slides.look import Look
from segmentry.report.slides.marks import mark

BODY = (16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0)
"""Sizes of texts, the largest first."""
SMALL = 10.0
_INSET = 7.2
"""Inset of a title's text on each side."""


@dataclass(frozen=True)
class Canvas:
    """A slide that is drawn on, the room between its title and its source, and the deck's colours."""

    slide: Any
    look: Look
    area: Box

    def title(self, words: str, largest: float) -> None:
        """Write the title into the placeholder of the layout, in letters that fit."""
        from pptx.util import Pt

        shape = self.slide.shapes.title
        if shape is None:  # somebody removed it
            return
        box = box_of(shape)
        room = Box(
            0, 0, max(box.width - 2 * _INSET, 1) / self.look.width_of_letters, max(box.height - _INSET, 1)
        )
        sizes = [s for s in (28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0) if s <= max(largest, 14.0)]
        size, made = fitted([Paragraph(plain(words), is_bold=True)], room, sizes)
        shape.text_frame.text = made[0].text
        for paragraph in shape.text_frame.paragraphs:
            for run in paragraph.runs:
                run.font.size = Pt(size)

    def text(
        self, box: Box, paragraphs: Sequence[Paragraph], sizes: Sequence[float] = BODY, name: str = "text"
    ) -> float:
        """Write paragraphs that fit a box, and return their height."""
        given = [p.plain for p in paragraphs if p.text.strip()]
        if not given:
            return 0.0
        return self._written(box, given, sizes, name)[1]

    def line(self, box: Box, words: str) -> Any:
        """Write a quiet line, and return its shape."""
        return self._written(box, [Paragraph(plain(words), is_quiet=True)], (10.0, 9.0), "line")[0]

    def _written(
        self, box: Box, paragraphs: Sequence[Paragraph], sizes: Sequence[float], name: str
    ) -> tuple[Any, float]:
        measured = replace(box, width=box.width / self.look.width_of_letters)
        size, kept = fitted(paragraphs, measured, sizes)
        shape = self.slide.shapes.add_textbox(*box.emu)
        mark(shape, name)
        frame = shape.text_frame
        frame.word_wrap = True
        for side in ("margin_left", "margin_right", "margin_top", "margin_bottom"):
            setattr(frame, side, 0)
        for i, paragraph in enumerate(kept):
            made = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
            self._write(made, paragraph, size)
            if i:
                made.space_before = int(size * LINE / 2 * POINT)
        return shape, height_of(kept, measured.width, size)

    def _write(self, made: Any, paragraph: Paragraph, size: float) -> None:
        from pptx.util import Pt

        run = made.add_run()
        run.text = paragraph.text
        run.font.size, run.font.bold = Pt(size), paragraph.is_bold
        if paragraph.is_quiet:
            paint(run.font.fill, self.look, self.look.quiet)
        if paragraph.is_item:
            properties = made._p.get_or_add_pPr()
            properties.set("marL", str(int(INDENT * POINT)))
            properties.set("indent", str(-int(INDENT * POINT)))
            properties.append(_bullet())

    def block(self, box: Box, colour: str, name: str = "block") -> None:
        """Draw a rectangle without an outline."""
        from pptx.enum.shapes import MSO_SHAPE

        shape = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box.emu)
        mark(shape, name)
        paint(shape.fill, self.look, colour)
        shape.line.fill.background()
        shape.shadow.inherit = False

    def heading(self, box: Box, words: str) -> Box:
        """Write a heading at the top of a box, and return the room below it."""
        height = self.text(
            box.upper(30), [Paragraph(words, is_bold=True, is_quiet=True)], (12.0, 11.0, 10.0), "heading"
        )
        return box.below(height + 6)


def box_of(shape: Any) -> Box:
    """Return the box of a shape; a placeholder without one of its own has that of its layout."""
    return Box(*((getattr(shape, side) or 0) / POINT for side in ("left", "top", "width", "height")))


def paint(fill: Any, look: Look, colour: str) -> None:
    """Fill with a colour; one of the theme's by its name."""
    from pptx.dml.color import RGBColor
    from pptx.enum.dml import MSO_THEME_COLOR

    fill.solid()
    name = look.theme_name(colour)
    if name is None:
        fill.fore_color.rgb = RGBColor.from_string(colour.upper())
    else:
        fill.fore_color.theme_color = getattr(MSO_THEME_COLOR, name.upper().replace("ACCENT", "ACCENT_"))


def _bullet() -> Any:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    return parse_xml(f'<a:buChar {nsdecls("a")} char="•"/>')
