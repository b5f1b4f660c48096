"""Helper of tests: a source as its engine reads it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlglot import exp

from segmentry.engine import ReadOptions, open_engine, reading_notes
from segmentry.sql import Query


def read(path: Any, **options: Any) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows, and the kinds of what was noted of them."""
    engine = open_engine(path, options=ReadOptions(**options))
    try:
        table = engine.query(Query("All", exp.select("*").from_(engine.tables["data"].copy())))
        return table.to_pandas(), [note.kind for note in reading_notes(engine)]
    finally:
        engine.close()
