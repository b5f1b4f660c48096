"""Criteria by number of segments: a line with its null band, the chosen number marked."""

from __future__ import annotations

import math
from collections.abc import Callable

from segmentry.report.facts.gains import GainFact
from segmentry.report.facts.howmany import CriterionFact, EvidenceFact
from segmentry.report.figures.scales import Scale, bottom_axis, covering, left_axis
from segmentry.report.figures.svg import Figure, element, line, path, text, title, width_of
from segmentry.report.formats import evidence, money, percent
from segmentry.report.palette import tone

WIDTH, HEIGHT = 440.0, 260.0
_TOP, _BOTTOM, _RIGHT = 26.0, 46.0, 14.0


def criterion(fact: CriterionFact, n_customers: int) -> Figure:
    """A criterion for each number of segments."""
    show = _format(fact)
    values = [*fact.values, *fact.null_low, *fact.null_high]
    y, marks = covering(values, HEIGHT - _BOTTOM, _TOP)
    left = max(width_of(show(m), 11) for m in marks) + 14
    x = Scale(fact.k[0], fact.k[-1], left + 14, WIDTH - _RIGHT - 8)
    known = [(k, v) for k, v in zip(fact.k, fact.values, strict=True) if math.isfinite(v)]
    body = left_axis(y, marks, left, WIDTH - _RIGHT, show)
    body += bottom_axis(
        ((x(k), str(k)) for k in fact.k), HEIGHT - _BOTTOM, "number of segments", (left + WIDTH) / 2
    )
    body += _band(fact, x, y) + _chosen(fact.chosen, x(fact.chosen))
    body += path([(x(k), y(v)) for k, v in known], fill="none", stroke="var(--muted)", stroke_width=1.6)
    body += "".join(_dot(fact, k, v, x(k), y(v), show) for k, v in known)
    return Figure(
        name=fact.name,
        eyebrow=_EYEBROWS.get(fact.name, fact.label),
        title=_finding(fact),
        subtitle=_subtitle(fact),
        source=f"n = {n_customers:,} customers",
        alt=f"{fact.label} for {fact.k[0]} to {fact.k[-1]} segments. {_finding(fact)}.",
        width=WIDTH,
        height=HEIGHT,
        body=body,
    )


_EYEBROWS = {"elbow": "Elbow", "bic": "Information criterion"}


def _format(fact: CriterionFact) -> Callable[[float], str]:
    largest = max((abs(v) for v in fact.values if math.isfinite(v)), default=0.0)
    digits = 0 if largest >= 20 else 2
    return lambda value: f"{value:,.{digits}f}".replace("-", "−")


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
    words = f"chosen: {chosen}"
    half = width_of(words, 11) / 2
    middle = min(max(x, half + 4), WIDTH - half - 4)
    mark = line(x, _TOP, x, HEIGHT - _BOTTOM, stroke="var(--accent)", stroke_dasharray="2 3")
    return mark + text(words, middle, _TOP - 8, text_anchor="middle", class_="tick", fill="var(--accent)")


def _dot(fact: CriterionFact, k: int, value: float, x: float, y: float, show: Callable[[float], str]) -> str:
    words = f"{k} segment{'s' if k > 1 else ''}: {show(value) if abs(value) < 20 else f'{value:,.1f}'}"
    low, high = (band[fact.k.index(k)] for band in (fact.null_low, fact.null_high))
    if math.isfinite(low):
        words += f"; independent features {show(low)} to {show(high)}"
    ring = element("circle", cx=x, cy=y, r=8.0, fill="none", stroke="var(--ink)") if k == fact.best else ""
    colour = "var(--accent)" if k == fact.chosen else "var(--muted)"
    dot = element("circle", cx=x, cy=y, r=5.0 if k == fact.chosen else 3.6, fill=colour)
    return element("g", title(words) + ring + dot, class_="mark")


def _finding(fact: CriterionFact) -> str:
    same = ", the number chosen" if fact.best == fact.chosen else f"; {fact.chosen} were chosen"
    if fact.name == "elbow":
        if not fact.best:
            return "The misfit falls without a bend"
        return f"The misfit bends at {_count(fact.best)}{same}"
    extreme = "lowest" if fact.is_lower_better else "highest"
    return f"{fact.label} is {extreme} at {_count(fact.best)}{same}"


def _subtitle(fact: CriterionFact) -> str:
    if fact.name == "elbow":
        words = f"{fact.label}; lower fits better. A bend is a habit of the eye, not a test"
        return words + ("; ring: farthest below the straight line" if fact.best else "")
    words = "Lower is better; ring: best" if fact.is_lower_better else "Higher is better; ring: best"
    if fact.has_band:
        return words + "; grey: middle 90 % where features are independent"
    return words + ("; of latent classes on the same patterns" if fact.name == "bic" else "")


def _count(k: int) -> str:
    return f"{k} segment{'s' if k != 1 else ''}"


def evidence_strip(fact: EvidenceFact) -> str:
    """One ground of the verdict as a dot beside its null band."""
    low, high = min(fact.null_low, fact.value, 0.0), max(fact.null_high, fact.value, 0.0)
    x = Scale(low, high if high > low else low + 1, 8, 212)
    start, end = x(fact.null_low), x(fact.null_high)
    words = (
        f"measured {evidence(fact.value, fact.kind)}; without it {evidence(fact.null_low, fact.kind)} to "
        f"{evidence(fact.null_high, fact.kind)}"
    )
    body = line(4, 14, 216, 14, stroke="var(--line)", stroke_width=2)
    body += element(
        "rect", x=start, y=6.0, width=max(end - start, 3.0), height=16.0, rx=3, fill="var(--shade)"
    )
    body += element("circle", cx=x(fact.value), cy=14.0, r=6.5, fill="var(--accent)")
    return f'<svg viewBox="0 0 220 28" width="220" height="28" role="img" aria-label="{words}">{title(words)}{body}</svg>'


def gain(fact: GainFact) -> Figure:
    """Acceptances won by contacting the best segments first, beside contacting anybody."""
    y = Scale(0, 1, HEIGHT - _BOTTOM, _TOP)
    left = 48.0
    x = Scale(0, 1, left, WIDTH - _RIGHT - 14)
    shares = [0, 0.25, 0.5, 0.75, 1]
    body = left_axis(y, shares, left, WIDTH - _RIGHT, lambda v: percent(v, 0))
    middle = (left + WIDTH) / 2
    body += bottom_axis(
        ((x(v), percent(v, 0)) for v in shares), HEIGHT - _BOTTOM, "customers contacted", middle
    )
    body += path([(x(0), y(0)), (x(1), y(1))], fill="none", stroke="var(--muted)", stroke_dasharray="2 4")
    points = [(x(0), y(0)), *((x(s.contacted), y(s.won)) for s in fact.steps)]
    body += path(points, fill="none", stroke="var(--ink)", stroke_width=1.8)
    if fact.has_held_out:
        held = [(x(0), y(0)), *((x(s.held_out_contacted), y(s.held_out_won)) for s in fact.steps)]
        body += path(held, fill="none", stroke="var(--accent)", stroke_width=1.6, stroke_dasharray="7 3")
    for step, (a, b) in zip(fact.steps, points[1:], strict=True):
        words = (
            f"with segment {step.segment}: {percent(step.contacted, 1)} contacted, {percent(step.won, 1)} of the "
            f"acceptances, expected profit {money(step.profit)} ({money(step.profit_low)} to {money(step.profit_high)})"
        )
        disc = element("circle", cx=a, cy=b, r=9.5, fill=f"var(--{tone(step.segment)})")
        number = text(str(step.segment), a, b + 4, text_anchor="middle", class_="badge-text")
        body += element("g", title(words) + disc + number, class_="mark", data_segment=step.segment)
    first = fact.steps[0]
    finding = (
        f"Segment {first.segment} first: {percent(first.won, 0)} of the acceptances with "
        f"{percent(first.contacted, 0)} of the contacts"
    )
    best = fact.best
    profit = (
        f"highest profit with {percent(best.contacted, 0)} contacted ({money(best.profit)})"
        if best
        else "contacting nobody is the most profitable"
    )
    return Figure(
        f"gain_{fact.outcome}", f"Gain curve, {fact.label}", finding,
        f"Acceptances won by contacting the best segments first; {profit}. Dotted: contacting anybody"
        + ("; blue dashes: customers on whom the order was not chosen" if fact.has_held_out else ""),
        f"n = {fact.n:,} customers",
        f"Gain curve of {fact.label}. {finding}.", WIDTH, HEIGHT, body,
    )  # fmt: skip
