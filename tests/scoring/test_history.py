"""Histories of scores: thirty nights, of which each tenth crashes, without a gap, an overlap or a second current row."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import chdb
import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from commands import segmentry
from histories import FIRST, NAMES, Scores, assert_whole, drawn, in_utc, next_night, table_of
from segmentry.datasets import sample_households
from segmentry.engine.history import check_history, keep_history
from segmentry.engine.history_rows import Move, Night
from segmentry.engine.targets import open_target
from segmentry.runs.score import score

KILLED = """
import sys, os, signal
from datetime import datetime
from pathlib import Path
from segmentry.engine.history import keep_history
from segmentry.engine.history_rows import Night
from segmentry.engine.targets import open_target
store, parquet, when, statements = open_target(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), int(sys.argv[4])
found, done = store.columns(), [0]
def dying(run):
    def one(*given):
        answer = run(*given)
        done[0] += 1
        if done[0] == statements:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    return one
if sys.argv[1].startswith("chdb"):
    from segmentry.engine.clickhouse_runners import InProcess
    InProcess.execute = dying(InProcess.execute)
else:
    transact = type(store).transact
    type(store).transact = lambda self, parquet, work: transact(self, parquet, lambda run: work(dying(run)))
keep_history(store, parquet, ("client id", "segment", "certainty", "second_segment", "reason", "fits"), Night(when, when, "model"), found)
"""
KILLS = {"chdb": (2, 3, 4)}
"""After which statements a run is killed: the last one of these exchanges the tables, the others are inside of transactions."""


def read(url: str) -> list[tuple[Any, ...]]:
    """All rows, with times as texts."""
    order = ", ".join(f'"{name}"' for name in (*NAMES, "valid_from", "valid_to", "model"))
    table = url.rpartition("=")[2]
    query = f'SELECT {order} FROM "{table}"'  # noqa: S608
    path = url.partition("://")[2].partition("?")[0]
    if url.startswith("duckdb"):
        with duckdb.connect(path) as connection:
            found = connection.execute(query).fetchall()
    elif url.startswith("sqlite"):
        found = sqlite3.connect(path).execute(query).fetchall()
    elif url.startswith("chdb"):
        with closing(chdb.connect(path)) as connection:
            found = [tuple(row.values()) for row in connection.query(query, "ArrowTable").to_pylist()]
    else:
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(url.partition("?")[0]) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            found = cursor.fetchall()
    return [(*row[:5], bool(row[5]), *(in_utc(v) for v in row[6:8]), row[8]) for row in found]


@pytest.fixture(params=["duckdb", "sqlite", "postgres", "chdb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        from adbc_driver_postgresql import dbapi

        with (
            dbapi.connect(request.getfixturevalue("postgres_url"), autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("DROP TABLE IF EXISTS nights")
        return f"{request.getfixturevalue('postgres_url')}?table=nights"
    if request.param == "chdb":
        (tmp_path / "shop.db").mkdir()
    return f"{request.param}://{tmp_path}/shop.db?table=nights"


def keep(url: str, scores: Scores, when: datetime, folder: Path, model: str = "model") -> Any:
    store, parquet = open_target(url), folder / "scores.parquet"
    pq.write_table(table_of(scores), parquet)
    found = store.columns()
    return keep_history(check_history(store, found, NAMES), parquet, NAMES, Night(when, when, model), found)


def killed(url: str, when: datetime, folder: Path, statements: int) -> None:
    """Keep the scores of the last file in a process that is killed after so many statements."""
    command = [
        sys.executable,
        "-c",
        KILLED,
        url,
        str(folder / "scores.parquet"),
        when.isoformat(),
        str(statements),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_thirty_nights_of_which_each_tenth_is_killed(url: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    scores: Scores = {f"o'{i} é": drawn(rng) for i in range(40)}
    nights: list[tuple[datetime, Scores]] = []
    kills = KILLS.get(url.partition(":")[0], (7, 8, 9))
    other = f"duckdb://{tmp_path}/other.db?table=nights"
    for night in range(30):
        when = FIRST + timedelta(days=night)
        if night % 10 == 9:
            before = sorted(read(url), key=repr)
            pq.write_table(table_of(scores), tmp_path / "scores.parquet")
            killed(url, when, tmp_path, kills[night // 10])
            is_whole = kills[night // 10] == 4  # the exchange of the tables is the last step
            assert (sorted(read(url), key=repr) == before) == (not is_whole)
        keep(url, scores, when, tmp_path)
        if url.startswith("chdb"):
            keep(other, scores, when, tmp_path)
        nights.append((when, scores))
        if night % 7 == 0:  # again, which changes nothing
            once = sorted(read(url), key=repr)
            keep(url, scores, when, tmp_path)
            keep(url, scores, when + timedelta(hours=1), tmp_path)
            assert sorted(read(url), key=repr) == once
        scores = next_night(rng, scores)
    assert_whole(read(url), nights)
    assert len(read(url)) > 200
    if url.startswith("chdb"):
        assert sorted(read(url), key=repr) == sorted(read(other), key=repr)


def test_a_night_that_is_repeated_with_other_scores_counts_as_the_last_one_said(
    url: str, tmp_path: Path
) -> None:
    one, two = {"a": (1, 0.9, 2, "x", True), "b": (2, 0.8, 1, "y", True)}, {"a": (2, 0.6, 1, "x", True)}
    keep(url, one, FIRST, tmp_path)
    later = FIRST + timedelta(days=1)
    wrong = keep(url, {"b": (1, 0.5, 2, "y", True), "c": (3, 0.5, 2, "z", False)}, later, tmp_path)
    assert (wrong.n_new, wrong.n_gone, wrong.n_changed, wrong.moves) == (1, 1, 1, (Move(2, 1, 1, 1),))
    kept = keep(url, two, later, tmp_path)
    assert (kept.n_new, kept.n_gone, kept.n_changed, kept.moves) == (0, 1, 1, (Move(1, 2, 1, 1),))
    assert_whole(read(url), [(FIRST, one), (later, two)])
    with pytest.raises(
        sg.DataError, match=r"holds rows of a later time than 2026-01-01 03:00:00: 2026-01-02"
    ):
        keep(url, one, FIRST, tmp_path)
    assert keep(url, two, later + timedelta(days=1), tmp_path, "another").is_other_model


def test_tables_whose_names_end_or_begin_alike_keep_their_histories(
    postgres_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from adbc_driver_postgresql import dbapi

    end = "nächte_" + "ü" * 26  # names of indexes would be cut to the same
    names = [f"a{end}", f"b{end}", "hx", "hx_current", "hx_period"]

    def drop() -> None:
        with dbapi.connect(postgres_url, autocommit=True) as connection, connection.cursor() as cursor:
            for name in names:
                cursor.execute(f'DROP TABLE IF EXISTS "{name}"')

    drop()
    request.addfinalizer(drop)
    for name in names:
        url = f"{postgres_url}?table={name}"
        keep(url, {"a": (1, 0.9, 2, "x", True)}, FIRST, tmp_path)
        again = keep(url, {"a": (2, 0.9, 1, "x", True)}, FIRST + timedelta(days=1), tmp_path)
        assert again.n_moved == 1, name


@pytest.mark.parametrize("scheme", ["duckdb", "sqlite"])
def test_a_table_may_be_called_as_the_index_of_another_was(scheme: str, tmp_path: Path) -> None:
    for name in ("t_current", "t", "t_period"):
        url = f"{scheme}:///{tmp_path}/h.{scheme}?table={name}"
        keep(url, {"a": (1, 0.9, 2, "x", True)}, FIRST, tmp_path)
        assert keep(url, {"a": (2, 0.9, 1, "x", True)}, FIRST + timedelta(days=1), tmp_path).n_moved == 1


def test_second_current_rows_of_others_are_refused(tmp_path: Path) -> None:
    url = f"duckdb://{tmp_path}/shop.db?table=nights"
    keep(url, {"a": (1, 0.9, 2, "x", True)}, FIRST, tmp_path)
    with duckdb.connect(str(tmp_path / "shop.db")) as connection:
        connection.execute(
            "INSERT INTO nights SELECT * REPLACE (valid_from + INTERVAL 1 HOUR AS valid_from) FROM nights"
        )
    before = read(url)
    with pytest.raises(sg.DataError, match="several current rows in 'nights'"):
        keep(url, {"a": (1, 0.9, 2, "x", True)}, FIRST + timedelta(days=1), tmp_path)
    assert read(url) == before


def test_a_segment_that_is_no_number_is_said_and_the_history_stays(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/shop.db?table=nights"
    scores = {"a": (1, 0.9, 2, "first", True), "b": (2, 0.9, 1, "x", True), "c": (2, 0.9, 1, "x", True)}
    keep(url, scores, FIRST, tmp_path)
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("UPDATE nights SET segment = 'one' WHERE reason = 'first'")
    before = read(url)
    with pytest.raises(sg.DataError, match="holds segments that are no numbers; restore"):
        keep(url, scores | {"b": (1, 0.9, 2, "x", True)}, FIRST + timedelta(days=1), tmp_path)
    assert read(url) == before


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize("table", ["n", "N", "t"])
def test_a_table_of_any_name_keeps_its_history(kind: str, table: str, tmp_path: Path) -> None:
    url = f"{kind}://{tmp_path}/shop.db?table={table}"
    keep(url, {"a": (1, 0.9, 2, "x", True), "b": (1, 0.9, 2, "x", True)}, FIRST, tmp_path)
    kept = keep(url, {"a": (2, 0.9, 1, "x", True)}, FIRST + timedelta(days=1), tmp_path)
    assert (kept.n_moved, kept.n_gone) == (1, 1)
    assert len(read(url)) == 3


def test_the_command_says_who_moved(households: dict[str, sg.Segmentation], tmp_path: Path) -> None:
    result = households["k-modes"]
    model = result.save(tmp_path / "segmentation.json")
    before = sample_households(rows=300, seed=6)
    before.to_parquet(tmp_path / "one.parquet")
    before.iloc[10:].assign(Income=lambda rows: rows["Income"] * 1.6).to_parquet(tmp_path / "two.parquet")
    to = ("--out", f"sqlite://{tmp_path}/s.db?table=nights", "--history")
    segmentry("score", model, tmp_path / "one.parquet", *to, "--as-of", "2026-01-01")
    said = segmentry("score", model, tmp_path / "two.parquet", *to, "--as-of", "2026-01-02T03:00:00").stdout
    assert "History: 0 new customers, 10 gone, " in said
    assert "to what was their second segment" in said
    rows = sqlite3.connect(tmp_path / "s.db").execute(
        "SELECT count(*), count(DISTINCT model) FROM nights WHERE valid_to IS NULL"
    )
    assert rows.fetchall() == [(290, 1)]


@pytest.mark.parametrize(
    ("out", "more", "message"),
    [
        ("{0}/s.parquet", {}, "a history is a table of a database, and no file"),
        ("duckdb://{0}/plain.db?table=t", {}, "the table 't' lacks the columns valid_from, valid_to"),
        ("{0}/s.parquet", {"history": False, "as_of": FIRST}, "as_of: goes with a history alone"),
    ],
)
def test_mistakes_are_one_line(
    households: dict[str, sg.Segmentation], out: str, more: dict[str, Any], message: str, tmp_path: Path
) -> None:
    rows = sample_households(rows=50, seed=1)
    score(households["k-modes"], rows, f"duckdb://{tmp_path}/plain.db?table=t")
    with pytest.raises(sg.DataError, match=message):
        score(households["k-modes"], rows, out.format(tmp_path), **{"history": True, **more})


def test_an_id_with_the_name_of_a_period_is_refused_before_any_work(tmp_path: Path) -> None:
    names = ("Model", *NAMES[1:])
    with pytest.raises(sg.DataError, match="the id 'Model' has the name of a column that a history has"):
        check_history(open_target(f"sqlite://{tmp_path}/s.db?table=nights"), None, names)
