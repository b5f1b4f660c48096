"""Choice of the features that form the segments, by the pattern table that the draft collects for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentry.collecting.collection import collect_patterns
from segmentry.drafting import bins
from segmentry.drafting.categories import RARE
from segmentry.drafting.drafted_feature import DraftedFeature, with_drafted_edges
from segmentry.drafting.judged_column import FORMING
from segmentry.engine import Engine
from segmentry.patterns import PatternTable
from segmentry.patterns.cross_tables import cramers_v, cross_table
from segmentry.recipe import Recipe

MOST_FEATURES = 8
MOST_UNNAMED = 6
"""Largest number of features where no column says who the customers are."""
CUSTOMERS_PER_FEATURE = 70
"""Dolnicar, Grün, Leisch & Schmidt 2014: a sample should hold 70 customers per variable."""
REDUNDANT_CANDIDATES = 0.8
"""Cramér's V from which two features are redundant."""
BESIDE_ITEMS = 4
"""Largest number of other features beside a battery of alike columns, which is taken whole."""
_MORE = 4
"""Candidates that are measured beyond the number of features, because some may be redundant."""


@dataclass(frozen=True)
class ChosenFeatures:
    """Features that form segments, and further ones with the reason why they do not."""

    used: tuple[DraftedFeature, ...]
    offered: tuple[tuple[DraftedFeature, str], ...]


def choose_features(
    engine: Engine, base: Mapping[str, Any], candidates: Sequence[DraftedFeature], n_rows: int
) -> ChosenFeatures:
    """Choose the features of most worth that are not redundant.

    Parameters
    ----------
    engine
        Engine that holds the table.
    base
        Keys of the recipe beside its features: source and cleaning steps.
    candidates
        Drafted features.
    n_rows
        Number of customers before cleaning.
    """
    items = [f for f in candidates if f.battery and f.worth >= FORMING]
    ranked = sorted((f for f in candidates if f not in items), key=lambda f: -f.worth)
    room = min(MOST_FEATURES, max(3, n_rows // CUSTOMERS_PER_FEATURE))
    room = min(room, BESIDE_ITEMS) if items else room
    forming = [f for f in ranked if f.worth >= FORMING]
    if len(forming) + len(items) < 2:
        room = min(room, MOST_UNNAMED)
        forming = ranked
    tried, beyond = forming[: room + _MORE], forming[room + _MORE :]
    offered = [(f, f.reason or _NOT_WHO) for f in ranked if f not in forming]
    offered += [(f, _NO_ROOM) for f in beyond]
    used: list[DraftedFeature] = []
    if tried or items:
        tried, thin, table = _measure(engine, base, [*tried, *items])
        offered += [(f, f"at least {1 - RARE:.0%} of the customers are in one level") for f in thin]
        used, dropped = _take_distinct(tried, table, room)
        offered += dropped
    return ChosenFeatures(tuple(used), tuple(offered))


_NOT_WHO = "describes less who the customers are than the features above"
_NO_ROOM = "there are enough features above; more make patterns rare and segments hard to read"


def _measure(
    engine: Engine, base: Mapping[str, Any], tried: Sequence[DraftedFeature]
) -> tuple[list[DraftedFeature], list[DraftedFeature], PatternTable]:
    """Collect the candidates' patterns, join thin ranges, and leave out features in which nearly all have one level."""
    table = collect_patterns(engine, _recipe(base, tried), outcomes=False).patterns
    made: list[DraftedFeature] = []
    largest: list[float] = []
    for position, f in enumerate(tried):
        counts = [int(n) for n in table.level_counts(position)]
        if "edges" in f.keys:
            edges = bins.merge_thin_ranges(f.keys["edges"], counts[: len(f.keys["edges"]) + 1], f.least)
            if edges and len(edges) < len(f.keys["edges"]):
                f = with_drafted_edges(f, edges)  # noqa: PLW2901
        made.append(f)
        largest.append(max(counts, default=0) / max(sum(counts), 1))
    most = 1 - RARE if min(largest) < 1 - RARE else 1.0
    kept = [f for f, share in zip(made, largest, strict=True) if share < most or _is_item(f)]
    thin = [f for f in made if f not in kept]
    if thin and kept:
        return kept, thin, collect_patterns(engine, _recipe(base, kept), outcomes=False).patterns
    return kept, thin, table


def _is_item(f: DraftedFeature) -> bool:
    """Whether a feature is taken with the others of its battery, whatever its levels."""
    return bool(f.battery) and f.worth >= FORMING


def _recipe(base: Mapping[str, Any], features: Sequence[DraftedFeature]) -> Recipe:
    return Recipe.from_dict({**base, "features": [{"name": f.name, **f.keys} for f in features]})


def _take_distinct(
    tried: Sequence[DraftedFeature], table: PatternTable, room: int
) -> tuple[list[DraftedFeature], list[tuple[DraftedFeature, str]]]:
    """Take features in order, but none that is redundant with one taken before."""
    position = {f.name: i for i, f in enumerate(tried)}
    used: list[DraftedFeature] = []
    dropped: list[tuple[DraftedFeature, str]] = []
    for made in tried:
        if _is_item(made):
            used.append(made)
            continue
        measured = ((u, _association(table, position[u.name], position[made.name])) for u in used)
        redundant = next(((u, v) for u, v in measured if v >= REDUNDANT_CANDIDATES), None)
        if redundant is not None:
            twin, v = redundant
            dropped.append((made, f"says the same as {twin.keys['label']} (Cramér's V {v:.2f})"))
        elif len(used) == room:
            dropped.append((made, _NO_ROOM))
        else:
            used.append(made)
    return used, dropped


def _association(table: PatternTable, first: int, second: int) -> float:
    """Cramér's V of two features over the customers who have both; 0 where one has a single level."""
    one, other = ((np.asarray(table.codes[:, i]), len(table.features[i].levels)) for i in (first, second))
    found = cramers_v(cross_table(one, other, table.sample_weight))
    return 0.0 if np.isnan(found) else found
