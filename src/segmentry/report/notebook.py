"""A segmentation as a notebook shows it: the verdict, and the segments in one row each."""

from __future__ import annotations

from html import escape

from segmentry.pages.palette import LIGHT
from segmentry.report import wording
from segmentry.report.facts import ReportFacts
from segmentry.report.markdown import apart_text, glance_heads, with_interval
from segmentry.text.numbers import NOTHING, count, number, percent

_CELL = "padding:6px 12px;text-align:left;vertical-align:top"


def notebook_html(facts: ReportFacts) -> str:
    """Write a small table with styles of its own, readable on any background."""
    heads = glance_heads(facts)
    has_worth = any(s.worth for s in facts.segments)
    has_headline = any(s.headline for s in facts.segments)
    rows = []
    for s in facts.segments:
        cells = [f"{s.id} {s.name}", f"{count(s.size)} ({percent(s.share)})", apart_text(s)]
        if has_worth:
            cells.append(number(s.worth.value) if s.worth and s.worth.value is not None else NOTHING)
        if has_headline:
            cells.append(with_interval(s.headline, has_lift=True) if s.headline else NOTHING)
        if wording.BEST_HEAD in heads:
            best = s.best_campaign
            cells.append(f"{best.label} {with_interval(best, has_lift=True)}" if best else NOTHING)
        edge = f"border-left:5px solid {LIGHT[s.tone]};"
        rows.append(
            "<tr>"
            + "".join(
                f'<td style="{edge if i == 0 else ""}{_CELL}">{escape(c)}</td>' for i, c in enumerate(cells)
            )
            + "</tr>"
        )
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(h)}</th>' for h in heads)
    return (
        f'<div lang="en"><p><b>{escape(facts.headline)}</b><br>{escape(facts.verdict_text)}. '
        f"{escape(facts.verdict_reason or facts.verdict_meaning)} {escape(facts.choice_reason)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
