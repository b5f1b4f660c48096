"""The studio's page and its modules; the report beside them is the report's own page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from segmentry.pages import page_script, render_page, script_digest
from segmentry.workbench.beginning import FoundFile
from segmentry.workbench.opening import Opened

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
    "lists",
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

PART_POLICY = "default-src 'none'" + NOT_FRAMED
"""Of parts of a report, which the page takes and nobody looks at by themselves."""


def studio_page(opened: Opened) -> str:
    """Render the page; everything that changes comes by events."""
    return render_page(PAGE, policy=PAGE_POLICY, **_named(opened))


def framed_page(opened: Opened) -> str:
    """Render the page with its modules in one script, for a frame of another page, which hands over what it asks for."""
    script = bundled_modules()
    allowed = " ".join(f"'sha256-{script_digest(text)}'" for text in (script, page_script("report")))
    policy = PAGE_POLICY.replace("script-src 'self'", f"script-src {allowed}").replace("'self'", "'none'")
    return render_page(PAGE, policy=policy, script=script, **_named(opened))


def _named(opened: Opened) -> dict[str, Any]:
    """What the page calls the data: the last part of their path, and beside it the whole."""
    called = re.split(r"[/\\]", opened.name.rstrip("/\\"))[-1] or opened.name
    return {"title": opened.start.recipe.title or called, "data": opened.name, "called": called}


def bundled_modules() -> str:
    """Return the page's modules as one script: each is a function that returns what it exports, after those that it imports."""
    made: dict[str, str] = {}

    def add(name: str) -> None:
        text = module_text(name)
        for other in re.findall(r'^import .*?"\./(\w+)\.js";$', text, re.MULTILINE):
            if other not in made:
                add(other)
        exported = re.findall(r"^export (?:const|class) (\w+)", text, re.MULTILINE)
        text = re.sub(
            r'^import (\{.*?\}) from "\./(\w+)\.js";$', r"const \1 = module_\2;", text, flags=re.MULTILINE
        )
        text = re.sub(r'^import "\./\w+\.js";$', "", text, flags=re.MULTILINE)
        text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        made[name] = f"const module_{name} = (() => {{\n{text}\nreturn {{ {', '.join(exported)} }};\n}})();\n"

    add(PAGE)
    return "\n" + "\n".join(made.values())


def start_page(files: Sequence[FoundFile], folder: str) -> str:
    """Render the page on which is chosen what is opened."""
    return render_page(START, policy=PAGE_POLICY, files=files, folder=folder)


def module_text(name: str) -> str:
    """Return the text of one of the page's modules."""
    return page_script(START) if name == START else page_script(PAGE, name)
