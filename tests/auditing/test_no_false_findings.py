"""What is in order is not found fault with: each case once was, on a public or an odd table."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.auditing.findings import Finding


def found(table: pd.DataFrame) -> dict[str, Finding]:
    return {f.kind: f for f in sg.audit(table).findings}


def test_amounts_that_differ_in_every_row_name_nobody() -> None:
    rng = np.random.default_rng(0)
    spend = rng.permutation(5_000)[:300]
    table = pd.DataFrame(
        {"id": np.arange(300), "spend": spend, "price": [f"{v},{v % 100:02d}" for v in spend]}
    )
    assert list(found(table)) == ["numbers_as_text"]


def test_a_column_that_counts_the_rows_does_name_them() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"id": rng.permutation(9_000)[:300], "place": rng.permutation(300)})
    assert found(table)["leaks_id"].column == "place"


def test_names_that_end_like_an_id_are_none() -> None:
    rng = np.random.default_rng(0)
    paid = rng.integers(0, 400, 2_000)
    audit = sg.audit(pd.DataFrame({"paid": paid, "covid": rng.integers(0, 2, 2_000)}))
    assert audit.roles.id is None
    assert audit.findings == ()


def test_few_rows_say_nothing_about_pairs() -> None:
    table = pd.DataFrame(
        {"id": range(7), "a": [1, 5, 2, 9, 3, 8, 4], "b": [7.5, 1.5, 6.5, 2.5, 9.5, 4.5, 3.5], "c": range(7)}
    )
    audit = sg.audit(table)
    assert [f.kind for f in audit.findings] == []
    assert all(p.cramers_v == 0 for p in audit.pairs.pairs)  # every row a level of its own


def test_a_column_that_is_constant_where_the_other_has_a_value_is_not_the_same() -> None:
    left = ["died", "retired", "resigned", "expelled"] * 50
    table = pd.DataFrame({"reason": [*left, *[None] * 50], "left": [1] * 200 + [0] * 50})
    audit = sg.audit(table)
    assert [p.cramers_v for p in audit.pairs.pairs] == [0.0]
    assert "redundant" not in {f.kind for f in audit.findings}


def test_a_coarser_column_follows_from_a_finer_one() -> None:
    regime = np.random.default_rng(0).choice(["king", "general", "council", "parliament"], 500)
    table = pd.DataFrame({"regime": regime, "democratic": np.where(regime == "parliament", "yes", "no")})
    assert found(table)["redundant"].title.startswith("democratic follows from regime (Cramér's V 1.00")


def test_equal_rows_of_few_categories_are_the_rule() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.integers(18, 90, 2_000), "sex": rng.choice(["f", "m"], 2_000),
                          "wage": np.where(rng.random(2_000) < 0.5, np.nan, rng.normal(20, 5, 2_000).round(2))})  # fmt: skip
    assert len(table) - len(table.drop_duplicates()) > 500
    assert "duplicate_rows" not in found(table)


def test_equal_rows_beyond_chance_are_counted() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 500),
            "wage": rng.normal(20, 5, 500).round(2),
            "spend": rng.gamma(2, 99, 500).round(2),
        }
    )
    table = pd.concat([table, table.head(3)])
    assert found(table)["duplicate_rows"].rows == 3
    assert "less than one pair" in found(table)["duplicate_rows"].advice


@pytest.mark.parametrize("name", ["id", "customerid", "nr"])
def test_the_rows_of_customers_with_several_are_those_of_the_query(name: str) -> None:
    ids = [*np.repeat(np.arange(150), 3), *range(1_000, 1_010)]  # ten customers have one row
    table = pd.DataFrame({name: ids, "amount": np.arange(len(ids)) % 97 + 0.5})
    finding = found(table)["several_rows_per_customer"]
    connection = duckdb.connect()
    connection.register("data", table)
    assert len(connection.sql(finding.sql).fetchall()) == finding.rows == 450


def test_gaps_that_come_together_are_told_from_what_they_go_with() -> None:
    rng = np.random.default_rng(0)
    n = 2_000
    table = pd.DataFrame(
        {"q1": rng.integers(1, 6, n), "q2": rng.integers(1, 6, n), "old": rng.choice(["yes", "no"], n)}
    ).astype({"q1": float, "q2": float})
    table.loc[:99, ["q1", "q2"]] = np.nan  # whoever skips one skips the other
    assert "missing_goes_with" not in found(table)
    table.loc[:99, "old"] = "yes"
    title = found(table)["missing_goes_with"].title
    assert title.endswith("goes with old (V 0.21); q1 is mostly missing there, too")


def test_counts_that_are_mostly_zero_have_long_tails() -> None:
    visits = np.repeat(
        [0, 1, 2, 3, 5, 8, 13, 21, 34], [3_000, 900, 500, 300, 200, 60, 30, 8, 2]
    )  # 95 % up to 5
    audit = sg.audit(
        pd.DataFrame({"id": range(5_000), "visits": np.random.default_rng(0).permutation(visits)})
    )
    assert audit.findings == ()
    visits[-1] = 2_000
    audit = sg.audit(
        pd.DataFrame({"id": range(5_000), "visits": np.random.default_rng(0).permutation(visits)})
    )
    assert [(f.kind, f.rows) for f in audit.findings] == [("far_outlier", 1)]


def test_an_infinite_value_is_said_once() -> None:
    table = pd.DataFrame({"id": range(500), "rate": np.random.default_rng(0).gamma(2, 9, 500).round(1)})
    table.loc[3, "rate"] = -np.inf
    assert list(found(table)) == ["infinite"]
