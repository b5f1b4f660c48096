"""Which features form the segments: measured on the pattern table that the draft itself collects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.collecting.collection import collect_patterns
from segmentry.drafting import bins
from segmentry.drafting.categories import RARE
from segmentry.drafting.columns import FORMING
from segmentry.drafting.drafted_feature import DraftedFeature, with_drafted_edges
from segmentry.engine import Engine
from segmentry.patterns import PatternTable
from segmentry.profiling.associations import cramers_v
from segmentry.recipe import Recipe

MOST_FEATURES = 8
MOST_UNNAMED = 6
"""Features where no column says who the customers are."""
CUSTOMERS_PER_FEATURE = 70
"""Dolnicar, Grün, Leisch & Schmidt 2014: a sample should hold 70 customers per variable."""
REDUNDANT_CANDIDATES = 0.8
"""Cramér's V from which two features say the same."""
_MORE = 4
"""Candidates beyond the number of features, in case some are redundant."""


@dataclass(frozen=True)
class Chosen:
    """Features that form segments, and others with the reason why they do not."""

    used: tuple[DraftedFeature, ...]
    offered: tuple[tuple[DraftedFeature, str], ...]


def choose_features(
    engine: Engine, base: Mapping[str, Any], candidates: Sequence[DraftedFeature], n_rows: int
) -> Chosen:
    """Choose the features of most worth that differ from each other.

    Parameters
    ----------
    engine
        Where the table is.
    base
        What the recipe says beside its features: the cleaning steps.
    candidates
        All drafted features.
    n_rows
        Customers, roughly.
    """
    ranked = sorted(candidates, key=lambda f: -f.worth)
    room = min(MOST_FEATURES, max(3, n_rows // CUSTOMERS_PER_FEATURE))
    forming = [f for f in ranked if f.worth >= FORMING]
    if len(forming) < 2:
        room = min(room, MOST_UNNAMED)
        forming = ranked
    tried, beyond = forming[: room + _MORE], forming[room + _MORE :]
    offered = [(f, _NOT_WHO) for f in ranked if f not in forming]
    offered += [(f, _NO_ROOM) for f in beyond]
    used: list[DraftedFeature] = []
    if tried:
        tried, thin, table = _measured(engine, base, tried)
        offered += [(f, f"at least {1 - RARE:.0%} of the customers are in one level") for f in thin]
        used, dropped = _apart(tried, table, room)
        offered += dropped
    return Chosen(tuple(used), tuple(offered))


_NOT_WHO = "describes less who the customers are than the features above"
_NO_ROOM = "there are enough features above; more make patterns rare and segments hard to read"


def _measured(
    engine: Engine, base: Mapping[str, Any], tried: Sequence[DraftedFeature]
) -> tuple[list[DraftedFeature], list[DraftedFeature], PatternTable]:
    """Collect the candidates' patterns; join thin ranges; leave out features in which nearly all have one level."""
    table = collect_patterns(engine, _recipe(base, tried), outcomes=False).patterns
    made: list[DraftedFeature] = []
    largest: list[float] = []
    for position, f in enumerate(tried):
        counts = _level_counts(table, position)
        if "edges" in f.keys:
            edges = bins.merged(f.keys["edges"], counts[: len(f.keys["edges"]) + 1], f.least)
            if edges and len(edges) < len(f.keys["edges"]):
                f = with_drafted_edges(f, edges)  # noqa: PLW2901
        made.append(f)
        largest.append(max(counts, default=0) / max(sum(counts), 1))
    most = 1 - RARE if min(largest) < 1 - RARE else 1.0
    kept = [f for f, share in zip(made, largest, strict=True) if share < most]
    thin = [f for f in made if f not in kept]
    if thin and kept:
        return kept, thin, collect_patterns(engine, _recipe(base, kept), outcomes=False).patterns
    return kept, thin, table


def _recipe(base: Mapping[str, Any], features: Sequence[DraftedFeature]) -> Recipe:
    return Recipe.from_dict({**base, "features": [{"name": f.name, **f.keys} for f in features]})


def _level_counts(table: PatternTable, position: int) -> list[int]:
    codes = np.asarray(table.codes[:, position])
    known = codes >= 0
    n = len(table.features[position].levels)
    return [int(c) for c in np.bincount(codes[known], np.asarray(table.counts)[known], minlength=n)]


def _apart(
    tried: Sequence[DraftedFeature], table: PatternTable, room: int
) -> tuple[list[DraftedFeature], list[tuple[DraftedFeature, str]]]:
    """Take features in order, but none that says the same as one taken before."""
    position = {f.name: i for i, f in enumerate(tried)}
    used: list[DraftedFeature] = []
    dropped: list[tuple[DraftedFeature, str]] = []
    for made in tried:
        twin = next(
            (
                u
                for u in used
                if _association(table, position[u.name], position[made.name]) >= REDUNDANT_CANDIDATES
            ),
            None,
        )
        if twin is not None:
            v = _association(table, position[twin.name], position[made.name])
            dropped.append((made, f"says the same as {twin.keys['label']} (Cramér's V {v:.2f})"))
        elif len(used) == room:
            dropped.append((made, _NO_ROOM))
        else:
            used.append(made)
    return used, dropped


def _association(table: PatternTable, first: int, second: int) -> float:
    """Cramér's V of two features over the customers who have both; 0 where one has a single level."""
    found = cramers_v(_crossed(table, first, second))
    return 0.0 if np.isnan(found) else found


def _crossed(table: PatternTable, first: int, second: int) -> npt.NDArray[np.float64]:
    a, b = (np.asarray(table.codes[:, i]) for i in (first, second))
    known = (a >= 0) & (b >= 0)
    shape = (len(table.features[first].levels), len(table.features[second].levels))
    counts = np.zeros(shape)
    np.add.at(counts, (a[known], b[known]), np.asarray(table.counts)[known])
    return counts
