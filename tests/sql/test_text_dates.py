"""Dates in text mean the same in every dialect: real days are dates, all else is missing."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlglot import exp

from segmentry.sql.expressions import expression
from segmentry.sql.portable import render_sql

TEXTS = {
    "2024-02-29": dt.date(2024, 2, 29), "2023-02-29": None, "1900-02-29": None, "2000-02-29": dt.date(2000, 2, 29),
    "2024-04-31": None, "2024-12-31 08:15:00": dt.date(2024, 12, 31), " 2024-01-05 ": dt.date(2024, 1, 5), "2024-13-01": None,
    "0000-01-01": None, "yesterday": None, "2024-1-5": None, "": None,
}  # fmt: skip
WRITTEN = {
    "%m/%d/%Y": {"2/29/2024": dt.date(2024, 2, 29), "02/29/2023": None, "13/1/2024": None, "12/31/2024": dt.date(2024, 12, 31)},
    "%d.%m.%Y": {"29.2.2024": dt.date(2024, 2, 29), "31.04.2024": None, "1.1.24": None, "001.1.2024": None},
    "%d/%m/%Y %H:%M": {"31/12/2024 8:59": dt.date(2024, 12, 31), "31/12/2024": dt.date(2024, 12, 31), "12/31/2024 8:59": None},
}  # fmt: skip


def query_of(sql: str, text: str) -> exp.Select:
    value = expression(sql, ("features", "joined", "sql"))
    rows = exp.select(exp.alias_(exp.Literal.string(text), "joined")).subquery("t")
    return exp.select(exp.alias_(value, "day")).from_(rows)


CASES = [("TRY_CAST(joined AS DATE)", text, day) for text, day in TEXTS.items()]
CASES += [
    (f"TRY_STRPTIME(joined, '{w}')", text, day) for w, texts in WRITTEN.items() for text, day in texts.items()
]


@pytest.mark.parametrize(("sql", "text", "day"), CASES)
def test_in_duckdb(sql: str, text: str, day: dt.date | None) -> None:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute(render_sql(query_of(sql, text), "duckdb")).fetchone()
    assert found == (day,)
