"""The customer personality file: every figure that its published exploration asked for, and what it did not see."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import segmentry as sg
from segmentry.auditing.result import Audit


@pytest.fixture(scope="module")
def audit(customers: Path) -> Audit:
    return sg.audit(customers)


def rows(audit: Audit, name: str) -> dict:
    found = [a for a in audit.answers if a.name == name]
    assert len(found) == 1, [a.name for a in audit.answers]
    return {row[0]: row[1:] for row in found[0].rows}


def test_birth_years_and_incomes(audit: Audit) -> None:
    birth, income = audit.column("Year_Birth"), audit.column("Income")
    assert round(birth.mean, 2) == 1968.81
    assert (birth.minimum, birth.maximum) == (1893, 1996)
    assert income.top_values[0] == (7500, 12)
    assert round(income.mean, 2) == 52247.25
    assert (income.minimum, income.maximum, income.n_missing) == (1730, 666666, 24)


def test_categories(audit: Audit) -> None:
    assert dict(audit.column("Education").top_values) == {
        "Graduation": 1127, "PhD": 486, "Master": 370, "2n Cycle": 203, "Basic": 54
    }  # fmt: skip
    assert dict(audit.column("Marital_Status").top_values) == {
        "Married": 864, "Together": 580, "Single": 480, "Divorced": 232, "Widow": 77, "Alone": 3, "Absurd": 2, "YOLO": 2
    }  # fmt: skip
    assert {k: v[0] for k, v in rows(audit, "categories_2").items()} == dict(
        audit.column("Marital_Status").top_values
    )


def test_ids_households_and_recency(audit: Audit) -> None:
    assert audit.column("ID").is_unique
    found = {k: v[0] for k, v in rows(audit, "households").items()}
    assert found == {
        "Kidhome": 947,
        "Kidhome, two or more": 48,
        "Teenhome": 1082,
        "Teenhome, two or more": 52,
        "both Kidhome and Teenhome": 427,
        "any": 1602,
    }
    assert round(audit.column("Recency").mean, 2) == 49.11


def test_amounts_and_deals(audit: Audit) -> None:
    assert {k: v[0] for k, v in rows(audit, "amounts_1").items()} == {
        "MntWines": 680816, "MntFruits": 58917, "MntMeatProducts": 373968, "MntFishProducts": 84057,
        "MntSweetProducts": 60621, "MntGoldProds": 98609,
    }  # fmt: skip
    (own, also) = rows(audit, "deals").values()
    assert own[:2] == (5208, 33291)
    assert also[:2] == (5208, 28083)
    assert (round(own[2], 4), round(also[2], 3)) == (0.1564, 0.185)


def test_campaigns(audit: Audit) -> None:
    assert [v[0] for v in rows(audit, "rates").values()] == [144, 30, 163, 167, 163, 334]
    ((_, several, share),) = rows(audit, "several").values()
    assert (several, round(share, 4)) == (138, 0.0616)


def test_dates(audit: Audit) -> None:
    since = audit.column("Dt_Customer")
    assert (since.minimum, since.maximum) == ("2012-07-30", "2014-06-29")


def test_findings_are_what_no_peer_sees(audit: Audit) -> None:
    found = {(f.kind, f.column): f for f in audit.findings}
    years = found["implausible_year", "Year_Birth"]
    assert (years.rows, "1893" in years.title) == (3, True)
    assert found["far_outlier", "Income"].rows == 1
    assert "666,666" in found["far_outlier", "Income"].title
    assert dict(found["rare_categories", "Marital_Status"].values) == {"Alone": 3, "Absurd": 2, "YOLO": 2}
    assert {("constant", "Z_CostContact"), ("constant", "Z_Revenue")} <= set(found)
    assert "27.3\xa0%" in found["cost_and_revenue", "Z_CostContact"].title
    assert found["duplicate_rows", ""].rows == 182
    assert "176 groups" in found["duplicate_rows", ""].title
    assert found["missing", "Income"].rows == 24
    children = found["belong_together", "Kidhome"]
    assert children.columns == ("Kidhome", "Teenhome")
    assert "48 with two or more" in children.title
    assert ("duplicated_id", "ID") not in found


def test_every_finding_has_a_query_for_its_rows(audit: Audit) -> None:
    for f in audit.findings:
        assert len(duckdb.sql(f.sql).fetchall()) == f.rows, f.title


def test_a_recipe_names_the_groups(customers: Path) -> None:
    found = {a.name: a for a in sg.audit(customers, "customer-personality").answers}
    assert found["amounts_1"].question.startswith("Spend per product, two years")
    assert [r[:2] for r in found["rates"].rows][-1] == ("Last campaign", 334)
    assert [r[1:3] for r in found["deals"].rows] == [(5208, 33291), (5208, 28083)]


def test_the_association_that_peers_see(audit: Audit) -> None:
    strongest = audit.pairs.pairs[0]
    assert {strongest.one, strongest.other} == {"MntMeatProducts", "NumCatalogPurchases"}
    assert len(audit.pairs.pairs) == 27 * 26 / 2
