"""dbt models: built, tested and documented by dbt itself on DuckDB and PostgreSQL, with the rows that Python gives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import venv
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

import segmentry as sg
from commands import segmentry
from segmentry.datasets import sample_households
from segmentry.scoring.dbt import DbtNames, dbt_files

OWN = Path(__file__).parents[2] / ".venv-dbt"
PACKAGES = ("dbt-core==1.10.*", "dbt-duckdb==1.10.*", "dbt-postgres==1.10.*")
"""Later versions of dbt-core fetch a program from elsewhere when they are installed."""
NEW = sample_households(rows=300, seed=8)
PROJECT = "name: shop\nversion: '1.0.0'\nprofile: shop\nmodel-paths: [models]\nflags:\n  send_anonymous_usage_stats: false\n"
SOURCES = "version: 2\nsources:\n  - name: crm\n    schema: main\n    tables:\n      - name: customers\n"


@pytest.fixture(scope="session")
def dbt() -> str:
    """dbt's program, in an environment of its own: its libraries would not go with ours."""
    given = os.environ.get("SEGMENTRY_DBT")
    if given:
        return given
    program = OWN / "bin" / "dbt"
    if not program.is_file():
        venv.create(OWN, with_pip=True)
        done = subprocess.run(
            [OWN / "bin" / "pip", "install", "--quiet", *PACKAGES],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"dbt cannot be installed: {done.stderr[-300:]}")
    return str(program)


@pytest.fixture(scope="module")
def model(households: dict[str, sg.Segmentation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return households["latent-class"].save(tmp_path_factory.mktemp("model") / "segmentation.json")


def project(folder: Path, output: dict[str, Any], schema: str) -> Path:
    made = folder / "project"
    (made / "models").mkdir(parents=True)
    (made / "dbt_project.yml").write_text(PROJECT)
    (made / "models" / "sources.yml").write_text(SOURCES.replace("main", schema))
    (made / "models" / "stg_customers.sql").write_text("select * from {{ source('crm', 'customers') }}\n")
    profile = {"shop": {"target": "dev", "outputs": {"dev": {"threads": 1, "schema": schema, **output}}}}
    (made / "profiles.yml").write_text(json.dumps(profile))
    return made


def run(dbt: str, made: Path, *arguments: str, code: int = 0) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [dbt, *arguments, "--project-dir", made, "--profiles-dir", made, "--no-use-colors"]
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=made,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def write_models(model: Path, made: Path, dialect: str) -> None:
    """One model over another model, and one over a source."""
    written = ("--dialect", dialect, "--dbt", made / "models", "--reason")
    segmentry("sql", model, *written, "--table", "stg_customers")
    segmentry(
        "sql", model, *written, "--table", "customers", "--dbt-source", "crm", "--dbt-name", "of_the_source"
    )


def assert_scores(found: pd.DataFrame, model: Path) -> None:
    expected = sg.load(model).assign(NEW).sort_values("ID", ignore_index=True)
    found = found.sort_values("ID", ignore_index=True)[list(expected.columns)]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_dbt_builds_tests_and_documents_on_duckdb(dbt: str, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.register("new", NEW)
        connection.execute("CREATE TABLE customers AS FROM new")
    made = project(tmp_path, {"type": "duckdb", "path": str(file)}, "main")
    write_models(model, made, "duckdb")
    said = run(dbt, made, "build")
    assert re.search(r"PASS=19 WARN=0 ERROR=0", said), said
    assert "eprecat" not in said.replace("This version of dbt is deprecated", "")
    run(dbt, made, "docs", "generate")
    with duckdb.connect(str(file), read_only=True) as connection:
        for name in ("customer_segments", "of_the_source"):
            assert_scores(connection.execute(f"FROM {name}").df(), model)
    manifest = json.loads((made / "target" / "manifest.json").read_text())["nodes"][
        "model.shop.customer_segments"
    ]
    assert len(manifest["config"]["meta"]["segmentry_model"]) == 12
    assert manifest["contract"]["enforced"] is True
    assert all(column["description"] and column["data_type"] for column in manifest["columns"].values())


def test_a_package_is_built_by_the_project_that_tests_it(dbt: str, model: Path, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text("utf-8")
    (described,) = re.findall(r"```yaml package\n(.*?)```", page, re.DOTALL)
    package, file = tmp_path / "segments", tmp_path / "shop.duckdb"
    (package / "models").mkdir(parents=True)
    (package / "dbt_project.yml").write_text(described)
    segmentry(
        "sql",
        model,
        "--dialect",
        "duckdb",
        "--dbt",
        package / "models",
        "--reason",
        "--table",
        "stg_customers",
    )
    with duckdb.connect(str(file)) as connection:
        connection.register("new", NEW)
        connection.execute("CREATE TABLE customers AS FROM new")
    made = project(tmp_path, {"type": "duckdb", "path": str(file)}, "main")
    made = made.rename(package / "integration_tests")
    (made / "packages.yml").write_text("packages: [{local: ../}]\n")
    run(dbt, made, "deps")
    assert re.search(r"WARN=0 ERROR=0 SKIP=0", run(dbt, made, "build"))
    with duckdb.connect(str(file), read_only=True) as connection:
        assert_scores(connection.execute("FROM customer_segments").df(), model)
        found = connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = 'customer_segments'"
        )
        assert found.fetchone() == ("BASE TABLE",)


def test_dbt_builds_and_tests_on_postgresql(dbt: str, model: Path, postgres_url: str, tmp_path: Path) -> None:
    from adbc_driver_postgresql import dbapi

    parts = urlsplit(postgres_url)
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA crm")
        rows = pa.Table.from_pandas(NEW, preserve_index=False)
        cursor.adbc_ingest("customers", rows, mode="create", db_schema_name="crm")
        connection.commit()
    server = {"type": "postgres", "host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password,
              "dbname": parts.path.strip("/")}  # fmt: skip
    made = project(tmp_path, server, "crm")
    write_models(model, made, "postgres")
    assert re.search(r"PASS=19 WARN=0 ERROR=0", run(dbt, made, "build"))
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        for name in ("customer_segments", "of_the_source"):
            cursor.execute(f"SELECT * FROM crm.{name}")  # noqa: S608
            assert_scores(cursor.fetch_arrow_table().to_pandas(), model)


def test_another_recipe_does_not_take_the_name(
    households: dict[str, sg.Segmentation], model: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    to = ("--dialect", "duckdb", "--dbt", tmp_path / "models")
    segmentry("sql", model, *to)
    refit = households["k-modes"].save(tmp_path / "refit.json")
    segmentry("sql", refit, *to)  # the same recipe, fitted otherwise
    first = households["k-modes"].recipe.features[:3]
    other = sg.run(
        sample_households(rows=500),
        households["k-modes"].recipe.model_copy(update={"features": first}),
        segments=2,
        analyses=0,
    )
    another = other.save(tmp_path / "another.json")
    before = {path.name: path.read_text() for path in (tmp_path / "models").iterdir()}
    said = segmentry("sql", another, *to, code=2).stderr
    assert "holds a dbt model of another recipe; give this one a name of its own with --dbt-name" in said
    assert {path.name: path.read_text() for path in (tmp_path / "models").iterdir()} == before
    segmentry("sql", another, *to, "--dbt-name", "another_one")
    segmentry("sql", another, *to, "--overwrite")
    assert sorted(path.stem for path in (tmp_path / "models").glob("*.sql")) == [
        "another_one",
        "customer_segments",
    ]


@pytest.mark.parametrize(
    "dialect",
    ["duckdb", "postgres", "spark", "databricks", "redshift", "snowflake", "bigquery", "trino", "clickhouse"],
)
def test_every_dialect_with_an_adapter_reads_what_dbt_hands_over(
    households: dict[str, sg.Segmentation], dialect: str
) -> None:
    names = DbtNames("customers", "crm", "segments_of_crm")
    files = dbt_files(households["k-modes"], dialect, names=names, reason=True)
    assert sorted(files) == ["segments_of_crm.sql", "segments_of_crm.yml"]
    text = files["segments_of_crm.sql"]
    assert text.count("{{ source('crm', 'customers') }}") == 1
    assert "segmentry_input_relation" not in text
    assert ("enforced: true" in files["segments_of_crm.yml"]) == (dialect in ("duckdb", "postgres"))
    assert (
        "accepted_values: {arguments: {values: [1, 2, 3, 4], quote: false}}" in files["segments_of_crm.yml"]
    )


@pytest.mark.parametrize(
    ("dialect", "names", "message"),
    [
        ("mysql", DbtNames(), "dialect 'mysql': dbt models are written for duckdb, postgres"),
        ("duckdb", DbtNames("crm.customers"), "table 'crm.customers': dbt refers to it by its bare name"),
        ("duckdb", DbtNames(model="a-b"), "dbt model 'a-b': dbt refers to it by its bare name"),
        ("duckdb", DbtNames(source="x')}}"), "source .*: dbt refers to it by its bare name"),
        ("duckdb", DbtNames("customer_segments"), "is what it reads, and cannot be its own name"),
    ],
)
def test_names_that_dbt_cannot_use_are_refused(
    households: dict[str, sg.Segmentation], dialect: str, names: DbtNames, message: str
) -> None:
    with pytest.raises(sg.DataError, match=message):
        dbt_files(households["k-modes"], dialect, names=names)
