"""The report's facts as an Excel workbook: a summary, a sheet per segment, with native charts."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import IO, Any

from segmentry.errors import DataError
from segmentry.pages.palette import LIGHT
from segmentry.report import wording
from segmentry.report.facts import ReportFacts
from segmentry.report.facts.segments import SegmentFact

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_MAX_NAME = 31
_MAX_TEXT = 32_000


class Sheet:
    """A worksheet that is written line by line; texts stay texts, whatever they begin with."""

    def __init__(self, book: Any, name: str, widths: tuple[int, ...]) -> None:
        self.name, self.row = name, 0
        self._sheet = book.add_worksheet(name)
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def line(self, *cells: Any, look: Any = None) -> int:
        """Write a line and return its number; (value, look) pairs have a look of their own."""
        for column, cell in enumerate(cells):
            value, own = cell if isinstance(cell, tuple) else (cell, look)
            if isinstance(value, (int, float)) and math.isfinite(value):
                self._sheet.write_number(self.row, column, value, own)
            elif isinstance(value, str) and value:
                self._sheet.write_string(self.row, column, value[:_MAX_TEXT], own)
            else:
                self._sheet.write_blank(self.row, column, None, own)
        self.row += 1
        return self.row - 1

    def chart(
        self,
        book: Any,
        kind: str,
        title: str,
        series: list[dict[str, Any]],
        place: tuple[int, int],
        axis: str,
    ) -> None:
        """Put a native chart at a cell; each of the `series` names cells of this sheet: (first row, last row, column)."""
        chart = book.add_chart({"type": kind})
        for one in series:
            first, last, column = one["cells"]
            chart.add_series(
                {
                    "name": one["name"],
                    "categories": [self.name, first, 0, last, 0],
                    "values": [self.name, first, column, last, column],
                    "fill": {"color": one["colour"]},
                    "gap": 60,
                }
            )
        chart.set_title({"name": _unlike_formula(title), "name_font": {"size": 12}})
        chart.set_y_axis({"num_format": axis, "major_gridlines": {"visible": kind != "bar"}})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
            chart.set_x_axis({"num_format": axis})
        chart.set_size(
            {"width": 520, "height": max(240, 26 * (series[0]["cells"][1] - series[0]["cells"][0] + 4))}
        )
        self._sheet.insert_chart(*place, chart)


def _unlike_formula(title: str) -> str:
    """Return a title that xlsxwriter does not take for a formula, as "a!B1": an invisible word joiner follows the mark.

    Examples
    --------
    >>> _unlike_formula("a!B1") == "a!\N{WORD JOINER}B1", _unlike_formula("Income")
    (True, 'Income')
    """
    return title.replace("!", "!\N{WORD JOINER}")


def workbook() -> Any:
    """Return the class that writes workbooks.

    Raises
    ------
    DataError
        xlsxwriter is not installed.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise DataError(
            "Excel needs xlsxwriter", hint="install it with: pip install 'segmentry[excel]'"
        ) from None
    return Workbook


def new_workbook(target: str | Path | IO[bytes]) -> Any:
    """Return an empty workbook: texts stay texts, and sheets are kept in memory, since a killed command would leave temporary files.

    Raises
    ------
    DataError
        xlsxwriter is not installed.
    """
    texts = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    options = {**dict.fromkeys(texts, False), "in_memory": True}
    return workbook()(str(target) if isinstance(target, Path) else target, options)


def write_excel(facts: ReportFacts, path: Path) -> None:
    """Write the workbook.

    Raises
    ------
    DataError
        xlsxwriter is not installed.
    """
    with new_workbook(path) as book:
        looks = _looks(book)
        _summary(book, facts, looks)
        names = {"summary", "method"}
        for segment in facts.segments:
            _segment(book, segment, _sheet_name(segment, names), looks)
        _method(book, facts, looks)


def _looks(book: Any) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "head": book.add_format(
            {"bold": True, "bottom": 1, "font_color": LIGHT["muted"], "text_wrap": True, "valign": "bottom"}
        ),
        "bold": book.add_format({"bold": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "percent": book.add_format({"num_format": "0.0%", "valign": "top"}),
        "number": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
        "whole": book.add_format({"num_format": "#,##0", "valign": "top"}),
    }


def _summary(book: Any, facts: ReportFacts, looks: dict[str, Any]) -> None:
    sheet = Sheet(book, wording.SHEETS[0], (44, 14, 14, 16, 24, 12, 12, 12, 12))
    sheet.line(f"{facts.title}: {facts.headline}", look=looks["title"])
    sheet.line((facts.verdict_text, looks["bold"]))
    sheet.line(f"{facts.verdict_meaning} {facts.verdict_reason}")
    sheet.line(facts.choice_reason)
    sheet.row += 1
    worth = next((s.worth.label for s in facts.segments if s.worth), "")
    is_headline = any(s.headline for s in facts.segments)
    heads = wording.HEADLINE_HEADS if is_headline else wording.BEST_HEADS
    sheet.line(
        *wording.SUMMARY_HEADS, wording.PER_CUSTOMER.format(group=worth) if worth else "", *heads, look=looks["head"],
    )  # fmt: skip
    first = sheet.row
    for s in facts.segments:
        best = s.headline or s.best_campaign
        sheet.line(
            (f"{s.id} {s.name}", looks["wrap"]),
            (s.size, looks["whole"]),
            (s.share, looks["percent"]),
            (s.worth.value if s.worth else None, looks["number"]),
            (best.label if best else "", looks["wrap"]),
            *(
                (v, looks["percent" if best is None or best.is_rate else "number"])
                for v in ((best.value, best.low, best.high) if best else (None,) * 3)
            ),
            (s.certainty.mean if s.certainty else None, looks["percent"]),
        )
    last = sheet.row - 1
    sheet.row += 1
    sheet.line(wording.NEXT, look=looks["bold"])
    for step in facts.next_steps:
        sheet.line(step)
    place = (sheet.row + 1, 0)
    size = {"name": wording.CUSTOMERS_HEAD, "cells": (first, last, 1), "colour": LIGHT["accent"]}
    sheet.chart(book, "bar", wording.SIZES, [size], place, "#,##0")


def _sheet_name(segment: SegmentFact, taken: set[str]) -> str:
    """Make a name that Excel allows: 31 characters, none forbidden, unique without regard to case."""
    plain = _FORBIDDEN.sub(" ", f"{segment.id} {segment.name}")
    name = "".join(c for c in plain if c.isprintable())[:_MAX_NAME].strip()
    name = name if name.casefold() not in taken else wording.SHEET.format(id=segment.id)
    taken.add(name.casefold())
    return name


def _segment(book: Any, segment: SegmentFact, name: str, looks: dict[str, Any]) -> None:
    sheet = Sheet(book, name, (36, 12, 12, 12, 12, 12, 12))
    sheet.line(f"{segment.id} {segment.name}", look=looks["title"])
    sheet.line(wording.CUSTOMERS_HEAD, (segment.size, looks["whole"]), (segment.share, looks["percent"]))
    colour, column = LIGHT[segment.tone], 9
    for feature in segment.features:
        sheet.row += 1
        start = sheet.line(feature.label, *wording.FEATURE_HEADS, look=looks["head"]) + 1
        for level in feature.levels:
            shares = ((v, looks["percent"]) for v in (level.share, level.base_share))
            sheet.line(level.level, (level.count, looks["whole"]), *shares, (level.lift, looks["number"]))
        cells = (start, sheet.row - 1)
        sheet.chart(book, "bar", feature.label, _beside(cells, 2, colour), (start - 1, column), "0%")
        sheet.row = max(sheet.row, start + 14)
    for group in segment.groups:
        sheet.row += 1
        start = sheet.line(group.label, *wording.OUTCOME_HEADS, look=looks["head"]) + 1
        look = looks["percent"] if group.is_rates else looks["number"]
        for o in group.outcomes:
            values = ((v, look) for v in (o.value, o.base_value, o.low, o.high))
            sheet.line(o.label, (o.n, looks["whole"]), *values, (o.total, looks["whole"]))
        kind = "0%" if group.is_rates else "#,##0"
        sheet.chart(
            book, "bar", group.label, _beside((start, sheet.row - 1), 2, colour), (start - 1, column), kind
        )
        sheet.row = max(sheet.row, start + 14)


def _beside(cells: tuple[int, int], column: int, colour: str) -> list[dict[str, Any]]:
    """Return two series: the segment's values, and those of all customers."""
    return [
        {"name": wording.SERIES[0], "cells": (*cells, column), "colour": colour},
        {"name": wording.SERIES[1], "cells": (*cells, column + 1), "colour": LIGHT["line"]},
    ]


def _method(book: Any, facts: ReportFacts, looks: dict[str, Any]) -> None:
    method = facts.method
    sheet = Sheet(book, wording.SHEETS[1], (40, 18, 14))
    sheet.line(wording.METHOD, look=looks["title"])
    counts = ((n, looks["whole"]) for n in (method.n_rows, method.n_dropped, method.n_customers))
    values = (method.source, *counts, method.method_text, method.seed)
    for name, value in zip(wording.METHOD_ROWS, values, strict=True):
        sheet.line(name, value)
    for limit in method.limits:
        sheet.line(limit)
    if method.cleaning:
        sheet.row += 1
        sheet.line(*wording.CLEANING_HEADS, look=looks["head"])
        for step in method.cleaning:
            sheet.line(step.step, step.what, (step.n_rows, looks["whole"]))
