"""Answers of customers who tick the same level throughout a battery: straight lines.

Some respondents of a survey do not read what is asked (non-differentiation; Krosnick 1991). They are a class by the letter, and a very stable one, but
not a kind of customer; so a table without segments may hold them too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from segmentry.arrays import LevelCodes
from segmentry.patterns import FeatureLevels

_FEWEST_FEATURES, _FEWEST_LEVELS = 5, 3
"""Fewer answers are alike by chance too often; without any of several products is who has none, not who does not read."""


def straight_lines(features: Sequence[FeatureLevels], codes: LevelCodes) -> LevelCodes | None:
    """Return for each level the codes (n_lines, n_features) of who ticks it throughout the largest battery; -1 in other features.

    A battery is of features with the same levels. Levels that no pattern of `codes` (n_patterns, n_features) has throughout are left
    out; None where there is no battery, or no such pattern.
    """
    alike = defaultdict[tuple[str, ...], list[int]](list)
    for j, feature in enumerate(features):
        if len(feature.levels) >= _FEWEST_LEVELS:
            alike[tuple(feature.levels)].append(j)
    battery = max(alike.values(), key=len, default=[])
    if len(battery) < _FEWEST_FEATURES:
        return None
    answers = codes[:, battery]
    levels = np.unique(answers[(answers == answers[:, :1]).all(axis=1), 0])
    lines = np.full((int((levels >= 0).sum()), len(features)), -1, np.int32)
    lines[:, battery] = levels[levels >= 0, None]
    return lines if len(lines) else None
