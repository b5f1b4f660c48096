"""How values of a column are written for people."""

from __future__ import annotations

import math

from segmentry.auditing.columns import ColumnValue
from segmentry.text.numbers import NOTHING, number, year
from segmentry.text.words import shortened


def value_text(value: ColumnValue | None, *, is_year: bool = False, most: int = 60) -> str:
    """Write a value of a column; long texts are cut.

    Examples
    --------
    >>> value_text(1976, is_year=True), value_text("x" * 5, most=4), value_text(""), value_text(True)
    ('1976', 'xxx…', '(empty)', 'true')
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return shortened(value, most) or "(empty)"
    return year(value) if is_year and math.isfinite(value) else number(value)
