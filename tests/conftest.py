"""What all tests share: the customer personality file, published tables, and the rule that CI skips nothing."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Test processes run side by side: each with one thread, or their threads wait for each other.
for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(library, "1")

TESTS = Path(__file__).parent
SHARED = Path(os.environ.get("SEGMENTRY_SHARED", Path(__file__).parents[2] / "shared"))


def shared_file(name: str) -> Path:
    path = SHARED / "data" / name
    if not path.is_file():
        pytest.skip(f"{name} is not in {SHARED}; set SEGMENTRY_SHARED to the folder that holds data/{name}")
    return path


@pytest.fixture(scope="session")
def customers() -> Path:
    return shared_file("customer_personality.csv")


@pytest.fixture(scope="session")
def original_labels() -> Path:
    return shared_file("original_kmeans_labels.csv")


# Seven pathologists A-G on carcinoma in 118 slides, 1 no, 2 yes, and how often (Agresti 2002, Categorical Data
# Analysis, table 13.1).
_CARCINOMA = """
1111111 34  1111211 2  1211111 6  1211112 1  1211211 4  1211212 5  2111111 2  2121212 1
2211111 2  2211112 1  2211211 2  2211212 7  2211222 1  2212112 1  2212212 2  2212222 3
2221212 13  2221222 5  2222212 10  2222222 16
"""

# 216 students on four situations of role conflict (Stouffer & Toby 1951; `values` of the R package poLCA).
_ROLE_CONFLICT = """
1111 42  1112 23  1121 6  1122 25  1211 6  1212 24  1221 7  1222 38
2111 1  2112 4  2121 1  2122 6  2211 2  2212 9  2221 2  2222 20
"""


def _published(text: str, total: int) -> tuple[Any, Any]:
    """Return the patterns (n_patterns, n_features) and their counts."""
    import numpy as np

    words = text.split()
    counts = np.array([int(word) for word in words[1::2]])
    assert counts.sum() == total
    return np.array([list(word) for word in words[::2]]), counts


@pytest.fixture(scope="session")
def carcinoma() -> tuple[Any, Any]:
    return _published(_CARCINOMA, 118)


@pytest.fixture(scope="session")
def role_conflict() -> tuple[Any, Any]:
    return _published(_ROLE_CONFLICT, 216)


SERVICES = {"postgres_url", "spark"}
SERVICE_OF = {"postgres": "postgres_url", "spark": "spark"}
BROWSERS = {"browser"}
"""Fixtures that are not to be had without a service, or a browser."""

SLOW = {
    "auditing/test_bad_files.py",
    "auditing/test_bad_input.py",
    "auditing/test_replay.py",
    "auditing/test_script.py",
    "cli/test_cli.py",
    "cluster/test_kmodes.py",
    "cluster/test_kprototypes.py",
    "cluster/test_latent_class.py",
    "cluster/test_standard_errors.py",
    "collecting/test_histograms.py",
    "collecting/test_ids.py",
    "datasets/test_households.py",
    "disclosure/test_every_file.py",
    "disclosure/test_model_file.py",
    "disclosure/test_same_files.py",
    "disclosure/test_stricter.py",
    "drafting/test_any_table.py",
    "drafting/test_drafts.py",
    "drafting/test_headline.py",
    "drift/test_calibration.py",
    "drift/test_command.py",
    "engine/test_audits.py",
    "engine/test_documents.py",
    "engine/test_opening_errors.py",
    "engine/test_postgresql.py",
    "engine/test_spark.py",
    "packaging/test_wheel.py",
    "patterns/test_folds.py",
    "profiling/test_texts.py",
    "properties/test_encoder.py",
    "properties/test_weights_cluster.py",
    "reference/test_latent_class_references.py",
    "reference/test_proved_optima.py",
    "report/test_exports.py",
    "report/test_locales.py",
    "report/test_report.py",
    "runs/test_nightly.py",
    "runs/test_previous.py",
    "runs/test_protected_columns.py",
    "runs/test_segment.py",
    "scoring/test_doubts.py",
    "scoring/test_grids.py",
    "scoring/test_score.py",
    "scoring/test_sql.py",
    "scoring/test_tables.py",
    "segmentation/test_model_files.py",
    "segmentation/test_segmentation.py",
    "selection/test_indices.py",
    "selection/test_missing_values.py",
    "selection/test_null_curves.py",
    "selection/test_null_tables.py",
    "selection/test_verdict.py",
    "selection/test_verdict_rates.py",
    "test_docs.py",
    "text/test_display.py",
}
"""Modules that take longer than five seconds: calibrations, proofs, whole runs."""
assert all((TESTS / name).is_file() for name in SLOW), "SLOW names a module that is gone"

# Real services: `make services` starts them, tests skip where they are absent.
_POSTGRESQL_URL = Path(__file__).parents[1] / ".services" / "postgresql.url"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL, with its password, of an empty database of a real server; the user is a superuser."""
    server = os.environ.get("SEGMENTRY_POSTGRESQL_URL", "")
    if not server and not _POSTGRESQL_URL.is_file():
        pytest.skip(
            "no PostgreSQL server: run `make services`, or set SEGMENTRY_POSTGRESQL_URL to a superuser's URL"
        )
    server = server or _POSTGRESQL_URL.read_text()
    dbapi = pytest.importorskip(
        "adbc_driver_postgresql.dbapi", reason="the extra `postgresql` is not installed"
    )
    name = f"test_{secrets.token_hex(6)}"
    with dbapi.connect(server, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield f"{server.rpartition('/')[0]}/{name}"
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The test process's one SparkSession: local, small, on the loopback address. Starting it takes 8 s."""
    sql = pytest.importorskip("pyspark.sql", reason="the extra `spark` is not installed")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs Java: see `make services`")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # short queries: half the time
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    session = (
        sql.SparkSession.builder.master("local[2]")
        .appName("segmentry tests")
        .config(map=settings)
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a service or a browser by their fixtures, and keep those of Spark in one process."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "request" in fixtures and hasattr(item, "callspec"):  # a parameter names the fixture of an engine
            engines = {str(value).rpartition("_")[2] for value in item.callspec.params.values()}
            fixtures |= {fixture for engine, fixture in SERVICE_OF.items() if engine in engines}
        if "spark" in fixtures:
            item.add_marker(pytest.mark.xdist_group("spark"))
        if item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).as_posix() in SLOW:
            item.add_marker(pytest.mark.slow)
        if fixtures & SERVICES:
            item.add_marker(pytest.mark.service)
        if fixtures & BROWSERS:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("SEGMENTRY_NO_SKIPS") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("SEGMENTRY_NO_SKIPS is set, and tests were skipped: this run fails")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("SEGMENTRY_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
