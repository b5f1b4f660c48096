"""From a customer table and a recipe to a segmentation and its files."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.assembly import assemble
from segmentry.errors import DataError, RecipeError, SegmentryWarning, nearest
from segmentry.patterns import PatternTable
from segmentry.pipeline.opened import Opened, Progress, drawer_for, silent
from segmentry.pipeline.previous import keep_identity
from segmentry.pipeline.writing import judged, write
from segmentry.recipe import METHODS, Recipe
from segmentry.scoring import Scores, hold_assignments, numbers_of, population, score
from segmentry.segmentation import Segmentation, load
from segmentry.selection import choose, preload, scan, with_indices
from segmentry.withholding import MIN_CELL


def run(
    data: Any,
    recipe: Recipe | str | Path,
    segments: int | str | None = None,
    method: str | None = None,
    seed: int | None = None,
    *,
    thorough: bool = False,
    previous: Segmentation | str | Path | None = None,
    min_cell: int = MIN_CELL,
    out: str | Path | None = None,
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
    thorough
        Whether to compute every index of every number of segments beside its null band; takes about a minute.
    previous
        An earlier segmentation, or the path of its ``segmentation.json``: segments that survive keep their
        numbers and names, and `migration` says who moves.
    min_cell
        The model file holds no count of customers below this; 1 keeps every count.
    out
        A folder for the report and all other files; they are written whole or not at all.
    progress
        Called with a line of text at the start of each stage.

    Returns
    -------
    Segmentation

    Raises
    ------
    RecipeError, DataError, ModelError
        A mistake in the recipe, the data, or what was asked for; the text says which and what to do.
    """
    recipe = _settled(Recipe.load(recipe), segments, method, seed)
    before = load(previous) if isinstance(previous, (str, Path)) else previous
    say = progress or silent
    preload()
    say("Reading the table")
    with Opened(data, recipe) as opened, drawer_for(out) as drawer:
        patterns = opened.collected.patterns
        say(f"{patterns.n_customers:,} customers in {patterns.n_patterns:,} patterns")
        result, scores = _fitted(opened, say, thorough=thorough)
        result = replace(result, min_cell=min_cell)
        if before is not None:
            result = keep_identity(result, before)
        if out is None or drawer is None:
            return judged(result, say)
        query = None
        if opened.engine is not None and recipe.source.id is not None:
            query = hold_assignments(opened.engine, opened.collected, *scores, numbers_of(result))
        return write(result, Path(out), opened, query, drawer, say)


def _settled(recipe: Recipe, segments: int | str | None, method: str | None, seed: int | None) -> Recipe:
    """The recipe with what the call asks for in place of its own settings."""
    if method is not None and method not in METHODS:
        raise RecipeError(f"method {method!r}: {nearest(str(method), METHODS)}")
    asked = {"segments": _number(segments), "method": method, "seed": seed}
    model = {**recipe.model.model_dump(), **{k: v for k, v in asked.items() if v is not None}}
    return recipe.with_(model=model)


def _number(segments: int | str | None) -> int | str | None:
    return int(segments) if isinstance(segments, str) and segments.isdecimal() else segments


def _fitted(opened: Opened, say: Progress, *, thorough: bool) -> tuple[Segmentation, Scores]:
    recipe, patterns = opened.collected.matched.recipe, opened.collected.patterns
    settings = recipe.model
    asked = settings.segments if isinstance(settings.segments, int) else None
    numbers = list(range(settings.range[0], settings.range[1] + 1))
    if asked is not None:
        _check_number(asked, patterns)
        numbers = sorted({*numbers, asked})
    found = scan(
        patterns,
        settings.method,
        numbers,
        seed=settings.seed,
        asked=asked,
        progress=lambda text: say(f"Fitting {text}"),
    )
    choice = choose(found.table, settings.method, asked)
    model = found.models[choice.k]
    if not getattr(model, "converged_", True):
        text = f"the {choice.k} latent classes did not converge; ask for fewer segments"
        warnings.warn(text, SegmentryWarning, stacklevel=3)
    labels, certainty = score(model, patterns.codes)
    result = assemble(
        recipe, settings.method, opened.source, opened.queries, patterns, labels, certainty, choice
    )
    table = found.table
    if thorough:
        table = with_indices(table, patterns, settings.method, seed=settings.seed, progress=say)
    customers = population(model, patterns, labels, choice.k)
    return replace(result, core=model, selection=table, population=customers), (labels, certainty)


def _check_number(asked: int, patterns: PatternTable) -> None:
    if asked > patterns.n_patterns:
        raise DataError(
            f"segments: {asked} segments need at least as many patterns, and these customers make "
            f"{patterns.n_patterns}; ask for fewer, or let the recipe make more levels"
        )
