"""A finding, and the rule that it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.sql.table import column
from segmentry.text.numbers import format_number

Severity = Literal["wrong", "check", "know"]
SEVERITIES: tuple[Severity, ...] = ("wrong", "check", "know")

FINDING_SEVERITIES: dict[str, Severity] = {
    "no_rows": "wrong",
    "ragged_rows": "wrong",
    "duplicated_id": "wrong",
    "missing_id": "wrong",
    "implausible_year": "wrong",
    "implausible_date": "wrong",
    "far_outlier": "wrong",
    "infinite": "wrong",
    "missing_code": "wrong",
    "mixed_dates": "wrong",
    "near_duplicate_categories": "wrong",
    "numbers_as_text": "wrong",
    "several_rows_per_customer": "check",
    "duplicate_rows": "check",
    "personal_data": "check",
    "leaks_id": "check",
    "rare_categories": "check",
    "missing": "check",
    "missing_goes_with": "check",
    "dates_as_text": "check",
    "rare_negatives": "check",
    "constant": "know",
    "cost_and_revenue": "know",
    "empty_column": "know",
    "belong_together": "know",
    "redundant": "know",
}
"""Every kind of finding in the order of the page, and how it is meant: wrong values, worth a look, good to know."""


@dataclass(frozen=True)
class Finding:
    """Something that a person should know before segmenting the table.

    Attributes
    ----------
    kind
        One of `FINDING_SEVERITIES`.
    column
        The column concerned; empty where the whole row is.
    columns
        All columns concerned.
    rows
        How many rows are concerned.
    title
        What was found, in a sentence.
    advice
        What to do about it.
    sql
        The query that returns these rows; empty where they are not in the table.
    values
        The values concerned with their rows, where there are few.
    """

    kind: str
    column: str
    rows: int
    title: str
    advice: str
    sql: str = ""
    columns: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()

    @property
    def severity(self) -> Severity:
        """Wrong values, worth a look, or good to know."""
        return FINDING_SEVERITIES[self.kind]


@dataclass(frozen=True)
class Suspicion:
    """A finding whose rows are still to be counted: those that `condition` picks.

    ``{rows}`` in the title stands for the number. It is dropped where fewer than `at_least` rows are found.
    """

    kind: str
    columns: tuple[str, ...]
    condition: exp.Expr
    title: str
    advice: str
    values: tuple[tuple[str, int], ...] = ()
    at_least: int = 1
    query: exp.Query | None = field(default=None)
    """Returns the rows concerned, where that is not a matter of one row's condition."""


def missing_condition(f: ColumnFacts) -> exp.Expr:
    """Whether a row has no value in a column; not-a-number is none."""
    if not f.sql_type.startswith(("DOUBLE", "FLOAT", "REAL")):
        return column(f.name).is_(exp.null())
    nan = exp.cast(exp.Literal.string("NaN"), exp.DataType.Type.DOUBLE)
    return exp.Nullif(this=column(f.name), expression=nan).is_(exp.null())


def rows_text(n: int) -> str:
    """A number of rows.

    Examples
    --------
    >>> rows_text(1), rows_text(1234)
    ('1 row', '1,234 rows')
    """
    return f"{format_number(n, ',')} row" + ("" if n == 1 else "s")


def listed_briefly(items: tuple[str, ...] | list[str], most: int = 6) -> str:
    """Names or values in a sentence, the first few of many.

    Examples
    --------
    >>> listed_briefly(["a"]), listed_briefly(["a", "b", "c"]), listed_briefly(list("abcdefgh"), 3)
    ('a', 'a, b and c', 'a, b, c and 5 more')
    """
    shown = list(items[:most])
    more = len(items) - len(shown)
    if more:
        return f"{', '.join(shown)} and {format_number(more, ',')} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
