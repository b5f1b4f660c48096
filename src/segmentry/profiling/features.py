"""Who the customers of a segment are: shares, lift and v-test of every level. Descriptions, not tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.patterns import PatternTable
from segmentry.profiling.tails import v_test

if TYPE_CHECKING:
    import pandas as pd


def segment_weights(patterns: PatternTable, labels: Labels, n_segments: int) -> Floats:
    """Customers (or sums of survey weights) per segment; `labels` gives each pattern's segment from 0."""
    return np.asarray(np.bincount(labels, patterns.sample_weight, minlength=n_segments), np.float64)


def feature_table(patterns: PatternTable, labels: Labels, n_segments: int) -> pd.DataFrame:
    """Describe segments by the features that formed them.

    There is no p-value here, and there must not be one: the segments were made from these columns.

    Parameters
    ----------
    patterns
        The pattern table.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.

    Returns
    -------
    DataFrame
        One row per segment, feature and level, levels in their order: ``segment`` (from 1), ``feature``,
        ``level``, ``count``, ``share`` (of the segment's customers with a known level), ``base_share``
        (of all such customers), ``lift`` (share / base share; missing where the base share is 0),
        ``share_of_level`` (of the level's customers, how many are in the segment), ``v_test``, and its ``rank``
        in the segment: 1 is the level that is most typical of it.
    """
    import pandas as pd

    frames = [_one_feature(patterns, labels, n_segments, j) for j in range(len(patterns.features))]
    table = pd.concat(frames, ignore_index=True)
    table["rank"] = table.groupby("segment")["v_test"].rank(ascending=False, method="first").astype("int64")
    return table


def _one_feature(patterns: PatternTable, labels: Labels, n_segments: int, j: int) -> pd.DataFrame:
    import pandas as pd

    feature = patterns.features[j]
    counts = cross_table(patterns, labels, n_segments, j)
    size, level, total = counts.sum(axis=1, keepdims=True), counts.sum(axis=0), counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(size > 0, counts / size, np.nan)
        base = np.broadcast_to(level / total, counts.shape)
        lift = np.where(base > 0, share / base, np.nan)
        of_level = np.where(level > 0, counts / level, np.nan)
    n_levels = len(feature.levels)
    return pd.DataFrame(
        {
            "segment": np.repeat(np.arange(1, n_segments + 1), n_levels),
            "feature": feature.name,
            "level": np.tile(np.asarray(feature.levels, object), n_segments),
            "count": counts.ravel(),
            "share": share.ravel(),
            "base_share": base.ravel(),
            "lift": lift.ravel(),
            "share_of_level": of_level.ravel(),
            "v_test": v_test(counts, size, level, total).ravel(),
        }
    )


def cross_table(patterns: PatternTable, labels: Labels, n_segments: int, j: int) -> Floats:
    """(n_segments, n_levels) customers; those without a known level are left out."""
    n_levels = len(patterns.features[j].levels)
    codes = np.asarray(patterns.codes[:, j])
    known = codes >= 0
    cells = labels[known] * n_levels + codes[known]
    flat = np.bincount(cells, patterns.sample_weight[known], minlength=n_segments * n_levels)
    return np.asarray(flat, np.float64).reshape(n_segments, n_levels)
