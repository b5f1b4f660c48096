"""Rules for levels of features: cells are withheld, and with them names and typical levels of segments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Integers
from segmentry.disclosure.known import KNOWN_FEATURES, blanked
from segmentry.disclosure.policy import Policy
from segmentry.disclosure.suppression import withheld_cells
from segmentry.profiling import segment_names, unique_names
from segmentry.segmentation import Segment, Segmentation

if TYPE_CHECKING:
    import pandas as pd


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
    codes = np.asarray(patterns.codes[:, position])
    known = codes >= 0
    cells = labels[known] * n_levels + codes[known]
    flat = np.bincount(cells, patterns.counts[known], minlength=n_segments * n_levels)
    return flat.reshape(n_segments, n_levels).astype(np.int64)


def shown_segments(result: Segmentation, features: pd.DataFrame, policy: Policy) -> tuple[Segment, ...]:
    """Return the segments as they may be shown together with these features: size, typical levels and name.

    A small size is 0. The most frequent combination of levels is left out where few have it, or one of its levels is
    withheld. In every file a name that was made of levels is made of the levels that are shown.
    """
    hidden = features[features["is_withheld"]]
    cells = set(zip(hidden["segment"], hidden["feature"], hidden["level"], strict=True))
    names = _names(result, features) if policy.is_for_every_file else [s.name for s in result.segments]
    made = []
    for s, name in zip(result.segments, names, strict=True):
        is_small = 0 < s.size < policy.floor
        made.append(
            replace(
                s,
                name=name,
                size=0 if is_small else s.size,
                share=0.0 if is_small else s.share,
                typical=s.typical if _is_common(result, s.id, cells, policy.floor) else (),
            )
        )
    return tuple(made)


def _is_common(result: Segmentation, segment: int, hidden: set[tuple[int, str, str]], floor: int) -> bool:
    """Whether enough customers have the segment's most frequent combination of levels, none of them hidden."""
    patterns, labels = result.patterns, result.labels
    if patterns is None or labels is None:
        return True
    mine = np.flatnonzero(labels == segment - 1)
    if int(patterns.counts[mine].max(initial=0)) < floor:
        return False
    codes = patterns.codes[mine[patterns.sample_weight[mine].argmax()]].tolist()
    coded = zip(patterns.features, codes, strict=True)
    return not hidden & {(segment, f.name, f.levels[c]) for f, c in coded if c >= 0}


def _names(result: Segmentation, features: pd.DataFrame) -> tuple[str, ...]:
    names = [s.name for s in result.segments]
    if result.method == "given":
        return tuple(names)
    titles, k = {f.name: f.title for f in result.recipe.features}, len(names)
    made, anew = segment_names(result.features, k, titles), segment_names(features, k, titles)
    return unique_names([n if name == m else name for name, m, n in zip(names, made, anew, strict=True)])
