"""From a customer table and a recipe to a segmentation and its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.collecting.pattern_segments import MAX_SORTED, assignments_query
from segmentry.disclosure import MODEL_FILE, Policy, disclosed
from segmentry.errors import DataError, RecipeError, nearest
from segmentry.patterns import PatternTable
from segmentry.recipe import METHODS, Recipe
from segmentry.recipe.models import ModelSettings
from segmentry.report import check_exports
from segmentry.runs.assembly import assemble
from segmentry.runs.audit import findings_of
from segmentry.runs.opening import Opened, aide_for, drawer_for, warn_of_ids
from segmentry.runs.previous import match_previous, with_migration
from segmentry.runs.protected_columns import protected_counts
from segmentry.runs.strata import stratified, with_segments
from segmentry.runs.writing import Gathering, judged, with_histograms, write
from segmentry.scoring import Scores, kinds_of, limit_of, population, score_patterns
from segmentry.segmentation import Segmentation, load
from segmentry.selection import (
    Aide,
    Segments,
    cautions,
    check_enough,
    choose_k,
    numbers_to_try,
    preload,
    scan,
    split_table,
    with_null_curves,
)
from segmentry.selection.missing_values import missing_value_sensitivity
from segmentry.system.progress import Progress, silent
from segmentry.text.numbers import writing_in


def run(
    data: Any,
    recipe: Recipe | str | Path,
    segments: int | str | None = None,
    method: str | None = None,
    seed: int | None = None,
    *,
    locale: str | None = None,
    thorough: bool = False,
    previous: Segmentation | str | Path | None = None,
    min_cell: int | None = None,
    audit: bool = False,
    out: str | Path | None = None,
    csv: bool = False,
    excel: bool = False,
    pdf: bool = False,
    progress: Progress | None = None,
) -> Segmentation:
    """Segment a customer table.

    Parameters
    ----------
    data
        Whatever `collect` takes, or a pattern table (a `PatternTable`, or a file that one was saved to).
    recipe
        A recipe, its path, or a bundled recipe's name.
    segments
        A number, or ``"auto"``; by default what the recipe says.
    method
        ``"latent-class"``, ``"k-modes"`` or ``"k-means"``; by default what the recipe says.
    seed
        Of every random start; by default what the recipe says.
    locale
        How texts write numbers, such as ``"de"``, and the labels that are made of edges; by default what the
        recipe says, else ``"en"``.
    thorough
        Whether to compute every index of every number of segments beside its null band; takes about a minute.
    previous
        An earlier segmentation, or the path of its ``segmentation.json``: segments that survive keep their
        numbers and names, and `migration` says who moves.
    min_cell
        Withhold figures of fewer customers than this, and what would give them away; by default they are
        shown, and flagged below 10.
    audit
        Whether to look the table over, too, as `segmentry.audit` does, and say in the report what was found;
        a pattern table has none to look at.
    out
        A folder for the report and all other files; they are written whole or not at all.
    csv
        Whether `out` shall also hold the list of all customers with their segment as CSV, for a spreadsheet.
    excel, pdf
        Whether `out` shall also hold the report as a workbook (needs the extra ``excel``) and as PDF (needs a
        Chromium).
    progress
        Called with a line of text at the start of each stage.

    Returns
    -------
    Segmentation

    Raises
    ------
    RecipeError, DataError, ModelError
        A mistake in the recipe, the data, or what was asked for; the text says which and what to do.

    Warns
    -----
    SegmentryWarning
        Several rows have the same id, or some have none; `notes` say so, too.
    """
    recipe = settled(Recipe.load(recipe), segments, method, seed, locale)
    before = load(previous) if isinstance(previous, (str, Path)) else previous
    policy, say = Policy.for_files(min_cell), progress or silent
    check_exports(excel=excel, pdf=pdf)
    preload()
    with writing_in(recipe.locale):
        say("Reading the table")
        with (
            aide_for(out) as aide,
            Opened(data, recipe, in_background=True) as opened,
            drawer_for(out) as drawer,
        ):
            patterns = opened.collected.patterns
            say(f"{patterns.n_customers:,} customers in {patterns.n_patterns:,} patterns")
            findings = (
                findings_of(data, recipe, say) if audit else ()
            )  # after what may be wrong with the recipe
            result, scores, gathering = _fitted(
                opened, aide, say, before, max(policy.floor, MODEL_FILE.floor), thorough=thorough
            )
            result = replace(result, findings=findings)
            warn_of_ids(result.cleaning)
            is_small = patterns.n_customers <= MAX_SORTED
            if out is not None or is_small:  # histograms cost a scan: of many rows only for the report's sake
                opened.hold_segments(*scores)
            if out is None or drawer is None:
                complete = judged(with_histograms(result, opened), gathering, say)
                return disclosed(replace(complete, queries=opened.queries), policy)
            query = None
            if opened.engine is not None and recipe.source.id is not None:
                query = assignments_query(opened.collected)
            forms = {"csv": csv, "excel": excel, "pdf": pdf}
            return write(result, gathering, Path(out), opened, query, drawer, say, policy, **forms)


def settled(
    recipe: Recipe,
    segments: int | str | None,
    method: str | None,
    seed: int | None,
    locale: str | None = None,
) -> Recipe:
    """The recipe with what the call asks for in place of its own settings."""
    if method is not None and method not in METHODS:
        raise RecipeError(f"method {method!r}: {nearest(str(method), METHODS)}")
    asked = {"segments": _number(segments), "method": method, "seed": seed}
    model = {**recipe.model.model_dump(), **{k: v for k, v in asked.items() if v is not None}}
    return in_locale(recipe.with_(model=model), locale)


def in_locale(recipe: Recipe, locale: str | None) -> Recipe:
    """The recipe with the locale that the call asks for in place of its own."""
    return recipe if locale is None else recipe.with_(locale=locale)


def _number(segments: int | str | None) -> int | str | None:
    return int(segments) if isinstance(segments, str) and segments.isdecimal() else segments


def _fitted(
    opened: Opened, aide: Aide, say: Progress, before: Segmentation | None, least: int, *, thorough: bool
) -> tuple[Segmentation, Scores, Gathering]:
    recipe, patterns = opened.collected.matched.recipe, opened.collected.patterns
    strata = stratified(opened)  # before anything is fitted: a band may not fit the table
    settings = recipe.model
    asked = settings.segments if isinstance(settings.segments, int) else None
    numbers = list(range(settings.range[0], settings.range[1] + 1))
    if asked is not None:
        check_number(asked, patterns)
        numbers = sorted({*numbers, asked})
    check_enough(patterns, asked, settings.method)
    tried = numbers_to_try(patterns, settings.method, numbers, asked)
    opened.read_on()
    curves = None
    if tried[0] == 1 and len(tried) > 1:
        curves = aide.curves(patterns, settings.method, tried, seed=settings.seed, costs=thorough)
    found = scan(
        patterns,
        settings.method,
        tried,
        seed=settings.seed,
        asked=asked,
        indices=thorough,
        progress=say,
    )
    choice = choose_k(found.table, settings.method, asked)
    model = found.models[choice.k]
    matched = None if before is None else match_previous(model, patterns, before)
    if matched is not None:
        model = matched.model
    gathering = _gathering(aide, patterns, model, choice.k, settings)
    said = cautions(patterns, numbers, choice.k, settings.method)
    if not getattr(model, "converged_", True):
        said += (f"The {choice.k} latent classes did not converge; ask for fewer segments.",)
    choice = replace(choice, cautions=said)
    labels, certainty = score_patterns(model, patterns.codes)
    models = {**found.models, choice.k: model}
    splits = split_table(patterns, settings.method, models, choice.k, seed=settings.seed)
    patterns = opened.complete()  # all before it needs counts alone
    protected = protected_counts(opened, labels, choice.k, recipe.sensitive)
    counts = opened.value_counts(labels)
    result = assemble(
        recipe, settings.method, opened.source, opened.queries, patterns, labels, certainty, choice,
        core=model, counts=counts, protected=protected, stratified=with_segments(opened, strata, labels),
        kept=None if matched is None else matched.names,
    )  # fmt: skip
    if matched is not None:
        result = with_migration(result, matched, least)
    result = replace(
        result,
        selection=with_null_curves(found.table, settings.method, curves() if curves else None),
        splits=splits,
        limit=limit_of(model, patterns),
        kinds=kinds_of(opened.collected.matched),
        population=population(model, patterns, labels, choice.k),
    )
    return _with_sensitivity(result, patterns, labels), (labels, certainty), gathering


def _gathering(aide: Aide, patterns: PatternTable, model: Any, k: int, settings: ModelSettings) -> Gathering:
    if k == 1:
        return lambda: None
    segments = Segments.of(model, k, patterns.codes)
    return aide.evidence(patterns, settings.method, segments, seed=settings.seed)


def _with_sensitivity(
    result: Segmentation, patterns: PatternTable, labels: npt.NDArray[np.intp]
) -> Segmentation:
    """The segmentation with what other treatments of missing values would change; latent classes alone."""
    if result.method != "latent-class":
        return result
    as_levels = tuple(f.name for f in result.recipe.features if f.missing == "level")
    missing, notes = missing_value_sensitivity(patterns, labels, result.choice.k, as_levels, result.seed)
    return replace(result, missing=missing, notes=(*result.notes, *notes))


def check_number(asked: int, patterns: PatternTable) -> None:
    """Raise DataError where there are fewer patterns than segments are asked for."""
    if asked > patterns.n_patterns:
        raise DataError(
            f"segments: {asked} segments need at least as many patterns, and these customers make "
            f"{patterns.n_patterns}; ask for fewer, or let the recipe make more levels"
        )
