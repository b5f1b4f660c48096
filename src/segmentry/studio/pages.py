"""The studio's page and its modules; the report beside them is the report's own page."""

from __future__ import annotations

from collections.abc import Sequence

from segmentry.pages import page_script, render_page
from segmentry.studio.beginning import FoundFile
from segmentry.studio.opening import Opened

PAGE = "studio"
START = "start"
MODULES = (
    "studio",
    "dom",
    "asking",
    "feature",
    "numbers",
    "values",
    "columns",
    "cleaning",
    "names",
    "compare",
    "curve",
    "report",
    START,
)
"""The page's modules; nothing else is served by name."""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
NOT_FRAMED = "; frame-ancestors 'none'"
"""What is said in the header alone."""
FRAME_POLICY = "frame-ancestors 'self'"
"""Beside the policy in the report itself, which allows its own script alone."""


def studio_page(opened: Opened) -> str:
    """Render the page; everything that changes comes by events."""
    return render_page(
        PAGE, policy=PAGE_POLICY, title=opened.start.recipe.title or opened.name, data=opened.name
    )


def start_page(files: Sequence[FoundFile], folder: str) -> str:
    """Render the page on which is chosen what is opened."""
    return render_page(START, policy=PAGE_POLICY, files=files, folder=folder)


def module_text(name: str) -> str:
    """Return the text of one of the page's modules."""
    return page_script(START) if name == START else page_script(PAGE, name)
