"""Every figure comes from audit.sql: an audit fed with nothing but what the script returns is the same audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp

import segmentry as sg
from segmentry.auditing.result import Audit
from segmentry.auditing.session import Session
from segmentry.datasets import write_sample


@pytest.fixture(scope="module", params=["sample.csv", "sample.parquet", "customers"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "customers":
        found: Path = request.getfixturevalue("customers")
        return found
    return write_sample(tmp_path_factory.mktemp("data") / request.param, 2_000, seed=3, dirt=True)


def replayed(data: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """The audit of a file whose questions are answered by the statements of a script, in a fresh database."""
    connection = duckdb.connect()
    create, *statements = connection.extract_statements(script)
    connection.execute(create)

    def ask(self: Session, question: str, expression: exp.Query) -> list[dict[str, Any]]:
        Session_.ask_(self, question, expression)
        result = connection.execute(statements.pop(0))
        names = [d[0] for d in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def keep(self: Session, name: str, question: str, expression: exp.Query) -> None:
        Session_.keep_(self, name, question, expression)
        connection.execute(statements.pop(0))

    class Session_:  # noqa: N801 - the methods that are replaced
        ask_, keep_ = Session.ask, Session.keep

    monkeypatch.setattr(Session, "ask", ask)
    monkeypatch.setattr(Session, "keep", keep)
    audit = sg.audit(data)
    assert statements == []
    return audit


def test_page_and_json_hold_what_the_script_returns(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = sg.audit(data)
    again = replayed(data, audit.sql, monkeypatch)
    assert again.to_json() == audit.to_json()
    assert again.to_html() == audit.to_html()


def test_other_answers_of_the_script_are_other_figures(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = sg.audit(data)
    fewer = audit.sql.replace("FROM data", "FROM (SELECT * FROM data WHERE ID % 50 > 0) AS data")
    again = replayed(data, fewer, monkeypatch)
    assert again.n_rows < audit.n_rows
    assert again.column("Income").mean != audit.column("Income").mean
    assert again.column("Income").histogram != audit.column("Income").histogram
    assert [f.rows for f in again.findings] != [f.rows for f in audit.findings]
    assert [a.rows for a in again.answers] != [a.rows for a in audit.answers]
    assert again.pairs.pairs != audit.pairs.pairs
