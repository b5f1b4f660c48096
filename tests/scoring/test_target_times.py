"""Tables of ClickHouse as targets of scores, and times of scores in UTC wherever the machine is."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import chdb
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.runs.score import score

NEW, LATER = sample_households(rows=100, seed=11), sample_households(rows=80, seed=12)


@pytest.fixture(scope="module")
def model(households: dict[str, sg.Segmentation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return households["k-modes"].save(tmp_path_factory.mktemp("model") / "segmentation.json")


def assert_scores(found: pd.DataFrame, model: Path, rows: pd.DataFrame) -> None:
    expected = sg.load(model).assign(rows)
    pd.testing.assert_frame_equal(found.sort_values("ID", ignore_index=True), expected, check_dtype=False)


def test_a_table_of_clickhouse_is_made_and_its_rows_replaced(model: Path, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    NEW.to_parquet(tmp_path / "new.parquet")
    with closing(chdb.connect(f"{tmp_path}/shop")) as connection:
        connection.query("CREATE DATABASE crm")
        source = f"SELECT * FROM file('{tmp_path}/new.parquet', Parquet)"  # noqa: S608
        connection.query(f"CREATE TABLE customers ENGINE = MergeTree ORDER BY tuple() AS {source}")
    url, customers = f"chdb://{tmp_path}/shop?table=crm.scores", f"chdb://{tmp_path}/shop?table=customers"

    def rows() -> pd.DataFrame:
        with closing(chdb.connect(f"{tmp_path}/shop")) as connection:
            return connection.query("SELECT * FROM crm.scores", "ArrowTable").to_pandas()

    score(model, customers, url)
    assert_scores(rows(), model, NEW)
    with pytest.raises(sg.DataError, match="there is a table 'crm.scores' already; choose another name, or"):
        score(model, LATER, url)
    with closing(chdb.connect(f"{tmp_path}/shop")) as connection:
        added = (
            "ADD COLUMN scored_at DateTime, ADD COLUMN model String, ADD COLUMN made DateTime DEFAULT now()"
        )
        connection.query(f"ALTER TABLE crm.scores {added}")
    for given, expected in ((LATER, LATER), (customers, NEW)):
        score(model, given, url, replace=True)
        found = rows()
        assert_scores(found.drop(columns=["scored_at", "model", "made"]), model, expected)
        assert (found["scored_at"].nunique(), found["model"].nunique()) == (1, 1)
    with pytest.raises(
        sg.DataError, match="the table 'customers' has the columns ID, .*: it is not replaced"
    ):
        score(model, customers, customers, replace=True)


def test_times_in_a_duckdb_table_are_in_utc_wherever_the_machine_is(tmp_path: Path) -> None:
    written = pa.table({"moment": pa.array([datetime(2026, 1, 1, 12)], pa.timestamp("us"))})
    pq.write_table(written, tmp_path / "at.parquet")
    with duckdb.connect(str(tmp_path / "t.db")) as connection:
        connection.execute("CREATE TABLE t (moment TIMESTAMPTZ)")
    code = "import sys, pathlib; from segmentry.engine.targets import open_target; open_target(sys.argv[1]).write(pathlib.Path(sys.argv[2]), is_there=True)"
    environment = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-c", code, f"duckdb://{tmp_path}/t.db?table=t", f"{tmp_path}/at.parquet"]
    subprocess.run(command, env=environment, check=True)
    with duckdb.connect(str(tmp_path / "t.db")) as connection:
        assert connection.execute("SELECT epoch(moment) FROM t").fetchone() == (
            datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp(),
        )
