"""How PostgreSQL groups the customers."""

from __future__ import annotations

import pyarrow as pa
import pytest

from recipes import HOUSEHOLDS
from segmentry.collecting.matching import match_table
from segmentry.datasets import sample_households
from segmentry.engine import open_engine
from segmentry.engine.postgresql import PostgreSQLEngine
from segmentry.sql.collect import collecting_query
from segmentry.sql.portable import render_sql

pytestmark = pytest.mark.usefixtures("few_null_tables")


def test_customers_are_grouped_by_hash(postgres_url: str) -> None:
    """By levels of several columns as keys of their own PostgreSQL would expect a group for almost every row, and sort."""
    from adbc_driver_postgresql import dbapi

    rows = pa.Table.from_pandas(sample_households(5_000, seed=3), preserve_index=False)
    with dbapi.connect(postgres_url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("planned", rows, mode="replace")
        cursor.execute("ANALYZE planned")
    engine = open_engine(f"{postgres_url}?table=planned")
    assert isinstance(engine, PostgreSQLEngine)
    matched = match_table(engine, HOUSEHOLDS, outcomes=True)
    tree = engine._with_held(collecting_query(matched, [0.0] * 16).query.expression)
    plans = []
    for text in (render_sql(tree, "postgres"), tree.sql("postgres")):
        with engine._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(f"EXPLAIN {text}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    engine.close()
    ours, separate = plans
    assert "HashAggregate" in ours
    assert "Sort" not in ours
    assert "rows=200 " in ours
    assert "rows=200 " not in separate
