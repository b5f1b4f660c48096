"""Names of segments, made from the levels that distinguish them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from segmentry.patterns import FeatureLevels

if TYPE_CHECKING:
    import pandas as pd

_JOIN = " · "
_MIN_SHARE = 0.25
_MIN_V_TEST = 2.0
_MIN_CONTRAST = 0.05
_LEVELS_IN_NAME = 2


def spoken_level(feature: str, level: str) -> str:
    """Write a level so that it is understood without its feature: a range of numbers gets the feature's name.

    Examples
    --------
    >>> spoken_level("Income", "under 25,000"), spoken_level("Marital status", "Married")
    ('Income under 25,000', 'Married')
    """
    is_bare = any(c.isdigit() for c in level) and feature.casefold() not in level.casefold()
    return f"{feature} {level}" if is_bare else level


def spoken_code(feature: FeatureLevels, code: int) -> str:
    """Write the level of a code, -1 being unknown, so that it is understood without its feature."""
    return f"{feature.label} unknown" if code < 0 else spoken_level(feature.label, feature.levels[code])


def segment_names(
    features: pd.DataFrame, n_segments: int, labels: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Name each segment by its two most distinguishing levels, one per feature.

    A level distinguishes a segment when at least a quarter of the segment has it, its share is at least five
    points above that of all customers, and its v-test is above 2; the highest v-tests come first. Names that coincide
    get further levels, then a number. A segment without such a level is named by its number.

    Parameters
    ----------
    features
        Table that `feature_table` made.
    n_segments
        Number of segments.
    labels
        Labels of the features, by name; by default a feature's name.
    """
    if n_segments == 1:
        return ("All customers",)
    ranked = [_ranked_levels(features, segment, labels or {}) for segment in range(1, n_segments + 1)]
    names = [_name(levels[:_LEVELS_IN_NAME], i) for i, levels in enumerate(ranked, 1)]
    for extra in range(_LEVELS_IN_NAME + 1, max((len(levels) for levels in ranked), default=0) + 1):
        twice = {name for name in names if names.count(name) > 1}
        if not twice:
            break
        names = [
            _name(levels[:extra], i) if n in twice else n
            for i, (n, levels) in enumerate(zip(names, ranked, strict=True), 1)
        ]
    return unique_names(names)


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Number the names that coincide.

    Examples
    --------
    >>> unique_names(["A", "B", "A"])
    ('A', 'B', 'A (2)')
    """
    taken: list[str] = []
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name} ({number})", number + 1
        taken.append(candidate)
    return tuple(taken)


def distinguishing_levels(features: pd.DataFrame) -> pd.DataFrame:
    """Select the levels that distinguish one segment from its rows: the best of each feature, the strongest first."""
    contrast = features["share"] * (1 - 1 / features["lift"])  # share less base share
    strong = (features["v_test"] > _MIN_V_TEST) & (contrast >= _MIN_CONTRAST)
    chosen = features[strong & (features["share"] >= _MIN_SHARE)]
    return chosen.sort_values("v_test", ascending=False, kind="stable").drop_duplicates("feature")


def _ranked_levels(features: pd.DataFrame, segment: int, labels: Mapping[str, str]) -> list[str]:
    best = distinguishing_levels(features[features["segment"] == segment])
    return [
        spoken_level(labels.get(feature, feature), str(level))
        for feature, level in zip(best["feature"], best["level"], strict=True)
    ]


def _name(levels: Sequence[str], segment: int) -> str:
    if not levels:
        return f"Segment {segment}"
    text = _JOIN.join(levels)
    return text[:1].upper() + text[1:]
