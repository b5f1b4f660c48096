"""The slide of a segment: who they are, what they do, what to do."""

from __future__ import annotations

import math

from segmentry.report.facts import ReportFacts
from segmentry.report.facts.features import LevelFact
from segmentry.report.facts.outcomes import OutcomeFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.slides import wording
from segmentry.report.slides.canvas import Canvas
from segmentry.report.slides.charts import Bars, Series, draw_bars
from segmentry.report.slides.fitting import Paragraph
from segmentry.report.slides.pages import Page, brief, data_name, interval_of, level_of, name_of, notes_of
from segmentry.report.slides.tables import Cell, Table, draw_table
from segmentry.text.numbers import count, outcome, percent, share

_MOST_LEVELS, _MOST_OUTCOMES = 8, 7


def segment_page(facts: ReportFacts, segment: SegmentFact, more: str) -> Page:
    """Make the slide of a segment."""
    title = wording.SEGMENT.format(
        id=segment.id, name=name_of(segment), n=count(segment.size), share=share(segment.share)
    )
    source = wording.SOURCE_SEGMENT.format(
        source=data_name(facts.method.source), n=count(segment.size), all=count(facts.n_customers)
    )
    texts = (*segment.text.sentences, segment.text.action) if segment.text is not None else ()
    return Page(
        f"segment-{segment.id}",
        title,
        source + more,
        notes_of("segment", segment.name, *texts, *(p.text for p in _words(segment))),
        lambda canvas: _draw(canvas, segment),
    )


def _draw(canvas: Canvas, segment: SegmentFact) -> None:
    area = canvas.area
    outcomes = _outcomes(segment)
    left, right = area.columns(1, 1, gap=36)
    draw_bars(canvas, canvas.heading(left, wording.WHO_HEAD), _levels(canvas, segment), "levels")
    if outcomes:
        room = canvas.heading(right, wording.DO_HEAD)
        rows = tuple(_row(o) for o in outcomes)
        table = Table(wording.OUTCOME_HEADS, rows, (30.0, 20.0, 34.0, 16.0), frozenset({1, 2, 3}))
        height = draw_table(
            canvas, room.upper(room.height * 0.6), table, "outcomes", (13.0, 12.0, 11.0, 10.0)
        )
        right = room.below(height + 18)
    words = _words(segment)
    if words:
        room = canvas.heading(right, wording.ACTION_HEAD)
        canvas.text(room, words, (14.0, 13.0, 12.0, 11.0, 10.0), "action")


def _levels(canvas: Canvas, segment: SegmentFact) -> Bars:
    """Gather the levels that set the segment apart most, at most two of a feature."""
    chosen: list[tuple[str, LevelFact]] = []
    for feature in segment.features:
        strongest = sorted(
            (lev for lev in feature.levels if math.isfinite(lev.share)),
            key=lambda lev: -abs(lev.share - lev.base_share),
        )
        most = 2 if len(segment.features) > 3 else 4
        chosen += [(level_of(feature.label, v.level, v.spoken, 60), v) for v in strongest[:most]]
    chosen = sorted(chosen, key=lambda named: named[1].base_share - named[1].share)[:_MOST_LEVELS]
    mine = Series(
        wording.IN_SEGMENT.format(id=segment.id),
        tuple(lev.share for _, lev in chosen),
        (canvas.look.segment(segment.id),),
    )
    base = Series(wording.OF_ALL, tuple(lev.base_share for _, lev in chosen), (canvas.look.rest,))
    return Bars(tuple(name for name, _ in chosen), (mine, base), "0%", segment.name)


def _outcomes(segment: SegmentFact) -> list[OutcomeFact]:
    """Choose outcomes: the headline first, then those furthest from all customers, in the order of the report."""
    known = [o for group in segment.groups for o in group.outcomes if o.is_known]
    headline = segment.headline.name if segment.headline is not None else None
    ranked = sorted(known, key=lambda o: (o.name != headline, not o.is_different, -_distance(o)))[
        :_MOST_OUTCOMES
    ]
    return [o for o in known if o in ranked]


def _distance(o: OutcomeFact) -> float:
    return abs(math.log(max(o.lift, 0.05))) if math.isfinite(o.lift) else 0.0


def _row(o: OutcomeFact) -> tuple[Cell | str, ...]:
    value = Cell(outcome(o.value, o.is_rate), is_bold=True)
    return o.label, value, Cell(interval_of(o), is_quiet=True), outcome(o.base_value, o.is_rate)


def _words(segment: SegmentFact) -> list[Paragraph]:
    texts = [] if segment.text is None else [segment.text.action or segment.text.sentences[0]]
    rule, neighbour = segment.rule, segment.neighbour
    if rule is not None:
        found = {"precision": percent(rule.precision), "recall": percent(rule.recall)}
        texts.append(wording.RULE.format(rule=rule.rule, **found))
    if neighbour is not None and neighbour.is_confusable:
        name = brief(neighbour.name, 50)
        texts.append(wording.NEIGHBOUR.format(id=neighbour.id, name=name, overlap=neighbour.overlap))
    if segment.certainty is not None:
        texts.append(wording.CERTAINTY.format(certainty=percent(segment.certainty.mean)))
    if segment.is_small:
        texts.append(wording.SMALL)
    return [Paragraph(text, is_item=True) for text in texts if text]
