"""Whether the names of segments are true: the share of a segment's customers that satisfies its whole name."""

from __future__ import annotations

import re
from typing import Any

import numpy as np


def held_shares(result: Any) -> list[float | None]:
    """Return, for each segment that is named by what sets it apart, the share of its customers who meet all of it.

    The conditions are those that the segment holds; they are counted here in the patterns, customer by customer. None
    where a segment holds no conditions. One segment of all customers, and segments that are named by their number,
    have none to hold.
    """
    if len(result.segments) == 1:
        return []
    return [_held(result, s) for s in result.segments if not re.fullmatch(r"Segment \d+( \(\d+\))?", s.name)]


def _held(result: Any, segment: Any) -> float | None:
    if not segment.conditions:
        return None
    in_segment = result.labels == segment.id - 1
    meets_all = in_segment.copy()
    shown = result.patterns.as_shown()
    places = {f.name: j for j, f in enumerate(shown.features)}
    for condition in segment.conditions:
        place = places[condition.feature]
        levels = shown.features[place].levels
        codes = [levels.index(level) for level in condition.levels]
        meets_all &= np.isin(np.asarray(shown.codes[:, place]), codes)
    counts = result.patterns.sample_weight
    return float(np.sum(counts[meets_all]) / np.sum(counts[in_segment]))
