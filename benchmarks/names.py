"""Whether the names of segments are true: the share of a segment's customers that satisfies its whole name."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from segmentry.profiling.names import distinguishing_levels, spoken_level

JOIN = " · "


def held_shares(result: Any) -> list[float | None]:
    """Return, for each segment that is named by levels, the share of its customers that have all of them.

    None where the levels cannot be told from the name: a segment does not hold what its name is made of, so the
    levels that make names today are looked up again, and compared with the name. One segment of all customers,
    and segments that are named by their number, have no levels.
    """
    if len(result.segments) == 1:
        return []
    return [_held(result, s) for s in result.segments if not re.fullmatch(r"Segment \d+( \(\d+\))?", s.name)]


def _held(result: Any, segment: Any) -> float | None:
    parts = re.sub(r" \(\d+\)$", "", segment.name).split(JOIN)
    own = distinguishing_levels(result.features[result.features["segment"] == segment.id])
    chosen = list(zip(own["feature"], own["level"], strict=True))[: len(parts)]
    by_name = {f.name: (i, f) for i, f in enumerate(result.patterns.features)}
    spoken = [spoken_level(by_name[feature][1].label, str(level)) for feature, level in chosen]
    if [s.casefold() for s in spoken] != [p.casefold() for p in parts]:
        return None
    in_segment = result.labels == segment.id - 1
    has_all = in_segment.copy()
    for feature, level in chosen:
        place, levels = by_name[feature]
        has_all &= result.patterns.codes[:, place] == levels.levels.index(str(level))
    counts = result.patterns.counts if result.patterns.weights is None else result.patterns.weights
    return float(np.sum(counts[has_all]) / np.sum(counts[in_segment]))
