"""Stories of the gallery: pages whose Python runs when the site is built, and which show what it gives."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import traceback
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from sphinx.util import logging

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
CARDS = "<!-- cards -->"
"""Where the gallery's first page has a card for every story of its table of contents."""


@dataclass
class Story:
    """A page while it runs.

    Attributes
    ----------
    name
        Name of the page, with which the names of its pictures begin.
    text
        Markdown of the page, and after `run` with what each block gave below it.
    pictures
        SVG texts by the names of their files.
    failures
        Line of a block that ended with an error, and the error.
    """

    name: str
    text: str
    pictures: dict[str, str] = field(default_factory=dict)
    failures: list[tuple[int, str]] = field(default_factory=list)

    def run(self) -> Story:
        """Run the blocks one after the other, in one namespace."""
        namespace: dict[str, Any] = {"__name__": self.name}
        self.text = _BLOCK.sub(lambda found: found[0] + self._given(found, namespace), self.text)
        return self

    def _given(self, found: re.Match[str], namespace: dict[str, Any]) -> str:
        """What a block prints, and the value of its last line if that is an expression."""
        line = found.string.count("\n", 0, found.start(1)) + 1
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                value = _run(found[1], f"{self.name}.md", namespace)
        except Exception as error:  # noqa: BLE001 - whatever a page raises is a fault of the page
            self.failures.append((line + _line_of(error, self.name), f"{type(error).__name__}: {error}"))
            return ""
        parts = [_as_text(printed.getvalue())] if printed.getvalue() else []
        parts += [] if value is None else [self._shown(value)]
        return "".join(f"\n\n:::{{container}} given\n{part}\n:::" for part in parts)

    def _shown(self, value: Any) -> str:
        if hasattr(value, "svg") and hasattr(value, "dark_svg"):
            return self._picture(value)
        if hasattr(value, "to_frame") or hasattr(value, "columns"):
            return markdown_table(value.to_frame() if hasattr(value, "to_frame") else value)
        return _as_text(str(value))

    def _picture(self, chart: Any) -> str:
        stem = f"{self.name}-{len(self.pictures) // 2 + 1}"
        self.pictures |= {f"{stem}.svg": chart.svg, f"{stem}-dark.svg": chart.dark_svg}
        return picture(stem, chart.alt, "../_static/gallery")


def _run(code: str, name: str, namespace: dict[str, Any]) -> Any:
    tree = ast.parse(code, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)  # noqa: S102 - the page is part of this repository
    return None if last is None else eval(compile(ast.Expression(last.value), name, "eval"), namespace)  # noqa: S307


def _line_of(error: Exception, name: str) -> int:
    """Line within the block that raised the error, from 0."""
    lines = [f.lineno or 1 for f in traceback.extract_tb(error.__traceback__) if f.filename == f"{name}.md"]
    return (lines[-1] if lines else getattr(error, "lineno", None) or 1) - 1


def _as_text(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


def markdown_table(frame: Any) -> str:
    r"""A DataFrame as a table of Markdown, with its index where that has a name.

    Examples
    --------
    >>> import pandas as pd
    >>> print(markdown_table(pd.DataFrame({"name": ["a|b"], "share": [1 / 3]})))
    | name | share |
    |---|---:|
    | a\|b | 0.333 |
    """
    named = frame.reset_index() if any(frame.index.names) else frame
    marks = ["---:" if kind.kind in "fiu" else "---" for kind in (c.dtype for _, c in named.items())]
    rows = [[_cell(value) for value in row] for row in named.itertuples(index=False, name=None)]
    lines = [[_cell(str(name)) for name in named.columns], *rows]
    written = ["| " + " | ".join(cells) + " |" for cells in lines]
    return "\n".join([written[0], "|" + "|".join(marks) + "|", *written[1:]])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124 - NaN
            return ""
        return (
            f"{value:,.0f}"
            if abs(value) >= 1_000
            else f"{value:.3g}"
            if abs(value) >= 0.001
            else f"{value:.3f}"
        )
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def picture(stem: str, alt: str, folder: str) -> str:
    """A chart as HTML: in light colours, and in dark ones where the page is dark."""
    parts = [
        f'<img class="only-{scheme}" alt="{escape(alt)}" src="{folder}/{stem}{end}.svg">'
        for scheme, end in (("light", ""), ("dark", "-dark"))
    ]
    return f'<p class="chart">{"".join(parts)}</p>'


def cards(pages: dict[str, str]) -> str:
    """A card for every story: its first picture, title and sentence; `pages` holds texts by name."""
    made = []
    for name, text in pages.items():
        title = _TITLE.search(text)
        lead = " ".join(text[title.end() :].strip().split("\n\n")[0].split()) if title else ""
        words = re.sub(r"\[(.+?)\]\(.+?\)|`(.+?)`", r"\1\2", lead).split(". ")[0].rstrip(".:") + "."
        image = picture(f"{name}-1", "", "../_static/gallery")
        head = escape(title[1] if title else name)
        made.append(
            f'<a class="card" href="{name}.html">{image}<strong>{head}</strong>'
            f"<span>{escape(words)}</span></a>"
        )
    return f'<div class="cards">\n{chr(10).join(made)}\n</div>'


def _read(app: Any, page: str, source: list[str]) -> None:
    """Run a story when its page is read, and fill the gallery's first page with cards."""
    folder, _, name = page.rpartition("/")
    if folder != "gallery":
        return
    if name == "index":
        stories = re.findall(r"^([a-z-]+)$", source[0].split("{toctree}")[1], re.MULTILINE)
        here = Path(app.srcdir) / "gallery"
        texts = {story: (here / f"{story}.md").read_text("utf-8") for story in stories}
        source[0] = source[0].replace(CARDS, cards(texts))
        return
    story = Story(name, source[0]).run()
    for line, error in story.failures:
        logging.getLogger(__name__).warning("the page does not run: %s", error, location=(page, line))
    target = Path(app.outdir) / "_static" / "gallery"
    target.mkdir(parents=True, exist_ok=True)
    for file, svg in story.pictures.items():
        (target / file).write_text(svg, encoding="utf-8")
    source[0] = story.text


def setup(app: Any) -> dict[str, bool]:
    """Connect the stories with the pages that Sphinx reads."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
