"""Criteria by number of segments: a line with its null band, the chosen number marked."""

from __future__ import annotations

import math

from segmentry.pages.palette import tone
from segmentry.report import wording
from segmentry.report.facts.gains import GainFact
from segmentry.report.facts.howmany import CriterionFact, EvidenceFact
from segmentry.report.figures.scales import Scale, bottom_axis, covering, left_axis
from segmentry.report.figures.svg import (
    Figure,
    FigureTable,
    HeatCell,
    element,
    line,
    path,
    text_element,
    title,
    width_of,
)
from segmentry.text import numbers

WIDTH, HEIGHT = 440.0, 260.0
_TOP, _BOTTOM, _RIGHT = 26.0, 46.0, 14.0


def criterion_curve(fact: CriterionFact, n_customers: int) -> Figure:
    """Draw a criterion for each number of segments."""
    values = [*fact.values, *fact.null_low, *fact.null_high]
    y, marks = covering(values, HEIGHT - _BOTTOM, _TOP)
    left = max(width_of(numbers.mark(m), 11) for m in marks) + 14
    x = Scale(fact.k[0], fact.k[-1], left + 14, WIDTH - _RIGHT - 8)
    known = [(k, v) for k, v in zip(fact.k, fact.values, strict=True) if math.isfinite(v)]
    body = left_axis(y, marks, left, WIDTH - _RIGHT, numbers.mark)
    body += bottom_axis(
        ((x(k), str(k)) for k in fact.k), HEIGHT - _BOTTOM, wording.NUMBER_OF_SEGMENTS, (left + WIDTH) / 2
    )
    body += _band(fact, x, y) + _chosen(fact.chosen, x(fact.chosen))
    body += path([(x(k), y(v)) for k, v in known], fill="none", stroke="var(--muted)", stroke_width=1.6)
    body += "".join(_dot(fact, k, v, x(k), y(v)) for k, v in known)
    return Figure(
        name=fact.name,
        eyebrow=wording.EYEBROWS.get(fact.name, fact.label),
        title=_finding(fact),
        subtitle=_subtitle(fact),
        source=wording.N_CUSTOMERS.format(n=numbers.count(n_customers)),
        alt=wording.CRITERION_ALT.format(
            label=fact.label, first=fact.k[0], last=fact.k[-1], finding=_finding(fact)
        ),
        width=WIDTH,
        height=HEIGHT,
        body=body,
    )


def _band(fact: CriterionFact, x: Scale, y: Scale) -> str:
    both = [
        (x(k), y(low), y(high))
        for k, low, high in zip(fact.k, fact.null_low, fact.null_high, strict=True)
        if math.isfinite(low) and math.isfinite(high)
    ]
    if not both:
        return ""
    around = [(a, low) for a, low, _ in both] + [(a, high) for a, _, high in reversed(both)]
    return path(around, fill="var(--band)", stroke="var(--muted)", stroke_width=0.6, stroke_dasharray="3 3")


def _chosen(chosen: int, x: float) -> str:
    words = wording.CHOSEN.format(k=chosen)
    half = width_of(words, 11) / 2
    middle = min(max(x, half + 4), WIDTH - half - 4)
    mark = line(x, _TOP, x, HEIGHT - _BOTTOM, stroke="var(--accent)", stroke_dasharray="2 3")
    return mark + text_element(
        words, middle, _TOP - 8, text_anchor="middle", class_="tick", fill="var(--accent)"
    )


def _dot(fact: CriterionFact, k: int, value: float, x: float, y: float) -> str:
    words = wording.AT_K.format(segments=_count(k), value=numbers.criterion(value))
    low, high = (band[fact.k.index(k)] for band in (fact.null_low, fact.null_high))
    if math.isfinite(low):
        words += wording.AT_K_NULL.format(
            null=fact.null, low=numbers.criterion(low), high=numbers.criterion(high)
        )
    ring = element("circle", cx=x, cy=y, r=8.0, fill="none", stroke="var(--ink)") if k == fact.best else ""
    colour = "var(--accent)" if k == fact.chosen else "var(--muted)"
    dot = element("circle", cx=x, cy=y, r=5.0 if k == fact.chosen else 3.6, fill=colour)
    return element("g", title(words) + ring + dot, class_="mark")


def _finding(fact: CriterionFact) -> str:
    same = wording.THE_CHOSEN if fact.best == fact.chosen else wording.OTHERS_CHOSEN.format(k=fact.chosen)
    if fact.name == "elbow":
        if not fact.best:
            return wording.NO_BEND
        return wording.BEND.format(segments=_count(fact.best)) + same
    extreme = wording.LOWEST if fact.is_lower_better else wording.HIGHEST
    words = wording.EXTREME.format(label=fact.label, extreme=extreme, segments=_count(fact.best))
    return words + same


def _subtitle(fact: CriterionFact) -> str:
    if fact.name == "elbow":
        words = wording.ELBOW_SUBTITLE.format(label=fact.label) + (wording.ELBOW_RING if fact.best else "")
    else:
        words = wording.LOWER_RING if fact.is_lower_better else wording.HIGHER_RING
    return words + (wording.BAND.format(null=fact.null) if fact.has_band else "")


def _count(k: int) -> str:
    return (wording.SEGMENTS if k != 1 else wording.SEGMENT).format(k=k)


def evidence_strip(fact: EvidenceFact) -> str:
    """Draw one ground of the verdict: a dot and its null band."""
    low, high = min(fact.null_low, fact.value, 0.0), max(fact.null_high, fact.value, 0.0)
    x = Scale(low, high if high > low else low + 1, 8, 212)
    start, end = x(fact.null_low), x(fact.null_high)
    value, from_, to = (
        numbers.statistic(v, fact.kind == "share") for v in (fact.value, fact.null_low, fact.null_high)
    )
    words = wording.STRIP.format(value=value, low=from_, high=to)
    body = line(4, 14, 216, 14, stroke="var(--line)", stroke_width=2)
    body += element(
        "rect", x=start, y=6.0, width=max(end - start, 3.0), height=16.0, rx=3, fill="var(--shade)"
    )
    body += element("circle", cx=x(fact.value), cy=14.0, r=6.5, fill="var(--accent)")
    return f'<svg viewBox="0 0 220 28" width="220" height="28" role="img" aria-label="{words}">{title(words)}{body}</svg>'


def gain(fact: GainFact) -> Figure:
    """Draw the acceptances won by contacting the best segments first, and those of contacting customers at random."""
    y = Scale(0, 1, HEIGHT - _BOTTOM, _TOP)
    left = 48.0
    x = Scale(0, 1, left, WIDTH - _RIGHT - 14)
    shares = [0, 0.25, 0.5, 0.75, 1]
    body = left_axis(y, shares, left, WIDTH - _RIGHT, numbers.percent_mark)
    middle = (left + WIDTH) / 2
    body += bottom_axis(
        ((x(v), numbers.percent_mark(v)) for v in shares), HEIGHT - _BOTTOM, wording.CONTACTED, middle
    )
    body += path([(x(0), y(0)), (x(1), y(1))], fill="none", stroke="var(--muted)", stroke_dasharray="2 4")
    points = [(x(0), y(0)), *((x(s.contacted), y(s.won)) for s in fact.steps)]
    body += path(points, fill="none", stroke="var(--ink)", stroke_width=1.8)
    if fact.has_held_out:
        held = [(x(0), y(0)), *((x(s.held_out_contacted), y(s.held_out_won)) for s in fact.steps)]
        body += path(held, fill="none", stroke="var(--accent)", stroke_width=1.6, stroke_dasharray="7 3")
    for step, (a, b) in zip(fact.steps, points[1:], strict=True):
        profit, low, high = (numbers.money(v) for v in (step.profit, step.profit_low, step.profit_high))
        words = wording.GAIN_STEP.format(
            segment=step.segment, contacted=numbers.percent(step.contacted), won=numbers.percent(step.won),
            profit=profit, low=low, high=high,
        )  # fmt: skip
        disc = element("circle", cx=a, cy=b, r=9.5, fill=f"var(--{tone(step.segment)})")
        number = text_element(str(step.segment), a, b + 4, text_anchor="middle", class_="badge-text")
        body += element("g", title(words) + disc + number, class_="mark", data_segment=step.segment)
    first, best = fact.steps[0], fact.best
    form = wording.GAIN_FINDING if fact.pays else wording.GAIN_FINDING_NOBODY
    finding = form.format(
        segment=first.segment, won=numbers.share(first.won), contacted=numbers.share(first.contacted)
    )
    at_best = ""
    if best is not None:
        at_best = wording.GAIN_BEST.format(
            contacted=numbers.share(best.contacted), profit=numbers.money(best.profit)
        )
    held_out = wording.GAIN_HELD_OUT if fact.has_held_out else ""
    return Figure(
        f"gain_{fact.outcome}", wording.GAIN.format(campaign=fact.label), finding,
        wording.GAIN_SUBTITLE.format(profit=at_best, held_out=held_out),
        wording.N_CUSTOMERS.format(n=numbers.count(fact.n)),
        wording.GAIN_ALT.format(campaign=fact.label, finding=finding), WIDTH, HEIGHT, body, _gain_table(fact),
    )  # fmt: skip


def _gain_table(fact: GainFact) -> FigureTable:
    rows = tuple(
        (
            HeatCell(str(step.segment), step.segment),
            *(HeatCell(numbers.percent(v), v) for v in (step.contacted, step.won)),
            *(HeatCell(numbers.money(v), v) for v in (step.profit, step.profit_low, step.profit_high)),
        )
        for step in fact.steps
    )
    return FigureTable(wording.GAIN_HEADS, rows)
