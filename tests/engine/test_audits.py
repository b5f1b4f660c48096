"""PostgreSQL and Spark give the audit, and the drafted recipe, that DuckDB gives, on awkward data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

import segmentry as sg
from segmentry.auditing.result import Audit


@pytest.fixture(scope="module")
def expected(table: pa.Table) -> Audit:
    return sg.audit(table)


def comparable(audit: Audit) -> dict[str, Any]:
    """The audit without what is of the engine: names of types, and SQL; floating-point figures to 9 digits."""
    return {
        "columns": [replace(c, sql_type="", mean=None, histogram=()) for c in audit.columns],
        "means": [c.mean and pytest.approx(c.mean, rel=1e-9) for c in audit.columns],
        "histograms": [c.histogram for c in audit.columns],
        "findings": [replace(f, sql="") for f in audit.findings],
        "answers": audit.answers,
        "pairs": [
            (p.one, p.other, p.measure, pytest.approx(p.value, abs=1e-9), p.n)
            for p in sorted(audit.pairs.pairs, key=lambda p: (p.one, p.other))
        ],
        "roles": audit.roles,
    }


@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_every_figure_of_an_audit_equals_duckdbs(
    request: pytest.FixtureRequest, expected: Audit, engine: str
) -> None:
    found = comparable(sg.audit(request.getfixturevalue(engine)))
    for part, figures in comparable(expected).items():
        assert found[part] == figures, part


def test_the_script_of_an_audit_runs_in_postgresql_as_it_stands(in_postgres: str) -> None:
    from adbc_driver_postgresql import dbapi

    script = sg.audit(in_postgres).sql
    with dbapi.connect(in_postgres.partition("?")[0]) as connection, connection.cursor() as cursor:
        statements = script.removesuffix(";\n").split(";\n\n")
        for statement in statements:
            cursor.execute(statement)
    assert len(statements) > 10


@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_the_drafted_recipe_equals_duckdbs(
    request: pytest.FixtureRequest, table: pa.Table, engine: str
) -> None:
    drafts = [sg.draft(data).text.splitlines()[1:] for data in (request.getfixturevalue(engine), table)]
    found, expected = ([line for line in lines if not line.startswith("title =")] for lines in drafts)
    assert found == expected


@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_columns_with_too_many_values_to_count_are_measured_in_the_table(
    request: pytest.FixtureRequest, table: pa.Table, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segmentry.auditing.columns.MAX_COUNTED_VALUES", 5)
    monkeypatch.setattr("segmentry.auditing.pairs.PAIR_SAMPLE_ROWS", 100)
    exact = {c.name: c for c in sg.audit(table).columns}
    found = sg.audit(request.getfixturevalue(engine))
    wide = [c for c in found.columns if not c.is_counted]
    assert {"id", "price", "ratio", "home town"} <= {c.name for c in wide}
    for c in wide:
        e = exact[c.name]
        assert (c.n_missing, c.minimum, c.maximum) == (e.n_missing, e.minimum, e.maximum)
        assert (c.n_zero, c.n_negative) == (e.n_zero, e.n_negative)
        assert c.mean == (e.mean and pytest.approx(e.mean, rel=1e-9))


def test_a_user_who_may_make_no_temporary_table_has_an_audit(in_postgres: str, expected: Audit) -> None:
    from adbc_driver_postgresql import dbapi

    from segmentry.engine import from_adbc

    name = 'it\'s "awkward"'
    with dbapi.connect(in_postgres.partition("?")[0]) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        connection.commit()
        found = sg.audit(from_adbc(connection, name))
    assert comparable(found) == comparable(expected)
