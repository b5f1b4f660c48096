"""The keys of a GROUP BY in one number: the same groups, and no key whose values are not written in the query."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from segmentry.sql.packed_keys import with_packed_keys

ROWS = "SELECT i AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE i % 40 END AS age, CASE i % 3 WHEN 0 THEN 'b' WHEN 1 THEN 'a' END AS town FROM range(500) AS t(i)"
QUERY = f"""
WITH encoded AS (
  SELECT
    CASE WHEN age IS NULL THEN -1 WHEN age < 10 THEN 0 WHEN age < 25 THEN 1 ELSE 2 END AS age_level,
    CASE WHEN town IS NULL THEN -1 ELSE CASE town WHEN 'a' THEN 0 ELSE -2 END END AS town_level,
    town,
    COALESCE(ABS(id * 31 % 2), 0) AS fold,
    0 AS dropped_by,
    CASE WHEN age < 20 THEN 1 END AS young,
    age AS value
  FROM ({ROWS}) AS data
)
SELECT dropped_by, {{}}, COUNT(*) AS customers, SUM(value) AS total FROM encoded GROUP BY dropped_by, {{}}
"""  # noqa: S608


def packed(text: str) -> tuple[exp.Expr, exp.Expr]:
    tree = sqlglot.parse_one(text, read="duckdb")
    changed = tree.copy()
    with_packed_keys(changed)
    return tree, changed


def rows_of(tree: exp.Expr) -> list[tuple[object, ...]]:
    text = (
        tree.sql(dialect="postgres").replace("LIMIT ALL", "").replace(" / ", " // ")
    )  # as DuckDB writes them
    return sorted(duckdb.sql(text).fetchall(), key=repr)


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (("age_level", "town_level"), ()),
        (("age_level", "fold", "town_level"), ()),
        (("town", "age_level", "fold"), ("town",)),
        (("young", "town", "age_level"), ("young", "town")),
    ],
)
def test_the_groups_are_the_same(keys: tuple[str, ...], left: tuple[str, ...]) -> None:
    given = ", ".join(keys)
    tree, changed = packed(QUERY.format(given, given))
    found = next(cte.this for cte in changed.ctes if cte.alias == "grouped")
    assert [key.name for key in found.args["group"].expressions] == ["pattern_key", *left]
    assert changed.named_selects == tree.named_selects
    assert rows_of(changed) == rows_of(tree)


@pytest.mark.parametrize(
    "text",
    [
        QUERY.format("town", "town"),  # the other key is one number
        QUERY.format("age_level", "age_level") + " ORDER BY 1",
        QUERY.format("age_level", "age_level") + " HAVING COUNT(*) > 1",
        "SELECT town, COUNT(*) AS n FROM t GROUP BY town",
        "SELECT 1 AS one",
    ],
)
def test_what_has_no_two_such_keys_or_more_than_a_group_by_stays(text: str) -> None:
    tree, changed = packed(text)
    assert changed == tree


def test_names_of_the_query_are_kept_free() -> None:
    text = QUERY.format("age_level", "age_level").replace("encoded", "packed").replace("total", "pattern_key")
    tree, changed = packed(text)
    assert rows_of(changed) == rows_of(tree)


def test_keys_that_do_not_fit_into_64_bits_stay() -> None:
    levels = {f"k{i}": 2**25 for i in range(3)}
    cases = ", ".join(f"CASE WHEN id % 2 = 0 THEN {n} ELSE 0 END AS {name}" for name, n in levels.items())
    names = ", ".join(levels)
    tree, changed = packed(
        f"WITH encoded AS (SELECT {cases} FROM ({ROWS}) AS data) SELECT {names}, COUNT(*) AS n FROM encoded GROUP BY {names}"  # noqa: S608
    )
    found = next(cte.this for cte in changed.ctes if cte.alias == "grouped")
    assert [key.name for key in found.args["group"].expressions] == ["pattern_key", "k2"]
    assert rows_of(changed) == rows_of(tree)
