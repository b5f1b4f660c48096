"""Segments that somebody else made, held in a column of the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from segmentry.collecting.tabulation import MAX_LEVELS
from segmentry.disclosure import Policy, disclosed
from segmentry.errors import DataError, RecipeError
from segmentry.patterns import Cleaning, PatternTable
from segmentry.profiling import unique_names
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import value_label
from segmentry.report import check_exports
from segmentry.runs.assembly import assemble
from segmentry.runs.opening import Opened, drawer_for, warn_of_ids
from segmentry.runs.protected_columns import protected_counts
from segmentry.runs.segment import in_locale
from segmentry.runs.strata import stratified, with_segments
from segmentry.runs.writing import with_histograms, write
from segmentry.segmentation import Segmentation
from segmentry.selection import Choice
from segmentry.system.progress import Progress, silent
from segmentry.text.numbers import writing_in

_GIVEN = "segment"


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
    progress: Progress | None = None,
) -> Segmentation:
    """Profile segments that somebody else made, held in a column of the table.

    The column's values become the segments, numbered by size; customers without a value are left out and
    counted.

    Parameters
    ----------
    data, recipe, locale, min_cell, out, excel, pdf, progress
        As in `run`.
    segment_column
        The column that holds the segments.
    join
        A file whose columns are joined to the table on the recipe's id column: labels that another tool
        wrote. Customers that are not in it are left out and counted.
    """
    recipe = _joined(in_locale(Recipe.load(recipe), locale), join)
    policy, say = Policy.for_files(min_cell), progress or silent
    check_exports(excel=excel, pdf=pdf)
    say("Reading the table")
    with (
        writing_in(recipe.locale),
        _explained(segment_column),
        Opened(data, _with_given(recipe, segment_column), True) as opened,
        drawer_for(out) as drawer,
    ):
        warn_of_ids(opened.collected.patterns.cleaning)
        patterns, labels, given = _split(opened.collected.patterns, segment_column)
        say(f"{patterns.n_customers:,} customers in {len(given)} given segments")
        certainty = np.ones(patterns.n_patterns)
        choice = Choice(len(given), True, 0, f"The segments are those of the column {segment_column}.")
        strata = with_segments(opened, stratified(opened), labels)
        protected = protected_counts(opened, labels, len(given), recipe.sensitive)
        counts = opened.value_counts(labels)
        result = assemble(
            recipe, "given", opened.source, opened.queries, patterns, labels, certainty, choice, given,
            counts=counts, protected=protected, stratified=strata,
        )  # fmt: skip
        opened.hold_segments(labels, certainty)
        if out is None or drawer is None:
            complete = replace(with_histograms(result, opened), queries=opened.queries)
            return disclosed(complete, policy)
        return write(result, None, Path(out), opened, None, drawer, say, policy, excel=excel, pdf=pdf)


@contextmanager
def _explained(column: str) -> Iterator[None]:
    """Errors about the feature that holds the given segments, as errors about their column."""
    try:
        yield
    except DataError as error:
        text = str(error)
        place, _, unknown = text.partition(": ")
        if place == f"features.{_GIVEN}.column":
            raise DataError(f"--segment-column {column}: {unknown}") from None
        if "different values" in text and text.startswith(f"features.{_GIVEN}:"):
            found = text.removeprefix(f"features.{_GIVEN}: ").split(" ", maxsplit=1)[0]
            raise DataError(
                f"--segment-column {column}: {found} different values; {MAX_LEVELS} segments are the most: "
                "name the column of the segments, not of a number or an id"
            ) from None
        raise


def _with_given(recipe: Recipe, segment_column: str) -> Recipe:
    """The recipe with the given segments as one more feature, to be taken apart after collecting."""
    forming = [f.name for f in recipe.features if f.column == segment_column]
    if forming:
        raise RecipeError(
            f"features.{forming[0]}: {segment_column!r} holds the segments; it cannot form them"
        )
    given = Feature(name=_GIVEN, label=segment_column, column=segment_column, missing="drop")
    return recipe.model_copy(update={"features": (*recipe.features, given)})


def _joined(recipe: Recipe, join: str | Path | None) -> Recipe:
    """The recipe reading the table with another file's columns beside it."""
    if join is None:
        return recipe
    if recipe.source.id is None or recipe.source.sql is not None:
        raise RecipeError("join needs [source] id, and no [source] sql; write the join into the recipe's sql")
    key = exp.column(recipe.source.id, quoted=True)
    query = exp.select("*").from_("data").join("joined", using=[key], join_type="left")
    changes = {"sql": query.sql("duckdb"), "tables": {**recipe.source.tables, "joined": str(join)}}
    return recipe.model_copy(update={"source": recipe.source.model_copy(update=changes)})


def _split(table: PatternTable, column: str) -> tuple[PatternTable, npt.NDArray[np.intp], tuple[str, ...]]:
    """Take the given segments out of the features; segments are numbered by size."""
    position = len(table.features) - 1
    codes = np.asarray(table.codes[:, position])
    sizes = np.bincount(codes, table.sample_weight, minlength=len(table.features[position].levels))
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order))
    levels = table.features[position].levels
    names = [levels[i] if not _is_number(levels[i]) else f"{column} {levels[i]}" for i in order]
    table = replace(table.without_feature(position), cleaning=_without_segment(table.cleaning, column))
    return table, rank[codes], unique_names([value_label(n) for n in names])


def _without_segment(cleaning: Cleaning, column: str) -> Cleaning:
    """The cleaning, which says why customers without a segment are left out."""
    why = f"{column} has no value, so they are in no segment"
    steps = (replace(s, why=why) if s.step == f"{_GIVEN}_missing" else s for s in cleaning.steps)
    return replace(cleaning, steps=tuple(steps))


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()
