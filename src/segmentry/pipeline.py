"""The only module that knows every stage: from the data and a recipe to the segmentation and its files."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from segmentry.assembly import assemble
from segmentry.collecting import Collected, collect_patterns
from segmentry.engine import Engine, LoggedQuery
from segmentry.errors import DataError, RecipeError, SegmentryWarning, nearest
from segmentry.patterns import PatternTable, is_pattern_table
from segmentry.profile import (
    unique_names,
)
from segmentry.recipe import METHODS, Feature, Recipe
from segmentry.recipe.levels import value_label
from segmentry.report.drawing import Drawer
from segmentry.scoring import Scores, hold_assignments, open_data, score, write_assignments
from segmentry.segmentation import Segmentation
from segmentry.selection import Choice, choose, gather, judge, preload, refit_of, scan, with_indices

Progress = Callable[[str], None]
MAX_GIVEN_SEGMENTS = 100


def collect(data: Any, recipe: Recipe | str | Path) -> PatternTable:
    """Collect the pattern table of a customer table: one grouped scan where the data live.

    Parameters
    ----------
    data
        A path (CSV, TSV, Parquet, JSON), a glob, ``duckdb:///file.duckdb?table=name``, or a pandas, polars
        or Arrow table.
    recipe
        A recipe, its path, or a bundled recipe's name.

    Raises
    ------
    RecipeError, DataError
        The recipe is not valid, or does not fit the data.
    """
    recipe = Recipe.load(recipe)
    engine = open_data(data, recipe)
    try:
        return collect_patterns(engine, recipe).patterns
    finally:
        engine.close()


def run(
    data: Any,
    recipe: Recipe | str | Path,
    segments: int | str | None = None,
    method: str | None = None,
    seed: int | None = None,
    *,
    thorough: bool = False,
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
    say = progress or _silent
    preload()
    say("Reading the table")
    with _Opened(data, recipe) as opened, _drawer(out) as drawer:
        patterns = opened.collected.patterns
        say(f"{patterns.n_customers:,} customers in {patterns.n_patterns:,} patterns")
        result, scores = _fitted(opened, say, thorough=thorough)
        if out is None or drawer is None:
            return _judged(result, say)
        query = None
        if opened.engine is not None and recipe.source.id is not None:
            query = hold_assignments(opened.engine, opened.collected, *scores)
        return _write(result, Path(out), opened, query, drawer, say)


def profile(
    data: Any,
    recipe: Recipe | str | Path,
    segment_column: str,
    *,
    join: str | Path | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Segmentation:
    """Profile segments that somebody else made, held in a column of the table.

    The column's values become the segments, numbered by size; customers without a value are left out and
    counted.

    Parameters
    ----------
    data, recipe, out, progress
        As in `run`.
    segment_column
        The column that holds the segments.
    join
        A file whose columns are joined to the table on the recipe's id column: labels that another tool
        wrote. Customers that are not in it are left out and counted.
    """
    recipe = _joined(Recipe.load(recipe), join)
    say = progress or _silent
    say("Reading the table")
    with _Opened(data, _with_given(recipe, segment_column), True) as opened, _drawer(out) as drawer:
        patterns, labels, given = _split(opened.collected.patterns, segment_column)
        say(f"{patterns.n_customers:,} customers in {len(given)} given segments")
        certainty = np.ones(patterns.n_patterns)
        choice = Choice(len(given), True, 0, f"The segments are those of the column {segment_column}.")
        result = assemble(
            recipe, "given", opened.source, opened.queries, patterns, labels, certainty, choice, given
        )
        if out is None or drawer is None:
            return result
        return _write(result, Path(out), opened, None, drawer, say)


@dataclass
class _Opened:
    """The collected patterns, and the engine that they came from while it is open."""

    data: Any
    recipe: Recipe
    is_table: bool = False

    def __enter__(self) -> _Opened:
        self.engine: Engine | None = None
        if not self.is_table and _is_patterns(self.data):
            table = self.data if isinstance(self.data, PatternTable) else PatternTable.load(self.data)
            self.source = "pattern table" if isinstance(self.data, PatternTable) else str(self.data)
            self.collected = _from_patterns(table, self.recipe)
            return self
        self.engine = open_data(self.data, self.recipe)
        self.source = self.engine.name
        try:
            self.collected = collect_patterns(self.engine, self.recipe)
        except BaseException:
            self.engine.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.engine is not None:
            self.engine.close()

    @property
    def queries(self) -> tuple[LoggedQuery, ...]:
        """The queries that ran so far."""
        return tuple(self.engine.log) if self.engine is not None else ()


def _is_patterns(data: Any) -> bool:
    if isinstance(data, PatternTable):
        return True
    path = Path(data) if isinstance(data, (str, Path)) else None
    return path is not None and path.suffix == ".parquet" and path.is_file() and is_pattern_table(path)


def _from_patterns(table: PatternTable, recipe: Recipe) -> Collected:
    """Take a pattern table as it is, if the recipe is the one that it was collected by."""
    from segmentry.collecting import Matched
    from segmentry.sql import Relation, SourceTable

    names = [f.name for f in recipe.features]
    found = [f.name for f in table.features]
    if names != found:
        raise DataError(
            f"the pattern table has the features {found}, the recipe {names}; use the same recipe"
        )
    relation = Relation(origin=None)  # type: ignore[arg-type]
    return Collected(Matched(recipe, SourceTable(relation, {}), {}), table)


def _silent(_: str) -> None:
    return None


def _settled(recipe: Recipe, segments: int | str | None, method: str | None, seed: int | None) -> Recipe:
    """The recipe with what the call asks for in place of its own settings."""
    if method is not None and method not in METHODS:
        raise RecipeError(f"method {method!r}: {nearest(str(method), METHODS)}")
    asked = {"segments": _number(segments), "method": method, "seed": seed}
    model = {**recipe.model.model_dump(), **{k: v for k, v in asked.items() if v is not None}}
    return recipe.with_(model=model)


def _number(segments: int | str | None) -> int | str | None:
    return int(segments) if isinstance(segments, str) and segments.isdecimal() else segments


def _fitted(opened: _Opened, say: Progress, *, thorough: bool) -> tuple[Segmentation, Scores]:
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
    return replace(result, core=model, selection=table), (labels, certainty)


def _judged(result: Segmentation, say: Progress) -> Segmentation:
    """The segmentation with its verdict; given segments get none."""
    if result.core is None or result.patterns is None:
        return result
    evidence = None
    if result.choice.k > 1 and result.choice.best_by_bic > 1:
        say("Testing whether there are segments")
        refit = refit_of(result.method, result.patterns)
        evidence = gather(result.patterns, result.choice.k, refit, seed=result.seed)
    return replace(result, evidence=evidence, verdict=judge(evidence, result.choice.best_by_bic))


def _check_number(asked: int, patterns: PatternTable) -> None:
    if asked > patterns.n_patterns:
        raise DataError(
            f"segments: {asked} segments need at least as many patterns, and these customers make "
            f"{patterns.n_patterns}; ask for fewer, or let the recipe make more levels"
        )


def _with_given(recipe: Recipe, segment_column: str) -> Recipe:
    """The recipe with the given segments as one more feature, to be taken apart after collecting."""
    forming = [f.name for f in recipe.features if f.column == segment_column]
    if forming:
        raise RecipeError(
            f"features.{forming[0]}: {segment_column!r} holds the segments; it cannot form them"
        )
    given = Feature(name=_GIVEN, label=segment_column, column=segment_column, missing="drop")
    return recipe.model_copy(update={"features": (*recipe.features, given)})


_GIVEN = "segment"


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
    return table.without_feature(position), rank[codes], unique_names([value_label(n) for n in names])


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def _drawer(out: str | Path | None) -> AbstractContextManager[Drawer | None]:
    """The process that will draw the charts, where files are asked for; it gets ready while models are fitted."""
    return nullcontext() if out is None else Drawer()


def _write(
    result: Segmentation, out: Path, opened: _Opened, query: Any, drawer: Drawer, say: Progress
) -> Segmentation:
    from segmentry.outputs import Work, write_outputs

    def assignments(path: Path) -> None:
        write_assignments(opened.engine, query, opened.collected.patterns, path)  # type: ignore[arg-type]

    def logged(result: Segmentation) -> Segmentation:
        return replace(result, queries=opened.queries)

    work = Work(
        begin=lambda: _judged(result, say),
        assign=assignments if query is not None else None,
        finish=logged,
    )
    return write_outputs(result, work, out, drawer, say)
