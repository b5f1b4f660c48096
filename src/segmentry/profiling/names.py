"""Names for segments, made from the levels that set each apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

JOIN = " · "
_MIN_SHARE = 0.25
_MIN_V_TEST = 2.0
_MIN_CONTRAST = 0.05
_LEVELS = 2


def spoken_level(feature: str, level: str) -> str:
    """A level as it reads apart from its feature: ranges of numbers say what they are ranges of.

    Examples
    --------
    >>> spoken_level("Income", "under 25,000"), spoken_level("Marital status", "Married")
    ('Income under 25,000', 'Married')
    """
    is_bare = any(c.isdigit() for c in level) and feature.casefold() not in level.casefold()
    return f"{feature} {level}" if is_bare else level


def segment_names(
    features: pd.DataFrame, n_segments: int, labels: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Name each segment by its two most distinguishing levels, one per feature.

    A level counts when at least a quarter of the segment has it, at least five points more than of all
    customers, and its v-test is above 2; levels are taken in the order of the v-test. Names that coincide get
    further levels, then a number. A segment that no level sets apart gets no name but its number.

    Parameters
    ----------
    features
        The table that `feature_table` made.
    n_segments
        How many segments there are.
    labels
        What features are called in a name; by default their names.
    """
    if n_segments == 1:
        return ("All customers",)
    ranked = [_ranked_levels(features, segment, labels or {}) for segment in range(1, n_segments + 1)]
    names = [_name(levels[:_LEVELS], i) for i, levels in enumerate(ranked, 1)]
    for extra in range(_LEVELS + 1, max((len(levels) for levels in ranked), default=0) + 1):
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


def levels_apart(features: pd.DataFrame) -> pd.DataFrame:
    """Rows of one segment that set it apart, the best level of each feature, the strongest first."""
    contrast = features["share"] * (1 - 1 / features["lift"])  # share less base share
    strong = (features["v_test"] > _MIN_V_TEST) & (contrast >= _MIN_CONTRAST)
    chosen = features[strong & (features["share"] >= _MIN_SHARE)]
    return chosen.sort_values("v_test", ascending=False, kind="stable").drop_duplicates("feature")


def _ranked_levels(features: pd.DataFrame, segment: int, labels: Mapping[str, str]) -> list[str]:
    best = levels_apart(features[features["segment"] == segment])
    return [
        spoken_level(labels.get(feature, feature), str(level))
        for feature, level in zip(best["feature"], best["level"], strict=True)
    ]


def _name(levels: Sequence[str], segment: int) -> str:
    if not levels:
        return f"Segment {segment}"
    text = JOIN.join(levels)
    return text[:1].upper() + text[1:]
