"""Single files that segmentry wrote, told by what they hold: such a file is replaced by the next of its kind."""

from __future__ import annotations

import re
from pathlib import Path

from segmentry.engine.survey_scores import SURVEY_SCORES, survey_columns
from segmentry.scoring.placing import OUTPUT_COLUMNS

_SQL = re.compile(r"(\{% raw %\})?-- .*: \d+ segments by .*\n-- Reads .*; one row per customer")
_PYTHON = '"""Segments, by one function without dependencies."""'
_DBT = re.compile(r"version: 2\nmodels:\n  - name: \w+\n    description: \"Customers in \d+ segments by ")
_KIT = re.compile(r"-- Verification of .*: \d+ segments by .*\n-- [\d,]+ patterns ")
_MOST = 100_000


def is_scores(path: Path) -> bool:
    """Whether a file holds the columns of scores."""
    if path.suffix.lower() == ".csv":
        return _head(path).partition("\n")[0].endswith(",".join(f'"{name}"' for name in OUTPUT_COLUMNS))
    if path.suffix.lower() in SURVEY_SCORES:
        return survey_columns(path)[1:] == OUTPUT_COLUMNS
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(path).names[1:]) == OUTPUT_COLUMNS
    except (OSError, ValueError):
        return False


def is_statement(path: Path) -> bool:
    """Whether a file holds an assignment as SQL, as Python, or as the description of a dbt model."""
    text = _head(path)
    return bool(_SQL.match(text) or _KIT.match(text) or _DBT.match(text)) or text.startswith(_PYTHON)


def _head(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_MOST)
