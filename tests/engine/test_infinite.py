"""Infinite numbers are missing, and counted, on every engine as on DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from segmentry.engine import open_engine, reading_notes
from segmentry.recipe import Recipe

PEOPLE = pd.DataFrame(
    {
        "id": range(300),
        "kind": ["a", "b", "c"] * 100,
        "spend": [np.inf, -np.inf, np.nan, 2.5, 1e90, 7.0] * 50,
        "part": np.array([0.5, np.inf, 1.5] * 100, np.float32),
        "sum": [1.25, 2.0, 3.0] * 100,
    }
)
RECIPE = Recipe.from_dict(
    {
        "source": {"id": "id"},
        "features": [
            {"name": "kind", "column": "kind"},
            {"name": "part", "column": "part", "edges": [1.0], "missing": "level"},
        ],
        "outcomes": [{"name": "money", "role": "amounts", "columns": ["spend", "sum"]}],
    }
)


def made(request: pytest.FixtureRequest, engine: str, folder: Path) -> Any:
    table = pa.Table.from_pandas(PEOPLE, preserve_index=False)
    if engine == "memory":
        return PEOPLE
    if engine == "spark":
        request.getfixturevalue("spark")
        pq.write_table(table, folder / "people.parquet")
        return f"spark:{folder}/people.parquet"
    if engine == "clickhouse":
        return _in_clickhouse(table, folder)
    from adbc_driver_postgresql import dbapi

    url = request.getfixturevalue("postgres_url")
    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("unbounded", table, mode="replace")
        cursor.execute("ALTER TABLE unbounded ALTER COLUMN sum TYPE numeric")
        cursor.execute("ALTER TABLE unbounded ADD COLUMN held numeric(6, 2)")
        cursor.execute("ALTER TABLE unbounded ALTER COLUMN spend TYPE numeric")
        connection.commit()
    return f"{url}?table=unbounded"


def _in_clickhouse(table: pa.Table, folder: Path) -> str:
    import chdb

    connection = chdb.connect(str(folder))
    connection.query(
        "CREATE TABLE people (id Int64, kind String, spend Nullable(Float64), part Nullable(Float32), sum Decimal(9, 2)) ENGINE = MergeTree ORDER BY id"
    )
    connection.query("INSERT INTO people SELECT id, kind, spend, part, sum FROM Python(table)")
    connection.close()
    return f"chdb://{folder}?table=people"


@pytest.mark.parametrize("engine", ["postgres", "clickhouse", "spark"])
def test_infinite_numbers_are_missing_and_counted(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path
) -> None:
    expected = sg.collect(PEOPLE, RECIPE)
    data = made(request, engine, tmp_path)
    found = sg.collect(data, RECIPE)
    np.testing.assert_array_equal(found.codes, expected.codes)
    np.testing.assert_array_equal(found.n_values, expected.n_values)
    np.testing.assert_allclose(found.sums, expected.sums, rtol=1e-12)
    notes = {}
    for name, given in (("here", PEOPLE), ("there", data)):
        opened = open_engine(given)
        notes[name] = {(note.kind, note.column, note.rows) for note in reading_notes(opened)}
        assert reading_notes(opened, counted=False) == tuple(getattr(opened, "notes", ()))
        opened.close()
    assert notes["there"] == notes["here"] == {("infinite", "spend", 100), ("infinite", "part", 100)}


@pytest.mark.parametrize("engine", ["postgres"])
def test_the_audit_says_so_once(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> None:
    expected, found = (
        {(f.column, f.rows) for f in sg.audit(data).findings if f.kind == "infinite"}
        for data in (PEOPLE, made(request, engine, tmp_path))
    )
    assert found == expected == {("spend", 100), ("part", 100)}
