"""Columns that tell customers apart, and columns that number the rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.roles import repeated_id
from segmentry.auditing.words import means, words_of
from segmentry.drafting.words import shortened_value

if TYPE_CHECKING:
    from segmentry.drafting.judged_column import JudgedColumn

_MOST_VALUES = 50
"""Above this number of rows a first column with a value of its own in each is taken for the id."""
_NEARLY_ALL = 0.95
"""Share of the rows with a value of their own from which on a column that is called an id is one, though some repeat."""
_EQUAL_PAIRS = 10.0
"""Expected number of equal pairs from which numbers that are all different were given out."""
_TYPED_TWICE = 0.02
"""Share of the expected pairs that may be equal all the same."""
_ROW_NUMBER = re.compile(
    r"unnamed: ?0(\.\d+)?|column0|index|level_0|x|\.\.\.1|row[_ ]?(names?|nr|no|num|number|index|#)?|"
    r"#|(s|sl|sr|serial|line|lfd)?[._ ]*(no|nr|num|number|#)\.?|"
)


def id_column(columns: Sequence[ColumnFacts], first: JudgedColumn) -> str | None:
    """The column that identifies customers: unique, and with a name or a place in the table that fits."""
    keys = [
        f for f in columns
        if (f.kind == "text" or (f.kind == "number" and f.is_whole))
        and not is_row_number(f) and not means(f.name, "personal")
    ]  # fmt: skip
    unique = [f for f in keys if f.is_unique]
    nearly = [f for f in keys if _NEARLY_ALL * f.n_rows <= f.n_distinct < f.n_rows > _MOST_VALUES]
    ranks = [
        [f for f in unique if means(f.name, "id") and means(f.name, "customer")],
        [f for f in unique if means(f.name, "id") and f.n_rows > 1],
        [f for f in unique if means(f.name, "customer") and f.n_rows > 1],
        [f for f in unique if f is first.facts and f.n_rows > _MOST_VALUES and _is_key(first)],
        [f for f in (*unique, *nearly) if is_numbering(f)],
        [f for f in nearly if means(f.name, "id") and not means(f.name, "order") and is_id_name(f)],
    ]
    ranks.append([f for f in columns if is_row_number(f)])
    return next((rank[0].name for rank in ranks if rank), None)


def is_row_number(facts: ColumnFacts) -> bool:
    """Whether the column is the number of the row that another program wrote beside the table."""
    if not _ROW_NUMBER.fullmatch(facts.name.strip().lower()) or not facts.is_unique or not facts.is_whole:
        return False
    is_whole_run = facts.minimum in (0, 1) and facts.highest - facts.lowest == facts.n_rows - 1
    return is_whole_run or is_numbering(facts)


def is_numbering(facts: ColumnFacts) -> bool:
    """Whether whole numbers were given out: hardly two rows share one, where measured numbers of this range would often.

    Of `n` numbers that are drawn from a range of `r`, some n (n - 1) / 2 r pairs are equal. From ten expected pairs on,
    no equal pair is no accident, nor are few where hundreds were to be expected: some row is there twice.
    """
    if facts.kind != "number" or not facts.is_whole or facts.n_missing or not facts.is_finite:
        return False
    expected = facts.n_rows * (facts.n_rows - 1) / (2 * (facts.highest - facts.lowest + 1))
    n_equal = facts.n_rows - facts.n_distinct
    are_few = n_equal <= min(_TYPED_TWICE * expected, (1 - _NEARLY_ALL) * facts.n_rows)
    return expected > _EQUAL_PAIRS and are_few


def _is_key(first: JudgedColumn) -> bool:
    """Whether a first column that is unique looks like an id: texts, or numbers that count the rows."""
    facts = first.facts
    if facts.kind == "text":
        return first.use == "unused"
    span = facts.highest - facts.lowest
    return first.is_unnamed and span == facts.n_rows - 1


def is_id_name(facts: ColumnFacts) -> bool:
    """Whether the column is called an id, and may be one."""
    words = words_of(facts.name)
    return (
        facts.kind != "date"
        and bool(words)
        and (words[-1] == "id" or (len(words) == 1 and means(facts.name, "id")))
    )


def id_reason(key: JudgedColumn | None, columns: Sequence[JudgedColumn]) -> tuple[str, ...]:
    """Say what tells the customers apart, or that nothing does: comment lines of the recipe."""
    if key is not None and not key.facts.is_unique:
        facts = key.facts
        n_repeated = facts.n_present - facts.n_distinct
        without = f", {facts.n_missing:,} have none" if facts.n_missing else ""
        return (
            f"{shortened_value(key.name)} tells the customers apart but for {n_repeated:,} of {facts.n_rows:,} rows, whose id another row "
            f"has already{without}. They count as customers, and are assigned each on its own: keep one row of each, by sql under "
            "[source] or in the table. `segmentry audit` lists them.",
        )
    if key is not None:
        return (f"{shortened_value(key.name)} has a value of its own in each of {key.facts.n_rows:,} rows.",)
    doubled = [c.facts for c in columns if means(c.name, "id") and 2 * c.facts.n_distinct > c.facts.n_rows]
    repeated = repeated_id([c.facts for c in columns])
    if repeated is not None:
        return (
            f"{shortened_value(repeated.name)} has {repeated.n_distinct:,} values in {repeated.n_rows:,} rows: each occurs in several. "
            "This recipe makes segments of rows. For segments of customers make one row of each, by a query: sql under "
            "[source].",
        )
    return (
        "No column tells every customer apart, so customers are told by their row where the data are one file or one table in memory, and "
        'not assigned elsewhere; name one here: id = "…".',
        *(
            f"{shortened_value(f.name)} is not one: {f.n_distinct:,} different values in {f.n_rows:,} rows, {f.n_missing:,} "
            "without one."
            for f in doubled
        ),
    )
