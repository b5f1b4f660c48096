"""Rules of accessibility (axe) that a page in a browser breaks."""

from __future__ import annotations

from typing import Any

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Kinds of rules that pages of files are held to."""


def broken_rules(page: Any, context: str = "", **options: Any) -> list[tuple[str, list[str]]]:
    """Names of the rules that places of a page break, each with the first of these places; all of it without a context."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    asked = [context, {"resultTypes": ["violations"], **options}]
    found = page.evaluate(
        "async ([place, options]) => (await axe.run(place || document, options)).violations", asked
    )
    return [(rule["id"], [place["html"][:120] for place in rule["nodes"][:3]]) for rule in found]
