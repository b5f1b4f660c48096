"""A segmentation completed by its verdict and written, while customers are assigned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.pipeline.opened import Opened, Progress
from segmentry.report.drawing import Drawer
from segmentry.scoring import write_assignments
from segmentry.segmentation import Segmentation
from segmentry.selection import Segments, gather, judge, refit_of


def judged(result: Segmentation, say: Progress) -> Segmentation:
    """The segmentation with its verdict; given segments get none."""
    if result.core is None or result.patterns is None:
        return result
    evidence = None
    if result.choice.k > 1:
        say("Testing whether there are segments")
        segments = Segments.of(result.core, result.choice.k, result.patterns.codes)
        refit = refit_of(result.method, result.patterns)
        evidence = gather(result.patterns, segments, refit, seed=result.seed)
    return replace(result, evidence=evidence, verdict=judge(evidence, result.choice.best_by_bic))


def write(
    result: Segmentation, out: Path, opened: Opened, query: Any, drawer: Drawer, say: Progress
) -> Segmentation:
    """Write every file; the evidence is gathered while the engine assigns `query`."""
    from segmentry.outputs import Work, write_outputs

    def assignments(path: Path) -> None:
        write_assignments(opened.engine, query, opened.collected.patterns, path)  # type: ignore[arg-type]

    def logged(result: Segmentation) -> Segmentation:
        return replace(result, queries=opened.queries)

    work = Work(
        begin=lambda: judged(result, say),
        assign=assignments if query is not None else None,
        finish=logged,
    )
    return write_outputs(result, work, out, drawer, say)
