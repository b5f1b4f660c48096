"""Each kind of finding: found where it is planted, with its rows, and not found in clean data."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.auditing.findings import FINDING_SEVERITIES, Finding

N = 2_000


def clean(rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": np.arange(N) + 100,
            "birth_year": rng.integers(1940, 2005, N),
            "income": np.exp(rng.normal(10.5, 0.5, N)).round(-1),
            "city": rng.choice(["Aarhus", "Odense", "Esbjerg"], N),
            "spend": rng.gamma(1.0, 80, N).round(2),
            "visits": rng.poisson(3, N),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, N), unit="D"),
        }
    )


@pytest.fixture(scope="module")
def dirty() -> tuple[pd.DataFrame, dict[tuple[str, str], Finding]]:
    rng = np.random.default_rng(5)
    t = clean(rng).astype({"spend": "float64", "visits": "float64"})
    t.loc[:1, "customer_id"] = 500
    t.loc[10:14, "birth_year"] = 1899
    t.loc[20, "birth_year"] = 2090
    t.loc[30:32, "income"] = 9e6
    t.loc[40:79, "visits"] = 999
    t.loc[80:89, "spend"] = -25.0
    t.loc[100:103, "city"] = "YOLO"
    t.loc[110:129, "city"] = "aarhus "
    t.loc[130:159, "city"] = "unknown"
    t.loc[160:162, "since"] = pd.Timestamp("1900-01-01")
    t["constant"] = "x"
    t["nothing"] = None
    t["contact_cost"], t["revenue"] = 2, 8
    days = [f"{d:%Y-%m-%d}" if i % 2 else f"{d:%d/%m/%Y}" for i, d in enumerate(t["since"])]
    t["signed"] = days
    t["renewed"] = [f"{d:%d.%m.%Y}" for d in t["since"]]
    t["turnover"] = [f"€ {v:,.2f}" for v in rng.gamma(1.0, 900, N)]
    t["contact"] = [f"person{i}@example.org" for i in range(N)]
    t["phone"] = [f"+45 {rng.integers(10**7, 10**8)}" for _ in range(N)]
    t["row_number"] = np.arange(N)
    t["spend_cents"] = t["spend"] * 100
    t["kids"], t["teens"] = rng.integers(0, 3, N), rng.integers(0, 3, N)
    t["score"] = np.where(t["city"] == "Odense", np.nan, rng.normal(size=N))
    t["rate"] = rng.normal(size=N)
    t.loc[5, "rate"] = np.inf
    return t, {(f.kind, f.column): f for f in sg.audit(t).findings}


PLANTED = {
    ("duplicated_id", "customer_id"): 3,
    ("implausible_year", "birth_year"): None,
    ("far_outlier", "income"): 3,
    ("missing_code", "visits"): 40,
    ("rare_negatives", "spend"): 10,
    ("rare_categories", "city"): 4,
    ("near_duplicate_categories", "city"): 20,
    ("missing_code", "city"): 30,
    ("missing_code", "since"): 3,
    ("constant", "constant"): N,
    ("empty_column", "nothing"): N,
    ("cost_and_revenue", "contact_cost"): N,
    ("mixed_dates", "signed"): N,
    ("dates_as_text", "renewed"): N,
    ("numbers_as_text", "turnover"): N,
    ("personal_data", "contact"): N,
    ("personal_data", "phone"): N,
    ("leaks_id", "row_number"): N,
    ("redundant", "spend"): N,
    ("belong_together", "kids"): None,
    ("missing_goes_with", "score"): None,
    ("infinite", "rate"): 1,
}


@pytest.mark.parametrize(("place", "rows"), PLANTED.items(), ids=[" ".join(k) for k in PLANTED])
def test_what_is_planted_is_found(dirty: Any, place: tuple[str, str], rows: int | None) -> None:
    _, found = dirty
    assert place in found, sorted(found)
    if rows is not None:
        assert found[place].rows == rows, found[place].title
    assert found[place].kind in FINDING_SEVERITIES
    assert found[place].advice.endswith(".")


@pytest.mark.parametrize("columns", [{"id": []}, {"id": [], "age": [], "city": []}])
def test_a_table_without_rows_is_one_finding(columns: dict[str, list[object]]) -> None:
    (finding,) = sg.audit(pd.DataFrame(columns)).findings
    assert (finding.kind, finding.severity, finding.rows) == ("no_rows", "wrong", 0)
    assert finding.title == "The table has no rows"


def test_the_queries_return_the_rows(dirty: Any) -> None:
    data, found = dirty
    connection = duckdb.connect()
    connection.register("data", data)
    for f in found.values():
        if f.kind == "infinite":  # missing in the table as it is read
            assert f.sql == ""
        else:
            assert len(connection.sql(f.sql).fetchall()) == f.rows, f.title


def test_clean_data_has_no_findings() -> None:
    assert [f.title for f in sg.audit(clean(np.random.default_rng(1))).findings] == []


def test_many_rows_per_customer_are_said_to_be_so() -> None:
    rng = np.random.default_rng(2)
    t = pd.DataFrame({"customer_id": rng.integers(0, 400, N), "amount": rng.gamma(2, 10, N)})
    (found,) = [f for f in sg.audit(t).findings if f.kind == "several_rows_per_customer"]
    assert f"{t['customer_id'].nunique()} values in 2,000 rows" in found.title


def test_findings_come_in_the_order_of_their_severity(dirty: Any) -> None:
    order = [f.severity for f in dirty[1].values()]
    assert order == sorted(order, key=("wrong", "check", "know").index)


def test_values_of_personal_columns_are_left_out(dirty: Any) -> None:
    audit = sg.audit(dirty[0])
    assert audit.column("contact").is_withheld
    for text in (audit.to_html(), audit.to_json(), repr(audit)):
        assert "person7" not in text
        assert "person1@" not in text


def test_names_with_braces_are_names() -> None:
    found = sg.audit(pd.DataFrame({"{x}": [1, 2, None] * 10, "{{ y }}": ["a", "b", "b"] * 10})).findings
    assert [f.title for f in found if f.kind == "missing"] == ["{x}: 10 rows without a value (33.3\xa0%)"]


@pytest.mark.parametrize(("written", "shown"), [("%m/%d/%Y", "12/31/2024"), ("%d.%m.%Y", "31.12.2024")])
def test_dates_as_text_are_shown_as_they_are_written(written: str, shown: str) -> None:
    days = pd.date_range("2024-01-01", periods=200).strftime(written)
    table = pd.DataFrame({"id": range(800), "joined": list(days) * 4})
    (found,) = [f for f in sg.audit(table).findings if f.kind == "dates_as_text"]
    assert f", written as {shown} (800 rows" in found.title
