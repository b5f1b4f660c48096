"""The report's page: templates over facts and drawn charts."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from segmentry.report.facts import ReportFacts
from segmentry.report.formats import FILTERS

SHOWN = ("elbow", "bic", "map")
"""Charts that stand in the page; the others are files, their figures stand in the page as tables."""


def page(facts: ReportFacts, drawn: dict[str, str]) -> str:
    """Render the page."""
    charts = {name: Markup(_fluid(drawn[name], name)) for name in SHOWN if name in drawn}  # noqa: S704 - our own SVG
    return str(_environment().get_template("report.html").render(facts=facts, charts=charts))


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
    return environment


def _fluid(svg: str, name: str) -> str:
    """Let a drawing shrink with its column, and take its ground from the page."""
    width = re.search(r'width="(\d+)', svg)
    limit = f"max-width:{width.group(1)}px" if width else ""
    svg = re.sub(r"<rect width=\"\d+\" height=\"\d+\" fill=\"(white|#ffffff)\"\s*/>", "", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[\d.]+" height="[\d.]+"', r"\1", svg, count=1)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{_ALT[name]}" style="{limit}" ', 1)


_ALT: dict[str, Any] = {
    "elbow": "Misfit by number of segments",
    "bic": "BIC by number of segments",
    "map": "Map of the patterns on two principal axes",
}
