"""The compiled SQL of one small recipe, as text and executed.

The texts are in ``golden/``. After a wanted change, rewrite them with

    SEGMENTRY_REWRITE_GOLDEN=1 python -m pytest tests/sql/test_golden.py

and read the difference before committing it.
"""

import os
from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp, parse_one

from segmentry.collecting.matching import match_table
from segmentry.engine import open_engine
from segmentry.recipe import Recipe
from segmentry.sql.assign import assigning_query
from segmentry.sql.collect import collecting_query
from segmentry.sql.portable import render_sql
from segmentry.sql.table import LOOKUP

GOLDEN = Path(__file__).parent / "golden"
RECIPE = Recipe.from_toml("""
[source]
id = "id"

[[clean]]
step = "known"
drop_missing = ["income"]
why = "no income, no pattern"

[[clean]]
step = "adults"
keep = "age >= 18 OR age IS NULL"

[[clean]]
step = "respelled"
replace = { column = "town", values = [["Ville", "City"]] }

[features.income]
column = "income"
edges = [1000, 2000]

[features.age]
column = "age"
edges = [40]
closed = "right"
missing = "drop"

[features.town]
column = "town"
groups = { Urban = ["City", "Town"], Rural = ["Farm"] }
unseen = "missing"

[features.grade]
column = "grade"
levels = [1, 2]
rest = "Other"
missing = "level"

[features.children]
sql = "kids + teens > 0"
yes_no = true

[outcomes.spend]
role = "amounts"
columns = ["wine"]

[outcomes.campaign]
role = "flags"
exposure = "contacted"
columns = ["accepted"]
""")
ROWS = [
    # id, income, age, town, grade, kids, teens, wine, accepted, contacted
    (1, 500.0, 30, "City", 1, 0, 0, 10.0, True, 1),
    (2, 999.0, 40, "Ville", 1, 0, 0, 12.5, False, 1),
    (3, 1000.0, 41, "Farm", 2, 1, 0, 7.0, True, 0),
    (4, float("nan"), 50, "City", 1, 0, 0, 1.0, True, 1),
    (5, 2000.0, 17, "City", 1, 0, 0, 1.0, True, 1),
    (6, 2000.0, None, "City", 1, 0, 0, 1.0, True, 1),
    (7, 3000.0, 60, "Moon", None, None, 0, None, None, 1),
    (8, 3000.0, 60, None, 9, 2, 1, 100.0, True, 1),
]
NAMES = ["id", "income", "age", "town", "grade", "kids", "teens", "wine", "accepted", "contacted"]


@pytest.fixture
def engine():
    table = pa.table(
        {name: pa.array(values) for name, values in zip(NAMES, zip(*ROWS, strict=True), strict=True)}
    )
    engine = open_engine(table)
    yield engine
    engine.close()


def assert_golden(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.sql"
    if os.environ.get("SEGMENTRY_REWRITE_GOLDEN"):
        path.write_text(text + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text + "\n"


def test_collect(engine):
    matched = match_table(engine, RECIPE)
    query = collecting_query(matched, [10.0, 0.0]).query
    assert_golden("collect", query.text("duckdb"))
    rows = [tuple(row.values()) for row in engine.query(query).to_pylist()]
    assert sorted(rows, key=lambda row: (row[:6], row[-1])) == [
        # dropped by, codes, customers, respelled, wine: n, sum, squares and cubes about 10, accepted: n, sum; odd; fold
        (0, 0, 0, 0, 0, 0, 2, 1, 2, 22.5, 6.25, 15.625, 2, 1, 0, 1),
        (0, 1, 1, 1, 1, 1, 1, 0, 1, 7.0, 9.0, -27.0, 0, None, 0, 1),
        (0, 2, 1, -2, 3, -1, 1, 0, 0, None, None, None, 0, None, 0, 0),
        (0, 2, 1, -1, 2, 1, 1, 0, 1, 100.0, 8100.0, 729000.0, 1, 1, 0, 1),
        (1, -1, 1, 0, 0, 0, 1, 0, 1, 1.0, 81.0, -729.0, 1, 1, 0, 0),
        (2, 2, 0, 0, 0, 0, 1, 0, 1, 1.0, 81.0, -729.0, 1, 1, 0, 0),
        (3, 2, -1, 0, 0, 0, 1, 0, 1, 1.0, 81.0, -729.0, 1, 1, 0, 0),
    ]


def test_assign(engine):
    matched = match_table(engine, RECIPE)
    query = assigning_query(matched)
    assert_golden("assign", query.text("duckdb"))
    patterns = [(0, 0, 0, 0, 0), (1, 1, 1, 1, 1), (2, 1, -1, 3, -1), (2, 1, -1, 2, 1)]
    lookup = {
        f"code_{j + 1}": pa.array(codes, pa.int32()) for j, codes in enumerate(zip(*patterns, strict=True))
    }
    segments = {"segment": pa.array([2, 1, 1, 3]), "certainty": pa.array([0.5, 1.0, 0.75, 0.25])}
    engine.register(LOOKUP, pa.table(lookup | segments))
    rows = [tuple(row.values()) for row in engine.query(query).to_pylist()]
    assert sorted(rows) == [(1, 2, 0.5), (2, 2, 0.5), (3, 1, 1.0), (7, 1, 0.75), (8, 3, 0.25)]


@pytest.mark.parametrize("name", ["collect", "assign"])
def test_golden_files_are_readable(name):
    text = (GOLDEN / f"{name}.sql").read_text(encoding="utf-8")
    assert "/* no income, no pattern */" in text
    assert len(text) < 6_000
    assert max(len(line) for line in text.splitlines()) < 160


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (
            "CASE WHEN LOWER(a) IS NULL THEN -1 WHEN LOWER(a) IN ('x', 'y') THEN 0 WHEN LOWER(a) IN ('z') THEN 1 ELSE -2 END",
            "CASE WHEN LOWER(a) IS NULL THEN -1 ELSE CASE LOWER(a) WHEN 'x' THEN 0 WHEN 'y' THEN 0 WHEN 'z' THEN 1 ELSE -2 END END",
        ),
        (
            "CASE WHEN LOWER(a) IN ('x') THEN 0 WHEN LOWER(a) IN ('z') THEN 1 END",
            "CASE LOWER(a) WHEN 'x' THEN 0 WHEN 'z' THEN 1 END",
        ),
        ("CASE WHEN a IN ('x') THEN 0 WHEN a IN ('z') THEN 1 END", None),
        ("CASE WHEN LOWER(a) IN ('x') THEN 0 WHEN b IN (1) THEN 2 WHEN LOWER(a) IN ('z') THEN 1 END", None),
    ],
)
def test_postgresql_computes_a_value_once_for_many_conditions(given: str, written: str | None) -> None:
    query = exp.select(parse_one(given, dialect="duckdb"))
    assert render_sql(query, "postgres", pretty=False) == f"SELECT {written or given}"
    assert render_sql(query, "spark", pretty=False) == f"SELECT {given}"
