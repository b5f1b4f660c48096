"""Whether a feature belongs to the structure: it is left out, the others form segments, and it is tested against these.

Features differ between the segments that they formed, whether or not there is anything to find, so that no p-value of that difference
means anything. Segments that the other features form know nothing of the one left out, and where it is independent of the others
its levels are spread over them by chance. The test says that a feature goes with the others, not that it differs between the final
segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from segmentry.arrays import Floats, Indices, Labels, LevelCodes
from segmentry.patterns import PatternTable, columns_as_one
from segmentry.patterns.cross_tables import cramers_v, cross_table
from segmentry.profiling.intervals import adjust_by_holm
from segmentry.selection.count_tables import CountTables
from segmentry.selection.refits import Refit

if TYPE_CHECKING:
    import pandas as pd

_LEAST_EXPECTED = 5.0
"""Customers that are expected in every cell, from which on the distribution of chi-square is taken as known; else it is drawn."""
_N_DRAWN, _MOST_DRAWN = 1_999, 10**9
"""Drawn tables, and customers above which numpy draws none."""
_CLEAR = 1e-6
"""Below such a p-value of the known distribution no tables are drawn: they could only tell that it is below 1 in 2,000."""


@dataclass(frozen=True)
class LeftOutFeature:
    """A feature beside segments that the other features form.

    Attributes
    ----------
    feature
        Name of the feature.
    cramers_v
        How closely it goes with these segments (0 to 1); NaN where it has a single level or they are one.
    p_value
        Probability of so close a dependence where it is independent of the other features (chi-square test; where cells
        are small, among tables drawn with the same margins).
    p_adjusted
        The same for all features together (Holm 1979).
    """

    feature: str
    cramers_v: float
    p_value: float
    p_adjusted: float


@dataclass(frozen=True)
class LeftOutColumn:
    """A feature that is tested: its name, its codes (n_patterns,), and the position of the column that is left out for it.

    Joined features are left out together.
    """

    name: str
    codes: LevelCodes
    position: int


def left_out_columns(
    patterns: PatternTable, whole: PatternTable, table: CountTables, rows: Indices
) -> list[LeftOutColumn]:
    """Return the features of the patterns, of which `table` holds some `rows`; in `whole`, joined features are one."""
    features = patterns.features
    is_joined = whole is not patterns
    places = columns_as_one(features) if is_joined else list(range(len(features)))
    own = np.asarray(patterns.codes, np.int32)[rows]
    return [
        LeftOutColumn(f.name, own[:, i] if places.count(j) > 1 else table.codes[:, j], j)
        for i, (f, j) in enumerate(zip(features, places, strict=True))
    ]


def leave_features_out(
    table: CountTables, refit: Refit, k: int, columns: Sequence[LeftOutColumn], rng: np.random.Generator
) -> tuple[LeftOutFeature, ...]:
    """Test every feature against `k` segments that the other features form by the same method.

    Parameters
    ----------
    table
        Observed table.
    refit
        Method of the segments.
    k
        Number of segments.
    columns
        Features.
    rng
        Random numbers of the starts and of drawn tables.
    """
    if len(table.n_levels) < 2:
        return ()
    labels: dict[int, Labels] = {}
    found = []
    for column in columns:
        j = column.position
        if j not in labels:
            labels[j] = _labels_without(table, refit, j, k, rng)
        found.append(_tested(_known_cells(column.codes, labels[j], table.weights[0]), rng))
    adjusted = adjust_by_holm([p for _, p in found])
    return tuple(
        LeftOutFeature(column.name, v, p, float(q))
        for column, (v, p), q in zip(columns, found, adjusted, strict=True)
    )


def with_left_out(features: pd.DataFrame, found: tuple[LeftOutFeature, ...]) -> pd.DataFrame:
    """Add ``left_out_v``, ``left_out_p`` and ``left_out_p_adjusted`` to a table of features; missing where nothing was tested."""
    by_name = {one.feature: one for one in found}
    columns = {"left_out_v": "cramers_v", "left_out_p": "p_value", "left_out_p_adjusted": "p_adjusted"}
    return features.assign(
        **{
            column: [getattr(by_name.get(str(name)), field, float("nan")) for name in features["feature"]]
            for column, field in columns.items()
        }
    )


def _labels_without(table: CountTables, refit: Refit, j: int, k: int, rng: np.random.Generator) -> Labels:
    """Return the segment (n_patterns,) of every pattern among segments that all columns but one form."""
    others, pattern = table.without_feature(j)
    n_segments = min(refit.n_without_feature(k), len(others.codes))
    return refit.without_feature(j)(others, n_segments, rng)[0][pattern]


def _tested(counts: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """Return Cramer's V and the p-value of a feature beside segments of the others."""
    if min(counts.shape) < 2:
        return float("nan"), float("nan")
    return cramers_v(counts), independence_p_value(counts, rng)


def _known_cells(codes: LevelCodes, labels: Labels, weights: Floats) -> Floats:
    """Count customers by segment and level, without empty segments and levels."""
    known = codes >= 0
    shape = (labels[known], int(labels.max()) + 1), (codes[known], int(codes.max(initial=0)) + 1)
    counts = cross_table(*shape, weights[known])
    return counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]


def independence_p_value(counts: Floats, rng: np.random.Generator) -> float:
    """Test whether rows and columns are independent; small counts are compared with drawn tables of the same margins."""
    rows, columns, total = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    known = float(special.chdtrc((len(rows) - 1) * (len(columns) - 1), _chi_square(counts)))
    if known < _CLEAR or np.outer(rows, columns).min() / total >= _LEAST_EXPECTED or total >= _MOST_DRAWN:
        return known
    whole = np.rint(counts)
    rows, columns = whole.sum(axis=1), whole.sum(axis=0)
    if min((rows > 0).sum(), (columns > 0).sum()) < 2:
        return 1.0
    whole = whole[rows > 0][:, columns > 0]
    drawn = draw_tables(whole.sum(axis=1), whole.sum(axis=0), _N_DRAWN, rng)
    n_as_far = int((_chi_square(drawn) >= _chi_square(whole) * (1 - 1e-12)).sum())
    return (1 + n_as_far) / (1 + _N_DRAWN)


def draw_tables(rows: Floats, columns: Floats, n_tables: int, rng: np.random.Generator) -> Floats:
    """Draw tables (n_tables, n_rows, n_columns) of independent rows and columns with these sums: cell after cell, given those before.

    scipy.stats draws such tables, too, and takes most of a second to load.
    """
    drawn = np.zeros((n_tables, len(rows), len(columns)))
    left = np.tile(columns.astype(np.int64), (n_tables, 1))
    for i, size in enumerate(rows[:-1].astype(np.int64)):
        wanted = np.full(n_tables, size)
        for j in range(len(columns) - 1):
            taken = rng.hypergeometric(left[:, j], left[:, j + 1 :].sum(axis=1), wanted)
            drawn[:, i, j] = taken
            left[:, j] -= taken
            wanted -= taken
        drawn[:, i, -1] = wanted
        left[:, -1] -= wanted
    drawn[:, -1] = left
    return drawn


def _chi_square(counts: Floats) -> Floats:
    """Return chi-square of tables (..., n_rows, n_columns)."""
    rows, columns = counts.sum(axis=-1, keepdims=True), counts.sum(axis=-2, keepdims=True)
    expected = rows * columns / counts.sum(axis=(-2, -1), keepdims=True)
    return np.asarray(((counts - expected) ** 2 / expected).sum(axis=(-2, -1)))
