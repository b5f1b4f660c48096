"""Segments that somebody else made, held in a column of the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlglot import exp

from segmentry.collecting.tabulation import MAX_LEVELS
from segmentry.disclosure import Policy, disclosed
from segmentry.errors import DataError, RecipeError, TooManyLevelsError
from segmentry.patterns import Cleaning
from segmentry.profiling import unique_names
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import value_label
from segmentry.runs.collect import warn_of_ids
from segmentry.runs.files import new_folder, write_files
from segmentry.runs.options import Formats, Options, in_locale, slides_in
from segmentry.runs.partition import Partition
from segmentry.runs.profiles import profile_segments
from segmentry.runs.reading import complete_customers, read_histograms, read_segments
from segmentry.runs.replacing import replacing
from segmentry.runs.result import Tested, segmentation_of
from segmentry.runs.sources import Customers, collect_customers, open_table
from segmentry.runs.strata import collect_bands
from segmentry.segmentation import Segmentation
from segmentry.selection import Choice
from segmentry.sql.encode import missing_step
from segmentry.system.progress import Progress, shown_progress
from segmentry.text.locales import writing_in


def profile(
    data: Any,
    recipe: Recipe | str | Path,
    segment_column: str,
    *,
    join: str | Path | None = None,
    locale: str | None = None,
    min_cell: int | None = None,
    out: str | Path | None = None,
    excel: bool = False,
    pdf: bool = False,
    pptx: bool = False,
    template: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Segmentation:
    """Profile segments that somebody else made, held in a column of the table.

    The column's values become the segments, numbered by size; customers without a value are left out and
    counted.

    Parameters
    ----------
    data, recipe, locale, min_cell, out, excel, pdf, pptx, template, overwrite, progress
        As in `run`, but no pattern table is taken.
    segment_column
        Column that holds the segments.
    join
        File of labels that another tool wrote: its columns are joined to the table on the recipe's id column.
        Customers who are not in it are left out and counted.

    Returns
    -------
    Segmentation
        Its method is ``given``, and it has no model.

    Raises
    ------
    RecipeError, DataError
        A mistake in the recipe, the data, or the column; the text says which and what to do.

    Warns
    -----
    SegmentryWarning
        Several rows have the same id, or some have none; `notes` say so, too.

    Examples
    --------
    >>> from segmentry.datasets import sample_households
    >>> customers = sample_households(rows=2_000)
    >>> customers["team"] = ["a", "a", "b", "c"] * 500
    >>> profile(customers, "households", "team").segments[0].label
    'a'
    """
    loaded = _joined(in_locale(Recipe.load(recipe), locale), join)
    options = Options(
        replacing=replacing(data, recipe, loaded, template, overwrite=overwrite),
        out=None if out is None else Path(out),
        formats=Formats(excel=excel, pdf=pdf, slides=slides_in(out, template, is_asked=pptx)),
        policy=Policy.for_files(min_cell),
    )
    options.formats.check()
    with (
        writing_in(loaded.locale),
        _explained(segment_column, _name_of_given(loaded)),
        shown_progress(progress) as say,
    ):
        return _profile(data, loaded, segment_column, options, say)


def _profile(data: Any, recipe: Recipe, segment_column: str, options: Options, say: Progress) -> Segmentation:
    say("Reading the table")
    with new_folder(options.out, options.replacing) as folder, open_table(data, recipe, folder) as source:
        collected = collect_customers(source, data, _with_given(recipe, segment_column))
        whole = complete_customers(collected)
        warn_of_ids(whole.patterns.cleaning)
        customers, partition = _split(whole, segment_column)
        say(f"{customers.patterns.n_customers:,} customers in {len(partition.names)} given segments")
        reading = read_segments(whole, partition, collect_bands(whole))
        profile = profile_segments(customers.recipe, customers.patterns, partition, reading, options.policy)
        shows_all = options.policy.shows_all
        histograms = read_histograms(whole, partition, reading.sample) if shows_all else None
        result = segmentation_of(customers, partition, profile, Tested(), reading, histograms)
        shown = disclosed(result, options.policy)
        if folder is not None:
            write_files(shown, folder, options.formats, None, say)
        return shown


@contextmanager
def _explained(column: str, given: str) -> Iterator[None]:
    """Turn errors about the feature that holds the given segments into errors about their column."""
    try:
        yield
    except DataError as error:
        if error.place[:2] != ("features", given):
            raise
        error = error.with_(source=f"--segment-column {column}", place=())
        if isinstance(error, TooManyLevelsError):
            error = error.with_(
                problem=f"{error.n_levels:,} different values; {MAX_LEVELS} segments are the most",
                hint="name the column of the segments, not of a number or an id",
            )
        raise error from None


def _with_given(recipe: Recipe, segment_column: str) -> Recipe:
    """Return the recipe with the given segments as one more feature, which `_split` removes again."""
    forming = [f.name for f in recipe.features if f.column == segment_column]
    if forming:
        raise RecipeError(
            f"{segment_column!r} holds the segments; it cannot form them", place=("features", forming[0])
        )
    given = Feature(name=_name_of_given(recipe), label=segment_column, column=segment_column, missing="drop")
    return recipe.model_copy(update={"features": (*recipe.features, given)})


def _name_of_given(recipe: Recipe) -> str:
    """Name of the feature that holds the segments; no other feature has it."""
    taken, name = {feature.name for feature in recipe.features}, "segment"
    while name in taken:
        name += "_"
    return name


def _joined(recipe: Recipe, join: str | Path | None) -> Recipe:
    """Return the recipe that reads the table joined with another file."""
    if join is None:
        return recipe
    if recipe.source.id is None or recipe.source.sql is not None:
        raise RecipeError(
            "join needs [source] id, and no [source] sql", hint="write the join into the recipe's sql"
        )
    key = exp.column(recipe.source.id, quoted=True)
    query = exp.select("*").from_("data").join("joined", using=[key], join_type="left")
    changes = {"sql": query.sql("duckdb"), "tables": {**recipe.source.tables, "joined": str(join)}}
    return recipe.model_copy(update={"source": recipe.source.model_copy(update=changes)})


def _split(whole: Customers, column: str) -> tuple[Customers, Partition]:
    """Make segments, numbered by size, of the last feature, and remove it from the patterns."""
    table = whole.patterns
    position = len(table.features) - 1
    codes, levels = np.asarray(table.codes[:, position]), table.features[position].levels
    sizes = np.bincount(codes, table.sample_weight, minlength=len(levels))
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order))
    names = [levels[i] if not _is_number(levels[i]) else f"{column} {levels[i]}" for i in order]
    patterns = replace(
        table.without_feature(position),
        cleaning=_without_segment(table.cleaning, table.features[position].name, column),
    )
    recipe = whole.recipe.model_copy(update={"features": whole.recipe.features[:-1]})
    partition = Partition(
        method="given",
        choice=Choice(len(names), True, 0, f"The segments are those of the column {column}."),
        labels=rank[codes],
        certainty=np.ones(table.n_patterns),
        names=unique_names([value_label(n) for n in names]),
    )
    return replace(whole, recipe=recipe, patterns=patterns), partition


def _without_segment(cleaning: Cleaning, given: str, column: str) -> Cleaning:
    """Return the cleaning with the reason why customers without a segment are left out."""
    why = f"{column} has no value, so they are in no segment"
    steps = (replace(s, why=why) if s.step == missing_step(given) else s for s in cleaning.steps)
    return replace(cleaning, steps=tuple(steps))


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()
