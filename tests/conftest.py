"""What all tests share: the customer personality file, and the rule that CI skips nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Test processes run side by side: each with one thread, or their threads wait for each other.
for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(library, "1")

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("SEGMENTRY_NO_SKIPS") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("SEGMENTRY_NO_SKIPS is set, and tests were skipped: this run fails")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("SEGMENTRY_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
