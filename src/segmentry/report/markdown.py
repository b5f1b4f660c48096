"""The report's facts as Markdown: for a ticket, a wiki, a message."""

from __future__ import annotations

import re
from collections.abc import Iterable

from segmentry.report.facts import ReportFacts
from segmentry.report.facts.segments import SegmentFact
from segmentry.report.formats import number as amount
from segmentry.report.formats import outcome, percent, times, whole

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


def markdown(facts: ReportFacts) -> str:
    """Write the summary: the verdict, the segments, what to do next, outcomes, limits."""
    parts = [
        f"# {_safe(facts.title)}: {_safe(facts.headline)}",
        f"**{facts.verdict_text}.** {facts.verdict_meaning} {_safe(facts.verdict_reason)}".rstrip(),
        _safe(facts.choice_reason),
        *(_glance(facts) if len(facts.segments) > 1 else ()),
        *(_texts(facts) if any(s.text for s in facts.segments) else ()),
        "## What to do next",
        "\n".join(f"- {_safe(step)}" for step in facts.next_steps),
        *(_outcomes(facts) if facts.segments[0].groups else ()),
        "## Data and limits",
        f"{_safe(facts.method.source)}: {whole(facts.method.n_rows)} rows read, {whole(facts.method.n_dropped)} "
        f"dropped, {whole(facts.n_customers)} customers. Method: {facts.method.method_text}.",
        "\n".join(f"- {limit}" for limit in facts.method.limits),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _glance(facts: ReportFacts) -> Iterable[str]:
    worth = next((s.worth for s in facts.segments if s.worth), None)
    head = ["Segment", "Customers", "What sets it apart"]
    head += [f"{worth.label}, per customer"] if worth else []
    has_best = any(s.best_campaign for s in facts.segments)
    head += ["Best campaign"] if has_best else []
    rows = []
    for s in facts.segments:
        row = [f"{s.id} {s.name}", f"{whole(s.size)} ({percent(s.share, 1)})", _apart(s)]
        row += [f"{amount(s.worth.value)}" if s.worth and s.worth.value is not None else "–"] if worth else []
        best = s.best_campaign
        row += (
            [f"{best.label} {percent(best.value, 1)} ({percent(best.low, 1)} to {percent(best.high, 1)})"]
            if best
            else ["–"] * has_best
        )
        rows.append(row)
    return ("## The segments", _table(head, rows))


def _texts(facts: ReportFacts) -> Iterable[str]:
    for s in facts.segments:
        if s.text:
            yield f"### {s.id} {_safe(s.name)}"
            yield _safe(" ".join([*s.text.sentences, s.text.action]).strip())


def _apart(segment: SegmentFact) -> str:
    levels = [f"{a.spoken} {percent(a.share, 0)} (all {percent(a.base_share, 0)})" for a in segment.apart]
    return "; ".join(levels) or "close to the average"


def _outcomes(facts: ReportFacts) -> Iterable[str]:
    head = ["Outcome", "All", *(f"Segment {s.id}" for s in facts.segments)]
    rows = []
    for position, group in enumerate(facts.segments[0].groups):
        for i, first in enumerate(group.outcomes):
            row = [f"{group.label}: {first.label}", outcome(first.base_value, first.is_rate)]
            for s in facts.segments:
                o = s.groups[position].outcomes[i]
                lift = f", {times(o.lift)}" if len(facts.segments) > 1 else ""
                row.append(
                    f"{outcome(o.value, o.is_rate)} ({outcome(o.low, o.is_rate)} to "
                    f"{outcome(o.high, o.is_rate)}{lift})"
                )
            rows.append(row)
    return (
        "## Outcomes",
        "Rates or means per customer, with 95 % intervals and the ratio to all customers.",
        _table(head, rows),
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(_safe(cell) if cell != "---" else cell for cell in line) + " |" for line in lines
    )


def _safe(words: str) -> str:
    r"""Text whose characters mean nothing to Markdown or HTML, in one line.

    Examples
    --------
    >>> print(_safe("a|b <script> *x*"))
    a\|b \<script\> \*x\*
    """
    return _SPECIAL.sub(r"\\\1", " ".join(words.split(" "))).replace("\n", " ")
