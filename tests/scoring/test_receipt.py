"""A database is asked by a kit, and what it said is a text that tells whether it was changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

import segmentry as sg
from commands import segmentry
from segmentry.datasets import sample_households
from segmentry.engine import open_engine
from segmentry.scoring import kit
from segmentry.scoring.digest import model_digest
from segmentry.scoring.receipt import verify_on


@pytest.fixture
def customers(tmp_path: Path) -> str:
    sample_households(rows=50).to_csv(tmp_path / "customers.csv", index=False)
    return str(tmp_path / "customers.csv")


def in_database(request: pytest.FixtureRequest, engine: str, customers: str, folder: Path) -> str:
    if engine == "postgres":
        from adbc_driver_postgresql import dbapi

        url = request.getfixturevalue("postgres_url")
        with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS asked (a INT)")
        return f"{url}?table=asked"
    if engine == "spark":
        request.getfixturevalue("spark").range(1).createOrReplaceTempView("asked")
        return "spark:asked"
    import chdb

    connection = chdb.connect(str(folder))
    connection.query("CREATE TABLE asked (a Int32) ENGINE = MergeTree ORDER BY a")
    connection.close()
    return f"chdb://{folder}?table=asked"


@pytest.mark.parametrize(
    ("engine", "title"), [("postgres", "PostgreSQL "), ("clickhouse", ""), ("spark", "4.")]
)
def test_every_engine_assigns_the_kit_alike(
    request: pytest.FixtureRequest,
    households: dict[str, sg.Segmentation],
    customers: str,
    tmp_path: Path,
    engine: str,
    title: str,
) -> None:
    opened = open_engine(
        in_database(request, engine, customers, tmp_path / "data" if engine != "clickhouse" else tmp_path)
    )
    found = verify_on(households["latent-class"], opened, "ranked")
    opened.close()
    assert found.n_differing == 0
    assert found.n_patterns >= 200
    assert found.server.startswith(title)
    assert any(sign.isdigit() for sign in found.server)


def test_the_command_writes_what_the_database_said(
    households: dict[str, sg.Segmentation], customers: str, tmp_path: Path
) -> None:
    model = households["k-modes"].save(tmp_path / "segmentation.json")
    text = segmentry("sql", model, "--kit", "--on", customers, "--out", tmp_path / "said.txt").stdout
    assert text.endswith("said.txt\n")
    said = (tmp_path / "said.txt").read_text()
    *lines, last = said.splitlines(keepends=True)
    assert last == f"digest: {hashlib.sha256(''.join(lines).encode()).hexdigest()[:16]}\n"
    assert said.splitlines()[1] == f"model: {model_digest(households['k-modes'])}"
    assert "assigned otherwise: 0" in said
    assert "--on: goes with --kit alone" in segmentry("sql", model, "--on", customers, code=2).stderr
    kit = ("sql", model, "--kit", "--on", customers)
    assert "assigned otherwise: 0" in segmentry(*kit, "--dialect", "duckdb").stdout
    for options, sentence in (
        (("--dialect", "snowflake"), "--dialect snowflake: the database's dialect is duckdb; leave it out"),
        (("--table", "t"), "--table: goes without --kit; a kit reads no table"),
        (("--reason",), "--reason: goes without --kit; a kit reads no table"),
    ):
        assert sentence in segmentry(*kit, *options, code=2).stderr


def test_a_database_that_assigns_otherwise_is_a_mistake(
    households: dict[str, sg.Segmentation], customers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segmentry.runs.sql import receipt

    expected = kit._expected

    def others(*given: Any) -> list[tuple[object, ...]]:
        rows = expected(*given)
        return [(*rows[0][:-4], 9, *rows[0][-3:]), *rows[1:]]

    monkeypatch.setattr(kit, "_expected", others)
    with pytest.raises(sg.ModelError, match=r"1 of [\d,]+ patterns are assigned otherwise on v?\d"):
        receipt(households["k-modes"], customers, "arithmetic")
