"""The raw values behind the numeric features, counted per segment by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segmentry.engine import Engine
from segmentry.sql import MatchedTable
from segmentry.sql.formula import MISSING
from segmentry.sql.histograms import Bins, bins_of, histograms_query

if TYPE_CHECKING:
    import pandas as pd

HISTOGRAM_COLUMNS = ("segment", "feature", "bin", "low", "high", "count")


def count_raw_values(engine: Engine, matched: MatchedTable) -> pd.DataFrame:
    """Count the raw values of each numeric feature per segment, in one grouped query.

    The engine must hold the segment of every pattern (`pattern_segments.register_segments`).

    Returns
    -------
    DataFrame
        Without rows where no feature has edges, else one row per segment, feature and bin that has customers:
        ``segment`` (from 1), ``feature``, ``bin`` (its number), ``low`` and ``high`` (the bin holds values from
        `low` up to below `high`; missing at the open ends) and ``count`` of customers.
    """
    import pandas as pd

    bins = bins_of(matched)
    rows: list[tuple[Any, ...]] = []
    if bins:
        query = histograms_query(matched, bins)
        result = engine.query(query.query)
        segments, counts = (result.column(i).to_pylist() for i in (query.segment, query.customers))
        for one, position in zip(bins, query.bins, strict=True):
            numbers = result.column(position).to_pylist()
            rows += _rows(one, zip(segments, numbers, counts, strict=True))
    table = pd.DataFrame(rows, columns=list(HISTOGRAM_COLUMNS))
    return table.astype({"low": "float64", "high": "float64"})


def _rows(bins: Bins, counted: Any) -> list[tuple[Any, ...]]:
    found = sorted((s, number, n) for s, number, n in counted if number is not None and number != MISSING)
    return [(int(s), bins.feature, int(number), *bins.ends(number), int(n)) for s, number, n in found]
