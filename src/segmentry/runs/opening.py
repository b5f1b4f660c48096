"""The data and the recipe, opened: collected patterns, and the engine that they came from."""

from __future__ import annotations

import json
import warnings
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.collecting.collection import Collected, add_halves, collect_sums
from segmentry.collecting.histograms import count_raw_values
from segmentry.collecting.ids import with_ids_counted
from segmentry.collecting.pattern_segments import hold_segments
from segmentry.collecting.sampling import Sample, take_sample
from segmentry.collecting.value_counts import segment_value_counts
from segmentry.engine import Engine, LoggedQuery, on_engine
from segmentry.errors import DataError, IdWarning
from segmentry.patterns import Cleaning, PatternTable, ValueCounts
from segmentry.patterns.files import is_pattern_table
from segmentry.patterns.merging import first_difference
from segmentry.recipe import Recipe
from segmentry.recipe.definitions import definitions
from segmentry.recipe.levels import is_resolved, level_labels, with_edges, with_levels
from segmentry.report.pictures import Drawer
from segmentry.scoring import open_data
from segmentry.selection import Aide, Aside, Here
from segmentry.system.processes import can_start

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Opened", "aide_for", "collect", "drawer_for", "on_engine"]


def collect(data: Any, recipe: Recipe | str | Path) -> PatternTable:
    """Collect the pattern table of a customer table: one grouped scan where the data live.

    Parameters
    ----------
    data
        A path (CSV, TSV, Parquet, JSON), a glob, ``duckdb:///file.duckdb?table=name``,
        ``postgresql://user@host/database?table=name``, ``spark:`` before Parquet files or a table of the session; a
        pandas, polars, Arrow or Spark table; or an engine (`from_adbc`, `from_spark` of `segmentry.engine`).
    recipe
        A recipe, its path, or a bundled recipe's name.

    Raises
    ------
    RecipeError, DataError
        The recipe is not valid, or does not fit the data.

    Warns
    -----
    SegmentryWarning
        Several rows have the same id, or some have none.
    """
    recipe = Recipe.load(recipe)
    engine = open_data(data, recipe)
    try:
        patterns = _completed(engine, collect_sums(engine, recipe)).patterns
    finally:
        engine.close()
    warn_of_ids(patterns.cleaning)
    return patterns


def _completed(engine: Engine, sums: Collected) -> Collected:
    """The sums with all that is asked of the table beside them: halves, and whether the id tells customers apart."""
    return with_ids_counted(engine, add_halves(engine, sums))


def warn_of_ids(cleaning: Cleaning) -> None:
    """Warn the caller of the caller where rows share an id, or have none."""
    for text in cleaning.said_of_ids():
        warnings.warn(text, IdWarning, stacklevel=3)


@dataclass
class Opened:
    """The collected patterns, and the engine that they came from while it is open.

    With `in_background` a table is open as soon as its counts and sums are known: whether its id tells customers apart,
    and a large one's halves, is read from `read_on` to `complete`, while models are fitted on the counts.
    """

    data: Any
    recipe: Recipe
    is_table: bool = False
    in_background: bool = False

    def __enter__(self) -> Opened:
        self.engine: Engine | None = None
        self.has_segments = False
        self._reading: Future[Collected] | None = None
        if not self.is_table and is_patterns(self.data):
            table, self.source = patterns_in(self.data, self.recipe)
            self.collected = _from_patterns(table, self.recipe)
            return self
        self.engine = open_data(self.data, self.recipe)
        self.source = self.engine.name
        try:
            self.collected = collect_sums(self.engine, self.recipe)
            if not self.in_background:
                self.collected = _completed(self.engine, self.collected)
        except BaseException:
            self.engine.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._reading is not None:
            wait([self._reading])  # an engine is not closed under a query
        if self.engine is not None:
            self.engine.close()

    def read_on(self) -> None:
        """Begin to read what `complete` adds; until then the engine must not be asked anything."""
        if self.engine is None or not self.in_background:
            return
        readers = ThreadPoolExecutor(max_workers=1)
        self._reading = readers.submit(_completed, self.engine, self.collected)
        readers.shutdown(wait=False)

    def complete(self) -> PatternTable:
        """The pattern table, with all that it should hold."""
        if self._reading is not None:
            self.collected, self._reading = self._reading.result(), None
        return self.collected.patterns

    def hold_segments(self, labels: npt.NDArray[np.intp], certainty: npt.NDArray[np.float64]) -> None:
        """Give the engine the segment of every pattern, if there is an engine."""
        if self.engine is not None:
            hold_segments(self.engine, self.collected, labels, certainty)
            self.has_segments = True

    def value_counts(self, labels: npt.NDArray[np.intp]) -> tuple[ValueCounts, ...]:
        """How often values of amounts occur in each segment; nothing where no table is open."""
        return (
            segment_value_counts(self.engine, self.collected, self.sample, labels)
            if self.engine is not None
            else ()
        )

    def raw_values(self) -> pd.DataFrame | None:
        """The raw values behind the features per segment; None where the engine does not hold the segments."""
        if self.engine is None or not self.has_segments:
            return None
        return count_raw_values(self.engine, self.sample.matched)

    @cached_property
    def sample(self) -> Sample:
        """The customers whose rows are read again."""
        matched, cleaning = self.collected.matched, self.collected.patterns.cleaning
        if self.engine is None:
            return Sample(matched)
        return self.collected.sample or take_sample(self.engine, matched, cleaning)

    @property
    def queries(self) -> tuple[LoggedQuery, ...]:
        """The queries that ran so far."""
        return tuple(self.engine.log) if self.engine is not None else ()


def is_patterns(data: Any) -> bool:
    """Whether the data are a pattern table, or a file of one."""
    if isinstance(data, PatternTable):
        return True
    path = Path(data) if isinstance(data, (str, Path)) else None
    return path is not None and path.suffix == ".parquet" and path.is_file() and is_pattern_table(path)


def patterns_in(data: Any, recipe: Recipe, *, outcomes: bool = True) -> tuple[PatternTable, str]:
    """The pattern table and what it is called, if the recipe is the one that it was collected by."""
    table = data if isinstance(data, PatternTable) else PatternTable.load(data)
    source = "pattern table" if isinstance(data, PatternTable) else str(data)
    names = [f.name for f in recipe.features]
    found = [f.name for f in table.features]
    if names != found:
        raise DataError(
            f"the pattern table has the features {found}, the recipe {names}; use the same recipe"
        )
    _check_recipe(table, filled(recipe, table), source, outcomes=outcomes)
    table = _labelled(table, recipe)
    return table if outcomes else table.without_outcomes(), source


def _labelled(table: PatternTable, recipe: Recipe) -> PatternTable:
    """The table with its levels as the recipe's locale writes them; one that does not know its recipe, as it is."""
    if not table.made_by:
        return table
    labels = {f.name: level_labels(f, recipe.locale) for f in filled(recipe, table).features}
    return replace(table, features=tuple(replace(f, levels=labels[f.name]) for f in table.features))


def filled(recipe: Recipe, table: PatternTable) -> Recipe:
    """The recipe with the edges and levels that were found when the table was collected."""
    features = list(recipe.features)
    for j, feature in enumerate(features):
        found = json.loads(table.made_by.get(f"features.{feature.name}", "{}"))
        if is_resolved(feature) or "found" not in found:
            continue
        make = with_edges if found["found"] == "edges" else with_levels
        features[j] = make(feature, found[found["found"]])
    return recipe.model_copy(update={"features": tuple(features)})


def _check_recipe(table: PatternTable, recipe: Recipe, source: str, *, outcomes: bool) -> None:
    mine, theirs = definitions(recipe), dict(table.made_by)
    if not theirs:
        return
    if not outcomes:
        mine, theirs = (
            {p: d for p, d in made.items() if not p.startswith("outcomes.")} for made in (mine, theirs)
        )
    differing = first_difference(mine, theirs)
    if differing is not None:
        raise DataError(f"{source}: was collected by another recipe: {differing}")


def _from_patterns(table: PatternTable, recipe: Recipe) -> Collected:
    from segmentry.collecting.matching import Matched
    from segmentry.sql import Relation, SourceTable

    relation = Relation(origin=None)  # type: ignore[arg-type]
    return Collected(Matched(filled(recipe, table), SourceTable(relation, {}), {}), table)


def drawer_for(out: str | Path | None) -> AbstractContextManager[Drawer | None]:
    """The process that will draw the charts, where files are asked for; it gets ready while models are fitted."""
    return nullcontext() if out is None else Drawer()


def aide_for(out: str | Path | None) -> AbstractContextManager[Aide]:
    """Who draws null tables: where files are asked for a process of its own, which gets ready while the table is read."""
    return nullcontext(Here()) if out is None or not can_start() else Aside()
