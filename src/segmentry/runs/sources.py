"""Where the customers of a run come from: a table behind an engine, or a pattern table that was collected before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmentry.collecting.collection import Collected, Expect, Fine, collect_sums
from segmentry.collecting.design import check_design
from segmentry.engine import Engine, library_of
from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe
from segmentry.recipe.levels import without_fine
from segmentry.runs.pattern_tables import is_patterns, load_patterns, name_of_patterns, with_found_levels
from segmentry.scoring import open_data
from segmentry.scoring.placing import id_column


@dataclass(frozen=True)
class Source:
    """Name of the data, the engine that reads them (a pattern table has none), and the library that their table came from."""

    name: str
    engine: Engine | None = None
    library: str = "pandas"


@dataclass(frozen=True)
class Customers:
    """The customers of a source as patterns.

    `recipe` has every level filled in as it was found. `collected` is needed for further queries; it is None for a
    pattern table, of which nothing more can be asked.
    """

    source: Source
    recipe: Recipe
    patterns: PatternTable
    collected: Collected | None = None


@contextmanager
def open_source(data: Any, recipe: Recipe, writes: Path | None = None) -> Iterator[Source]:
    """Open the data, whatever they are, to be read and to write into a folder; an engine is closed at the end."""
    if is_patterns(data):
        yield Source(name_of_patterns(data))
        return
    with open_table(data, recipe, writes) as source:
        yield source


@contextmanager
def open_table(data: Any, recipe: Recipe, writes: Path | None = None) -> Iterator[Source]:
    """Open data that are a table of customers."""
    engine = open_data(data, recipe, writes=writes)
    try:
        yield Source(engine.name, engine, library_of(data))
    finally:
        engine.close()


def collect_customers(
    source: Source, data: Any, recipe: Recipe, fine: Fine | None = None, expect: Expect | None = None
) -> Customers:
    """Collect the counts and sums of every pattern; the sums by halves of a large table are read later.

    `fine` says which features keep fine levels; by default none does. `expect` may refuse a table before it is collected.
    """
    fine = fine or Fine()
    if source.engine is None:
        patterns = load_patterns(data, recipe, fine=fine.features)
        return Customers(source, with_found_levels(without_fine(recipe), patterns), patterns)
    if recipe.source.id is not None:
        id_column(recipe)  # refuses a name that columns of the result have
    collected = collect_sums(source.engine, recipe, fine=fine, expect=expect)
    check_design(source.engine, collected.matched)
    return Customers(source, collected.matched.recipe, collected.patterns, collected)
