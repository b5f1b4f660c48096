"""Rules for levels of features: cells are withheld, and with them names and typical levels of segments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Integers
from segmentry.disclosure.known import KNOWN_FEATURES, blanked
from segmentry.disclosure.policy import Policy
from segmentry.disclosure.suppression import withheld_cells
from segmentry.profiling import (
    Cell,
    SegmentedPatterns,
    SegmentName,
    most_frequent,
    segment_names,
    unique_names,
)
from segmentry.segmentation import Segment, Segmentation

if TYPE_CHECKING:
    import pandas as pd


QUARTILES = ["lower_quartile", "median", "upper_quartile"]


def shown_features(result: Segmentation, floor: int) -> pd.DataFrame:
    """Return the features without small cells; the customers without a known level are a cell of their own."""
    import pandas as pd

    sizes = np.array([s.size for s in result.segments])
    frames = []
    for _, table in result.features.groupby("feature", sort=False):
        counts = level_counts(result, table)
        all_counts = np.column_stack([counts, sizes - counts.sum(axis=1)])
        is_exempt = np.arange(all_counts.shape[1]) == counts.shape[1]
        withheld = withheld_cells(all_counts, floor, is_exempt)
        frame = blanked(table, withheld[:, :-1].ravel(), KNOWN_FEATURES)
        if withheld.all():
            frame["base_share"] = np.nan
        if "median" in frame:  # quartiles of a segment tell of levels in which it has few
            has_few = frame.groupby("segment")["is_withheld"].transform("any")
            frame[QUARTILES] = frame[QUARTILES].mask(has_few)
        frames.append(frame)
    features = pd.concat(frames, ignore_index=True)
    # gaps in the ranks would tell between which other levels a withheld one lies
    features["rank"] = features.groupby("segment")["v_test"].rank(ascending=False, method="first")
    return features


def level_counts(result: Segmentation, table: pd.DataFrame) -> Integers:
    """Count (n_segments, n_levels) customers, not weights, of one feature."""
    n_segments = len(result.segments)
    n_levels = len(table) // n_segments
    patterns, labels = result.patterns, result.labels
    if patterns is None or labels is None or patterns.weights is None:
        return table["count"].to_numpy(np.float64).reshape(n_segments, n_levels).astype(np.int64)
    position = [f.name for f in patterns.features].index(str(table["feature"].iloc[0]))
    codes = np.asarray(patterns.as_shown().codes[:, position])
    known = codes >= 0
    cells = labels[known] * n_levels + codes[known]
    flat = np.bincount(cells, patterns.counts[known], minlength=n_segments * n_levels)
    return flat.reshape(n_segments, n_levels).astype(np.int64)


def shown_segments(result: Segmentation, features: pd.DataFrame, policy: Policy) -> tuple[Segment, ...]:
    """Return the segments as they may be shown together with these features: size, typical levels and name.

    A small size is 0. The most frequent combination of levels is left out where few have it, or one of its levels is
    withheld. In every file a name that was made of levels is made of single conditions on the levels that are shown.
    The share of whom a name is true stays where it is a sum of shown cells.
    """
    hidden = features[features["is_withheld"]]
    cells = set(zip(hidden["segment"], hidden["feature"], hidden["level"], strict=True))
    segments = _named(result, cells) if policy.is_for_every_file else result.segments
    made = []
    for s in segments:
        is_small = 0 < s.size < policy.floor
        made.append(
            replace(
                s,
                size=0 if is_small else s.size,
                share=0.0 if is_small else s.share,
                typical=s.typical if _is_common(result, s.id, cells, policy.floor) else (),
                name_share=s.name_share if _is_sum_of_shown(s, cells) and not is_small else None,
            )
        )
    return tuple(made)


def _is_common(result: Segmentation, segment: int, hidden: set[Cell], floor: int) -> bool:
    """Whether enough customers have the segment's most frequent combination of levels, none of them hidden."""
    patterns, labels = result.patterns, result.labels
    if patterns is None or labels is None:
        return True
    patterns, mine = patterns.as_shown(), np.flatnonzero(labels == segment - 1)
    if not len(mine):
        return False
    row = most_frequent(patterns, mine)
    is_same = (np.asarray(patterns.codes)[mine] == patterns.codes[row]).all(axis=1)
    if int(patterns.counts[mine[is_same]].sum()) < floor:
        return False
    codes = patterns.codes[row].tolist()
    coded = zip(patterns.features, codes, strict=True)
    return not hidden & {(segment, f.name, f.levels[c]) for f, c in coded if c >= 0}


def _is_sum_of_shown(segment: Segment, hidden: set[Cell]) -> bool:
    """Whether a name is one condition on levels that are all shown; how many meet two tells more than any cell does."""
    cells = {(segment.id, c.feature, level) for c in segment.conditions for level in c.levels}
    return len(segment.conditions) == 1 and not hidden & cells


def _named(result: Segmentation, hidden: set[Cell]) -> tuple[Segment, ...]:
    """Name the segments that were named by their levels anew, by what is shown; other names stay, without a share."""
    patterns, labels = result.patterns, result.labels
    if result.method == "given" or patterns is None or labels is None:
        return result.segments
    segmented = SegmentedPatterns(patterns.as_shown(), labels, len(result.segments))
    made, shown = segment_names(segmented), segment_names(segmented, hidden)
    named = [_renamed(s, m.text, n) for s, m, n in zip(result.segments, made, shown, strict=True)]
    return tuple(
        replace(s, name=name) for s, name in zip(named, unique_names([s.name for s in named]), strict=True)
    )


def _renamed(segment: Segment, own: str, shown: SegmentName) -> Segment:
    """Return a segment with what it is called, or what its given name stands for, as far as that may be shown."""
    if segment.named_for:
        is_own = segment.named_for == own
        return replace(
            segment,
            named_for=shown.text if is_own else "",
            conditions=shown.conditions if is_own else (),
            name_share=shown.share if is_own else None,
        )
    if segment.name == own:
        return replace(segment, name=shown.text, conditions=shown.conditions, name_share=shown.share)
    return replace(segment, name_share=None)
