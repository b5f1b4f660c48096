"""Findings, and the suspicions that they are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

Severity = Literal["wrong", "check", "know"]
SEVERITIES: tuple[Severity, ...] = ("wrong", "check", "know")

FINDING_SEVERITIES: dict[str, Severity] = {
    "no_rows": "wrong",
    "ragged_rows": "wrong",
    "duplicated_id": "wrong",
    "implausible_year": "wrong",
    "implausible_date": "wrong",
    "far_outlier": "wrong",
    "infinite": "wrong",
    "missing_code": "wrong",
    "thousands_or_decimals": "wrong",
    "day_or_month": "wrong",
    "title_rows": "wrong",
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
    "encoding": "check",
    "words_among_numbers": "check",
    "thousands_points": "check",
    "sheets": "check",
    "total_rows": "check",
    "blank_rows": "check",
    "labels_among_numbers": "check",
    "declared_missing": "know",
    "tick_boxes": "know",
    "constant": "know",
    "cost_and_revenue": "know",
    "empty_column": "know",
    "belong_together": "know",
    "redundant": "know",
}
"""Severity of each kind of finding, in the order of the page: wrong values, worth a look, good to know."""


@dataclass(frozen=True)
class Finding:
    """Something that a person should know before segmenting the table.

    Attributes
    ----------
    kind
        One of `FINDING_SEVERITIES`.
    column
        First column concerned; empty where the finding concerns whole rows.
    columns
        All columns concerned.
    rows
        Number of rows concerned.
    title
        Sentence that says what was found.
    advice
        Sentences that say what to do about it.
    sql
        Query that returns these rows; empty where they are not in the table.
    values
        Values concerned with their rows, where there are few.
    summary
        The title without values of customers, for files that go on; empty where it names none.
    """

    kind: str
    column: str
    rows: int
    title: str
    advice: str
    sql: str = ""
    columns: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    summary: str = ""

    @property
    def severity(self) -> Severity:
        """Wrong values, worth a look, or good to know; titles that were left out are worth a look alone."""
        if self.kind == "title_rows" and self.rows:
            return "check"
        return FINDING_SEVERITIES[self.kind]


@dataclass(frozen=True)
class Suspicion:
    """A finding whose rows, those that meet `condition`, are still to be counted.

    ``{rows}`` in the title is their number. `detail` is the end of the title, if it names values of customers.
    """

    kind: str
    columns: tuple[str, ...]
    condition: exp.Expr
    title: str
    advice: str
    values: tuple[tuple[str, int], ...] = ()
    detail: str = ""
