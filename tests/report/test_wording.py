"""English texts: each in its one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import segmentry.pages
import segmentry.report
from segmentry.report import wording

FOLDER = Path(segmentry.report.__file__).parent
TEMPLATES = Path(segmentry.pages.__file__).parent / "templates" / "report"
MODULES = sorted(p for p in FOLDER.rglob("*.py") if p.name != "wording.py")
IS_CODE = re.compile(r"[<>={}]|[a-z-]+:\s?[\w.#-]+;|Liberation|-src|padding:|border-left")


def _texts(path: Path) -> Iterator[str]:
    """String literals that are neither docstrings nor words of an error."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {id(n) for one in ast.walk(tree) if isinstance(one, (ast.Raise, ast.Expr)) for n in ast.walk(one)
                if isinstance(one, ast.Raise) or isinstance(one.value, ast.Constant)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.value


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(FOLDER)))
def test_sentences_stand_in_the_wording_module_alone(path: Path) -> None:
    words = [t for t in _texts(path) if " " in t and len(re.findall(r"[A-Za-z]{2,}", t)) >= 3]
    assert [t for t in words if not IS_CODE.search(t)] == []


def test_templates_hold_no_english_that_python_holds_too() -> None:
    templates = "".join(p.read_text(encoding="utf-8") for p in TEMPLATES.glob("_*.html"))
    texts = [t for t in vars(wording).values() if isinstance(t, str) and t.count(" ") > 3 and "{" not in t]
    assert len(texts) > 10
    assert [t for t in texts if t in templates] == []
