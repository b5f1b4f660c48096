"""Histories in Spark and ClickHouse, whose tables are replaced whole: equal to DuckDB's, whatever ended a run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import chdb
import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

import segmentry as sg
from histories import FIRST, NAMES, Scores, assert_whole, drawn, in_utc, next_night, table_of
from segmentry.datasets import sample_households
from segmentry.engine.history import check_history, keep_history
from segmentry.engine.history_rows import Kept, Night
from segmentry.engine.spark import SparkEngine
from segmentry.engine.spark_table import SparkTable
from segmentry.engine.target_tables import Taken
from segmentry.engine.targets import open_target
from segmentry.errors import UnavailableError
from segmentry.runs.score import score
from segmentry.sql import Query

N_NIGHTS = int(os.environ.get("SEGMENTRY_SPARK_NIGHTS", "9"))
"""Nights in Spark, which rewrites the table in each; the last of every third of them is killed first."""
ORDER = [*NAMES, "valid_from", "valid_to", "model"]


class Killed(BaseException):
    """The end of a process."""


@pytest.fixture
def nights(spark: Any) -> Iterator[str]:
    """Name of a table of a session that has another time zone."""
    zone, name = spark.conf.get("spark.sql.session.timeZone"), f"nights_{secrets.token_hex(4)}"
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    yield name
    spark.conf.set("spark.sql.session.timeZone", zone)
    spark.sql(f"DROP TABLE IF EXISTS {name}")


def keep(spark: Any, name: str, scores: Scores, when: datetime) -> Kept:
    store = SparkTable(spark, name)
    engine = SparkEngine("scores", spark)
    engine.add_frame("data", spark.createDataFrame(table_of(scores)))
    query = Query("All scores", exp.select("*").from_(engine.tables["data"].copy()))
    found, night = store.columns(), Night(when, when, "model")
    try:
        history = check_history(store, found, NAMES)
        return keep_history(history, Taken(engine, query, lambda *_: None), NAMES, night, found)
    finally:
        engine.close()


def keep_in_duckdb(folder: Path, scores: Scores, when: datetime) -> Kept:
    store = open_target(f"duckdb://{folder}/other.db?table=nights")
    pq.write_table(table_of(scores), folder / "scores.parquet")
    found = store.columns()
    history = check_history(store, found, NAMES)
    return keep_history(history, folder / "scores.parquet", NAMES, Night(when, when, "model"), found)


def rows_of(spark: Any, name: str) -> list[tuple[Any, ...]]:
    return in_order(spark.table(name).select(*ORDER).toArrow().to_pylist())


def in_order(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    found = [tuple(row.values()) for row in rows]
    return sorted(((*row[:6], *map(in_utc, row[6:8]), row[8]) for row in found), key=repr)


def kill(patch: pytest.MonkeyPatch, step: int) -> None:
    """End whatever comes from the given rename or drop of a table on."""
    done: list[str] = []
    for method in ("_rename", "_drop"):
        real = getattr(SparkTable, method)

        def dying(self: SparkTable, *names: str, real: Any = real) -> None:
            done.append(names[0])
            if len(done) >= step:
                raise Killed
            real(self, *names)

        patch.setattr(SparkTable, method, dying)


def test_nights_in_spark_of_which_three_are_killed_equal_duckdbs(
    spark: Any, nights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    scores: Scores = {f"o'{i} é": drawn(rng) for i in range(30)}
    scored: list[tuple[datetime, Scores]] = []
    others = {table.name for table in spark.catalog.listTables()}
    third = N_NIGHTS // 3
    for night in range(N_NIGHTS):
        when = FIRST + timedelta(days=night)
        if night % third == third - 1:  # before, between and after the renames of the two tables
            before, step = rows_of(spark, nights), 1 + night // third
            with monkeypatch.context() as patch:
                kill(patch, step)
                with pytest.raises(Killed):
                    keep(spark, nights, scores, when)
            assert spark.catalog.tableExists(nights) == (step != 2)
            assert SparkTable(spark, nights).columns() is not None
            assert (rows_of(spark, nights) == before) == (step != 3)
        assert keep(spark, nights, scores, when) == keep_in_duckdb(tmp_path, scores, when)
        scored.append((when, scores))
        scores = next_night(rng, scores)
    rows = rows_of(spark, nights)
    assert_whole(rows, scored)
    with duckdb.connect(str(tmp_path / "other.db")) as connection:
        found = connection.sql("FROM nights").to_arrow_table().select(ORDER)
    assert rows == in_order(found.to_pylist())
    assert {table.name for table in spark.catalog.listTables()} == others | {nights}
    with pytest.raises(sg.DataError, match=f"rows of a later time than {FIRST}: {when:%Y-%m-%d %H:%M}"):
        keep(spark, nights, scores, FIRST)


def test_files_of_a_killed_run_in_spark_go_with_its_table(
    spark: Any, nights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.sql.readwriter import DataFrameWriter

    warehouse = Path(spark.conf.get("spark.sql.warehouse.dir").removeprefix("file:"))
    scores: Scores = {"a": (1, 0.9, 2, "x", True), "b": (2, 0.8, 1, "y", True)}
    keep(spark, nights, scores, FIRST)
    insert = DataFrameWriter.insertInto

    def killed(self: Any, *names: Any) -> None:
        insert(self, *names)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(DataFrameWriter, "insertInto", killed)
        kill(patch, 1)
        with pytest.raises(Killed):
            keep(spark, nights, scores, FIRST + timedelta(days=1))
    left = [path for path in warehouse.glob(f"{nights}_segmentry_*") if list(path.glob("*.parquet"))]
    assert len(left) == 1
    keep(spark, nights, scores, FIRST + timedelta(days=1))
    assert [path.name for path in warehouse.glob(f"{nights}*")] == [nights]


def test_of_two_runs_that_write_one_table_of_spark_the_overtaken_one_writes_nothing(
    spark: Any, nights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores: Scores = {"a": (1, 0.9, 2, "x", True), "b": (2, 0.8, 1, "y", True)}
    keep(spark, nights, scores, FIRST)
    before = rows_of(spark, nights)
    save = SparkTable._save

    def overtaken(self: SparkTable, rows: Any, name: str) -> None:
        save(self, rows, name)
        self._sweep(is_there=True)  # as another run begins

    monkeypatch.setattr(SparkTable, "_save", overtaken)
    with pytest.raises(UnavailableError, match="another run wrote it at the same time"):
        keep(spark, nights, scores, FIRST + timedelta(days=1))
    assert rows_of(spark, nights) == before


@pytest.mark.parametrize("where", ["spark", "chdb"])
def test_scores_become_a_history_where_the_customers_live(
    request: pytest.FixtureRequest, where: str, households: dict[str, sg.Segmentation], tmp_path: Path
) -> None:
    model, rows = households["k-modes"], sample_households(rows=200, seed=6)
    later = rows.iloc[10:].assign(Income=lambda table: table["Income"] * 1.6)
    kept = []
    for i, table in enumerate((rows, later) if where == "chdb" else (rows,)):
        table.to_parquet(tmp_path / "customers.parquet")
        data: Any = f"{tmp_path}/customers.parquet"
        if where == "spark":
            data, target = f"spark:{data}", f"spark:{request.getfixturevalue('nights')}"
        else:
            (tmp_path / "shop").mkdir(exist_ok=True)
            target = f"chdb://{tmp_path}/shop?table=nights"
        for out in (target, f"duckdb://{tmp_path}/other.db?table=nights"):
            of = data if out == target else table
            kept.append(score(model, of, out, history=True, as_of=FIRST + timedelta(days=i)).kept)
    assert kept[::2] == kept[1::2]
    assert kept[0].n_new == 200
    if where == "chdb":
        assert kept[2].n_moved > 0
        assert kept[2].n_gone == 10
    else:
        with pytest.raises(sg.DataError, match="add --engine spark"):
            score(model, rows, target, history=True)


def test_columns_of_ones_own_stay_beside_a_history_in_clickhouse(tmp_path: Path) -> None:
    url = f"chdb://{tmp_path}?table=nights"
    scores: Scores = {"a": (1, 0.9, 2, "x", True), "b": (2, 0.8, 1, "y", True)}

    def keep_one(when: datetime) -> Kept:
        store = open_target(url)
        pq.write_table(table_of(scores), tmp_path / "scores.parquet")
        found = store.columns()
        night = Night(when, when, "model")
        return keep_history(
            check_history(store, found, NAMES), tmp_path / "scores.parquet", NAMES, night, found
        )

    keep_one(FIRST)
    with closing(chdb.connect(str(tmp_path))) as connection:
        connection.query(
            "ALTER TABLE nights ADD COLUMN note String DEFAULT 'none', ADD COLUMN m UInt8 MATERIALIZED 7"
        )
        connection.query(
            "ALTER TABLE nights UPDATE note = 'kept' WHERE segment = 1 SETTINGS mutations_sync = 2"
        )
    scores["b"] = (1, 0.8, 2, "y", True)
    assert keep_one(FIRST + timedelta(days=1)).n_moved == 1
    with closing(chdb.connect(str(tmp_path))) as connection:
        query = 'SELECT "client id" AS c, valid_to IS NULL AS now, note, m FROM nights ORDER BY c, now'
        rows = connection.query(query, "ArrowTable").to_pylist()
        engines = connection.query(
            "SELECT name FROM system.tables WHERE database = 'default'", "ArrowTable"
        ).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("a", 1, "kept", 7),
        ("b", 0, "none", 7),
        ("b", 1, "none", 7),
    ]
    assert engines == [{"name": "nights"}]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            "CREATE TABLE nights (id Int64) ENGINE = ReplacingMergeTree ORDER BY id",
            "whose engine is ReplacingMergeTree",
        ),
        ("CREATE VIEW nights AS SELECT 1 AS id", "a table whose engine is View is not written to"),
        ("CREATE TABLE nights (id Int64) ENGINE = MergeTree ORDER BY id", "lacks the columns client id"),
    ],
)
def test_other_tables_of_clickhouse_are_refused_in_one_line(made: str, message: str, tmp_path: Path) -> None:
    with closing(chdb.connect(str(tmp_path))) as connection:
        connection.query(made)
    store = open_target(f"chdb://{tmp_path}?table=nights")
    with pytest.raises(sg.DataError, match=message) as caught:
        check_history(store, store.columns(), NAMES)
    assert "\n" not in str(caught.value)
    with pytest.raises(sg.DataError, match="there is no database 'shop'"):
        open_target(f"chdb://{tmp_path}?table=shop.nights").columns()
