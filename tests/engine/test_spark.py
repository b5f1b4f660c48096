"""Spark: one aggregation, nothing but patterns to the driver, the session left as it was, errors in one line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.collecting.collection import collect_patterns
from segmentry.collecting.matching import match_table
from segmentry.datasets import sample_households
from segmentry.engine import from_spark, open_engine
from segmentry.engine import spark as engine_module
from segmentry.engine.spark import SparkEngine, explain_spark_error
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.runs.segment import run
from segmentry.sql import Query
from segmentry.sql.collect import collecting_query

pytestmark = pytest.mark.usefixtures("few_null_tables")
RECIPE = HOUSEHOLDS


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("households") / "households.parquet"
    pq.write_table(pa.Table.from_pandas(sample_households(2_000, seed=4), preserve_index=False), path)
    return path


@pytest.fixture
def engine(spark: Any, file: Path) -> Any:
    engine = from_spark(spark, str(file))
    yield engine
    engine.close()


def test_the_plan_has_one_aggregation_in_two_steps(spark, engine):
    matched = match_table(engine, RECIPE)
    query = collecting_query(matched, [0.0] * sum(len(g.columns) for g in RECIPE.outcomes))
    frame = spark.sql(query.query.text("spark"))
    plan = frame._jdf.queryExecution().executedPlan().toString()
    assert len(re.findall(r"HashAggregate\(.*functions=\[.*partial_count\(1\)", plan)) == 1
    assert len(re.findall(r"HashAggregate\(", plan)) == 2
    assert len(re.findall(r"FileScan parquet", plan)) == 1
    assert not re.search(r"Join|Window|CollectLimit|BroadcastExchange|Python", plan)
    assert len(re.findall(r"Exchange", plan)) == 1  # partial sums by pattern
    scanned = re.search(r"FileScan parquet \[([^]]*)\]", plan)
    assert scanned is not None
    columns = {column.split("#")[0] for column in scanned[1].split(",")}
    assert {"Income", "MntWines", "ID"} < columns  # the id for the two halves of the customers
    assert "Recency" not in columns


def test_the_driver_gets_the_patterns_alone(engine):
    patterns = collect_patterns(engine, RECIPE).patterns
    n_rows = max(query.rows for query in engine.log)
    assert n_rows <= 2 * patterns.n_patterns + 50  # two halves, and the patterns that were dropped
    assert patterns.n_customers > 1_900


def test_tables_views_and_dataframes_of_a_session(spark, file, tmp_path):
    frame = spark.read.parquet(str(file))
    frame.createOrReplaceTempView("households_view")
    before = {t.name for t in spark.catalog.listTables()}
    expected = sg.collect(file, RECIPE)
    for data in (frame, "spark:households_view", from_spark(spark, "households_view")):
        found = sg.collect(data, RECIPE)
        np.testing.assert_array_equal(found.codes, expected.codes)
        np.testing.assert_array_equal(found.counts, expected.counts)
        np.testing.assert_allclose(found.sums, expected.sums, rtol=1e-9)
    here, there = (run(data, RECIPE, segments=2, seed=1) for data in (file, frame))
    assert [(s.size, s.name) for s in there.segments] == [(s.size, s.name) for s in here.segments]
    assert {t.name for t in spark.catalog.listTables()} == before
    spark.catalog.dropTempView("households_view")


def test_rows_that_come_to_the_driver_are_those_that_tasks_write(engine, tmp_path):
    from sqlglot import exp

    query = exp.select(exp.column("ID", quoted=True), exp.column("Education", quoted=True)).from_(
        engine.tables["data"].copy()
    )
    assert engine.write(Query("Rows", query), tmp_path / "spark.parquet") == 2_000
    frame = engine._frame(query)
    assert engine_module._written_here(frame, tmp_path / "here.parquet") == 2_000
    one, other = (pq.read_table(tmp_path / f"{n}.parquet").sort_by("ID") for n in ("spark", "here"))
    assert one.equals(other.cast(one.schema))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["here.parquet", "spark.parquet"]


class ConnectFrame:
    """As a DataFrame of Spark Connect: it has every attribute that it is asked for, as a column."""

    __module__ = "pyspark.sql.connect.dataframe"

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def __getattr__(self, name: str) -> Any:
        return getattr(self.frame, name, self.frame["ID"])


def test_a_frame_with_every_attribute_is_no_engine(spark, file):
    frame = ConnectFrame(spark.read.parquet(str(file)))
    assert run(frame, RECIPE, segments=2).n_customers > 1_900


def test_tasks_of_spark_connect_write_no_files_here(spark):
    remote = type("SparkSession", (), {"__module__": "pyspark.sql.connect.session", "conf": spark.conf})
    assert engine_module._is_here(spark)
    assert not engine_module._is_here(remote())


def test_what_is_cached_is_let_go_before_the_views_that_it_reads(spark, engine):
    class Kept:
        def unpersist(self) -> None:
            assert spark.catalog.tableExists(view)

    view = engine.tables["data"].name
    engine._kept.append(Kept())
    engine.close()
    assert not spark.catalog.tableExists(view)


def test_known_tables_are_the_users_own(spark, engine):
    spark.range(1).createOrReplaceTempView("segmentry_0123456789ab")  # as of another engine of the session
    with pytest.raises(DataError, match="no table 'labels.csv'") as caught:
        engine.add_data("joined", "labels.csv")
    assert "segmentry_" not in str(caught.value)
    assert str(caught.value).endswith("files are Parquet, by a path with a slash or .parquet")


def test_errors_are_one_line(spark, file, tmp_path):
    text = tmp_path / "not.parquet"
    text.write_text("no parquet file, whatever its name says")
    for data, message in [
        ("spark:/nowhere/x.parquet", "Path does not exist: file:/nowhere/x.parquet"),
        (f"spark:{text}", "not.parquet"),
        ("spark:nobody", "the session has no table 'nobody'"),
        ("spark:a b", "Syntax error"),
    ]:
        with pytest.raises(DataError, match=re.escape(message)) as caught:
            open_engine(data)
        assert "\n" not in str(caught.value)
        assert "\tat " not in str(caught.value)
    with pytest.raises(DataError, match="the table has no column 'Incme'; did you mean 'Income'"):
        run(f"spark:{file}", Recipe.from_toml('[features.a]\ncolumn = "Incme"\nedges = [1]'))
    engine = SparkEngine("text", spark)
    engine.add_frame("data", spark.createDataFrame(pa.table({"t": ["x", "1"]})))
    from sqlglot import parse_one

    with pytest.raises(DataError, match=r"cannot be cast|malformed") as caught:
        engine.query(
            Query("Cast", parse_one("SELECT CAST(t AS DOUBLE) FROM data").from_(engine.tables["data"]))
        )  # type: ignore[union-attr]
    assert "\n" not in str(caught.value)


def test_java_that_is_not_there_is_named(monkeypatch):
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    def missing(self: Any) -> None:
        raise PySparkRuntimeError(
            "[JAVA_GATEWAY_EXITED] Java gateway process exited before sending its port number."
        )

    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", missing)
    monkeypatch.setattr(SparkSession, "getActiveSession", staticmethod(lambda: None))
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(DataError, match="needs Java 17"):
        open_engine("spark:t")
    monkeypatch.setenv("JAVA_HOME", "/somewhere")
    with pytest.raises(DataError, match="Java gateway process exited"):
        open_engine("spark:t")


def test_sparks_messages_lose_their_stacks():
    error = RuntimeError(
        "An error occurred.\n: org.apache.X: [SOME_CONDITION.PART] It failed.\nDo this. SQLSTATE: 1\n\tat a.b"
    )
    assert explain_spark_error(error) == "It failed. Do this."


def test_names_of_a_database_in_mixed_case_are_found(spark, file):
    spark.sql("CREATE DATABASE IF NOT EXISTS SalesData")
    spark.read.parquet(str(file)).write.saveAsTable("SalesData.Orders", mode="overwrite")
    try:
        for name in ("SalesData.Orders", "salesdata.orders"):  # as Spark itself finds them
            engine = open_engine(f"spark:{name}")
            found = collecting_query(match_table(engine, RECIPE, outcomes=False), [])
            assert sum(engine.query(found.query).column(found.layout.counts).to_pylist()) == 2_000
            engine.close()
    finally:
        spark.sql("DROP DATABASE SalesData CASCADE")


@pytest.mark.parametrize("change", ["dropped", "other columns", "files gone"])
def test_a_table_that_changes_while_it_is_read_is_said_in_one_line(spark, file, tmp_path, change):
    name, rows = f"changing_{change.split()[0]}", spark.read.parquet(str(file))
    copied = tmp_path / "copied.parquet"
    if change == "files gone":
        rows.write.parquet(str(copied))
        engine = open_engine(f"spark:{copied}")
    else:
        rows.write.saveAsTable(name, mode="overwrite")
        engine = open_engine(f"spark:{name}")
    matched = match_table(engine, RECIPE, outcomes=False)
    if change == "files gone":
        shutil.rmtree(copied)
    else:
        spark.sql(f"DROP TABLE {name}")
    if change == "other columns":
        spark.sql(f"CREATE TABLE {name} (other INT) USING parquet")
    with pytest.raises(DataError) as caught:
        engine.query(collecting_query(matched, []).query)
    assert "\n" not in str(caught.value)
    assert "\tat " not in str(caught.value)
    engine.close()
    spark.sql(f"DROP TABLE IF EXISTS {name}")
