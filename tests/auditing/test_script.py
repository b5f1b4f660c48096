"""audit.sql runs as it stands in DuckDB, and gives the figures of the audit."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

import segmentry as sg
from segmentry.auditing.result import Audit
from segmentry.datasets import write_sample


@pytest.fixture(scope="module", params=["customers.csv", "customers.parquet"])
def audit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    path = tmp_path_factory.mktemp("data") / request.param
    write_sample(path, 3_000, seed=2, dirt=True)
    return sg.audit(path)


@pytest.fixture(scope="module")
def results(audit: Audit) -> list[list[dict[str, Any]]]:
    """What each query of the script returns, in order."""
    connection = duckdb.connect()
    found = []
    for statement in connection.extract_statements(audit.sql):
        result = connection.execute(statement)
        names = [d[0] for d in result.description or []]
        found.append([dict(zip(names, row, strict=True)) for row in result.fetchall()])
    return found


def test_every_query_is_numbered_with_its_question(audit: Audit) -> None:
    starts = [line for line in audit.sql.splitlines() if line.startswith("-- ") and line[3].isdigit()]
    assert [int(line[3:].split(".")[0]) for line in starts] == list(range(1, audit.n_queries + 1))


def test_the_figures_are_those_of_the_script(audit: Audit, results: list[list[dict[str, Any]]]) -> None:
    (outline,) = next(r for r in results if r and "n_rows" in r[0])
    assert outline["n_rows"] == audit.n_rows
    figures = next(r for r in results if r and "q25" in r[0])
    assert [(f["n_distinct"], f["mean"], f["minimum"]) for f in figures] == [
        (
            c.n_distinct,
            pytest.approx(c.mean, rel=1e-9) if c.kind == "number" else f["mean"],
            c.minimum if c.kind == "number" else f["minimum"],
        )
        for c, f in zip(audit.columns, figures, strict=True)
    ]
    pairs = next(r for r in results if r and "spearman" in r[0])
    assert len(pairs) == len(audit.pairs.pairs)
    by_measure = sorted(abs(p.value) for p in audit.pairs.pairs if p.measure == "Spearman")
    assert by_measure[-1] == pytest.approx(max(abs(p["spearman"]) for p in pairs))


def test_counts_of_findings_stand_in_the_script(audit: Audit, results: list[list[dict[str, Any]]]) -> None:
    counted = {n for r in results for row in r for name, n in row.items() if name.startswith("finding_")}
    whole_rows = {row["n_surplus"] for r in results for row in r if "n_surplus" in row}
    assert {f.rows for f in audit.findings} <= counted | whole_rows


def test_queries_are_portable_expressions(audit: Audit) -> None:
    statements = sqlglot.parse(audit.sql, dialect="duckdb")
    for dialect in ("postgres", "spark"):
        for statement in statements:
            text = statement.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.IGNORE)
            assert isinstance(sqlglot.parse_one(text, dialect=dialect), (exp.Query, exp.Create))
