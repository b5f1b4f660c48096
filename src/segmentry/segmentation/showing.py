"""How a segmentation shows itself in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmentry.text.locales import writing_in
from segmentry.text.numbers import percent
from segmentry.text.words import counted

if TYPE_CHECKING:
    from segmentry.segmentation.result import Segmentation


def shown(result: Segmentation) -> tuple[str, dict[str, str]]:
    """Write what a segmentation is, and what it holds: segments and the verdict."""
    with writing_in(result.recipe.locale):
        n = f"{counted(result.n_customers, 'customer')} in {counted(len(result.segments), 'segment')}"
        details = {
            f"segment {s.id}": f"{s.name}: {counted(s.size, 'customer')}, {percent(s.share)}"
            for s in result.segments
        }
    if result.verdict is not None:
        details["verdict"] = f"{result.verdict}. {result.verdict.reason}"
    return f"{n} by {result.method}, from {result.source}", details
