"""Native charts: bars with their data in a workbook of their own, in which no text is a formula."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segmentry.report.excel import new_workbook
from segmentry.report.slides import wording
from segmentry.report.slides.canvas import Canvas, paint
from segmentry.report.slides.fitting import Box, Paragraph, plain
from segmentry.report.slides.marks import mark

_LETTERS = "ABCDEFGH"
_TEXT = 11.0


@dataclass(frozen=True)
class Series:
    """Values by category; `colours` has one for all, or one for each; `low` and `high` are ends of intervals."""

    name: str
    values: tuple[float, ...]
    colours: tuple[str, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bars:
    """Horizontal bars, the first category uppermost; `form` is how Excel writes the values."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    form: str
    alt: str
    has_labels: bool = True


def draw_bars(canvas: Canvas, box: Box, bars: Bars, name: str) -> None:
    """Draw bars into a box; where there are none, say so."""
    if not bars.categories:
        canvas.text(box, [Paragraph(wording.NOTHING_SHOWN, is_quiet=True)], name=name)
        return
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    data = CategoryChartData(number_format=bars.form)
    data.categories = [plain(category) for category in bars.categories]
    for one in bars.series:
        data.add_series(plain(one.name), [_known(v) for v in one.values])
    chart = _added(canvas, box, XL_CHART_TYPE.BAR_CLUSTERED, data, name, bars.alt)
    chart.part.chart_workbook.update_from_xlsx_blob(_book(bars))
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, -5 if len(bars.series) > 1 else 0
    plot.vary_by_categories = False
    for i, one in enumerate(bars.series):
        _colour(canvas, plot.series[i], one)
        if one.low:
            _add_intervals(canvas, plot.series[i]._element, one, i, len(bars.series))
    if bars.has_labels:
        _label(canvas, plot, bars.form)
    _draw_axes(canvas, chart)
    _draw_legend(canvas, chart, is_needed=len(bars.series) > 1)


def draw_lines(canvas: Canvas, box: Box, curve: Bars, name: str) -> None:
    """Draw a curve with a mark at each category; a second series may mark some of these. Where there are none, say so."""
    if not curve.categories:
        canvas.text(box, [Paragraph(wording.NOTHING_SHOWN, is_quiet=True)], name=name)
        return
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_MARKER_STYLE
    from pptx.util import Pt

    data = CategoryChartData(number_format=curve.form)
    data.categories = list(curve.categories)
    for one in curve.series:
        data.add_series(plain(one.name), [_known(v) for v in one.values])
    chart = _added(canvas, box, XL_CHART_TYPE.LINE_MARKERS, data, name, curve.alt)
    chart.part.chart_workbook.update_from_xlsx_blob(_book(curve))
    for made, one in zip(chart.plots[0].series, curve.series, strict=True):
        made.smooth = False
        made.format.line.width = Pt(2)
        made.marker.style, made.marker.size = XL_MARKER_STYLE.CIRCLE, 9
        for fill in (made.format.line.fill, made.marker.format.fill, made.marker.format.line.fill):
            paint(fill, canvas.look, one.colours[0])
    axis = chart.value_axis
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.width = Pt(0.5)
    paint(axis.major_gridlines.format.line.fill, canvas.look, canvas.look.line)
    axis.format.line.fill.background()
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = curve.form, False
    paint(chart.category_axis.format.line.fill, canvas.look, canvas.look.line)
    _draw_legend(canvas, chart, is_needed=False)


def _added(canvas: Canvas, box: Box, kind: Any, data: Any, name: str, alt: str) -> Any:
    from pptx.util import Pt

    shape = canvas.slide.shapes.add_chart(kind, *box.emu, data)
    mark(shape, name)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", plain(alt))
    chart = shape.chart
    chart.font.size = Pt(_TEXT)
    paint(chart.font.fill, canvas.look, canvas.look.ink)
    chart.has_title = False
    return chart


def _colour(canvas: Canvas, made: Any, one: Series) -> None:
    made.invert_if_negative = False
    paint(made.format.fill, canvas.look, one.colours[0])
    if len(one.colours) > 1:
        for i, colour in enumerate(one.colours):
            paint(made.points[i].format.fill, canvas.look, colour)


def _label(canvas: Canvas, plot: Any, form: str) -> None:
    from pptx.enum.chart import XL_LABEL_POSITION
    from pptx.util import Pt

    plot.has_data_labels = True
    labels = plot.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = form, False
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    labels.font.size = Pt(_TEXT)
    paint(labels.font.fill, canvas.look, canvas.look.ink)


def _draw_axes(canvas: Canvas, chart: Any) -> None:
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK

    values, categories = chart.value_axis, chart.category_axis
    values.visible = False
    values.has_major_gridlines = False
    values.minimum_scale = 0 if _is_positive(chart) else None
    categories.reverse_order = True
    categories.major_tick_mark = XL_TICK_MARK.NONE
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.has_major_gridlines = False
    paint(categories.format.line.fill, canvas.look, canvas.look.line)


def _is_positive(chart: Any) -> bool:
    return all(v is None or v >= 0 for series in chart.plots[0].series for v in series.values)


def _draw_legend(canvas: Canvas, chart: Any, *, is_needed: bool) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION
    from pptx.util import Pt

    chart.has_legend = is_needed
    if is_needed:
        chart.legend.position = XL_LEGEND_POSITION.TOP
        chart.legend.include_in_layout = False
        chart.legend.font.size = Pt(_TEXT)
        paint(chart.legend.font.fill, canvas.look, canvas.look.ink)


def _add_intervals(canvas: Canvas, series: Any, one: Series, position: int, n_series: int) -> None:
    """Add whiskers from `low` to `high`, whose lengths are cells of the chart's workbook."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    first = 1 + n_series + 2 * position
    up, down = _lengths(one)
    sides = "".join(
        f"<c:{side}><c:numRef><c:f>Sheet1!${_LETTERS[column]}$2:${_LETTERS[column]}${len(values) + 1}</c:f>{_cache(values)}</c:numRef></c:{side}>"
        for side, column, values in (("plus", first, up), ("minus", first + 1, down))
    )
    element = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>{sides}'
        f'<c:spPr><a:ln w="15875"><a:solidFill><a:srgbClr val="{canvas.look.ink.upper()}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    before = next(
        (e for tag in ("cat", "val") if (e := series.find(f"{{*}}{tag}")) is not None),
    )
    before.addprevious(element)


def _lengths(one: Series) -> tuple[list[float], list[float]]:
    up = [high - value for value, high in zip(one.values, one.high, strict=True)]
    down = [value - low for value, low in zip(one.values, one.low, strict=True)]
    return up, down


def _cache(values: Sequence[float]) -> str:
    points = "".join(
        f'<c:pt idx="{i}"><c:v>{v!r}</c:v></c:pt>'
        for i, v in enumerate(map(float, values))
        if math.isfinite(v)
    )
    return f'<c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache>'


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _book(bars: Bars) -> bytes:
    """Return the workbook behind a chart: what PowerPoint opens to edit the data."""
    file = io.BytesIO()
    columns: list[tuple[str, Sequence[float]]] = [(one.name, one.values) for one in bars.series]
    for one in bars.series:
        if one.low:
            up, down = _lengths(one)
            columns += [(UP, up), (DOWN, down)]
    with new_workbook(file) as book:
        sheet = book.add_worksheet("Sheet1")
        form = book.add_format({"num_format": bars.form})
        for row, category in enumerate(bars.categories, 1):
            sheet.write_string(row, 0, plain(category))
        for column, (name, values) in enumerate(columns, 1):
            sheet.write_string(0, column, plain(name))
            for row, value in enumerate(values, 1):
                known = _known(value)
                if known is not None:
                    sheet.write_number(row, column, known, form)
    return file.getvalue()


UP, DOWN = "+", "\N{MINUS SIGN}"
"""Heads of the columns with the lengths of intervals."""
