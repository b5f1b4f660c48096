"""From a customer table to its pattern table."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.collecting.collection import Fine, collect_patterns
from segmentry.collecting.ids import with_ids_counted
from segmentry.errors import IdWarning
from segmentry.patterns import Cleaning, PatternTable
from segmentry.recipe import Recipe
from segmentry.recipe.definitions import definitions
from segmentry.recipe.levels import modelled_fine
from segmentry.runs.pattern_tables import with_cuts_of
from segmentry.scoring import open_data


def collect(
    data: Any,
    recipe: Recipe | str | Path,
    *,
    fine: bool = False,
    like: PatternTable | str | Path | None = None,
) -> PatternTable:
    """Collect the pattern table of a customer table: one grouped scan where the data live.

    Parameters
    ----------
    data
        A path (CSV, TSV, Parquet, JSON, Excel, SPSS, Stata, SAS), a glob or a folder of Parquet files; a URL:
        ``duckdb:///file.duckdb?table=name`` (``sqlite://``, ``excel://`` likewise),
        ``postgresql://user@host/database?table=name``, ``clickhouse://user@host:8123/database?table=name``,
        ``chdb:///folder?table=database.name``, or ``spark:`` before Parquet files or a table of the session; a
        table of pandas, polars, Spark, or any library that hands Arrow over (DuckDB, ibis, narwhals, ...); or an engine
        (`from_adbc`, `from_spark` of `segmentry.engine`).
    recipe
        A recipe, its path, or a bundled recipe's name.
    fine
        Whether levels are as fine as the data allow: up to 64 intervals of a number, among whose ends are the edges of the
        recipe, and every value of a group. Without it only ordered features are, whose fine levels models see. `roll_up` puts them together; `run` takes such a table for one of the recipe's levels.
    like
        A pattern table that the same recipe collected elsewhere, or its file: its edges and cuts are taken, and what is fine in it is fine, so that both tables add up without a loss.

    Returns
    -------
    PatternTable

    Raises
    ------
    RecipeError, DataError
        The recipe is not valid, or does not fit the data, or `like` was collected by another one.

    Warns
    -----
    SegmentryWarning
        Several rows have the same id, or some have none; or levels are not as fine, because there would be too many patterns.

    Examples
    --------
    >>> from segmentry.datasets import sample_households
    >>> patterns = collect(sample_households(rows=1_000), "households")
    >>> patterns.n_customers
    1000
    >>> fine = collect(sample_households(rows=1_000), "households", fine=True)
    >>> more = collect(sample_households(rows=1_000, seed=1), "households", like=fine)
    >>> fine.merge(more).features == fine.features
    True
    >>> fine.roll_up(income=[25000, 40000, 60000, 80000]).features[0].levels == patterns.features[0].levels
    True
    """
    written = Recipe.load(recipe)
    recipe = written if like is None else with_cuts_of(written, like)
    modelled = modelled_fine(recipe)
    finer = Fine(
        [f.name for f in recipe.features if fine or f.name in modelled or (like is not None and f.fine)]
    )
    engine = open_data(data, recipe)
    try:
        collected = with_ids_counted(engine, collect_patterns(engine, recipe, fine=finer))
    finally:
        engine.close()
    warn_of_ids(collected.patterns.cleaning)
    return replace(collected.patterns, made_by=definitions(collected.matched.recipe, written))


def warn_of_ids(cleaning: Cleaning) -> None:
    """Warn where rows share an id, or have none; the warning names the line two calls above this one."""
    for text in cleaning.said_of_ids():
        warnings.warn(text, IdWarning, stacklevel=3)
