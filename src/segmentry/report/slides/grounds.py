"""The slides that say how far the result may be trusted: the verdict, limits and next steps, the method."""

from __future__ import annotations

import math

from segmentry.report.facts import ReportFacts
from segmentry.report.facts.howmany import CriterionFact, EvidenceFact
from segmentry.report.slides import wording
from segmentry.report.slides.canvas import Canvas
from segmentry.report.slides.charts import Bars, Series, draw_lines
from segmentry.report.slides.fitting import Box, Paragraph
from segmentry.report.slides.pages import Page, data_name, notes_of, source_of
from segmentry.report.slides.tables import Cell, Table, draw_table
from segmentry.text.numbers import count, statistic

_MOST_LIMITS = 6
_CRITERIA = ("bic", "elbow")


def verdict_page(facts: ReportFacts) -> Page:
    """Make the slide of the verdict and its grounds."""
    is_asked = not facts.is_judged and facts.verdict != "given"
    details = (f"{e.question} {e.answer}: {e.measure}" for e in facts.evidence)
    return Page(
        "verdict",
        wording.ASKED if is_asked else wording.VERDICTS[facts.verdict],
        source_of(facts),
        notes_of("verdict", facts.verdict_meaning, facts.verdict_reason, *details, *facts.cautions),
        lambda canvas: _draw_verdict(canvas, facts),
    )


def _draw_verdict(canvas: Canvas, facts: ReportFacts) -> None:
    area, curve = canvas.area, next((c for name in _CRITERIA for c in facts.criteria if c.name == name), None)
    if facts.evidence:
        rows = tuple(_evidence(e) for e in facts.evidence)
        table = Table(wording.EVIDENCE_HEADS, rows, (40.0, 10.0, 14.0, 20.0), frozenset({2, 3}))
        height = draw_table(canvas, area.upper(area.height * 0.42), table, "grounds")
        area = area.below(height + 20)
    columns = area.columns(11, 9, gap=36) if curve is not None else (area,)
    room = canvas.heading(columns[0], wording.CHOICE_HEAD)
    texts = [
        facts.verdict_reason,
        facts.choice_reason,
        "" if facts.choices is None else facts.choices.sentence,
        *facts.cautions,
    ]
    texts = texts if facts.verdict_reason else [facts.verdict_meaning, *texts]
    canvas.text(room, [Paragraph(text, is_item=True) for text in texts if text], name="grounds-text")
    if curve is not None:
        _draw_curve(canvas, columns[1], curve)


def _evidence(e: EvidenceFact) -> tuple[Cell | str, ...]:
    is_share = e.kind == "share"
    low, high = (statistic(v, is_share) for v in (e.null_low, e.null_high))
    value = statistic(e.value, is_share)
    return Cell(e.question), Cell(e.answer, is_bold=True), value, wording.RANGE.format(low=low, high=high)


def _draw_curve(canvas: Canvas, box: Box, curve: CriterionFact) -> None:
    direction = wording.HIGHER if curve.is_lower_better is False else wording.LOWER
    head = wording.CRITERION_HEAD.format(label=curve.label, direction=direction)
    room = canvas.heading(box, f"{head}; {wording.CHOSEN}")
    chosen = tuple(v if k == curve.chosen else math.nan for k, v in zip(curve.k, curve.values, strict=True))
    series = (
        Series(curve.label, curve.values, (canvas.look.rest,)), Series(wording.THE_CHOSEN, chosen, (canvas.look.accent,)),
    )  # fmt: skip
    draw_lines(canvas, room, Bars(tuple(map(str, curve.k)), series, "#,##0", head), "criterion")


def next_page(facts: ReportFacts) -> Page:
    """Make the slide of next steps and limits."""
    first, *others = facts.next_steps
    return Page(
        "next",
        first.removesuffix("."),
        source_of(facts),
        notes_of("next", *others, *facts.targeting, *facts.method.limits, *facts.method.notes),
        lambda canvas: _draw_next(canvas, facts),
    )


def _draw_next(canvas: Canvas, facts: ReportFacts) -> None:
    left, right = canvas.area.columns(11, 9, gap=36)
    steps = [*facts.next_steps[1:], *facts.targeting]
    canvas.text(
        canvas.heading(left, wording.NEXT_HEAD),
        [Paragraph(s, is_item=True) for s in steps],
        name="next steps",
    )
    limits = [*facts.method.limits, *facts.method.notes][:_MOST_LIMITS]
    canvas.text(
        canvas.heading(right, wording.LIMITS_HEAD),
        [Paragraph(s, is_item=True) for s in limits],
        name="limits",
    )


def method_page(facts: ReportFacts) -> Page:
    """Make the appendix: data and method."""
    method = facts.method
    return Page(
        "method",
        wording.METHOD.format(n=count(facts.n_customers), method=method.method_text),
        source_of(facts),
        notes_of("method", method.description, *(f"{s.step}: {s.what}" for s in method.cleaning)),
        lambda canvas: _draw_method(canvas, facts),
    )


def _draw_method(canvas: Canvas, facts: ReportFacts) -> None:
    method = facts.method
    left, right = canvas.area.columns(1, 1, gap=36)
    counts = map(count, (method.n_rows, method.n_dropped, method.n_customers, method.n_patterns))
    values = (
        data_name(method.source),
        *counts,
        method.method_text,
        str(method.seed),
        count(method.n_comparisons),
    )
    rows = [*zip(wording.METHOD_ROWS, values, strict=True)]
    if method.min_cell is not None:
        rows.append((wording.MIN_CELL, count(method.min_cell)))
    rows += [(name, version) for name, version in method.versions if name in ("segmentry", "python")]
    rows_of_cells = tuple((Cell(name, is_quiet=True), Cell(value)) for name, value in rows)
    draw_table(canvas, left, Table((wording.DATA_HEAD, ""), rows_of_cells, (1.0, 2.0)), "data")
    texts = [
        wording.OF_LEVELS.format(label=f.label, levels=" · ".join(level.level for level in f.levels))
        for f in method.features
    ]
    room = canvas.heading(right, wording.FEATURES_HEAD)
    canvas.text(
        room, [Paragraph(text, is_item=True) for text in texts], (14.0, 13.0, 12.0, 11.0, 10.0), "features"
    )
