"""Pattern tables as the data of a run: a check that the recipe collected them, and the levels that it found then."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.collecting.tabulation import features_of, outcomes_of
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.patterns.files import is_pattern_table
from segmentry.patterns.merging import first_difference
from segmentry.patterns.roll_up import Finer, rolled_up
from segmentry.recipe import Recipe
from segmentry.recipe.definitions import definitions
from segmentry.recipe.levels import (
    display,
    is_resolved,
    level_labels,
    modelled_fine,
    shown_labels,
    with_edges,
    with_levels,
    without_fine,
)
from segmentry.runs.other_levels import roll_up_to

_OUTCOMES = "outcomes."
"""Begins the places of outcomes in `PatternTable.made_by`."""


def is_patterns(data: Any) -> bool:
    """Return whether the data are a pattern table, or a file of one."""
    if isinstance(data, PatternTable):
        return True
    path = Path(data) if isinstance(data, (str, Path)) else None
    return path is not None and path.suffix == ".parquet" and path.is_file() and is_pattern_table(path)


_kept: deque[tuple[str, tuple[int, int], PatternTable]] = deque(maxlen=1)


def load_and_keep(path: str) -> PatternTable:
    """Load a pattern table that will be needed once more, by `kept_or_loaded`."""
    stamp, table = _stamp(path), PatternTable.load(path)
    _kept.append((path, stamp, table))
    return table


def kept_or_loaded(path: Any) -> PatternTable:
    """Return the pattern table of a file, which was kept for this, or is loaded; any thread may call it."""
    with suppress(IndexError):
        known, stamp, table = _kept.pop()
        if known == path and stamp == _stamp(known):
            return table
    return PatternTable.load(path)


def _stamp(path: str) -> tuple[int, int]:
    status = Path(path).stat()
    return status.st_mtime_ns, status.st_size


def name_of_patterns(data: Any) -> str:
    """Return the name of a pattern table: its file, if it has one."""
    return "pattern table" if isinstance(data, PatternTable) else str(data)


def load_patterns(
    data: Any, recipe: Recipe, *, outcomes: bool = True, fine: Collection[str] | None = None
) -> PatternTable:
    """Return the pattern table with its levels in the recipe's locale.

    Fine levels are put together to those that the recipe declares, but for features in `fine`, which keep all of them; without
    `fine` those that the recipe declares as fine are needed. Where no feature keeps fine levels, the recipe may be another than
    that of the table: all its edges have to be among the table's cuts, and the values of each group be whole levels of it;
    features that it lacks are left out.

    Raises
    ------
    DataError
        The table was collected by another recipe, and cannot be brought to the levels of this one.
    """
    table = data if isinstance(data, PatternTable) else PatternTable.load(data)
    table = _with_outcomes_of(table, recipe)
    if table.made_by:
        rolled = at_levels_of(table, recipe)
        if rolled is not None:
            return rolled[0] if outcomes else rolled[0].without_outcomes()
    names = [f.name for f in recipe.features]
    found = [f.name for f in table.features]
    if names != found:
        raise DataError(
            f"the pattern table has the features {found}, the recipe {names}", hint="use the same recipe"
        )
    filled = with_found_levels(without_fine(recipe), table)
    _check_recipe(table, filled, name_of_patterns(data), outcomes=outcomes)
    together = _to_put_together(filled, recipe, name_of_patterns(data), fine)
    table = _labelled(rolled_up(table, together) if together else table, recipe)
    return table if outcomes else table.without_outcomes()


def _to_put_together(
    found: Recipe, recipe: Recipe, source: str, names: Collection[str] | None
) -> dict[str, Any]:
    """What is to be put together in a table whose fine levels are in `found`."""
    together = display(found)
    for mine, wanted in zip(found.features, recipe.features, strict=True):
        if names is not None and wanted.name not in names:
            continue
        if wanted.fine is None:
            if names is not None:
                together.pop(wanted.name, None)
            continue
        absent = [cut for cut in wanted.fine if cut not in (mine.fine or mine.edges or ())]
        if absent or mine.fine is None:
            raise DataError(
                f"was collected without the fine levels of {wanted.name!r}",
                source=source,
                hint="collect it by the recipe of the segmentation, which holds them (result.recipe, or the key recipe of segmentation.json), or give the table itself",
            )
        together[wanted.name] = Finer(wanted.fine)
    return together


def at_levels_of(table: PatternTable, recipe: Recipe) -> tuple[PatternTable, Recipe] | None:
    """Return the table as the recipe would collect it, and the recipe with every level filled in.

    None where it cannot be made, or where the recipe models fine levels, which depend on its edges.
    """
    if modelled_fine(recipe) or any(f.fine for f in recipe.features):
        return None
    table = _with_outcomes_of(table, recipe)
    filled = without_fine(with_found_levels(without_fine(recipe), table))
    rolled = roll_up_to(table, filled)
    if rolled is None:
        return None
    return replace(rolled, features=features_of(filled), made_by=definitions(filled, recipe)), filled


def without_sums(table: PatternTable, recipe: Recipe) -> tuple[str, ...]:
    """Return the outcomes of a recipe of which the table has no sums, by name."""
    known = {o.name for o in table.outcomes}
    if not table.made_by:
        return tuple(c.name for c, _ in recipe.outcome_columns if c.name not in known)
    theirs = _outcome_definitions(table.made_by)
    mine = _outcome_definitions(definitions(recipe.model_copy(update={"features": ()})))
    return tuple(name for name, made in mine.items() if name not in known or theirs.get(name) != made)


def _with_outcomes_of(table: PatternTable, recipe: Recipe) -> PatternTable:
    """Return the table with only the outcomes of a recipe, in its groups, where it has the sums of all; else as it is."""
    if not table.made_by or without_sums(table, recipe):
        return table
    infos = outcomes_of(recipe)
    if [o.name for o in infos] != [o.name for o in table.outcomes]:
        table = table.with_outcomes([o.name for o in infos])
    others = {place: part for place, part in table.made_by.items() if not place.startswith(_OUTCOMES)}
    own = definitions(recipe.model_copy(update={"features": ()}))
    own = {place: part for place, part in own.items() if place.startswith(_OUTCOMES)}
    return replace(table, outcomes=infos, made_by={**others, **own})


def _outcome_definitions(made_by: Mapping[str, str]) -> dict[str, Any]:
    """Return how each outcome is made, by its name."""
    found: dict[str, Any] = {}
    for place, part in made_by.items():
        if place.startswith(_OUTCOMES):
            made = json.loads(part)
            columns = made.pop("columns")
            found |= {name: (sql, made) for name, sql in columns.items()}
    return found


def with_found_levels(recipe: Recipe, table: PatternTable) -> Recipe:
    """Return the recipe with the edges and levels that were found when the table was collected."""
    features = list(recipe.features)
    for j, feature in enumerate(features):
        found = json.loads(table.made_by.get(f"features.{feature.name}", "{}"))
        if not is_resolved(feature) and "found" in found:
            make = with_edges if found["found"] == "edges" else with_levels
            features[j] = make(feature, found[found["found"]])
        if "fine" in found:
            features[j] = features[j].model_copy(update={"fine": tuple(found["fine"])})
    return recipe.model_copy(update={"features": tuple(features)})


def with_cuts_of(recipe: Recipe, like: Any) -> Recipe:
    """Return the recipe with the edges and cuts that were found when a pattern table, or a file of one, was collected by it.

    Levels that are values by themselves stay to be found, since tables with other values add up.

    Raises
    ------
    DataError
        The table was collected by another recipe, or does not say by which.
    """
    table = like if isinstance(like, PatternTable) else PatternTable.load(like)
    if not table.made_by:
        raise DataError(
            "does not say which edges and cuts it was collected with: an earlier version wrote it",
            source=name_of_patterns(like),
            hint="collect it again, and then the other table like it",
        )
    filled = with_found_levels(without_fine(recipe), table)
    _check_recipe(table, filled, name_of_patterns(like), outcomes=False)
    pairs = zip(recipe.features, filled.features, strict=True)
    features = (f if not is_resolved(f) and found.edges is None else found for f, found in pairs)
    return recipe.model_copy(update={"features": tuple(features)})


def _labelled(table: PatternTable, recipe: Recipe) -> PatternTable:
    """Return the table with distributions and joined features as the recipe has them, and levels in its locale where the table knows its recipe."""
    pairs = zip(table.features, recipe.features, strict=True)
    joined = recipe.joined_with
    features = tuple(
        replace(mine, distribution=theirs.distribution, joined=joined.get(mine.name, ""))
        for mine, theirs in pairs
    )
    table = replace(table, features=features)
    if not table.made_by:
        return table
    filled = with_found_levels(without_fine(recipe), table)
    labels = {f.name: level_labels(f, recipe.locale) for f in filled.features}
    shown = {f.name: shown_labels(f, recipe.locale) for f in filled.features if f.fine}
    named = (replace(f, levels=labels[f.name], shown=shown.get(f.name, ())) for f in table.features)
    return replace(table, features=tuple(named))


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
        raise DataError(f"was collected by another recipe: {differing}", source=source)
