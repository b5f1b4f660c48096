"""Who the customers of a segment are: share, lift and v-test of every level. These are descriptions, not tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.patterns import ValueCounts
from segmentry.profiling.quartiles import quartile_table
from segmentry.profiling.quotients import quotient
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.v_test import v_test

if TYPE_CHECKING:
    import pandas as pd


def feature_table(segmented: SegmentedPatterns) -> pd.DataFrame:
    """Describe segments by the features that formed them.

    The table has no p-values, because the segments were made from these columns.

    Parameters
    ----------
    segmented
        Pattern table with its segments.

    Returns
    -------
    DataFrame
        One row per segment, feature and level, levels in their order: ``segment`` (from 1), ``feature``,
        ``level``, ``count``, ``share`` (of the segment's customers with a known level), ``base_share``
        (of all such customers), ``lift`` (share / base share; missing where the base share is 0),
        ``share_of_level`` (of the level's customers, the share in the segment), ``v_test``, and its ``rank``
        in the segment, where 1 is the segment's most typical level.
    """
    import pandas as pd

    found = [_one_feature(segmented, j) for j in range(len(segmented.patterns.features))]
    table = pd.DataFrame({name: np.concatenate([columns[name] for columns in found]) for name in found[0]})
    table["rank"] = table.groupby("segment")["v_test"].rank(ascending=False, method="first").astype("int64")
    return table


def with_quartiles(table: pd.DataFrame, numbers: Sequence[ValueCounts], n_segments: int) -> pd.DataFrame:
    """Add the median and quartiles of ordered numbers to a table of features, in the units of their columns.

    ``lower_quartile``, ``median`` and ``upper_quartile`` of the segment, how exact these are (``quartiles``), and ``base_median`` of all
    customers are the same in all rows of a segment and feature; missing for other features, and in an open fine level. The table is
    unchanged where there are no such numbers.
    """
    if not numbers:
        return table
    mine = quartile_table(numbers, n_segments)
    everyone = quartile_table([replace(n, segments=np.ones_like(n.segments)) for n in numbers], 1)
    base = everyone[["outcome", "median"]].rename(columns={"median": "base_median"})
    columns = ["segment", "outcome", "lower_quartile", "median", "upper_quartile", "quartiles"]
    added = mine[columns].merge(base, on="outcome").rename(columns={"outcome": "feature"})
    numeric = added.select_dtypes("number").columns
    added[numeric] = added[numeric].where(np.isfinite(added[numeric]))
    return table.merge(added, on=["segment", "feature"], how="left")


def _one_feature(segmented: SegmentedPatterns, j: int) -> dict[str, npt.NDArray[Any]]:
    """Columns of one feature, a row per segment and level."""
    feature, n_segments = segmented.patterns.features[j], segmented.n_segments
    counts = segmented.cross_table(j)
    size, level, total = counts.sum(axis=1, keepdims=True), counts.sum(axis=0), counts.sum()
    share = quotient(counts, size)
    base = np.broadcast_to(quotient(level, total), counts.shape)
    n_levels = len(feature.levels)
    scale = segmented.patterns.n_effective / segmented.patterns.sample_weight.sum()
    scores = v_test(counts * scale, size * scale, level * scale, total * scale)
    return {
        "segment": np.repeat(np.arange(1, n_segments + 1), n_levels),
        "feature": np.full(counts.size, feature.name, object),
        "level": np.tile(np.asarray(feature.levels, object), n_segments),
        "count": counts.ravel(),
        "share": share.ravel(),
        "base_share": base.ravel(),
        "lift": quotient(share, base).ravel(),
        "share_of_level": quotient(counts, level).ravel(),
        "v_test": scores.ravel(),
    }
