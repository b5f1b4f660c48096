"""Drift of later customers from a segmentation, and its page."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from segmentry.collecting.collection import collect_sums
from segmentry.drift import Drift, measure_drift
from segmentry.errors import DataError, ModelError
from segmentry.patterns import PatternTable
from segmentry.profiling import SegmentedPatterns
from segmentry.profiling.population import Population, population_of, without_outcomes
from segmentry.runs.pattern_tables import is_patterns, load_patterns, name_of_patterns
from segmentry.runs.replacing import replacing
from segmentry.scoring import kinds_before, open_data, score_patterns
from segmentry.segmentation import Segmentation
from segmentry.system.progress import Progress, shown_progress
from segmentry.system.protection import Replacing
from segmentry.system.whole_files import whole_folder
from segmentry.text.locales import writing_in
from segmentry.text.plain_json import json_text

_NAMES = ("drift.html", "drift.json")


def drift(
    segmentation: Segmentation,
    data: Any,
    *,
    out: str | Path | None = None,
    outcomes: bool = True,
    seed: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Drift:
    """Measure whether the customers of `data` have moved away from the segments.

    The new table is scanned once, by the saved recipe with its levels; the rest is arithmetic on counts.
    Values in no level and missing values are counted, even where the recipe calls them an error.

    Parameters
    ----------
    segmentation
        Segmentation; `segmentry.load` reads a saved one.
    data
        Whatever `run` takes.
    out
        Folder for ``drift.html`` and ``drift.json``.
    outcomes
        Whether to compare outcomes; without them the data need not have their columns.
    seed
        Seed of the redraws; by default that of the segmentation.
    overwrite
        Whether files of `out` may be replaced that segmentry did not write, or that this call reads.
    progress
        Function that is called with a line of text at the start of each stage.

    Returns
    -------
    Drift
        The verdict; shares, fit and outcomes of the old and the new customers; the exit code.

    Raises
    ------
    DataError
        The data lack a column, or are patterns of another recipe.
    ModelError
        The segmentation has no model, because its segments were given, or no population to compare with.

    Examples
    --------
    >>> import segmentry as sg
    >>> from segmentry.datasets import sample_households
    >>> result = sg.run(sample_households(rows=2_000), "households", segments=4)
    >>> result.drift(sample_households(rows=2_000, seed=1)).verdict.kind
    'stable'
    """
    if segmentation.core is None:
        raise ModelError("given segments have no model, so drift cannot be measured", hint="fit one with run")
    old = segmentation.population
    if old is None:
        raise ModelError(
            "the segmentation has no population to compare with: it was made with --min-cell, "
            "or by an earlier segmentry",
            hint="run it again",
        )
    may_replace = replacing(data, segmentation.recipe, overwrite=overwrite)
    with (
        writing_in(segmentation.recipe.locale),
        shown_progress(progress) as say,
        _folder(out, may_replace) as folder,
    ):
        say("Reading the table")
        patterns, source = _patterns(segmentation, data, outcomes=outcomes)
        say(f"{patterns.n_customers:,} customers in {patterns.n_patterns:,} patterns")
        found = _measured(segmentation, old, patterns, source, seed)
        if folder is not None:
            _write(found, folder)
    return found


def _folder(out: str | Path | None, may_replace: Replacing) -> AbstractContextManager[Path | None]:
    return nullcontext() if out is None else whole_folder(Path(out), "drift", _NAMES, may_replace)


def _measured(
    segmentation: Segmentation, old: Population, patterns: PatternTable, source: str, seed: int | None
) -> Drift:
    new = _population(segmentation, old, patterns)
    return measure_drift(
        old if patterns.outcomes else without_outcomes(old),
        new,
        patterns.as_shown().features,
        patterns.outcomes,
        [s.name for s in segmentation.segments],
        ids=[s.id for s in segmentation.segments],
        seed=segmentation.seed if seed is None else seed,
        title=segmentation.recipe.title or "Customer segments",
        source=source,
        old_source=segmentation.source,
        method=segmentation.method,
    )


def _patterns(segmentation: Segmentation, data: Any, *, outcomes: bool) -> tuple[PatternTable, str]:
    """Collect the patterns by the saved levels; values in none of them are counted, not refused."""
    recipe = segmentation.recipe
    if is_patterns(data):
        return load_patterns(data, recipe, outcomes=outcomes), name_of_patterns(data)
    open_to_all = tuple(
        f.model_copy(update={"unseen": "missing", "missing": "keep" if f.missing == "error" else f.missing})
        for f in recipe.features
    )
    before = kinds_before(segmentation)
    engine = open_data(data, recipe, before)
    try:
        source = recipe.source.model_copy(
            update={"stratum": None, "cluster": None}
        )  # drift has no use for them
        changed = recipe.model_copy(update={"features": open_to_all, "source": source})
        return collect_sums(engine, changed, outcomes=outcomes, before=before).patterns, engine.name
    except DataError as error:
        if outcomes and error.place[:1] == ("outcomes",):
            hint = f"{error.hint} (or leave outcomes out: --no-outcomes)".lstrip()
            raise error.with_(hint=hint) from None
        raise
    finally:
        engine.close()


def _population(segmentation: Segmentation, old: Population, patterns: PatternTable) -> Population:
    labels, _ = score_patterns(segmentation.core, patterns.codes)
    found = segmentation.core.misfit(patterns.codes)
    segmented = SegmentedPatterns(patterns, labels, len(segmentation.segments))
    return population_of(segmented, found, worst=old.worst, limits=old.limits)


def _write(found: Drift, folder: Path) -> None:
    from segmentry.drift.page import drift_page

    (folder / "drift.json").write_text(json_text(found.to_dict(), indent=1) + "\n", encoding="utf-8")
    (folder / "drift.html").write_text(drift_page(found), encoding="utf-8")
