"""Conditions on the levels of a feature: what names and rules of segments are made of, and their words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Mask
from segmentry.patterns import FeatureLevels, PatternTable
from segmentry.text.levels import MISSING_LEVEL, LevelNames

_UNKNOWN = "unknown"
_MOST_LISTED = 3


@dataclass(frozen=True)
class Condition:
    """Customers meet it who have one of some levels of a feature.

    Attributes
    ----------
    feature
        Name of the feature.
    levels
        Levels, in the feature's order.
    """

    feature: str
    levels: tuple[str, ...]


def level_names(patterns: PatternTable) -> LevelNames:
    """Return what writes levels of a pattern table so that they are understood without their feature."""
    return LevelNames.of(feature.levels for feature in patterns.features)


def spoken_code(names: LevelNames, feature: FeatureLevels, code: int) -> str:
    """Write the level of a code, -1 being unknown, so that it is understood without its feature."""
    return names.level(feature.label, _text(feature, code))


def spoken_codes(
    names: LevelNames, feature: FeatureLevels, codes: Collection[int], present: Collection[int]
) -> str:
    """Write levels of a feature of which customers have one, by their codes, -1 being unknown.

    Neighbouring levels of an ordered feature are a range, all levels but one that are `present` are what they are not.
    """
    chosen, ordered = sorted(codes), _in_order(feature, present)
    run = [c for c in ordered if c in chosen]
    if len(chosen) > 1 and feature.scale == "ordinal" and len(run) == len(chosen) and _is_run(run, ordered):
        levels = [feature.levels[c] for c in ordered]
        return names.run(feature.label, levels, ordered.index(run[0]), ordered.index(run[-1]))
    others = sorted(set(present) - set(chosen))
    if len(others) == 1 and len(chosen) > 1 and _is_better_excluded(names, feature, others[0], chosen):
        return names.other_than(feature.label, _text(feature, others[0]))
    if len(chosen) == 1:
        return spoken_code(names, feature, chosen[0])
    known_first = sorted(chosen, key=lambda c: (c < 0, c))
    return names.either(feature.label, [_text(feature, c) for c in known_first])


def meets_all(patterns: PatternTable, conditions: Sequence[Condition]) -> Mask | None:
    """Find the patterns (n_patterns,) that meet every condition; None where one is of levels that are not there."""
    met = np.ones(patterns.n_patterns, bool)
    places = {feature.name: j for j, feature in enumerate(patterns.features)}
    for condition in conditions:
        j = places.get(condition.feature)
        if j is None or not set(condition.levels) <= set(patterns.features[j].levels):
            return None
        codes = [patterns.features[j].levels.index(level) for level in condition.levels]
        met &= np.isin(np.asarray(patterns.codes[:, j]), codes)
    return met


def _is_better_excluded(names: LevelNames, feature: FeatureLevels, other: int, chosen: Sequence[int]) -> bool:
    """Whether all levels but one are better said by that one: "Partner not no" says less than "Partner yes or perhaps"."""
    is_long = len(chosen) > _MOST_LISTED or min(chosen) < 0
    return is_long or other < 0 or names.speaks(feature.label, feature.levels[other])


def ordered_codes(feature: FeatureLevels) -> list[int]:
    """Return the codes of the levels, without the one for missing values, which has no place in their order."""
    return _in_order(feature, range(len(feature.levels)))


def _in_order(feature: FeatureLevels, codes: Collection[int]) -> list[int]:
    return sorted(c for c in codes if c >= 0 and feature.levels[c] != MISSING_LEVEL)


def _text(feature: FeatureLevels, code: int) -> str:
    return _UNKNOWN if code < 0 else feature.levels[code]


def _is_run(run: Sequence[int], known: Sequence[int]) -> bool:
    return list(known[known.index(run[0]) : known.index(run[-1]) + 1]) == list(run)
