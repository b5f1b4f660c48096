"""What a recipe makes of a table, before anything is fitted or written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmentry.drafting.choosing import CUSTOMERS_PER_FEATURE
from segmentry.patterns import Cleaning, PatternTable
from segmentry.profiling import redundancy_of
from segmentry.recipe import Feature, Recipe
from segmentry.runs.fitting import check_number
from segmentry.runs.options import settled
from segmentry.runs.reading import complete_customers
from segmentry.runs.sources import collect_customers, open_source
from segmentry.runs.strata import collect_bands
from segmentry.system.progress import Progress, shown_progress
from segmentry.text.locales import writing_in
from segmentry.text.numbers import count, share


@dataclass(frozen=True)
class CheckedFeature:
    """A feature with the customers of each level.

    Attributes
    ----------
    reads
        Column or SQL that it is made of.
    levels
        Each level with its number of customers.
    n_missing
        Customers without a level, those with an unseen value included.
    """

    label: str
    reads: str
    scale: str
    levels: tuple[tuple[str, int], ...]
    n_missing: int


@dataclass(frozen=True)
class CheckedOutcome:
    """An outcome with the number of customers who have a value, and its mean (of flags: the rate)."""

    group: str
    role: str
    label: str
    n: int
    mean: float | None


@dataclass(frozen=True)
class Check:
    """What a recipe makes of a table.

    Attributes
    ----------
    recipe
        Recipe with all edges and levels filled in.
    source
        Name of the table.
    cleaning
        Rows that were read, dropped and changed, and values that are missing or in no level.
    n_customers, n_patterns
        Numbers of customers after cleaning, and of their distinct combinations of levels.
    features, outcomes
        Features and outcomes with their customers.
    doubts
        Sentences about what may make the segments worse; none is an error.
    """

    recipe: Recipe
    source: str
    cleaning: Cleaning
    n_customers: int
    n_patterns: int
    features: tuple[CheckedFeature, ...]
    outcomes: tuple[CheckedOutcome, ...]
    doubts: tuple[str, ...]


def check(
    data: Any,
    recipe: Recipe | str | Path,
    segments: int | str | None = None,
    method: str | None = None,
    seed: int | None = None,
    *,
    locale: str | None = None,
    progress: Progress | None = None,
) -> Check:
    """Match a recipe with a table, collect its patterns, and fit nothing.

    Parameters
    ----------
    data, recipe, segments, method, seed, locale, progress
        As in `run`.

    Returns
    -------
    Check

    Raises
    ------
    RecipeError, DataError
        The recipe does not fit the table, or there are fewer patterns than segments asked for.

    Examples
    --------
    >>> from segmentry.datasets import sample_households
    >>> found = check(sample_households(rows=1_000), "households")
    >>> found.n_customers, found.features[0].levels[0]
    (1000, ('under 25,000', 148))
    """
    recipe = settled(Recipe.load(recipe), segments, method, seed, locale)
    with (
        writing_in(recipe.locale),
        shown_progress(progress) as say,
        open_source(data, recipe) as source,
    ):
        say("Reading the table")
        collected = collect_customers(source, data, recipe)
        collect_bands(collected)  # a band may not fit the table
        customers = complete_customers(collected)
        patterns, found = customers.patterns, customers.recipe
        if isinstance(recipe.model.segments, int):
            check_number(recipe.model.segments, patterns)
        features = tuple(_feature(feature, patterns, i) for i, feature in enumerate(found.features))
        return Check(
            recipe=found,
            source=source.name,
            cleaning=patterns.cleaning,
            n_customers=patterns.n_customers,
            n_patterns=patterns.n_patterns,
            features=features,
            outcomes=_outcomes(patterns),
            doubts=tuple(_doubts(patterns, features)),
        )


def _feature(feature: Feature, table: PatternTable, position: int) -> CheckedFeature:
    codes = np.asarray(table.codes[:, position])
    known = codes >= 0
    counts = np.asarray(table.counts)
    levels = table.features[position].levels
    sizes = np.bincount(codes[known], counts[known], minlength=len(levels))
    return CheckedFeature(
        label=table.features[position].label,
        reads=feature.column or str(feature.sql),
        scale=table.features[position].scale,
        levels=tuple((level, int(n)) for level, n in zip(levels, sizes, strict=True)),
        n_missing=int(counts[~known].sum()),
    )


def _outcomes(table: PatternTable) -> tuple[CheckedOutcome, ...]:
    found = []
    for j, outcome in enumerate(table.outcomes):
        n = int(table.n_values[:, j].sum())
        weight = n if table.value_weights is None else float(table.value_weights[:, j].sum())
        mean = float(table.sums[:, j].sum()) / weight if weight else None
        found.append(CheckedOutcome(outcome.group_label, outcome.role, outcome.label, n, mean))
    return tuple(found)


def _doubts(table: PatternTable, features: tuple[CheckedFeature, ...]) -> list[str]:
    doubts = list(table.cleaning.said_of_ids())
    for feature in features:
        empty = [level for level, n in feature.levels if n == 0]
        if empty:
            doubts.append(f"{feature.label}: no customer is in {', '.join(empty)}")
        if sum(n > 0 for _, n in feature.levels) < 2:
            doubts.append(f"{feature.label}: all customers are in one level, so it tells none apart")
        if feature.n_missing > table.n_customers / 2:
            doubts.append(
                f"{feature.label}: {share(feature.n_missing / table.n_customers)} of the customers have no level"
            )
    least = CUSTOMERS_PER_FEATURE * len(features)
    if table.n_customers < least:
        doubts.append(
            f"{count(table.n_customers)} customers are few for {len(features)} features; {count(least)} or more are advised"
        )
    if len(features) > 1 and table.n_patterns > table.n_customers / 2:
        doubts.append(
            f"{count(table.n_patterns)} patterns are nearly as many as customers: fewer features or wider levels would show more"
        )
    return [*doubts, *redundancy_of(table)]
