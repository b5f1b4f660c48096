"""The report's page: templates over facts and figures."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from segmentry.profiling import ALPHA
from segmentry.report import wording
from segmentry.report.facts import ReportFacts
from segmentry.report.facts.compare import compare_facts
from segmentry.report.figures import Figure
from segmentry.report.figures.curves import evidence_strip
from segmentry.report.formats import FILTERS
from segmentry.report.palette import DARK, LIGHT, variables
from segmentry.text.numbers import numerals_now


def report_page(facts: ReportFacts, figures: dict[str, Figure]) -> str:
    """Render the page."""
    script = _script()
    return str(
        _environment()
        .get_template("report.html")
        .render(
            facts=facts,
            locale=numerals_now().locale,
            alpha=ALPHA,  # a variable: jinja writes constants once, in the first page's locale
            figures=figures,
            compare=compare_facts(facts.segments, facts.method.features) if len(facts.segments) > 1 else None,
            sections=_sections(facts),
            light=variables(LIGHT),
            dark=variables(DARK),
            script=Markup(script),  # noqa: S704 - our own file
            policy=_policy(script),
        )
    )


def prepare() -> None:
    """Compile the templates, which takes longer than to fill them: while others work."""
    environment = _environment()
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)


def _sections(facts: ReportFacts) -> list[tuple[str, str]]:
    """The sections that the page has, for its navigation."""
    several = len(facts.segments) > 1
    is_there = {
        "compare": several,
        "how-many": bool(facts.criteria or facts.evidence),
        "certainty": facts.certainty is not None,
        "targeting": bool(facts.segments[0].targets),
    }
    labels = wording.SECTIONS if several else {**wording.SECTIONS, "segments": wording.CUSTOMERS_SECTION}
    return [(name, label) for name, label in labels.items() if is_there.get(name, True)]


def _policy(script: str) -> str:
    """Nothing is fetched, and no script runs but the page's own."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _script() -> str:
    return (resources.files("segmentry.report") / "templates" / "report.js").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("segmentry.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.filters["strip"] = evidence_strip
    return environment
