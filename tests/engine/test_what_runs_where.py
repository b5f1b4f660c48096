"""The table of `docs/engines.md` says what the tests execute."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segmentry.engine.clickhouse_table import ClickHouseTable
from segmentry.engine.postgresql_table import PostgreSQLTable
from segmentry.engine.spark_table import SparkTable
from segmentry.engine.target_tables import DuckDBTable, SQLiteTable
from segmentry.engine.warehouses import WAREHOUSES
from segmentry.scoring.dbt import _CONTRACTS, _QUOTES
from segmentry.scoring.statement import EXECUTED, RELATED, WRITTEN

TESTS = Path(__file__).parents[1]
PAGE = (
    (TESTS.parent / "docs" / "engines.md")
    .read_text("utf-8")
    .partition("## What runs where")[2]
    .partition("\n## ")[0]
)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ")
]
HEAD, *TABLE = [row for row in ROWS if len(row) == 7]
CELLS = {name: dict(zip(HEAD[1:], row, strict=True)) for name, *row in TABLE}
IN_TESTS = {"PostgreSQL": "in_postgres", "Spark": "in_spark", "ClickHouse": "in_clickhouse"}
DIALECTS = {
    "DuckDB, files, tables in memory": "duckdb", "SQLite": "sqlite", "PostgreSQL": "postgres", "Spark": "spark", "ClickHouse": "clickhouse",
    "MariaDB, MySQL": "mysql", "Redshift": "redshift", "Trino": "trino", "SQL Server": "tsql", "Databricks": "spark",
    "Snowflake, BigQuery": "snowflake",
}  # fmt: skip


def engines_of(module: str, test: str) -> str:
    """The parameters of a test, as they are written above it."""
    text = (TESTS / "engine" / module).read_text("utf-8")
    before, found, _ = text.partition(f"def {test}(")
    assert found
    return before.rpartition("\n\n\n")[2]


@pytest.mark.parametrize(
    ("column", "module", "test"),
    [
        ("audit, draft", "test_audits.py", "test_every_figure_of_an_audit_equals_duckdbs"),
        ("audit, draft", "test_audits.py", "test_the_drafted_recipe_equals_duckdbs"),
        ("collect, run, drift", "test_same_patterns.py", "test_pattern_table_equals_duckdbs"),
        ("collect, run, drift", "test_same_patterns.py", "test_assignments_equal_duckdbs"),
        ("score", "test_same_patterns.py", "test_drift_and_scores_equal_duckdbs"),
    ],
)
def test_engines_are_executed_where_the_table_says_so(column: str, module: str, test: str) -> None:
    tested = engines_of(module, test)
    for name, fixture in IN_TESTS.items():
        assert CELLS[name][column].startswith("executed") == (f'"{fixture}"' in tested), name


def test_histories_are_kept_where_the_table_says_so() -> None:
    kept = {
        "DuckDB, files, tables in memory": DuckDBTable, "SQLite": SQLiteTable, "PostgreSQL": PostgreSQLTable, "Spark": SparkTable,
        "ClickHouse": ClickHouseTable,
    }  # fmt: skip
    assert {name for name in CELLS if CELLS[name]["history"]} == {
        name for name, store in kept.items() if hasattr(store, "transact") or hasattr(store, "rebuild")
    }


def test_the_sql_is_executed_where_the_table_says_so() -> None:
    for name, dialect in DIALECTS.items():
        said = CELLS[name]["SQL of the assignment"]
        assert said.startswith("by rules") == (dialect in WRITTEN)
        assert said.startswith("executed") == (dialect in (*EXECUTED, *RELATED))
        if dialect in RELATED:
            assert RELATED[dialect] in said
        dbt = CELLS[name]["dbt"]
        assert dbt == ("executed" if dialect in _CONTRACTS else "by rules" if dialect in _QUOTES else "")


def test_warehouses_are_on_stand_ins_alone() -> None:
    named = {warehouse.title for warehouse in WAREHOUSES.values()}
    rows = {name: cells for name, cells in CELLS.items() if "on a stand-in" in cells.values()}
    assert named == {part for name in rows for part in re.split(", ", name)}
    assert all(cells["collect, run, drift"] == cells["score"] == "on a stand-in" for cells in rows.values())
