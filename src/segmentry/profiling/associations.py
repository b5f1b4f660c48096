"""Which features make the segments, which say the same as another, and what segments stand in for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.arrays import Labels

ASSOCIATION_COLUMNS = ("kind", "feature", "other", "n", "cramers_v", "guessed", "guessed_without")
SEGMENT = "segment"


def cramers_v(counts: npt.ArrayLike) -> float:
    """Cramér's V of a table of counts: 0 where rows and columns are independent, 1 where one gives the other.

    V = √(χ² / (N (min(rows, columns) - 1))), rows and columns that nobody is in left out; missing where a
    single row or column is left. Under survey weights the table is one of weights.

    Examples
    --------
    >>> round(cramers_v([[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]]), 6)
    0.279045
    """
    table = np.asarray(counts, np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape, default=0) < 2:
        return float("nan")
    total = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / total
    chi_square = ((table - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi_square / (total * (min(table.shape) - 1))))


def association_table(
    patterns: PatternTable,
    labels: Labels,
    n_segments: int,
    sensitive: Mapping[str, str | Floats] | None = None,
) -> pd.DataFrame:
    """Measure how closely features go with the segments, and with each other.

    Parameters
    ----------
    patterns
        The pattern table.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.
    sensitive
        Protected columns, each with the feature that it forms, or with its (n_values, n_segments) counts.

    Returns
    -------
    DataFrame
        ``kind``: ``segments`` (a feature with the segments: which features make them), ``features`` (two
        features: which say the same), ``sensitive`` (a protected column with the segments); ``feature``,
        ``other``; ``n``, customers for whom both are known; ``cramers_v``; ``guessed``, the share of customers
        whose level is guessed right as the most frequent one where `other` is known, and ``guessed_without``,
        where nothing is. Within a kind the closest come first. Descriptions, no tests.
    """
    import pandas as pd

    names = [f.name for f in patterns.features]
    codes = np.asarray(patterns.codes)
    widths = [len(f.levels) for f in patterns.features]
    weight = patterns.sample_weight
    with_segments = {
        name: _crossed(codes[:, j], widths[j], labels, n_segments, weight) for j, name in enumerate(names)
    }
    rows = [("segments", name, SEGMENT, *_measures(t)) for name, t in with_segments.items()]
    rows += [
        (
            "features",
            names[i],
            names[j],
            *_measures(_crossed(codes[:, i], widths[i], codes[:, j], widths[j], weight)),
        )
        for i in range(len(names))
        for j in range(i)
    ]
    rows += [
        ("sensitive", column, SEGMENT, *_measures(with_segments[seen] if isinstance(seen, str) else seen))
        for column, seen in (sensitive or {}).items()
    ]
    table = pd.DataFrame(rows, columns=list(ASSOCIATION_COLUMNS))
    order = {"segments": 0, "features": 1, "sensitive": 2}
    keys = {"kind": table["kind"].map(order), "closest": -table["cramers_v"].fillna(-1.0)}
    return table.loc[pd.DataFrame(keys).sort_values(["kind", "closest"], kind="stable").index].reset_index(
        drop=True
    )


def _crossed(
    one: npt.NDArray[np.integer], n_one: int, other: npt.NDArray[np.integer], n_other: int, weight: Floats
) -> Floats:
    """(n_one, n_other) customers for whom both are known."""
    known = (one >= 0) & (other >= 0)
    cells = np.asarray(one[known], np.intp) * n_other + other[known]
    flat = np.bincount(cells, weight[known], minlength=n_one * n_other)
    return np.asarray(flat, np.float64).reshape(n_one, n_other)


def _measures(counts: Floats) -> tuple[float, float, float, float]:
    total = float(counts.sum())
    if total <= 0:
        return 0.0, float("nan"), float("nan"), float("nan")
    guessed = float(counts.max(axis=0).sum() / total)
    return total, cramers_v(counts), guessed, float(counts.sum(axis=1).max() / total)
