"""Native tables that fit a box: sizes, widths and heights come from the texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from segmentry.report.slides.canvas import Canvas, paint
from segmentry.report.slides.fitting import LINE, POINT, Box, cut, lines_of, plain
from segmentry.report.slides.marks import mark

SIZES = (14.0, 13.0, 12.0, 11.0, 10.0)
_ACROSS, _ABOVE = 5.0, 3.5
"""Points between a text and the sides of its cell."""
_MOST_LINES = 6
_MOST_SPARE = 12.0
"""Points by which a row is made higher at most where there is room."""
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `ground` is its colour."""

    text: str
    is_bold: bool = False
    is_quiet: bool = False
    ground: str | None = None


@dataclass(frozen=True)
class Table:
    """Heads and rows; `widths` are the columns' widths to each other, `right` the columns of numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell | str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()

    @property
    def cells(self) -> list[list[Cell]]:
        """All rows, the heads first."""
        heads = [Cell(head, is_bold=True, is_quiet=True) for head in self.heads]
        rows = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in self.rows]
        return [[replace(cell, text=plain(cell.text)) for cell in row] for row in (heads, *rows)]


def draw_table(canvas: Canvas, box: Box, table: Table, name: str, sizes: Sequence[float] = SIZES) -> float:
    """Draw a table that fits a box, and return its height; where there is room its rows are higher, where there is none the last are left out."""
    from pptx.util import Emu

    widths = [box.width * w / sum(table.widths) for w in table.widths]
    measured = [w / canvas.look.width_of_letters for w in widths]
    size, cells = _fitted(table.cells, measured, box.height, sizes, table.right)
    heights = [_height(row, measured, size) for row in cells]
    spare = max(box.height - sum(heights), 0) / len(heights)
    heights = [heights[0], *(height + min(spare, _MOST_SPARE) for height in heights[1:])]
    n_rows, n_columns = len(cells), len(widths)
    shape = canvas.slide.shapes.add_table(n_rows, n_columns, *box.upper(sum(heights)).emu)
    mark(shape, name)
    made = shape.table
    properties = made._tbl.tblPr
    properties.set("bandRow", "0")
    properties.find("{*}tableStyleId").text = _NO_STYLE
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Emu(round(width * POINT))
    for r, row in enumerate(cells):
        made.rows[r].height = Emu(round(heights[r] * POINT))
        for c, cell in enumerate(row):
            _write(canvas, made.cell(r, c), cell, size, is_right=c in table.right)
            _underline(canvas, made.cell(r, c), 1.0 if r == 0 else 0.5)
    return sum(heights)


def _fitted(
    cells: list[list[Cell]], widths: list[float], room: float, sizes: Sequence[float], uncut: frozenset[int]
) -> tuple[float, list[list[Cell]]]:
    """Find the largest size at which a table fits without a broken word; at the smallest its texts are broken, or cut."""
    for size in sizes:
        if sum(_height(row, widths, size) for row in cells) <= room and _unbroken(cells, widths, size):
            return size, cells
    size, made = sizes[-1], cells
    if sum(_height(row, widths, size) for row in cells) <= room:
        return size, cells
    for most in range(_MOST_LINES, 0, -1):
        made = [_cut(row, widths, size, most, uncut) for row in cells]
        if sum(_height(row, widths, size) for row in made) <= room:
            return size, made
    while len(made) > 2 and sum(_height(row, widths, size) for row in made) > room:
        made.pop()
    return size, made


def _cut(row: list[Cell], widths: list[float], size: float, most: int, uncut: frozenset[int]) -> list[Cell]:
    """Cut the texts of a row; columns of numbers stay."""
    return [
        cell
        if c in uncut
        else replace(cell, text=cut(cell.text, _inner(w), size, most, is_bold=cell.is_bold))
        for c, (cell, w) in enumerate(zip(row, widths, strict=True))
    ]


def _unbroken(cells: list[list[Cell]], widths: list[float], size: float) -> bool:
    """Whether no word of usual length has to be broken."""
    words = (
        (word, w, cell)
        for row in cells
        for cell, w in zip(row, widths, strict=True)
        for word in cell.text.split(" ")
    )
    return all(
        len(word) > 24 or len(lines_of(word, _inner(w), size, is_bold=cell.is_bold)) == 1
        for word, w, cell in words
    )


def _inner(width: float) -> float:
    return max(width - 2 * _ACROSS, 1.0)


def _height(row: list[Cell], widths: list[float], size: float) -> float:
    n = max(
        len(lines_of(cell.text, _inner(w), size, is_bold=cell.is_bold))
        for cell, w in zip(row, widths, strict=True)
    )
    return n * size * LINE + 2 * _ABOVE


def _write(canvas: Canvas, made: Any, cell: Cell, size: float, *, is_right: bool) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Emu, Pt

    made.margin_left = made.margin_right = Emu(round(_ACROSS * POINT))
    made.margin_top = made.margin_bottom = Emu(round(_ABOVE * POINT))
    made.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = made.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if is_right else PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text = cell.text
    run.font.size, run.font.bold = Pt(size), cell.is_bold
    look = canvas.look
    colour = look.quiet if cell.is_quiet else look.ink if cell.ground is None else look.on(cell.ground)
    paint(run.font.fill, look, colour)
    if cell.ground is None:
        made.fill.background()
    else:
        paint(made.fill, look, cell.ground)


def _underline(canvas: Canvas, made: Any, width: float) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    colour = (canvas.look.quiet if width >= 1 else canvas.look.line).upper()
    properties = made._tc.get_or_add_tcPr()
    lines = [f'<a:{side} {nsdecls("a")} w="0"><a:noFill/></a:{side}>' for side in ("lnL", "lnR", "lnT")]
    lines.append(
        f'<a:lnB {nsdecls("a")} w="{int(width * POINT)}"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:lnB>'
    )
    for i, line in enumerate(lines):
        properties.insert(i, parse_xml(line))
