"""The slides that compare segments: features, an outcome with its intervals, and whom it pays to contact."""

from __future__ import annotations

import math

from segmentry.report.facts import ReportFacts
from segmentry.report.facts.compare import LevelRow, compare_facts
from segmentry.report.facts.outcomes import OutcomeFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.slides import wording
from segmentry.report.slides.canvas import Canvas
from segmentry.report.slides.charts import Bars, Series, draw_bars
from segmentry.report.slides.fitting import Paragraph
from segmentry.report.slides.pages import Page, form_of, interval_of, label_of, name_of, notes_of, source_of
from segmentry.report.slides.tables import Cell, Table, draw_table
from segmentry.report.wording import NEXT_CAMPAIGN
from segmentry.text.numbers import money, outcome, percent, share

_MOST_LEVELS, _MOST_OUTCOMES = 12, 11
_LEAST_COLUMN = 52.0
"""Points that a column of figures needs."""
_ARROWS = {"more": "\N{NO-BREAK SPACE}▲", "less": "\N{NO-BREAK SPACE}▼", "same": ""}


def leading_outcome(facts: ReportFacts) -> str | None:
    """Choose the outcome that the deck speaks of: the headline, one with costs, else the first rate, else the first."""
    first = facts.segments[0]
    outcomes = [o for group in first.groups for o in group.outcomes]
    if first.headline is not None:
        return first.headline.name
    if first.targets:
        return first.targets[0].outcome
    return next((o.name for o in outcomes if o.is_rate), outcomes[0].name if outcomes else None)


def _outcome(segment: SegmentFact, name: str) -> OutcomeFact | None:
    return next((o for group in segment.groups for o in group.outcomes if o.name == name), None)


def outcomes_page(facts: ReportFacts) -> Page | None:
    """Make the slide of the leading outcome; None where the table has none, or it is withheld."""
    name = leading_outcome(facts)
    found = [
        (s, o)
        for s in facts.segments
        if name is not None and (o := _outcome(s, name)) is not None and o.is_known
    ]
    if len(found) < 2:
        return None
    low, high = (choose(found, key=lambda pair: pair[1].value) for choose in (min, max))
    first = found[0][1]
    title = wording.OUTCOME_ALIKE.format(outcome=first.label)
    if any(o.is_different for _, o in found) or not any(math.isfinite(o.p_adjusted) for _, o in found):
        title = wording.OUTCOME.format(
            outcome=first.label, high=outcome(high[1].value, first.is_rate), most=high[0].id,
            low=outcome(low[1].value, first.is_rate), least=low[0].id, base=outcome(first.base_value, first.is_rate),
        )  # fmt: skip
    return Page(
        "outcomes",
        title,
        source_of(facts, f"; {wording.INTERVALS}"),
        notes_of("outcomes"),
        lambda canvas: _draw_outcomes(canvas, facts, found),
    )


def _draw_outcomes(canvas: Canvas, facts: ReportFacts, found: list[tuple[SegmentFact, OutcomeFact]]) -> None:
    rows = [row for group in compare_facts(facts.segments, ()).groups for row in group.rows]
    widths = (26.0, *([15.0] * (len(facts.segments) + 1)))
    left, right = canvas.area.columns(1, 1, gap=30)
    is_beside = (
        len(rows) > 1 and right.width * 15 / sum(widths) >= _LEAST_COLUMN * canvas.look.width_of_letters
    )
    left = left if is_beside else canvas.area
    first = found[0][1]
    room = canvas.heading(left, first.label)
    colours = (*(canvas.look.segment(s.id) for s, _ in found), canvas.look.rest)
    values = (*(o.value for _, o in found), first.base_value)
    has_ends = all(interval_of(o) for _, o in found)
    low, high = (
        (*(float(getattr(o, side)) for _, o in found), first.base_value) if has_ends else ()
        for side in ("low", "high")
    )
    names = tuple(f"{label_of(s)}: {outcome(o.value, o.is_rate)}" for s, o in found)
    base = f"{wording.OF_ALL}: {outcome(first.base_value, first.is_rate)}"
    bars = Bars(
        (*names, base), (Series(first.label, values, colours, low, high),), form_of(values, is_rate=first.is_rate),
        first.label, has_labels=False,
    )  # fmt: skip
    draw_bars(canvas, room, bars, "outcome")
    if is_beside:
        heads = (wording.ALL_HEAD, *(str(s.id) for s in facts.segments))
        cells: tuple[tuple[Cell | str, ...], ...] = tuple(
            (row.label, outcome(row.base_value, row.is_rate), *(
                Cell(outcome(c.fact.value, row.is_rate) + _ARROWS[c.direction], ground=canvas.look.shaded(c.direction, c.shade))
                for c in row.cells))
            for row in rows[:_MOST_OUTCOMES]
        )  # fmt: skip
        table = Table(("", *heads), cells, widths, frozenset(range(1, len(heads) + 1)))
        draw_table(canvas, right, table, "all outcomes")


def features_page(facts: ReportFacts) -> Page | None:
    """Make the heat map of the levels that tell segments apart most; None where there is one segment."""
    features = compare_facts(facts.segments, facts.method.features).features
    rows = [row for f in features for row in f.levels if math.isfinite(row.base_share) and _spread(row) > 0]
    if len(facts.segments) < 2 or not rows:
        return None
    shown = sorted(rows, key=lambda row: -_spread(row))[:_MOST_LEVELS]
    kept = [row for row in rows if row in shown]
    row, cell = max(
        ((r, c) for r in kept for c in r.cells if math.isfinite(c.share)),
        key=lambda pair: pair[1].share - pair[0].base_share,
    )
    title = wording.FEATURES.format(
        level=row.spoken, share=share(cell.share), segment=cell.segment, base=share(row.base_share)
    )
    return Page(
        "features",
        title,
        source_of(facts),
        notes_of("features"),
        lambda canvas: _draw_features(canvas, facts, kept),
    )


def _spread(row: LevelRow) -> float:
    shares = [cell.share for cell in row.cells if math.isfinite(cell.share)]
    return max(shares) - min(shares) if shares else 0.0


def _draw_features(canvas: Canvas, facts: ReportFacts, rows: list[LevelRow]) -> None:
    heads = (wording.LEVEL_HEAD, wording.ALL_HEAD, *(f"{s.id} {name_of(s)}" for s in facts.segments))
    cells: tuple[tuple[Cell | str, ...], ...] = tuple(
        (row.spoken, share(row.base_share), *_shares(canvas, facts, row)) for row in rows
    )
    widths = (26.0, 9.0, *([65.0 / len(facts.segments)] * len(facts.segments)))
    draw_table(canvas, canvas.area, Table(heads, cells, widths, frozenset(range(1, len(heads)))), "levels")


def _shares(canvas: Canvas, facts: ReportFacts, row: LevelRow) -> list[Cell]:
    by_segment = {cell.segment: cell for cell in row.cells}
    made = []
    for s in facts.segments:
        cell = by_segment.get(s.id)
        if cell is None:
            made.append(Cell(""))
        else:
            ground = canvas.look.shaded(cell.direction, cell.shade)
            made.append(Cell(share(cell.share) + _ARROWS[cell.direction], ground=ground))
    return made


def targeting_page(facts: ReportFacts) -> Page | None:
    """Make the slide of the first campaign with a cost and a revenue; None where there is none."""
    found = [(s, s.targets[0]) for s in facts.segments if s.targets]
    if not found:
        return None
    first = found[0][1]
    said = NEXT_CAMPAIGN.partition("{break_even}")[0].format(campaign=first.label)
    title = next((step for step in facts.next_steps if step.startswith(said)), first.label).removesuffix(".")
    text = next((t for t in facts.targeting if t.startswith(first.label)), "")
    return Page(
        "targeting",
        title,
        source_of(facts),
        notes_of("targeting", text),
        lambda canvas: _draw_targeting(canvas, facts, text),
    )


def _draw_targeting(canvas: Canvas, facts: ReportFacts, text: str) -> None:
    rows: tuple[tuple[Cell | str, ...], ...] = tuple(
        (
            Cell(label_of(s), is_bold=True), percent(t.rate), wording.RANGE.format(low=percent(t.low), high=percent(t.high)),
            percent(t.break_even), money(t.profit_per_contact), money(t.profit), Cell(t.decision, is_bold=True),
        )
        for s in facts.segments for t in s.targets[:1]
    )  # fmt: skip
    table = Table(
        wording.TARGET_HEADS, rows, (34.0, 9.0, 18.0, 12.0, 12.0, 12.0, 14.0), frozenset({1, 2, 3, 4, 5})
    )
    height = draw_table(canvas, canvas.area.upper(canvas.area.height * 0.72), table, "targeting")
    canvas.text(canvas.area.below(height + 18), [Paragraph(text)], name="targeting-text")
