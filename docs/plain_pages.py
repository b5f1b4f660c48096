"""Every page as Markdown beside its HTML, and `llms.txt`, which lists them: for programs that read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_ABOUT = (
    "Customer segmentation that can be defended: from a table in SQL to named segments, their profile, "
    "a verdict on whether there are any, and a report that opens offline. Python 3.11 or later; the command "
    "is segmentry, the module segmentry."
)


def _plain(text: str) -> str:
    """The page without what only the site shows: lists of pages, pictures, and frames."""
    without = re.sub(r"^```+\{(toctree|image|raw)\}.*?^```+$\n?", "", text, flags=re.DOTALL | re.MULTILINE)
    without = re.sub(r"^:::\{container\} given\n(.*?)^:::$", r"\1", without, flags=re.DOTALL | re.MULTILINE)
    without = re.sub(r"^<p class=\"chart\">.*</p>$\n?", "", without, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", without).strip() + "\n"


def _read(app: Any, page: str, source: list[str]) -> None:
    """Write a page when it is read, after stories have run."""
    if app.builder.format == "html" and "{eval-rst}" not in source[0]:
        _write(Path(app.outdir) / f"{page}.md", _plain(source[0]))


def _finish(app: Any, error: Exception | None) -> None:
    """Write the pages that are made of docstrings, and the list of all."""
    if error is not None or app.builder.format != "html":
        return
    lines = [f"# {app.config.project}", "", f"> {_ABOUT}", "", "## Pages", ""]
    for page in sorted(app.env.found_docs):
        target = Path(app.outdir) / f"{page}.md"
        if "{eval-rst}" in Path(app.env.doc2path(page)).read_text("utf-8"):
            _write(target, app.env.get_doctree(page).astext() + "\n")
        lines.append(f"- [{app.env.titles[page].astext()}]({page}.md)")
    _write(Path(app.outdir) / "llms.txt", "\n".join(lines) + "\n")


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect the pages with what Sphinx reads and finishes."""
    app.connect("source-read", _read, priority=900)
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True}
