"""Histograms with readable bins: widths of 1, 2 or 5 times a power of ten; days, months, years and decades."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segmentry.auditing.session import Session
from segmentry.sql.audit.columns import AuditColumn
from segmentry.sql.audit.histograms import (
    Calendar,
    Grid,
    calendars_of_rows,
    calendars_of_values,
    grids_of_rows,
    grids_of_values,
)

MAX_BINS = 24
_DAY_ONE = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Bin:
    """A bin of a histogram: rows from `low` (included) to `high` (excluded).

    The first and the last bin also hold the values beyond them: then `is_open` is true, and `low` or `high` is the
    farthest value. `label` names the period of a bin of dates.
    """

    low: float
    high: float
    n: int
    is_open: bool = False
    label: str = ""


def column_histograms(
    session: Session,
    counted: Sequence[AuditColumn],
    wide: Sequence[AuditColumn],
    figures: Mapping[int, Mapping[str, Any]],
) -> dict[int, tuple[Bin, ...]]:
    """Make the histograms of columns of numbers and dates that have values, by column number."""
    bins: dict[int, tuple[Bin, ...]] = {}
    question = "How are the numbers of each column spread?"
    when = "How are the dates of each column spread?"
    for columns, of_numbers, of_dates in (
        (counted, grids_of_values, calendars_of_values),
        (wide, grids_of_rows, calendars_of_rows),
    ):
        present = [c for c in columns if figures.get(c.id, {}).get("minimum") is not None]
        grids = [grid for c in present if c.kind == "number" and (grid := _grid_of(c, figures[c.id]))]
        calendars = [_calendar_of(c, figures[c.id]) for c in present if c.kind == "date"]
        if grids:
            bins |= _bins_of_grids(grids, figures, session.ask(question, of_numbers(grids)))
        if calendars:
            bins |= _bins_of_calendars(session.ask(when, of_dates(calendars)))
    return bins


def _grid_of(c: AuditColumn, found: Mapping[str, Any]) -> Grid | None:
    """Grid of bins from a little below the 1st to a little above the 99th percentile."""
    low, high = float(found["minimum"]), float(found["maximum"])
    q01, q99 = float(found["q01"]), float(found["q99"])
    if not all(math.isfinite(v) for v in (low, high, q01, q99, high - low)):
        return None
    margin = 0.25 * (q99 - q01)
    if margin > 0:
        low, high = max(low, q01 - margin), min(high, q99 + margin)
    is_whole = not found["n_fractional"]
    width = readable_width((high - low) / MAX_BINS, is_whole=is_whole, unit=max(abs(low), abs(high)))
    first, last = math.floor(low / width), math.floor(high / width)
    if max(abs(first), abs(last)) > 2**53:
        return None
    return Grid(c, width, first, last)


def readable_width(width: float, *, is_whole: bool, unit: float = 1.0) -> float:
    """Round a width up to 1, 2, 5, 10, 20, ...; at least to 1 between whole numbers.

    Examples
    --------
    >>> readable_width(3_700, is_whole=True), readable_width(0.012, is_whole=False)
    (5000, 0.02)
    """
    if is_whole and width <= 1:
        return 1
    if width <= 0:
        return unit or 1.0
    power = math.floor(math.log10(width))
    for step in (1, 2, 5, 10):
        found = float(f"{step}e{power}")
        if found >= width * (1 - 1e-9):
            return int(found) if found >= 1 else found
    return float(f"1e{power + 1}")


def _bins_of_grids(
    grids: Sequence[Grid], figures: Mapping[int, Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> dict[int, tuple[Bin, ...]]:
    """The bins in order, those without rows included."""
    counts: dict[int, dict[int, int]] = {}
    for row in rows:
        counts.setdefault(row["column_id"], {})[int(row["bin"])] = int(row["n"])
    return {
        g.column.id: tuple(_bins_of_grid(g, counts.get(g.column.id, {}), figures[g.column.id])) for g in grids
    }


def _bins_of_grid(grid: Grid, counts: Mapping[int, int], found: Mapping[str, Any]) -> list[Bin]:
    bars = []
    for place in range(grid.first, grid.last + 1):
        low, high = place * grid.width, (place + 1) * grid.width
        below = place == grid.first and found["minimum"] < low
        beyond = place == grid.last and found["maximum"] >= high
        bars.append(
            Bin(
                float(found["minimum"]) if below else low,
                float(found["maximum"]) if beyond else high,
                counts.get(place, 0),
                is_open=below or beyond,
            )
        )
    return bars


def _calendar_of(c: AuditColumn, found: Mapping[str, Any]) -> Calendar:
    days = float(found["maximum"]) - float(found["minimum"])
    letters = 10 if days <= 31 else 7 if days <= 3 * 366 else 4 if days <= 60 * 366 else 3
    return Calendar(c, letters)


def _bins_of_calendars(rows: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Bin, ...]]:
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["column_id"], {})[str(row["period"])] = int(row["n"])
    return {number: tuple(_bins_of_periods(counts)) for number, counts in found.items()}


def _bins_of_periods(counts: Mapping[str, int]) -> list[Bin]:
    """The bins from the first to the last period, those without rows included."""
    bars: list[Bin] = []
    period, last = min(counts), max(counts)
    while period <= last and len(bars) < 2_000:
        after = _next_period(period)
        if after is None:
            return [Bin(i, i + 1, n, label=p) for i, (p, n) in enumerate(sorted(counts.items()))]
        label = f"{period}0s" if len(period) == 3 else period
        bars.append(Bin(_days(period), _days(after), counts.get(period, 0), label=label))
        period = after
    return bars


def _next_period(period: str) -> str | None:
    """The day, month, year or decade after one; None where the text is no period."""
    try:
        day = _first_day(period)
    except ValueError:
        return None
    if len(period) == 10:
        return (day + datetime.timedelta(days=1)).isoformat()
    if len(period) == 7:
        return f"{day.year + day.month // 12:04}-{day.month % 12 + 1:02}"
    return f"{int(period) + 1:0{len(period)}}"


def _first_day(period: str) -> datetime.date:
    return datetime.date.fromisoformat(
        {3: f"{period}0-01-01", 4: f"{period}-01-01", 7: f"{period}-01"}.get(len(period), period)
    )


def _days(period: str) -> float:
    try:
        return float(_first_day(period).toordinal() - _DAY_ONE)
    except ValueError:
        return 0.0
