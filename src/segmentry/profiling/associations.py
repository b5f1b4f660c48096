"""Cramér's V of features with the segments, with each other, and of segments with protected columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns.cross_tables import cramers_v, cross_table
from segmentry.profiling.segmented import SegmentedPatterns

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.patterns import PatternTable

ASSOCIATION_COLUMNS = ("kind", "feature", "other", "n", "cramers_v", "guessed", "guessed_without")
SEGMENT = "segment"
_ORDER_OF_KINDS = ("segments", "features", "sensitive")


def association_table(
    segmented: SegmentedPatterns, sensitive: Mapping[str, str | Floats] | None = None
) -> pd.DataFrame:
    """Measure how closely features go with the segments, and with each other.

    Parameters
    ----------
    segmented
        Pattern table with its segments.
    sensitive
        Protected columns, each with the feature that it forms, or with its (n_values, n_segments) counts.

    Returns
    -------
    DataFrame
        ``kind``: ``segments`` (a feature with the segments: which features make them), ``features`` (two
        features: which are redundant), ``sensitive`` (a protected column with the segments); ``feature``,
        ``other``; ``n``, customers for whom both are known; ``cramers_v``; ``guessed``, the share of customers
        whose level is guessed right as the most frequent one where `other` is known, and ``guessed_without``,
        where nothing is known. Within a kind the closest come first. These are descriptions, no tests.
    """
    import pandas as pd

    patterns = segmented.patterns
    names = [f.name for f in patterns.features]
    variables = [(np.asarray(patterns.codes[:, j]), len(f.levels)) for j, f in enumerate(patterns.features)]
    segments = (segmented.labels, segmented.n_segments)
    weight = patterns.sample_weight
    with_segments = {
        name: cross_table(variable, segments, weight) for name, variable in zip(names, variables, strict=True)
    }
    rows = [("segments", name, SEGMENT, *_measures(t)) for name, t in with_segments.items()]
    rows += _feature_rows(patterns)
    rows += [
        ("sensitive", column, SEGMENT, *_measures(with_segments[found] if isinstance(found, str) else found))
        for column, found in (sensitive or {}).items()
    ]
    rows.sort(key=lambda row: (_ORDER_OF_KINDS.index(row[0]), -np.nan_to_num(row[4], nan=-1.0)))
    return pd.DataFrame(rows, columns=list(ASSOCIATION_COLUMNS))


def feature_association_table(patterns: PatternTable) -> pd.DataFrame:
    """Measure how closely features go with each other, as `association_table` does, before there are segments."""
    import pandas as pd

    rows = sorted(_feature_rows(patterns), key=lambda row: -np.nan_to_num(row[4], nan=-1.0))
    return pd.DataFrame(rows, columns=list(ASSOCIATION_COLUMNS))


def _feature_rows(patterns: PatternTable) -> list[tuple[str, str, str, float, float, float, float]]:
    names = [f.name for f in patterns.features]
    variables = [(np.asarray(patterns.codes[:, j]), len(f.levels)) for j, f in enumerate(patterns.features)]
    weight = patterns.sample_weight
    return [
        ("features", names[i], names[j], *_measures(cross_table(variables[i], variables[j], weight)))
        for i in range(len(names))
        for j in range(i)
    ]


def _measures(counts: Floats) -> tuple[float, float, float, float]:
    """(customers, Cramér's V, share guessed right with the column known, and without) of a cross table."""
    total = float(counts.sum())
    if total <= 0:
        return 0.0, float("nan"), float("nan"), float("nan")
    guessed = float(counts.max(axis=0).sum() / total)
    return total, cramers_v(counts), guessed, float(counts.sum(axis=1).max() / total)
