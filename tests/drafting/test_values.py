"""Numbers in texts, however they are written: what the drafted SQL reads is what people mean."""

from __future__ import annotations

import duckdb
import pytest

from segmentry.auditing.columns import ColumnFacts
from segmentry.drafting.values import number_sql

NUMBERS = [950, 1_234, 27_684, 1_250_000, 61_300, 88_100, 12_050, 7_999, 45_000, 333, 9_001, 1_000]
WRITTEN = {
    "plain": str,
    "euro behind": lambda n: f"{n} €",
    "euro behind, no gap": lambda n: f"{n}€",
    "dollar and commas": lambda n: f"${n:,}",
    "dollar, commas and cents": lambda n: f"${n:,}.50",
    "minus": lambda n: f"-{n} kr",
    "points": lambda n: f"{n:,}".replace(",", "."),
    "points and cents": lambda n: f"{n:,}".replace(",", ".") + ",50",
    "points, cents and euro": lambda n: "€ " + f"{n:,}".replace(",", ".") + ",50",
    "commas": lambda n: f"{n:,}",
    "narrow gaps": lambda n: f"{n:,}".replace(",", "\u202f") + " EUR",
    "apostrophes and cents": lambda n: "CHF " + f"{n:,}".replace(",", "'") + ".50",
    "percent": lambda n: f"{n} %",
}


def facts(texts: list[str]) -> ColumnFacts:
    return ColumnFacts(
        "x", "VARCHAR", "text", len(texts), 0, len(set(texts)), top_values=tuple((t, 1) for t in texts)
    )


@pytest.mark.parametrize("how", WRITTEN)
def test_numbers_are_read_as_people_write_them(how: str) -> None:
    texts = [WRITTEN[how](n) for n in NUMBERS]
    sql = number_sql(facts(texts))
    assert sql is not None
    found = duckdb.sql(f"SELECT {sql} FROM (SELECT unnest($t) AS x)", params={"t": texts}).fetchall()  # noqa: S608 - ours
    sign, cents = -1 if "minus" in how else 1, 0.5 if "cents" in how else 0.0
    assert [v for (v,) in found] == [sign * (n + cents) for n in NUMBERS]


@pytest.mark.parametrize(
    "text", ["0171 234 56 78", "12 34", "A {n}", "{n} pieces", "{n}-{n}", "€ {n} $", "1.2.{n}"]
)
def test_other_texts_are_no_numbers(text: str) -> None:
    assert number_sql(facts([text.format(n=n) for n in NUMBERS])) is None


def test_dollars_are_read_with_commas_that_the_first_values_lack() -> None:
    sql = number_sql(facts([f"${n}.50" for n in range(10, 30)]))
    assert duckdb.sql(f"SELECT {sql} FROM (SELECT '$1,286.01' AS x)").fetchall() == [(1286.01,)]  # noqa: S608 - ours
