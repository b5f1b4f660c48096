"""Facts about each column: type, missing and distinct values, mean, quantiles, top values, histogram."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segmentry.auditing.histograms import Bin, column_histograms
from segmentry.auditing.session import Session, added_up
from segmentry.sql.aggregates import has_exact_quantiles
from segmentry.sql.audit import columns as sql
from segmentry.sql.audit.columns import QUANTILE_SHARES, AuditColumn, AuditKind

MAX_COUNTED_VALUES = 200_000
"""Columns with more different values are measured on their rows, not on counts of their values."""
MAX_VALUES_IN_ALL = 1_000_000
_MAX_LETTERS = 20_000_000
_WIDE, _PART = 200, 50
_MAX_COPIED = 50_000_000
_MAX_SORTED = 20_000_000
"""Values that DuckDB holds in memory for quantiles; of more, those of about one in so many rows are taken."""

ColumnValue = int | float | str | bool


@dataclass(frozen=True)
class ColumnFacts:
    """Facts about a column.

    Attributes
    ----------
    name, sql_type
        Name and type in the database.
    kind
        ``number``, ``text``, ``date``, ``boolean``, or ``other`` (lists, structures, bytes), for which only
        the missing values are counted.
    n_rows
        Rows of the table.
    n_missing
        Rows without a value, not-a-number included.
    n_distinct
        Number of different values.
    minimum, maximum
        Smallest and largest value; dates and texts are texts, dates in ISO form; None where no row has a value.
    mean
        Mean of numbers; share of true values of a boolean column.
    quantiles
        Pairs of a share (0.01 to 0.99, see `quantile`) and the smallest value that this share of the rows
        does not exceed; dates are days since 1970. Empty for text.
    n_zero, n_negative
        Rows whose number is 0, and rows whose number is below 0.
    is_whole
        Whether all numbers are whole.
    top_values
        Up to 50 most frequent values with their rows, ties in the order of values. Empty where more than 50
        values occur once each, and where there are too many to count.
    histogram
        Histogram of numbers, and of dates in days since 1970.
    is_counted
        False where there are too many values to count them one by one.
    is_exact
        False where the quantiles are approximate.
    is_withheld
        Whether an audit leaves the values out because they look like personal data.
    """

    name: str
    sql_type: str
    kind: AuditKind
    n_rows: int
    n_missing: int
    n_distinct: int
    minimum: ColumnValue | None = None
    maximum: ColumnValue | None = None
    mean: float | None = None
    quantiles: tuple[tuple[float, float], ...] = ()
    n_zero: int = 0
    n_negative: int = 0
    is_whole: bool = False
    top_values: tuple[tuple[ColumnValue, int], ...] = ()
    histogram: tuple[Bin, ...] = ()
    is_counted: bool = True
    is_exact: bool = True
    is_withheld: bool = False

    @property
    def n_present(self) -> int:
        """Rows with a value."""
        return self.n_rows - self.n_missing

    @property
    def share_missing(self) -> float:
        """Share of the rows without a value; 1 where there are no rows."""
        return self.n_missing / self.n_rows if self.n_rows else 1.0

    @property
    def lowest(self) -> float:
        """Smallest number; 0 where there is none."""
        return float(self.minimum or 0)

    @property
    def highest(self) -> float:
        """Largest number; 0 where there is none."""
        return float(self.maximum or 0)

    @property
    def is_finite(self) -> bool:
        """Whether no number is infinite."""
        return math.isfinite(self.lowest) and math.isfinite(self.highest)

    @property
    def is_constant(self) -> bool:
        """Whether all rows with a value have the same value."""
        return self.n_distinct == 1

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.n_rows > 0 and self.n_distinct == self.n_rows

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """Lower quartile, median, upper quartile; None for text and where no row has a value."""
        if not self.quantiles:
            return None
        return self.quantile(0.25), self.quantile(0.5), self.quantile(0.75)

    def quantile(self, share: float) -> float:
        """Return the quantile at 1, 5, 25, 75, 95 or 99 %, or at a multiple of 10 %.

        Raises
        ------
        KeyError
            The share is another one, or the column has no quantiles.
        """
        return dict(self.quantiles)[share]


def describe_columns(session: Session) -> tuple[ColumnFacts, ...]:
    """Describe every column of a table, in the table's order.

    Raises
    ------
    DataError
        The table cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from segmentry.engine import open_engine
    >>> engine = open_engine(pd.DataFrame({"age": [31, 40, 40, None]}))
    >>> age = describe_columns(Session(engine))[0]
    >>> age.kind, age.n_missing, age.n_distinct, age.mean, age.top_values
    ('number', 1, 2, 37.0, ((40, 2), (31, 1)))
    """
    columns = list_columns(session)
    if not columns:
        return ()
    row = session.ask(
        "How many rows are there, and how many values and different values has each column?",
        sql.outline(columns, session.dialect),
    )[0]
    counted, wide = _split_by_values(columns, row)
    figures: dict[int, Mapping[str, Any]] = {}
    top: dict[int, list[tuple[ColumnValue, int]]] = {}
    if counted:
        sources = _keep_parts(session, counted, row["n_rows"])
        values = sql.value_counts_query(counted, sources)
        session.keep(sql.VALUES, "Which values has each column, and how often?", values)
        asked = session.ask(
            "What are the smallest, largest, mean value, quantiles, zeros and negatives of each column?",
            sql.figures(),
        )
        figures |= {found["column_id"]: found for found in asked}
        top = _top_values(session, {c.id: c for c in counted})
    of_part: set[int] = set()
    if wide:
        every = -(-row["n_rows"] * len(wide) // _MAX_SORTED) if session.dialect == "duckdb" else 1
        of_wide, of_part = _wide_figures(session, wide, every)
        figures |= of_wide
    bins = column_histograms(session, counted, wide, figures)
    facts = {
        c.id: _facts(c, row, figures.get(c.id, {}), top.get(c.id, []), bins.get(c.id, ())) for c in columns
    }
    is_exact = has_exact_quantiles(session.dialect)
    facts |= {
        c.id: replace(facts[c.id], is_counted=False, is_exact=is_exact and c.id not in of_part) for c in wide
    }
    return tuple(facts.values())


def _wide_figures(
    session: Session, wide: Sequence[AuditColumn], every: int
) -> tuple[dict[int, Mapping[str, Any]], set[int]]:
    """Figures of columns by their numbers, and the numbers of those whose quantiles are of a part of the rows.

    A column that has values, but none in that part, has few of them, which are all asked for.
    """
    question = "The same figures of the columns with too many values to count them one by one"
    found = session.ask(question, sql.wide_figures(wide, session.dialect, every))[0]
    figures = _by_column(found)
    if every <= 1:
        return figures, set()
    has_none = {number for number, of_column in figures.items() if sql.quantile_name(0.5) not in of_column}
    missed = [c for c in wide if c.id in has_none and figures[c.id].get("minimum") is not None]
    if missed:
        found = session.ask(f"{question}, of all rows", sql.wide_figures(missed, session.dialect))[0]
        figures |= _by_column(found)
    return figures, {c.id for c in wide} - {c.id for c in missed}


def list_columns(session: Session) -> list[AuditColumn]:
    """List the columns of a table with their kinds."""
    from segmentry.auditing.types import audit_column

    schema = session.schema()
    return [audit_column(i, field, session.dialect) for i, field in enumerate(schema, 1)]


def _split_by_values(
    columns: Sequence[AuditColumn], row: Mapping[str, Any]
) -> tuple[list[AuditColumn], list[AuditColumn]]:
    """Columns whose values are counted one by one, and columns that have too many values for that."""
    usable = [c for c in columns if c.kind != "other"]
    left = MAX_VALUES_IN_ALL
    counted = set()
    for c in sorted(usable, key=lambda c: row[f"distinct_{c.id}"]):
        n = row[f"distinct_{c.id}"] + 1
        letters = n * (row.get(f"length_{c.id}") or 0)
        if n <= min(MAX_COUNTED_VALUES, left) and letters <= _MAX_LETTERS:
            counted.add(c.id)
            left -= n
    return [c for c in usable if c.id in counted], [c for c in usable if c.id not in counted]


def _keep_parts(session: Session, counted: Sequence[AuditColumn], n_rows: int) -> dict[int, str]:
    """Keep a wide table in parts and return the part of each column, because a query reads all columns of a table."""
    if len(counted) <= _WIDE or n_rows * len(counted) > _MAX_COPIED:
        return {}
    sources: dict[int, str] = {}
    for start in range(0, len(counted), _PART):
        part = counted[start : start + _PART]
        name = f"audit_part_{1 + start // _PART}"
        session.keep(name, f"Columns {part[0].id} to {part[-1].id}, apart from the others", sql.part(part))
        sources |= {c.id: name for c in part}
    return sources


def _top_values(
    session: Session, columns: Mapping[int, AuditColumn]
) -> dict[int, list[tuple[ColumnValue, int]]]:
    found = session.ask("Which values are the most frequent?", sql.top_values())
    top: dict[int, list[tuple[ColumnValue, int]]] = {}
    for row in found:
        value = parse_value(row["value"], columns[row["column_id"]])
        top.setdefault(row["column_id"], []).append((value, row["n"]))
    return top


def parse_value(text: str, c: AuditColumn) -> ColumnValue:
    """Turn the text that the database makes of a value into a Python value."""
    if c.kind == "boolean":
        return text.lower() in {"true", "t", "1"}
    if c.kind != "number":
        return text
    if c.is_whole_type:
        return int(text)
    return python_number(text)


def _by_column(row: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The figures of each column in a row of all columns, by its number, under the names that `sql.figures` gives."""
    found: dict[int, dict[str, Any]] = {}
    for key, value in row.items():
        name, _, number = key.rpartition("_")
        if number.isdecimal():
            found.setdefault(int(number), {})[name] = value
    for figures in found.values():
        cuts = figures.pop("quantiles", None) or []
        figures |= {sql.quantile_name(s): cut for s, cut in zip(QUANTILE_SHARES, cuts, strict=False)}
    return dict(found)


def _facts(
    c: AuditColumn,
    outline: Mapping[str, Any],
    found: Mapping[str, Any],
    top: Sequence[tuple[ColumnValue, int]],
    bins: Sequence[Bin],
) -> ColumnFacts:
    n_rows, n_present = outline["n_rows"], outline[f"present_{c.id}"]
    base = {"name": c.name, "sql_type": c.sql_type, "kind": c.kind, "n_rows": n_rows}
    base |= {"n_missing": n_rows - n_present}
    if not found or not n_present:
        return ColumnFacts(**base, n_distinct=outline.get(f"distinct_{c.id}", 0) if n_present else 0)
    is_measured = c.kind != "text"
    first: ColumnValue | None = _without_midnight(found["first_value"])
    last: ColumnValue | None = _without_midnight(found["last_value"])
    if c.kind == "number":
        whole = c.is_whole_type
        first, last = (python_number(found[key], is_whole=whole) for key in ("minimum", "maximum"))
    cuts = tuple((s, float(found[sql.quantile_name(s)])) for s in QUANTILE_SHARES) if is_measured else ()
    return ColumnFacts(
        **base,
        n_distinct=found["n_distinct"],
        minimum=first,
        maximum=last,
        mean=added_up(found["mean"]) if c.kind in ("number", "boolean") else None,
        quantiles=cuts,
        n_zero=int(found["n_zero"]) if c.kind == "number" else 0,
        n_negative=int(found["n_negative"]) if c.kind == "number" else 0,
        is_whole=c.kind == "number" and not found["n_fractional"],
        top_values=() if n_present == found["n_distinct"] > sql.TOP else tuple(top),
        histogram=tuple(bins),
    )


def _without_midnight(text: str | None) -> str | None:
    """A text without the time of day where that is midnight."""
    return None if text is None else str(text).removesuffix(" 00:00:00")


def python_number(number: Any, *, is_whole: bool = False) -> int | float:
    """Turn a number of a query into an integer, where it is whole and exact, or a float."""
    value = float(number)
    return int(value) if value.is_integer() and (is_whole or abs(value) < 2**53) else value
