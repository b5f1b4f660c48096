"""The documentation site: `make docs` builds it into build/docs."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import segmentry
from segmentry.datasets import sample_households

sys.path.insert(0, str(Path(__file__).parent))

project = "segmentry"
author = "segmentry contributors"
copyright = author  # noqa: A001 - Sphinx's name
version = release = segmentry.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "stories",
    "commands",
    "plain_pages",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["images", "style"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]

autosummary_generate = False
autodoc_typehints = "none"  # numpydoc has the types in the text
autodoc_default_options = {"member-order": "bysource"}
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
add_module_names = False
default_role = "code"

html_theme = "furo"
html_title = "segmentry"
html_static_path = ["images", "style"]
html_css_files = ["gallery.css"]
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0a5ea8", "color-brand-content": "#0a5ea8"},
    "dark_css_variables": {"color-brand-primary": "#7ab8f5", "color-brand-content": "#7ab8f5"},
}


def _without_private(_: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Leave out what dataclasses and pydantic write themselves."""
    del what, options
    if lines and lines[0].startswith(f"{name.rsplit('.', 1)[-1]}(") and inspect.isclass(obj):
        lines.clear()


def _with_report(app: Any, error: Exception | None) -> None:
    """Write the report that the first page shows."""
    if error is None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        segmentry.run(sample_households(rows=3_000), "households").report(folder / "report.html")


def setup(app: Any) -> None:
    """Connect what changes docstrings, and what is made at build time."""
    app.connect("autodoc-process-docstring", _without_private)
    app.connect("build-finished", _with_report)
