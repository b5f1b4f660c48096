"""A summary of the report's facts as Markdown, for a ticket, a wiki or a message."""

from __future__ import annotations

from collections.abc import Iterable

from segmentry.report import wording
from segmentry.report.facts import ReportFacts
from segmentry.report.facts.method import weights_text
from segmentry.report.facts.outcomes import OutcomeFact
from segmentry.report.facts.segments import SegmentFact
from segmentry.text.inert import for_markdown
from segmentry.text.numbers import count, count_or_none, lift, number, outcome, percent, share
from segmentry.text.words import counted


def markdown(facts: ReportFacts) -> str:
    """Write the summary: the verdict, the segments, what to do next, outcomes, limits."""
    parts = [
        f"# {for_markdown(facts.title)}: {for_markdown(facts.headline)}",
        f"**{facts.verdict_text}.** {facts.verdict_meaning} {for_markdown(facts.verdict_reason)}".rstrip(),
        for_markdown(" ".join((facts.choice_reason, *facts.cautions))),
        "" if facts.choices is None else for_markdown(facts.choices.sentence),
        *(_glance(facts) if len(facts.segments) > 1 else ()),
        *(_texts(facts) if any(s.text or s.note for s in facts.segments) else ()),
        f"## {wording.NEXT}",
        "\n".join(
            f"- {for_markdown(step)}" for step in (*facts.next_steps, *facts.targeting, *_origins(facts))
        ),
        *(_outcomes(facts) if facts.segments[0].groups else ()),
        f"## {wording.DATA_AND_LIMITS}",
        wording.DATA_LINE.format(
            source=for_markdown(facts.method.source),
            read=count(facts.method.n_rows),
            dropped=count_or_none(facts.method.n_dropped),
            n=count(facts.n_customers),
            method=facts.method.method_text,
        ),
        "\n".join(f"- {limit}" for limit in (*_weights(facts), *facts.method.limits)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _origins(facts: ReportFacts) -> Iterable[str]:
    """Say where the break-even of each campaign comes from, once for those of one group."""
    return dict.fromkeys(target.origin for target in facts.segments[0].targets)


def _weights(facts: ReportFacts) -> Iterable[str]:
    """Say that customers are weighted, and how many have no weight."""
    if facts.method.is_weighted:
        yield weights_text(facts.method)
    for step in facts.method.cleaning:
        if step.what == "weightless":
            customers = counted(step.n_rows, "customer") if step.n_rows else wording.CUSTOMERS_SECTION
            yield for_markdown(
                wording.WEIGHTLESS.format(customers=customers, phrase=step.phrase, why=step.why)
            )


def _glance(facts: ReportFacts) -> Iterable[str]:
    worth = next((s.worth for s in facts.segments if s.worth), None)
    has_best = any(s.best_campaign for s in facts.segments)
    first = any(s.headline for s in facts.segments)
    head = glance_heads(facts)
    rows = []
    for s in facts.segments:
        row = [f"{s.id} {s.name}", f"{count(s.size)} ({percent(s.share)})", apart_text(s)]
        row += [f"{number(s.worth.value)}" if s.worth and s.worth.value is not None else "–"] if worth else []
        row += [with_interval(s.headline, has_lift=True) if s.headline else "–"] if first else []
        best = s.best_campaign
        row += [f"{best.label} {with_interval(best, has_lift=True)}"] if best else ["–"] * has_best
        rows.append(row)
    return (f"## {wording.THE_SEGMENTS}", _table(head, rows))


def _texts(facts: ReportFacts) -> Iterable[str]:
    for s in facts.segments:
        if s.text or s.note:
            yield f"### {s.id} {for_markdown(s.name)}"
            if s.text:
                yield for_markdown(" ".join([*s.text.sentences, s.text.action]).strip())
            if s.note:
                yield for_markdown(f"{wording.NOTE} {' '.join(s.note.split())}")


def apart_text(segment: SegmentFact) -> str:
    """Write what sets a segment apart, in one line."""
    levels = [
        wording.LEVEL_BESIDE_ALL.format(level=a.spoken, share=share(a.share), base=share(a.base_share))
        for a in segment.apart
    ]
    return "; ".join(levels) or wording.AVERAGE


def glance_heads(facts: ReportFacts) -> list[str]:
    """Return the heads of the table of segments."""
    worth = next((s.worth for s in facts.segments if s.worth), None)
    head = [*wording.GLANCE_HEADS, *([wording.PER_CUSTOMER.format(group=worth.label)] if worth else [])]
    first = next((s.headline for s in facts.segments if s.headline), None)
    head += [first.label] if first else []
    return head + ([wording.BEST_HEAD] if any(s.best_campaign for s in facts.segments) else [])


def with_interval(o: OutcomeFact, *, has_lift: bool = False) -> str:
    """Write a value with its interval."""
    value, low, high = (outcome(v, o.is_rate) for v in (o.value, o.low, o.high))
    text = wording.WITH_INTERVAL_AND_LIFT if has_lift else wording.WITH_INTERVAL
    return text.format(value=value, low=low, high=high, lift=lift(o.lift))


def _outcomes(facts: ReportFacts) -> Iterable[str]:
    head = [*wording.OUTCOME_HEADS_MARKDOWN, *(wording.SHEET.format(id=s.id) for s in facts.segments)]
    rows = []
    for position, group in enumerate(facts.segments[0].groups):
        for i, first in enumerate(group.outcomes):
            row = [_heading(group.label, first.label), outcome(first.base_value, first.is_rate)]
            for s in facts.segments:
                o = s.groups[position].outcomes[i]
                row.append(with_interval(o, has_lift=len(facts.segments) > 1))
            rows.append(row)
    return (
        f"## {wording.OUTCOMES}",
        wording.OUTCOMES_KEY.format(n=count(facts.method.n_comparisons)),
        _table(head, rows),
    )


def _heading(group: str, label: str) -> str:
    """Write the label of an outcome with that of its group, unless it begins with it."""
    return label if label.startswith(group) else f"{group}: {label}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(for_markdown(cell) if cell != "---" else cell for cell in line) + " |"
        for line in lines
    )
