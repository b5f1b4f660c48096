"""How the collecting query is written for ClickHouse: texts looked up once, and no mark of rows where no group is empty."""

from __future__ import annotations

import pytest
import sqlglot

from segmentry.sql.chosen_texts import OF_TEXTS, looked_up_once
from segmentry.sql.clickhouse import groups_alone, without_missing_factors

CASE = "CASE WHEN x IS NULL THEN -1 WHEN x IN ('a', 'b') THEN 0 WHEN x IN ('c') THEN 1 ELSE -2 END"


def test_a_value_that_is_known_to_be_text_is_named_once() -> None:
    case = sqlglot.parse_one(CASE)
    assert looked_up_once(case) is case
    case.meta[OF_TEXTS] = True
    assert looked_up_once(case).sql() == (
        "CASE WHEN x IS NULL THEN -1 ELSE CASE x WHEN 'a' THEN 0 WHEN 'b' THEN 0 WHEN 'c' THEN 1 ELSE -2 END END"
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT k, COUNT(*), SUM(x) FROM t GROUP BY k", True),
        ("SELECT x FROM t", True),
        ("SELECT SUM(x) FROM t", False),
        ("SELECT SUM(n) FROM (SELECT k, COUNT(*) AS n FROM t GROUP BY k) AS g", False),
        ("SELECT k, SUM(x) FROM (SELECT k, x FROM t) AS g GROUP BY k", True),
        ("SELECT k, SUM(x) FROM t GROUP BY GROUPING SETS ((k), ())", False),
        ("SELECT k, MIN(x) FROM t GROUP BY k", False),
        ("SELECT k, QUANTILE_DISC(x, 0.5) FROM t GROUP BY k", False),
    ],
)
def test_only_sums_of_groups_do_without_the_mark_of_rows(query: str, found: bool) -> None:
    assert groups_alone(sqlglot.parse_one(query, read="duckdb")) == found


@pytest.mark.parametrize(
    ("value", "use", "is_filled"),
    [
        ("CAST(x AS DOUBLE) - 3.5", "SUM(c * c), SUM(c * c * c)", True),
        ("CAST(x AS DOUBLE)", "SUM(w * (c * c))", True),
        ("CAST(x AS DOUBLE) - 3.5", "SUM(c + w)", False),
        ("CAST(x AS DOUBLE) - 3.5", "SUM(c * c), COUNT(c)", False),
        ("CAST(x AS DOUBLE) - 3.5", "SUM(CASE WHEN c > 0 THEN c END)", False),
        ("x", "SUM(c * c)", False),
        ("CAST(x AS DOUBLE) - y", "SUM(c * c)", False),
    ],
)
def test_a_factor_of_sums_alone_is_zero_where_it_is_missing(value: str, use: str, is_filled: bool) -> None:
    text = f"WITH e AS (SELECT k, w, {value} AS c FROM t) SELECT k, {use} FROM e GROUP BY k"  # noqa: S608
    tree = sqlglot.parse_one(text, read="duckdb")
    without_missing_factors(tree)
    assert ("COALESCE(" in tree.sql("duckdb")) == is_filled
