"""The report's page: templates over facts and figures."""

from __future__ import annotations

from typing import Any

from segmentry.pages import page_script, render_page, render_part
from segmentry.profiling import ALPHA, CERTAIN
from segmentry.report import wording
from segmentry.report.facts import ReportFacts
from segmentry.report.facts.compare import compare_facts
from segmentry.report.facts.headline import overall_certainty
from segmentry.report.facts.method import weights_text
from segmentry.report.facts.segments import segment_facts
from segmentry.report.figures import Figure
from segmentry.report.figures.curves import evidence_strip
from segmentry.report.figures.density import card_density
from segmentry.segmentation import Segmentation

_PAGE = "report"


def report_page(facts: ReportFacts, figures: dict[str, Figure], *, is_framed: bool = False) -> str:
    """Render the page; `is_framed` says that it is shown in another page, and drawn anew often."""
    return render_page(
        _PAGE,
        is_framed=is_framed,
        script=page_script(_PAGE),
        strips=[evidence_strip(e) for e in facts.evidence],
        sections=_sections(facts),
        **_content(facts, figures),
    )


def look_part(facts: ReportFacts, figures: dict[str, Figure]) -> str:
    """Render what needs neither tests nor the table's rows: the table at a glance, cards, the comparison, certainty."""
    return render_part(_PAGE, "look", **_content(facts, figures))


def _content(facts: ReportFacts, figures: dict[str, Figure]) -> dict[str, Any]:
    several = len(facts.segments) > 1
    return {
        "facts": facts,
        "certain": CERTAIN,
        "alpha": ALPHA,  # a variable: jinja writes constants once, in the first page's locale
        "figures": figures,
        "densities": {
            (s.id, f.name): card_density(f, s, several=several) for s in facts.segments for f in s.features
        },
        "weights": weights_text(facts.method),
        "compare": compare_facts(facts.segments, facts.method.features) if several else None,
    }


def glance_part(result: Segmentation) -> str:
    """Render the table of the segments at a glance alone; empty where there is one segment."""
    if len(result.segments) < 2:
        return ""
    facts = {"segments": segment_facts(result), "certainty": overall_certainty(result)}
    return render_part(_PAGE, "glance", facts=facts)


def _sections(facts: ReportFacts) -> list[tuple[str, str]]:
    """List the sections that the page has, for its navigation."""
    several = len(facts.segments) > 1
    is_there = {
        "compare": several,
        "how-many": bool(facts.criteria or facts.evidence),
        "choices": facts.choices is not None,
        "certainty": facts.certainty is not None,
        "targeting": bool(facts.segments[0].targets),
    }
    labels = wording.SECTIONS if several else {**wording.SECTIONS, "segments": wording.CUSTOMERS_SECTION}
    return [(name, label) for name, label in labels.items() if is_there.get(name, True)]
