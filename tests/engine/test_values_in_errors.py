"""Errors of databases that come while rows are read do not show customers' values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from segmentry.engine.clickhouse import ClickHouseEngine
from segmentry.engine.clickhouse_runners import InProcess
from segmentry.engine.duckdb import DuckDBEngine
from segmentry.engine.opening import open_engine
from segmentry.engine.spark import explain_spark_error
from segmentry.errors import DataError

NAME, NUMBER = "Lovelace17", 91827364
DUCKDB = """
s::INT
s::DATE
s::TIME
s::TIMESTAMP
s::UUID
s::INT[]
s::JSON
(s || chr(10) || s)::JSON
('can''t "' || s || '"')::DATE
s::INTERVAL
strptime(s, '%d')
from_base64(s)
array_to_string(s, ',')
date_trunc(s, DATE '2020-01-01')
TIMESTAMP '2020-01-01' AT TIME ZONE s
s ~ (s || '[')
n::TINYINT
n::DECIMAL(4, 1)
make_date(n, n, n)
n * n * n * n
to_decades(n)
""".strip().splitlines()
POSTGRESQL = """
s::int
s::date
s::json
(s || chr(10) || s)::int
('"' || s || '"')::uuid
s::int[]
to_date(s, 'YYYY')
n * n * n
make_date(n, n, n)
""".strip().splitlines()
CLICKHOUSE = """
toInt32(s)
toUUID(s)
toIPv4(s)
CAST(s AS Enum8('a' = 1))
CAST(s AS Array(Int8))
match(s, concat(s, '['))
accurateCast(n, 'Int8')
""".strip().splitlines()


def told(work: Callable[[], object]) -> str:
    with pytest.raises(DataError) as error:
        work()
    return str(error.value)


@pytest.mark.parametrize("text", DUCKDB)
def test_duckdb(text: str) -> None:
    engine = DuckDBEngine("t")
    engine.add_object("data", pd.DataFrame({"s": [NAME], "n": [NUMBER]}))
    said = told(lambda: engine._rows(f"SELECT {text} FROM data"))  # noqa: S608
    engine.close()
    assert NAME not in said
    assert str(NUMBER) not in said
    assert len(said) > len("t: ") + 10


def test_names_of_columns_and_functions_stay() -> None:
    engine = DuckDBEngine("t")
    engine.add_object("data", pd.DataFrame({"s": [NAME]}))
    assert '"Incom"' in told(lambda: engine._rows("SELECT Incom FROM data"))
    assert "frobnicate" in told(lambda: engine._rows("SELECT frobnicate(s) FROM data"))
    engine.close()


def test_postgresql(postgres_url: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS values_in_errors")
        cursor.execute(f"CREATE TABLE values_in_errors AS SELECT '{NAME}' AS s, {NUMBER} AS n")
        connection.commit()
    for text in POSTGRESQL:
        engine: Any = open_engine(f"{postgres_url}?table=values_in_errors")
        said = told(lambda: engine._rows(f"SELECT {text} FROM values_in_errors"))  # noqa: B023, S608
        engine.close()
        assert NAME not in said, text
        assert str(NUMBER) not in said, text


def test_clickhouse(tmp_path: Path) -> None:
    pytest.importorskip("chdb", reason="the extra `clickhouse` is not installed")
    runner = InProcess(tmp_path)
    runner.execute(f"CREATE TABLE default.t ENGINE = Memory AS SELECT '{NAME}' AS s, {NUMBER} AS n")
    engine = ClickHouseEngine("t", runner, "t")
    for text in CLICKHOUSE:
        said = told(lambda: engine._run(lambda: runner.table(f"SELECT {text} AS v FROM default.t")))  # noqa: B023, S608
        assert NAME not in said, text
        assert str(NUMBER) not in said, text
    engine.close()


def test_spark() -> None:
    said = f'[CAST_INVALID_INPUT] The value \'{NAME}\' of the type "STRING" cannot be cast to "INT" because it is malformed. SQLSTATE: 22018'
    shown = 'The value … of the type "STRING" cannot be cast to "INT" because it is malformed.'
    assert explain_spark_error(Exception(said)) == shown
