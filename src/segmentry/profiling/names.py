"""Names of segments: what most of a segment's customers have in common, and others have not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segmentry.patterns import FeatureLevels, PatternTable
from segmentry.profiling.conditions import Condition, level_names, meets_all, spoken_codes
from segmentry.profiling.name_options import MIN_CONTRAST, MIN_V_TEST, Cell, Option, Parts, options_of
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.text.words import shortened

_JOIN = " · "
_MIN_SHARE = 0.25
_LONGEST, _LONGEST_LABEL, _LONGEST_LEVEL = 80, 30, 40


@dataclass(frozen=True)
class SegmentName:
    """A name, what it says, and of how many customers it is true.

    Attributes
    ----------
    text
        The name.
    conditions
        What it says; none where nothing sets the segment apart.
    share, base_share
        Shares of the segment's customers and of all customers who meet every condition; None without conditions.
    named_for, note
        Name that it would have had somebody not given it another, and what somebody noted; empty where nobody did.
    """

    text: str
    conditions: tuple[Condition, ...] = ()
    share: float | None = None
    base_share: float | None = None
    named_for: str = ""
    note: str = ""


def segment_names(
    segmented: SegmentedPatterns, hidden: Collection[Cell] | None = None
) -> tuple[SegmentName, ...]:
    """Name each segment by one or two conditions that are true of most of its customers and of few others.

    A condition is a level of a feature, a range of ordered levels, a list of up to three levels, or all levels but
    one. Of the conditions, and the pairs of conditions of two features, that are true of at least 60 % of the segment, the one
    with the highest correlation with the segment is chosen; where none reaches 60 %, the best single condition. The
    share has to be five points above that of all customers. A segment without such a condition is named by
    its number. Names differ: of two that coincide, the segment that is less set apart takes its next best one.

    Parameters
    ----------
    segmented
        Pattern table with its segments.
    hidden
        Cells whose counts may not be told; then names are made of single conditions on the other cells alone.

    Notes
    -----
    The correlation (phi) of being in the segment and meeting the conditions is the v-test of the whole name over the
    root of the number of customers. A second condition, and every further level in a list, has to raise it by a tenth, so that
    names are short. Shares are of all customers of the segment: those with an unknown level do not meet a condition on it.
    """
    if segmented.n_segments == 1:
        return (SegmentName("All customers"),)
    chosen = _different(options_of(segmented, hidden))
    made = [_named(segmented.patterns, s, option) for s, option in enumerate(chosen, 1)]
    texts = unique_names([name.text for name in made])
    return tuple(replace(name, text=text) for text, name in zip(texts, made, strict=True))


def condition_names(patterns: PatternTable, conditions: Sequence[Condition]) -> str | None:
    """Write conditions as a name; None where the table does not have their features or levels."""
    words, features = level_names(patterns), {f.name: f for f in patterns.features}
    known = [(features.get(c.feature), c.levels) for c in conditions]
    parts = [
        spoken_codes(words, _in_short(f), [f.levels.index(level) for level in levels], range(len(f.levels)))
        for f, levels in known
        if f is not None and set(levels) <= set(f.levels)
    ]
    if not parts or len(parts) < len(known):
        return None
    text = _JOIN.join(shortened(part, _LONGEST) for part in parts)
    return text[:1].upper() + text[1:]


def _in_short(feature: FeatureLevels) -> FeatureLevels:
    """Shorten long labels, so that a name has room for both the feature and the level."""
    levels = tuple(shortened(level, _LONGEST_LEVEL) for level in feature.levels)
    return replace(feature, label=shortened(feature.label, _LONGEST_LABEL), levels=levels)


def kept_name(
    segmented: SegmentedPatterns, segment: int, text: str, conditions: Sequence[Condition]
) -> SegmentName:
    """Keep the name of an earlier segment for a segment (from 0): with its conditions where it still says what they are."""
    said = condition_names(segmented.patterns, conditions)
    met = meets_all(segmented.patterns, conditions)
    if said is None or met is None or re.sub(r" \(\d+\)$", "", text) != said:
        return SegmentName(text)
    weight = segmented.patterns.sample_weight
    mine = weight * (segmented.labels == segment)
    share, base_share = (float(w[met].sum() / w.sum()) for w in (mine, weight))
    return SegmentName(text, tuple(conditions), share, base_share)


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


def distinguishing_levels(features: Iterable[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Select the levels that distinguish one segment from its rows: the best of each feature, the strongest first."""
    strong = [row for row in features if _distinguishes(row)]
    best: dict[Any, Mapping[Any, Any]] = {}
    for row in sorted(strong, key=lambda r: -r["v_test"]):
        best.setdefault(row["feature"], row)
    return list(best.values())


def _distinguishes(row: Mapping[Any, Any]) -> bool:
    if not (row["v_test"] > MIN_V_TEST and row["share"] >= _MIN_SHARE and row["lift"] > 0):
        return False
    return bool(row["share"] * (1 - 1 / row["lift"]) >= MIN_CONTRAST)  # share less base share


def _named(patterns: PatternTable, segment: int, option: Option | None) -> SegmentName:
    if option is None:
        return SegmentName(f"Segment {segment}")
    conditions = tuple(
        Condition(f.name, tuple(f.levels[c] for c in codes))
        for f, codes in ((patterns.features[j], codes) for j, codes in option.parts)
    )
    text = condition_names(patterns, conditions)
    return SegmentName(text or "", conditions, option.share, option.base_share)


def _different(ranked: Sequence[Sequence[Option]]) -> list[Option | None]:
    """Choose the best option of each segment; of segments that say the same, all but the one set apart most go on."""
    at = [0] * len(ranked)
    while True:
        same: dict[Parts, list[int]] = {}
        for segment, options in enumerate(ranked):
            if at[segment] < len(options):
                same.setdefault(options[at[segment]].parts, []).append(segment)
        weaker = [
            segment
            for segments in same.values()
            for segment in sorted(segments, key=lambda s: -ranked[s][at[s]].score)[1:]
        ]
        if not weaker:
            return [options[i] if i < len(options) else None for options, i in zip(ranked, at, strict=True)]
        for segment in weaker:
            at[segment] += 1
