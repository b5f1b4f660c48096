"""Protected columns that no feature reads: each is counted by segment in a scan of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from segmentry.arrays import Floats, Labels
from segmentry.collecting.collection import Collected, collect_patterns
from segmentry.collecting.tabulation import MAX_LEVELS
from segmentry.engine import Engine
from segmentry.errors import LevelsError
from segmentry.patterns import PatternTable
from segmentry.recipe import Feature
from segmentry.runs.strata import segments_of
from segmentry.sql import MatchedTable, Query
from segmentry.sql.encode import feature_value
from segmentry.sql.expressions import columns_of
from segmentry.sql.table import NUMERIC, column, unique_name

_BANDS = 5
"""Number of bands, of equally many customers, that a protected column of numbers is cut into."""


def protected_counts(
    engine: Engine, collected: Collected, labels: Labels, n_segments: int, sensitive: tuple[str, ...]
) -> dict[str, Floats]:
    """Count the customers of each segment by the values of each protected column that no feature reads.

    `labels` are the segments of the collected patterns. Returns (n_values, n_segments) counts by column. A text
    column with too many values is left out, and the report names it as not measured.
    """
    matched = collected.matched
    read = {c for f in matched.recipe.features for c in columns_of(feature_value(f))}
    found = {}
    for name in (c for c in sensitive if c not in read):
        counted = _counted(engine, matched, name)
        if counted is not None:
            found[name] = _by_segment(collected.patterns, labels, n_segments, counted)
    return found


def _counted(engine: Engine, matched: MatchedTable, name: str) -> PatternTable | None:
    """Collect the pattern table with the column as one more feature, the last; None where it makes no levels."""
    is_number = matched.table.columns[name] in NUMERIC
    if not is_number and _n_values(engine, matched, name) > MAX_LEVELS:
        return None
    extra = Feature(name=_unused(matched), column=name, quantiles=_BANDS if is_number else None)
    features = (*matched.recipe.features, extra)
    recipe = matched.recipe.model_copy(update={"features": features, "outcomes": (), "sensitive": ()})
    try:
        return collect_patterns(engine, recipe).patterns
    except LevelsError:
        return None


def _n_values(engine: Engine, matched: MatchedTable, name: str) -> int:
    relation = matched.table.relation
    count = exp.Count(this=exp.Distinct(expressions=[column(name)]))
    body = relation.query(exp.select(exp.alias_(count, "n")).from_(relation.origin.copy()))
    return int(
        engine.query(Query(f"How many values has {name}, which is protected", body)).column(0)[0].as_py()
    )


def _unused(matched: MatchedTable) -> str:
    return unique_name("protected", {f.name.casefold() for f in matched.recipe.features})


def _by_segment(
    patterns: PatternTable, labels: npt.NDArray[np.intp], n_segments: int, counted: PatternTable
) -> Floats:
    """Count (n_values, n_segments) customers; those without a value are left out."""
    codes = np.asarray(counted.codes)
    segments, values = segments_of(patterns, labels, codes[:, :-1]), codes[:, -1]
    known = values >= 0
    n_values = len(counted.features[-1].levels)
    cells = np.asarray(values[known], np.intp) * n_segments + segments[known]
    flat = np.bincount(cells, counted.sample_weight[known], minlength=n_values * n_segments)
    return np.asarray(flat, np.float64).reshape(n_values, n_segments)
