"""Scores as tables of databases: equal to those in memory, whole or not at all, and never in place of customers."""

from __future__ import annotations

import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

import segmentry as sg
from segmentry.cli import app
from segmentry.datasets import sample_households
from segmentry.engine.spark_table import SparkTable
from segmentry.runs.score import score

NEW = sample_households(rows=500, seed=11, dirt=True)
LATER = sample_households(rows=300, seed=12)


@pytest.fixture(scope="module")
def model(households: dict[str, sg.Segmentation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return households["latent-class"].save(tmp_path_factory.mktemp("model") / "segmentation.json")


@pytest.fixture
def cursor(postgres_url: str) -> Iterator[Any]:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url, autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


def assert_scores(found: pd.DataFrame, model: Path, rows: pd.DataFrame) -> None:
    expected = sg.load(model).assign(rows)
    assert list(found.columns) == list(expected.columns)
    found = found.sort_values("ID", ignore_index=True).astype({"fits": bool})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def rows_of(where: str) -> pd.DataFrame:
    """The table of scores, read by the database's own driver."""
    scheme, _, rest = where.partition("://")
    path = rest.partition("?")[0]
    if scheme == "duckdb":
        with duckdb.connect(path) as connection:
            return connection.execute("FROM scores").df()
    with sqlite3.connect(path) as connection:
        return pd.read_sql("SELECT * FROM scores", connection)


@pytest.mark.parametrize("scheme", ["duckdb", "sqlite"])
def test_a_table_of_a_file_is_made_and_its_rows_replaced(scheme: str, model: Path, tmp_path: Path) -> None:
    url = f"{scheme}://{tmp_path}/shop.db?table=scores"
    score(model, NEW, url)
    assert_scores(rows_of(url), model, NEW)
    with pytest.raises(sg.DataError, match="there is a table 'scores' already; choose another name, or add"):
        score(model, LATER, url)
    score(model, LATER, url, replace=True)
    assert_scores(rows_of(url), model, LATER)
    assert [p.name for p in tmp_path.iterdir()] == ["shop.db"]


@pytest.mark.parametrize("scheme", ["duckdb", "sqlite"])
def test_a_table_of_customers_is_never_replaced(scheme: str, model: Path, tmp_path: Path) -> None:
    if scheme == "duckdb":
        with duckdb.connect(str(tmp_path / "shop.db")) as connection:
            connection.register("new", NEW)
            connection.execute("CREATE TABLE scores AS FROM new")
    else:
        with sqlite3.connect(tmp_path / "shop.db") as connection:
            NEW.to_sql("scores", connection, index=False)
    url = f"{scheme}://{tmp_path}/shop.db?table=scores"
    with pytest.raises(sg.DataError, match=r"the table 'scores' has the columns ID, .*: it is not replaced"):
        score(model, url, url, replace=True)
    assert len(rows_of(url)) == len(NEW)


@pytest.mark.parametrize("scheme", ["duckdb", "sqlite"])
def test_three_slashes_are_a_file_of_this_folder(
    scheme: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    score(model, NEW, f"{scheme}:///shop.db?table=scores")
    assert_scores(rows_of(f"{scheme}://{tmp_path}/shop.db"), model, NEW)
    score(model, LATER, f"{scheme}:///shop.db?table=scores", replace=True)
    assert_scores(rows_of(f"{scheme}://{tmp_path}/shop.db"), model, LATER)


def test_a_table_of_duckdb_is_known_in_any_case_and_in_its_schema(model: Path, tmp_path: Path) -> None:
    url = f"duckdb://{tmp_path}/shop.db?table=scores"
    with duckdb.connect(str(tmp_path / "shop.db")) as connection:
        connection.execute("CREATE SCHEMA other; CREATE TABLE other.scores (a INT)")
    score(model, NEW, url)
    assert_scores(rows_of(url), model, NEW)
    with pytest.raises(sg.DataError, match="there is a table 'SCORES' already"):
        score(model, LATER, url.replace("scores", "SCORES"))


def test_an_id_that_sqlite_cannot_hold_is_refused_and_leaves_no_file(model: Path, tmp_path: Path) -> None:
    wide = NEW.drop_duplicates("ID").assign(ID=lambda rows: rows["ID"].astype("uint64") + 2**63)
    with pytest.raises(sg.DataError, match="too large to convert to SQLite INTEGER"):
        score(model, wide, f"sqlite://{tmp_path}/shop.db?table=scores")
    assert list(tmp_path.iterdir()) == []


def test_a_table_of_the_source_database_is_made_and_its_rows_replaced(
    model: Path, postgres_url: str, cursor: Any
) -> None:
    import pyarrow as pa

    cursor.execute('CREATE SCHEMA "Out put"')
    cursor.adbc_ingest("to_score", pa.Table.from_pandas(NEW, preserve_index=False))
    for table, quoted in (
        ("scores", '"scores"'),
        ("segmentry_new", '"segmentry_new"'),
        ("Out put.night's", '"Out put"."night\'s"'),
    ):
        url = f"{postgres_url}?table={table}"
        score(model, f"{postgres_url}?table=to_score", url)
        cursor.execute(f"SELECT * FROM {quoted}")  # noqa: S608
        assert_scores(cursor.fetch_df(), model, NEW)
        with pytest.raises(sg.DataError, match="already; choose another name, or add --replace"):
            score(model, LATER, url)
        cursor.execute(f"CREATE VIEW seen_{len(table)} AS SELECT * FROM {quoted}")  # noqa: S608
        score(model, LATER, url, replace=True)
        cursor.execute(f"SELECT * FROM seen_{len(table)}")  # noqa: S608 - the view, and what was granted, stay
        assert_scores(cursor.fetch_df(), model, LATER)
    with pytest.raises(sg.DataError, match="the table 'to_score' has the columns ID, .*: it is not replaced"):
        score(model, f"{postgres_url}?table=to_score", f"{postgres_url}?table=to_score", replace=True)


def test_a_user_who_may_not_write_is_told_before_any_work(
    model: Path, postgres_url: str, cursor: Any
) -> None:
    user = f"clerk{os.getpid()}"
    address = postgres_url.rpartition("@")[2]
    score(model, NEW, f"{postgres_url}?table=kept_scores")
    cursor.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'hush-hush'")
    try:
        for table, message in (
            (
                "new_scores",
                "the user may not create the table 'new_scores' there; ask for GRANT CREATE on the schema",
            ),
            ("kept_scores", "the user may not replace its rows; ask for GRANT INSERT, DELETE on it"),
        ):
            url = f"postgresql://{user}:hush-hush@{address}?table={table}"
            with pytest.raises(sg.DataError, match=message) as caught:
                score(model, "no such file.csv", url, replace=True)
            assert "hush" not in str(caught.value)
        cursor.execute(f"GRANT SELECT, INSERT, DELETE ON kept_scores TO {user}")
        score(model, LATER, url, replace=True)
    finally:
        cursor.execute(f"DROP OWNED BY {user}")
        cursor.execute(f"DROP ROLE {user}")
    cursor.execute("SELECT * FROM kept_scores")
    assert_scores(cursor.fetch_df(), model, LATER)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_connection_killed_while_rows_are_written_leaves_the_earlier_table(
    model: Path, postgres_url: str, cursor: Any, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    import pyarrow.parquet as pq

    table = f"killed_{is_there}".lower()
    if is_there:
        score(model, LATER, f"{postgres_url}?table={table}")
    killed = threading.Event()

    def slow(self: pq.ParquetFile, *_: Any) -> Iterator[Any]:
        """Batches of which the second comes when the server's process is gone."""
        first, *others = self.iter_batches_(batch_size=100)
        yield first
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        cursor.fetchall()
        killed.set()
        time.sleep(0.5)
        yield from others

    monkeypatch.setattr(pq.ParquetFile, "iter_batches_", pq.ParquetFile.iter_batches, raising=False)
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", slow)
    with pytest.raises(sg.DataError, match="the connection broke off"):
        score(model, NEW, f"{postgres_url}?table={table}", replace=True)
    monkeypatch.undo()
    assert killed.is_set()
    cursor.execute("SELECT count(*) FROM pg_class WHERE relname = $1", (table,))
    assert cursor.fetchone() == (int(is_there),)
    if is_there:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
        assert_scores(cursor.fetch_df(), model, LATER)


_KILLED = """
import os, sys, signal
from segmentry.runs import score
from segmentry.engine import target_tables
import pyarrow.parquet as pq
target = sys.argv[3]
if target.startswith("sqlite"):
    def dying(file):
        yield from list(rows(file))[:100]
        os.kill(os.getpid(), signal.SIGKILL)
    rows, target_tables._rows = target_tables._rows, dying
else:
    def dying(path):
        os.kill(os.getpid(), signal.SIGKILL)
    score.count_unassigned = dying
score.score(sys.argv[1], sys.argv[2], target, replace=True)
"""


@pytest.mark.parametrize("target", ["scores.parquet", "scores.csv", "sqlite"])
def test_a_killed_process_leaves_what_was_there(target: str, model: Path, tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/shop.db?table=scores" if target == "sqlite" else str(tmp_path / target)
    LATER.to_csv(tmp_path / "later.csv", index=False)
    NEW.to_csv(tmp_path / "new.csv", index=False)
    score(model, tmp_path / "later.csv", url)

    def content() -> Any:
        return rows_of(url).to_csv() if target == "sqlite" else (tmp_path / target).read_bytes()

    before = content()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-c", _KILLED, str(model), str(tmp_path / "new.csv"), url]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert content() == before
    score(model, tmp_path / "new.csv", url, replace=True)
    assert content() != before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("quote", ["", "`"])
def test_a_table_of_the_session_is_written_where_the_rows_are(
    model: Path, spark: Any, tmp_path: Path, quote: str
) -> None:
    own = f"{'2026_' if quote else ''}scores_{secrets.token_hex(4)}"  # a name that begins with a digit needs quotes
    name = f"{quote}{own}{quote}"
    before = _tables(spark)
    zone = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    for rows in (NEW, LATER):
        rows.to_parquet(tmp_path / "new.parquet", index=False)
        score(model, f"spark:{tmp_path}/new.parquet", f"spark:{name}", replace=rows is LATER)
        found = spark.table(name).toArrow()
        if rows is LATER:
            assert len(found["model"].unique()) == 1
            assert_is_now(found["scored_at"][0].as_py())
            found = found.drop_columns(["scored_at", "model"])
        else:
            spark.sql(f"ALTER TABLE {name} ADD COLUMNS (scored_at TIMESTAMP, model STRING)")
        assert_scores(found.to_pandas(), model, rows)
    spark.conf.set("spark.sql.session.timeZone", zone)
    with pytest.raises(sg.DataError, match="already; choose another name, or add --replace"):
        score(model, f"spark:{tmp_path}/new.parquet", f"spark:{name}")
    with pytest.raises(sg.DataError, match="add --engine spark"):
        score(model, NEW, f"spark:{name}", replace=True)
    assert _tables(spark) == before | {own}
    spark.sql(f"DROP TABLE {name}")


def test_rows_that_changed_between_the_scans_make_no_table(
    model: Path, spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    NEW.to_parquet(tmp_path / "new.parquet", index=False)
    monkeypatch.setattr("segmentry.runs.score.check_complete", _refuse)
    before = _tables(spark)
    with pytest.raises(sg.DataError, match="changed"):
        score(model, f"spark:{tmp_path}/new.parquet", "spark:half")
    assert _tables(spark) == before


@pytest.mark.parametrize(
    ("n_failing", "message"), [(1, "may not"), (2, r"its rows are in the table \S+_before_")]
)
def test_a_table_of_the_session_that_cannot_be_replaced_keeps_its_rows(
    n_failing: int, message: str, model: Path, spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"scores_{secrets.token_hex(4)}"
    tables = _tables(spark)
    NEW.to_parquet(tmp_path / "new.parquet", index=False)
    LATER.to_parquet(tmp_path / "later.parquet", index=False)
    score(model, f"spark:{tmp_path}/new.parquet", f"spark:{name}")
    rename, asked = SparkTable._rename, []

    def failing(self: SparkTable, old: str, new: str) -> None:
        asked.append((old, new))
        if 1 < len(asked) <= 1 + n_failing:
            raise sg.DataError("may not")
        rename(self, old, new)

    monkeypatch.setattr(SparkTable, "_rename", failing)
    with pytest.raises(sg.DataError, match=message):
        score(model, f"spark:{tmp_path}/later.parquet", f"spark:{name}", replace=True)
    kept = name if n_failing == 1 else asked[0][1]
    assert _tables(spark) == tables | {kept}
    assert_scores(spark.table(kept).toArrow().to_pandas(), model, NEW)
    spark.sql(f"DROP TABLE {kept}")


def assert_is_now(time: datetime) -> None:
    """An hour is less than the distance of any other zone; times without a zone are in UTC."""
    known = time if time.tzinfo else time.replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - known) < timedelta(hours=1)


def _tables(spark: Any) -> set[str]:
    """Tables and views of the session, those of other tests included."""
    return {table.name for table in spark.catalog.listTables()}


def _refuse(*_: Any, **__: Any) -> None:
    raise sg.DataError("the table changed")


def test_the_command_line_shows_no_password(model: Path, postgres_url: str, tmp_path: Path) -> None:
    NEW.to_csv(tmp_path / "new.csv", index=False)
    user, _, rest = postgres_url.partition("://")[2].partition(":")
    password, _, address = rest.partition("@")
    url = f"postgresql://{address}?table=told&user={user}&password={password}"
    done = CliRunner().invoke(app, ["score", str(model), str(tmp_path / "new.csv"), "--out", url])
    assert done.exit_code == 0, done.output
    assert "password=***" in done.output
    assert password not in done.output


COLUMNS = (
    '"ID" BIGINT, segment INT, certainty DOUBLE PRECISION, second_segment INT, reason TEXT, fits BOOLEAN'
)


@pytest.mark.parametrize("scheme", ["duckdb", "sqlite", "postgres"])
def test_columns_of_ones_own_stand_beside_where_they_have_a_default(
    request: pytest.FixtureRequest, scheme: str, model: Path, tmp_path: Path
) -> None:
    if scheme == "postgres":
        cursor = request.getfixturevalue("cursor")
        run: Any = cursor.execute
        url = f"{request.getfixturevalue('postgres_url')}?table=scores_beside"
    else:
        connection: Any = (duckdb if scheme == "duckdb" else sqlite3).connect(str(tmp_path / "shop.db"))
        run, url = connection.execute, f"{scheme}://{tmp_path}/shop.db?table=scores_beside"
    default = "CURRENT_TIMESTAMP" if scheme == "sqlite" else "now()"
    run(
        f"CREATE TABLE scores_beside ({COLUMNS}, made TIMESTAMP DEFAULT {default}, model TEXT, scored_at TIMESTAMP)"
    )
    if scheme != "postgres":
        connection.commit()
        connection.close()
    score(model, LATER, url, replace=True)
    if scheme != "postgres":
        connection = (duckdb if scheme == "duckdb" else sqlite3).connect(str(tmp_path / "shop.db"))
        cursor = connection.cursor()
    cursor.execute(
        "SELECT count(*), count(made), count(DISTINCT model), count(DISTINCT scored_at) FROM scores_beside"
    )
    assert cursor.fetchone() == (len(sg.load(model).assign(LATER)), len(sg.load(model).assign(LATER)), 1, 1)
    cursor.execute("ALTER TABLE scores_beside ADD COLUMN note TEXT")
    if scheme != "postgres":
        connection.commit()
        connection.close()
    with pytest.raises(sg.DataError, match="columns beside those of scores need a default"):
        score(model, NEW, url, replace=True)


def test_rows_that_are_as_before_stay(model: Path, postgres_url: str, cursor: Any) -> None:
    url = f"{postgres_url}?table=kept_rows"
    places = 'SELECT "ID", ctid::text FROM kept_rows'
    score(model, LATER, url)
    cursor.execute(places)
    before = dict(cursor.fetchall())
    changed = LATER.assign(Income=[*(LATER["Income"][:250]), *[1_000.0] * 50])
    score(model, changed, url, replace=True)
    cursor.execute(places)
    after = dict(cursor.fetchall())
    cursor.execute("SELECT * FROM kept_rows")
    assert_scores(cursor.fetch_df(), model, changed)
    assert 0.5 * len(before) < sum(after.get(key) == place for key, place in before.items()) < len(before)
    cursor.execute("INSERT INTO kept_rows SELECT * FROM kept_rows LIMIT 5")  # somebody else's mistake
    score(model, LATER, url, replace=True)
    cursor.execute("SELECT * FROM kept_rows")
    assert_scores(cursor.fetch_df(), model, LATER)
