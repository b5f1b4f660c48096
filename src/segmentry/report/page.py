"""The report's page: templates over facts and figures."""

from __future__ import annotations

from segmentry.pages import page_script, render_page
from segmentry.profiling import ALPHA, CERTAIN
from segmentry.report import wording
from segmentry.report.facts import ReportFacts
from segmentry.report.facts.compare import compare_facts
from segmentry.report.figures import Figure
from segmentry.report.figures.curves import evidence_strip
from segmentry.report.figures.density import card_density

_PAGE = "report"


def report_page(facts: ReportFacts, figures: dict[str, Figure]) -> str:
    """Render the page."""
    several = len(facts.segments) > 1
    return render_page(
        _PAGE,
        script=page_script(_PAGE),
        facts=facts,
        certain=CERTAIN,
        alpha=ALPHA,  # a variable: jinja writes constants once, in the first page's locale
        figures=figures,
        strips=[evidence_strip(e) for e in facts.evidence],
        densities={
            (s.id, f.name): card_density(f, s, several=several) for s in facts.segments for f in s.features
        },
        compare=compare_facts(facts.segments, facts.method.features) if several else None,
        sections=_sections(facts),
    )


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
