"""The tables of a segmentation, by the names of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.segmentation.result import Segmentation


def tables_of(result: Segmentation) -> dict[str, pd.DataFrame]:
    """Return the tables that have rows; one without, such as targeting without costs, is left out."""
    tables = {
        "segments": _segments(result),
        "features": result.features,
        "outcomes": result.outcomes,
        "selection": result.selection,
        "targeting": result.targeting,
        "strata": result.strata,
        "design": result.design,
        "missing": result.missing,
        "migration": result.migration,
        **({} if result.evidence is None else result.evidence.tables()),
        **({} if result.insights is None else result.insights.tables()),
    }
    return {name: table for name, table in tables.items() if len(table)}


def _segments(result: Segmentation) -> pd.DataFrame:
    """Make a table with a row per segment: number, name, customers, share, certainty, most frequent pattern."""
    import pandas as pd

    patterns = result.patterns
    typical = [f.name for f in patterns.features] if patterns is not None else []
    is_named = any(s.named_for or s.note for s in result.segments)
    rows = [
        {
            "segment": s.id,
            "name": s.name,
            "size": s.size,
            "share": s.share,
            "certainty": s.certainty,
            "name_share": s.name_share,
            **({"label": s.label} if s.label is not None else {}),
            **({"named_for": s.named_for, "note": s.note} if is_named else {}),
            **{f"typical_{n}": level for n, level in zip(typical, s.typical, strict=False)},
        }
        for s in result.segments
    ]
    return pd.DataFrame(rows)
