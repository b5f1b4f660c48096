"""A segmentation as a notebook shows it: the verdict, and the segments in one row each."""

from __future__ import annotations

from html import escape

from segmentry.report.facts import ReportFacts
from segmentry.report.formats import number, percent, whole
from segmentry.report.palette import LIGHT

_CELL = "padding:6px 12px;text-align:left;vertical-align:top"


def notebook_html(facts: ReportFacts) -> str:
    """A small table that carries its own looks, on whatever ground the notebook has."""
    worth = next((s.worth for s in facts.segments if s.worth), None)
    heads = ["Segment", "Customers", "What sets it apart"]
    heads += [f"{worth.label}, per customer"] if worth else []
    heads += ["Best campaign"] if any(s.best_campaign for s in facts.segments) else []
    rows = []
    for s in facts.segments:
        apart = "; ".join(
            f"{a.spoken} {percent(a.share, 0)} (all {percent(a.base_share, 0)})" for a in s.apart
        )
        cells = [
            f"{s.id} {s.name}",
            f"{whole(s.size)} ({percent(s.share, 1)})",
            apart or "close to the average",
        ]
        cells += [number(s.worth.value) if s.worth and s.worth.value is not None else "–"] if worth else []
        if "Best campaign" in heads:
            best = s.best_campaign
            text = (
                f"{best.label} {percent(best.value, 1)} ({percent(best.low, 1)} to {percent(best.high, 1)})"
                if best
                else "–"
            )
            cells.append(text)
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
