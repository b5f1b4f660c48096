"""The tool as a workbook: answers are chosen from lists, and formulas tell the segment; nothing else is needed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segmentry.report.excel import new_workbook
from segmentry.text.inert import for_xml
from segmentry.typing_tool import wording
from segmentry.typing_tool.tool import UNIT, TypingTool

N_ROWS = 200
"""Customers that the sheet for several has rows for."""
_WIDE = 46
"""Letters that a column of the form has room for."""
_LINE = 15
_FIRST = 2
"""Row of the first answer in the sheet of points, from 1."""
_LONGEST = 200
_COLUMNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def write_form(tool: TypingTool, path: Path, rows: Sequence[Sequence[int]] = ()) -> None:
    """Write the workbook.

    Parameters
    ----------
    tool
        Typing tool.
    path
        Path of the workbook.
    rows
        (n, n_questions) answers that the sheet for several customers begins with, by position; -1 for a blank.

    Raises
    ------
    DataError
        xlsxwriter is not installed.
    """
    with new_workbook(path) as book:
        _Form(book, tool).write(rows)


def answer_texts(answers: Sequence[str]) -> list[str]:
    """Number the answers: two may be alike in a spreadsheet's eyes, and * or ? stands for others there.

    Examples
    --------
    >>> answer_texts(("no", "yes"))
    ['1. no', '2. yes']
    """
    return [f"{i}. {_text(answer)}" for i, answer in enumerate(answers, 1)]


def _text(words: str) -> str:
    return for_xml(" ".join(words.split()))[:_LONGEST]


def _once_answered(cells: Sequence[str], formula: str) -> str:
    """A formula that shows nothing before any answer."""
    return f'=IF(COUNTA({cells[0]}:{cells[-1]})=0,"",{formula[1:]})'


class _Form:
    def __init__(self, book: Any, tool: TypingTool) -> None:
        self.tool = tool
        self.form, self.several, self.points = (book.add_worksheet(name) for name in wording.SHEETS)
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.bold = book.add_format({"bold": True, "font_size": 13, "align": "left"})
        self.open = book.add_format(
            {"locked": False, "border": 1, "bg_color": "#fff8e1", "text_wrap": True, "valign": "top"}
        )
        self.plain = book.add_format({"text_wrap": True, "valign": "top"})
        self.percent = book.add_format({"num_format": "0%", "font_size": 13, "align": "left"})
        self.share = book.add_format({"num_format": "0%"})

    def write(self, rows: Sequence[Sequence[int]]) -> None:
        """Write the three sheets."""
        self._write_points()
        self._write_form()
        self._write_several(rows)
        for sheet in (self.form, self.points):
            sheet.protect()

    def _places(self) -> list[int]:
        """The row, from 1, of the first answer of each question in the sheet of points."""
        places, row = [], _FIRST
        for question in self.tool.questions:
            places.append(row)
            row += len(question.answers)
        return places

    def _write_points(self) -> None:
        sheet, k = self.points, len(self.tool.segments)
        for column, head in enumerate((*wording.POINTS_HEADS, *(str(i) for i in range(1, k + 1)))):
            sheet.write_string(0, column, head, self.head)
        row = _FIRST - 1
        for question in self.tool.questions:
            for text, points in zip(answer_texts(question.answers), question.points, strict=True):
                sheet.write_string(row, 0, _text(question.label))
                sheet.write_string(row, 1, text)
                for s, value in enumerate(points):
                    sheet.write_number(row, 2 + s, value)
                row += 1
        self.start_row = row + 1
        sheet.write_string(row, 0, wording.START)
        for s, value in enumerate(self.tool.start):
            sheet.write_number(row, 2 + s, value)
        sheet.write_string(row + 1, 0, wording.GAP)
        sheet.write_number(row + 1, 2, self.tool.gap)
        self.gap = f"{wording.SHEETS[2]}!$C${row + 2}"
        self.names_row = row + 3
        sheet.write_string(row + 2, 0, wording.NAMES)
        for s, name in enumerate(self.tool.segments):
            sheet.write_string(row + 2, 2 + s, _text(name))
        sheet.set_column(0, 1, 34)

    def _validate(self, sheet: Any, first_row: int, last_row: int, column: int, question: int) -> None:
        place = self._places()[question]
        last = place + len(self.tool.questions[question].answers) - 1
        rule = {
            "validate": "list", "source": f"={wording.SHEETS[2]}!$B${place}:$B${last}", "ignore_blank": True,
            "error_title": wording.WRONG_TITLE, "error_message": wording.WRONG,
        }  # fmt: skip
        sheet.data_validation(first_row, column, last_row, column, rule)

    def _sum(self, segment: int, cells: Sequence[str]) -> str:
        """Formula of a segment's points; an answer that is not from the list is an error."""
        letter, sheet = _COLUMNS[2 + segment] if segment < 24 else "", wording.SHEETS[2]
        letter = letter or f"A{_COLUMNS[segment - 24]}"
        parts = [f"{sheet}!${letter}${self.start_row}"]
        for cell, place, question in zip(cells, self._places(), self.tool.questions, strict=True):
            values = f"{sheet}!${letter}${place}:${letter}${place + len(question.answers) - 1}"
            parts.append(f'IF({cell}="",0,INDEX({values},VALUE(LEFT({cell},FIND(".",{cell})-1))))')
        return "=" + "+".join(parts)

    def _results(self, sums: Sequence[str]) -> tuple[str, str, str, str]:
        """Formulas: segment, name, certainty, possible segments."""
        whole = f"{sums[0]}:{sums[-1]}"
        names = f"{wording.SHEETS[2]}!$C${self.names_row}:{self._last_name()}"
        segment = f'IFERROR(MATCH(MAX({whole}),{whole},0),"{wording.CHOOSE}")'
        name = f'IFERROR(INDEX({names},MATCH(MAX({whole}),{whole},0)),"")'
        certainty = f'IFERROR(1/SUMPRODUCT(EXP(({whole}-MAX({whole}))/{UNIT})),"")'
        texts = "&".join(
            f'IF({cell}>=MAX({whole})-{self.gap},"{wording.OR}{i}","")' for i, cell in enumerate(sums, 1)
        )
        return (
            f"={segment}",
            f"={name}",
            f"={certainty}",
            f'=IFERROR(MID({texts},{len(wording.OR) + 1},200),"")',
        )

    def _last_name(self) -> str:
        from xlsxwriter.utility import xl_rowcol_to_cell

        return str(
            xl_rowcol_to_cell(self.names_row - 1, 1 + len(self.tool.segments), row_abs=True, col_abs=True)
        )

    def _write_form(self) -> None:
        from xlsxwriter.utility import xl_rowcol_to_cell

        sheet, tool = self.form, self.tool
        sheet.set_column(0, 1, _WIDE)
        sheet.write_string(0, 0, wording.TITLE, self.title)
        sheet.write_string(1, 0, wording.HOW, self.plain)
        first = 3
        cells = []
        for q, question in enumerate(tool.questions):
            self._write_wrapped(first + q, _text(question.label))
            sheet.write_blank(first + q, 1, None, self.open)
            self._validate(sheet, first + q, first + q, 1, q)
            cells.append(f"B{first + q + 1}")
        row = first + len(tool.questions) + 1
        at = row + len(wording.RESULTS) + 2
        sheet.write_string(at - 1, 0, wording.POINTS, self.head)
        sums = [xl_rowcol_to_cell(at + s, 1) for s in range(len(tool.segments))]
        for s, name in enumerate(tool.segments):
            self._write_wrapped(at + s, f"{s + 1} {_text(name)}")
            sheet.write_formula(at + s, 1, self._sum(s, cells), None, tool.start[s])
        for i, (words, formula) in enumerate(zip(wording.RESULTS, self._results(sums), strict=True)):
            sheet.write_string(row + i, 0, words, self.bold)
            shown = self.percent if i == 2 else self.bold
            sheet.write_formula(row + i, 1, _once_answered(cells, formula), shown, "")
        sheet.fit_to_pages(1, 0)

    def _write_wrapped(self, row: int, text: str) -> None:
        """Write a text on the form's left; not every program makes rows as high as their lines."""
        lines = max(1, len(textwrap.wrap(text, _WIDE - 4)))
        self.form.set_row(row, lines * _LINE)
        self.form.write_string(row, 0, text, self.plain)

    def _write_several(self, rows: Sequence[Sequence[int]]) -> None:
        from xlsxwriter.utility import xl_rowcol_to_cell

        sheet, n, k = self.several, len(self.tool.questions), len(self.tool.segments)
        heads = (
            *(_text(q.label) for q in self.tool.questions),
            *wording.RESULTS,
            *(wording.POINTS_OF.format(i) for i in range(1, k + 1)),
        )
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.head)
        sheet.set_column(0, n - 1, 26)
        last = max(N_ROWS, len(rows))
        for q in range(n):
            self._validate(sheet, 1, last, q, q)
        texts = [answer_texts(q.answers) for q in self.tool.questions]
        for r in range(1, last + 1):
            cells = [xl_rowcol_to_cell(r, q) for q in range(n)]
            sums = [xl_rowcol_to_cell(r, n + len(wording.RESULTS) + s) for s in range(k)]
            for s in range(k):
                sheet.write_formula(r, n + len(wording.RESULTS) + s, self._sum(s, cells))
            for i, formula in enumerate(self._results(sums)):
                sheet.write_formula(
                    r, n + i, _once_answered(cells, formula), self.share if i == 2 else None, ""
                )
            for q, code in enumerate(rows[r - 1] if r <= len(rows) else ()):
                if code >= 0:
                    sheet.write_string(r, q, texts[q][code])
        sheet.freeze_panes(1, 0)
