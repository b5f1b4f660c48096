"""Customer segmentation that can be defended.

A segmentation is a function of the pattern table: the distinct combinations of binned attributes with
their counts, collected by one GROUP BY where the customers live.

Examples
--------
>>> import segmentry as sg
>>> from segmentry.datasets import sample_households
>>> result = sg.run(sample_households(rows=3_000), "households")
>>> len(result.segments), result.n_customers
(4, 3000)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentry.auditing.result import Audit
    from segmentry.drafting import Draft, draft
    from segmentry.drift import Drift
    from segmentry.errors import DataError, ModelError, RecipeError, SegmentryError, SegmentryWarning
    from segmentry.patterns import PatternTable
    from segmentry.recipe import Recipe
    from segmentry.runs.audit import audit
    from segmentry.runs.check import Check, check
    from segmentry.runs.collect import collect
    from segmentry.runs.profile import profile
    from segmentry.runs.score import score
    from segmentry.runs.segment import run
    from segmentry.runs.type_customers import type_customers
    from segmentry.scoring.customers import Scoring
    from segmentry.segmentation import Segment, Segmentation, load
    from segmentry.typing_tool import TypingTool
    from segmentry.workbench.notebook import studio

__version__ = "0.1.0"

__all__ = [
    "run",
    "profile",
    "score",
    "type_customers",
    "check",
    "audit",
    "draft",
    "collect",
    "load",
    "studio",
    "Recipe",
    "Draft",
    "PatternTable",
    "Segmentation",
    "Segment",
    "Scoring",
    "TypingTool",
    "Check",
    "Audit",
    "Drift",
    "SegmentryError",
    "RecipeError",
    "DataError",
    "ModelError",
    "SegmentryWarning",
    "__version__",
]

_HOMES = {
    "run": "runs.segment",
    "profile": "runs.profile",
    "score": "runs.score",
    "type_customers": "runs.type_customers",
    "check": "runs.check",
    "audit": "runs.audit",
    "draft": "drafting",
    "collect": "runs.collect",
    "load": "segmentation",
    "studio": "workbench.notebook",
    "Recipe": "recipe",
    "Draft": "drafting",
    "PatternTable": "patterns",
    "Segmentation": "segmentation",
    "Segment": "segmentation",
    "Scoring": "scoring.customers",
    "TypingTool": "typing_tool",
    "Check": "runs.check",
    "Audit": "auditing.result",
    "Drift": "drift",
    "SegmentryError": "errors",
    "RecipeError": "errors",
    "DataError": "errors",
    "ModelError": "errors",
    "SegmentryWarning": "errors",
}
"""Modules of the public names, each of which is imported when it is asked for."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
