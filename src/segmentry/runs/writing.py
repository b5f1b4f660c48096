"""A segmentation completed by its verdict and written, while customers are assigned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.disclosure import Policy, disclosed, disclosed_queries
from segmentry.profiling import sample_note
from segmentry.report.pictures import Drawer
from segmentry.runs.opening import Opened
from segmentry.scoring import write_assignments
from segmentry.segmentation import Segmentation
from segmentry.selection import Evidence, judge_evidence
from segmentry.system.progress import Progress

Gathering = Callable[[], Evidence | None]
"""Waits for the evidence: None where there is one segment, which needs none."""


def judged(result: Segmentation, gathering: Gathering | None, say: Progress) -> Segmentation:
    """The segmentation with its verdict; given segments, for which nothing is gathered, get none."""
    if gathering is None:
        return result
    if result.choice.k > 1:
        say("Testing whether there are segments")
    evidence = gathering()
    return replace(result, evidence=evidence, verdict=judge_evidence(evidence, result.choice.best_by_bic))


def with_histograms(result: Segmentation, opened: Opened) -> Segmentation:
    """The segmentation with its raw values counted, where an engine holds them and the patterns' segments."""
    counted = opened.raw_values()
    if counted is None:
        return result
    share = opened.sample.share
    said = (sample_note(["histograms"], share),) if share < 1 and len(counted) else ()
    return replace(result, histograms=counted, notes=(*result.notes, *said))


def write(
    result: Segmentation,
    gathering: Gathering | None,
    out: Path,
    opened: Opened,
    query: Any,
    drawer: Drawer,
    say: Progress,
    policy: Policy,
    *,
    csv: bool = False,
    excel: bool = False,
    pdf: bool = False,
) -> Segmentation:
    """Write every file, in `csv`, `excel` and `pdf` where asked for; `gathering` waits for the evidence once the engine assigns `query`.

    Nothing is drawn or written but what the policy allows.
    """
    from segmentry.runs.output_files import Work, write_outputs

    def assignments(path: Path) -> None:
        write_assignments(opened.engine, query, opened.collected.patterns, path)  # type: ignore[arg-type]

    def completed(result: Segmentation) -> Segmentation:
        if not policy.shows_all:
            return replace(result, queries=disclosed_queries(opened.queries, policy))
        return replace(with_histograms(result, opened), queries=opened.queries)

    work = Work(
        begin=lambda: disclosed(judged(result, gathering, say), policy),
        assign=assignments if query is not None else None,
        finish=completed,
    )
    forms = {"csv": csv, "excel": excel, "pdf": pdf}
    return write_outputs(disclosed(result, policy), work, out, drawer, say, **forms)
