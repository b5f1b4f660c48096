"""The first slides: the finding with its verdict, and the segments beside each other."""

from __future__ import annotations

from segmentry.report.facts import ReportFacts
from segmentry.report.facts.outcomes import OutcomeFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.markdown import apart_text, glance_heads
from segmentry.report.slides import wording
from segmentry.report.slides.canvas import Canvas
from segmentry.report.slides.charts import Bars, Series, draw_bars
from segmentry.report.slides.fitting import Box, Paragraph
from segmentry.report.slides.pages import Page, interval_of, label_of, name_of, notes_of, source_of
from segmentry.report.slides.tables import Cell, Table, draw_table
from segmentry.text.numbers import count, number, outcome, share

_MOST_STEPS = 4


def summary_page(facts: ReportFacts) -> Page:
    """Make the slide that stands for all others: finding, verdict, sizes, next steps."""
    steps = [*facts.next_steps, *facts.targeting]
    return Page(
        "summary",
        facts.headline,
        source_of(facts),
        notes_of("summary", facts.verdict_reason, *facts.cautions, *steps),
        lambda canvas: _draw_summary(canvas, facts),
    )


def _draw_summary(canvas: Canvas, facts: ReportFacts) -> None:
    is_several = len(facts.segments) > 1
    columns = canvas.area.columns(11, 9, gap=36) if is_several else (canvas.area,)
    room = canvas.heading(columns[0], wording.VERDICT_HEAD)
    canvas.block(Box(room.left, room.top + 1, 4, room.height * 0.4 - 4), canvas.look.accent, "verdict bar")
    inner = Box(room.left + 14, room.top, room.width - 14, room.height)
    verdict = [
        Paragraph(facts.verdict_text, is_bold=True), Paragraph(facts.verdict_meaning),
        Paragraph(facts.verdict_reason, is_quiet=True),
    ]  # fmt: skip
    canvas.text(inner.upper(room.height * 0.4), verdict, name="verdict")
    rest = canvas.heading(room.below(room.height * 0.4 + 14), wording.NEXT_HEAD)
    steps = [Paragraph(step, is_item=True) for step in facts.next_steps[:_MOST_STEPS]]
    canvas.text(rest, steps, name="next steps")
    if is_several:
        sizes = canvas.heading(columns[1], wording.SIZES_HEAD)
        draw_bars(canvas, sizes, _sizes(canvas, facts), "sizes")


def _sizes(canvas: Canvas, facts: ReportFacts) -> Bars:
    colours = tuple(canvas.look.segment(s.id) for s in facts.segments)
    series = Series(wording.SIZES_HEAD, tuple(s.share for s in facts.segments), colours)
    return Bars(tuple(map(label_of, facts.segments)), (series,), "0%", facts.headline)


def segments_page(facts: ReportFacts) -> Page:
    """Make the table of segments: size, what sets each apart, what it is worth."""
    largest = max(facts.segments, key=lambda s: s.size)
    title = wording.LARGEST.format(
        id=largest.id, name=name_of(largest), share=share(largest.share), n=count(facts.n_customers)
    )
    details = (f"{label_of(s)}: {apart_text(s)}" for s in facts.segments)
    return Page(
        "segments",
        title,
        source_of(facts),
        notes_of("segments", *details),
        lambda canvas: _draw_segments(canvas, facts),
    )


def _draw_segments(canvas: Canvas, facts: ReportFacts) -> None:
    heads = glance_heads(facts)
    rows = [tuple(_row(canvas, s, len(heads))) for s in facts.segments]
    widths = (4.0, 22.0, 13.0, 9.0, 34.0, *_further_widths(facts))
    table = Table(
        ("", heads[0], heads[1], "", heads[2], *heads[3:]), tuple(rows), widths,
        right=frozenset({2, 3} | ({5} if any(s.worth for s in facts.segments) else set())),
    )  # fmt: skip
    draw_table(canvas, canvas.area, table, "segments")


def _further_widths(facts: ReportFacts) -> tuple[float, ...]:
    """Return the widths of the columns that only some reports have, in their order."""
    has = [any(getattr(s, name) for s in facts.segments) for name in ("worth", "headline", "best_campaign")]
    return tuple(width for width, is_there in zip((13.0, 17.0, 20.0), has, strict=True) if is_there)


def _row(canvas: Canvas, s: SegmentFact, n_heads: int) -> list[Cell | str]:
    colour = canvas.look.segment(s.id)
    row: list[Cell | str] = [
        Cell(str(s.id), is_bold=True, ground=colour), Cell(name_of(s), is_bold=True), count(s.size), share(s.share), apart_text(s),
    ]  # fmt: skip
    if n_heads > len(row) - 2 and s.worth is not None:
        row.append(number(s.worth.value))
    if s.headline is not None:
        row.append(_value(s.headline))
    if s.best_campaign is not None:
        row.append(f"{s.best_campaign.label}: {_value(s.best_campaign)}")
    return [*row, *[""] * (n_heads + 2 - len(row))]


def _value(o: OutcomeFact) -> str:
    interval = interval_of(o)
    return f"{outcome(o.value, o.is_rate)} ({interval})" if interval else outcome(o.value, o.is_rate)
