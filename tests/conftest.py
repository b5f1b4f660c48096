"""What all tests share: the customer personality file, published tables, and the rule that CI skips nothing."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from mariadb import MariaDB
from tiers import mark

settings.register_profile("any machine", settings(), deadline=None)  # how long an example takes is no claim
settings.load_profile("any machine")

# Test processes run side by side: each with one thread, or their threads wait for each other.
for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(library, "1")

SHARED = Path(os.environ.get("SEGMENTRY_SHARED", Path(__file__).parents[2] / "shared"))


def shared_file(name: str) -> Path:
    path = SHARED / "data" / name
    if not path.is_file():
        pytest.skip(f"{name} is not in {SHARED}; set SEGMENTRY_SHARED to the folder that holds data/{name}")
    return path


@pytest.fixture(scope="session", autouse=True)
def _key_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The key that seals journals is not that of whoever runs the tests."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def customers() -> Path:
    return shared_file("customer_personality.csv")


@pytest.fixture(scope="session")
def original_labels() -> Path:
    return shared_file("original_kmeans_labels.csv")


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser; one process has one, as playwright wants it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine; install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


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


@pytest.fixture(scope="module")
def few_null_tables() -> Iterator[None]:
    """For modules that look at no verdict: two thirds of a small run are drawn tables."""
    from few_tables import few_tables

    with few_tables():
        yield


@pytest.fixture(scope="module")
def no_own_pictures() -> Iterator[None]:
    """For modules that look at no picture of a report."""
    from few_tables import one_picture

    with one_picture():
        yield


# Real services: `make services` starts them, tests skip where they are absent.
_POSTGRESQL_URL = Path(__file__).parents[1] / ".services" / "postgresql.url"
_MARIADB_URL = _POSTGRESQL_URL.with_name("mariadb.url")


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
def mariadb() -> Iterator[MariaDB]:
    """An empty database of a real MariaDB server."""
    url = os.environ.get("SEGMENTRY_MARIADB_URL", "")
    if not url and not _MARIADB_URL.is_file():
        pytest.skip("no MariaDB server: run `make services`, or set SEGMENTRY_MARIADB_URL to the URL of one")
    server = MariaDB(url or _MARIADB_URL.read_text())
    name = f"test_{secrets.token_hex(6)}"
    server(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield MariaDB(server.url, name)
    server(f"DROP DATABASE {name}")


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
        "spark.sql.adaptive.enabled": "false",  # every plan runs once, and as one sees it
        "spark.sql.codegen.wholeStage": "false",  # expressions are compiled, whole plans are not: they run once
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    session = (
        sql.SparkSession.builder.master("local[1]")
        .appName("segmentry tests")
        .config(map=settings)
        .getOrCreate()
    )
    yield session
    session.stop()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Texts of thousands of letters are no part of the names of tests, which processes exchange."""
    return f"{argname} of {len(val)}" if isinstance(val, (str, bytes)) and len(val) > 200 else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect no garbage among what stays: modules and thousands of tests, which no later collection looks at either."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests by their tier."""
    for item in items:
        mark(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("SEGMENTRY_NO_SKIPS") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("SEGMENTRY_NO_SKIPS is set, and tests were skipped: this run fails")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("SEGMENTRY_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
