"""How the ranges between edges are written."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal

from segmentry.text.locales import format_number

Edge = int | float
NumberKind = Literal["number", "year", "day"]
"""How numbers are written: with separators, as years, or as the dates that are so many days from 1970-01-01."""
DAYS = "date_diff('day', DATE '1970-01-01', "
"""How the SQL of a feature begins that takes a date as a number."""
_FIRST_DAY = date(1970, 1, 1).toordinal()


def counts_days(sql: str | None) -> bool:
    """Whether an expression takes a date as the number of days from 1970-01-01.

    Examples
    --------
    >>> counts_days("date_diff('day', DATE '1970-01-01', joined)"), counts_days("year(joined)")
    (True, False)
    """
    return sql is not None and sql.lstrip().casefold().startswith(DAYS.casefold())


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to a date."""
    return day.toordinal() - _FIRST_DAY


def day_of(number: Edge) -> date | None:
    """Return the date that is so many days from 1970-01-01; None where no calendar has it."""
    ordinal = round(number) + _FIRST_DAY
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def day_text(number: Edge) -> str:
    """Write the date that is so many days from 1970-01-01; the number itself where no calendar has it.

    Examples
    --------
    >>> day_text(15706), day_text(1e9)
    ('2013-01-01', '1,000,000,000')
    """
    day = day_of(number)
    return _grouped(number) if day is None else day.isoformat()


def kind_of_numbers(sql: str | None, edges: Sequence[Edge]) -> NumberKind:
    """Say how the numbers of a feature are written, by its SQL and its edges."""
    if counts_days(sql):
        return "day"
    return "year" if edges and are_years(edges) else "number"


def edge_texts(edges: Sequence[Edge], sql: str | None = None) -> list[str]:
    """Write edges of the numbers that `sql` makes: with separators, as years, or as dates."""
    ways: dict[NumberKind, Callable[[Edge], str]] = {"day": day_text, "year": str, "number": _grouped}
    return list(map(ways[kind_of_numbers(sql, edges)], edges))


def edge_labels(edges: Sequence[Edge], closed: str, sql: str | None = None) -> tuple[str, ...]:
    """Write the labels of the ranges between edges, which are closed on the left or on the right; `sql` makes the numbers."""
    texts = edge_texts(edges, sql)
    if closed == "left":
        middle = [f"{a} to under {b}" for a, b in itertools.pairwise(texts)]
        return (f"under {texts[0]}", *middle, f"{texts[-1]} and over")
    middle = [f"over {a} to {b}" for a, b in itertools.pairwise(texts)]
    return (f"up to {texts[0]}", *middle, f"over {texts[-1]}")


def are_years(edges: Sequence[Edge]) -> bool:
    """Whether edges are years, which are written without separators."""
    return all(isinstance(e, int) and 1500 <= e <= 2100 for e in edges)


def _grouped(number: Edge) -> str:
    is_whole = isinstance(number, int) or float(number).is_integer()
    return format_number(int(number) if is_whole else number, ",")
