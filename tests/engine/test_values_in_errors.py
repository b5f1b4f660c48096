"""Errors of databases that come while rows are read do not show customers' values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segmentry.engine.clickhouse import ClickHouseEngine, explain_clickhouse_error
from segmentry.engine.clickhouse_runners import InProcess
from segmentry.engine.duckdb import DuckDBEngine
from segmentry.engine.duckdb_errors import first_line
from segmentry.engine.opening import open_engine
from segmentry.engine.postgresql_errors import explain_postgresql_error
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


def test_duckdb_names_files_and_columns_and_no_value(tmp_path: Path) -> None:
    one, other = (tmp_path / name for name in ("it's.parquet", "other.parquet"))
    pq.write_table(pa.table({"a": [NUMBER], "b": [1]}), one)
    pq.write_table(pa.table({"a": [NUMBER], "c": [1]}), other)
    (tmp_path / "text.parquet").write_text(NAME)
    (tmp_path / "longer.parquet").write_text(NAME * 3)
    (tmp_path / "bad.json").write_text(f'{{"a": {NAME} {NUMBER}}}')
    rows = '{"a": 1}\n' * 30_000
    (tmp_path / "later.json").write_text(f'{rows}{{"a": "{NAME}"}}')
    pq.write_table(pa.table({"a": [NAME], "b": [1]}), tmp_path / "words.parquet")
    for read, told_of in {
        "[it's.parquet, other.parquet]": ['column "b" was read from the original file', "other.parquet"],
        "[text.parquet]": ["text.parquet' too small"],
        "[longer.parquet]": ["longer.parquet"],
        "[bad.json]": ['bad.json", at byte', "unexpected character"],
        "[later.json]": ['later.json", in line 30001'],
        "[it's.parquet, words.parquet]": [
            'words.parquet": failed to cast column "a" from type VARCHAR to BIGINT'
        ],
    }.items():
        files = [str(tmp_path / name) for name in read.strip("[]").split(", ")]
        with pytest.raises(duckdb.Error) as error:
            duckdb.read_json(files).fetchall() if "json" in read else duckdb.read_parquet(files).fetchall()
        said = first_line(error.value)
        assert all(part in said for part in told_of), said
        assert NAME not in said
        assert str(NUMBER) not in said


def test_what_cannot_be_cast_to_a_set_of_values_has_no_lone_bracket() -> None:
    engine = DuckDBEngine("t")
    engine.add_object("data", pd.DataFrame({"s": [NAME]}))
    said = told(lambda: engine._rows("SELECT s::ENUM('a', 'b') FROM data"))
    engine.close()
    assert said == "t: Could not convert string … when casting from source column s"


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


@pytest.mark.parametrize(
    ("of_row", "shown"),
    [
        (
            "17, 'Ada', NULL",
            'null value in column "town" of relation "kept_rows" violates not-null constraint',
        ),
        ("-17, 'Ada', 'x'", 'new row for relation "kept_rows" violates check constraint "positive"'),
        ("1, 'Ada', 'x'", 'duplicate key value violates unique constraint "kept_rows_pkey"'),
        ("99, 'Ada', 'x'", "customer … is closed"),
    ],
)
def test_postgresql_shows_no_row_that_it_refuses(postgres_url: str, of_row: str, shown: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE kept_rows (id INT PRIMARY KEY CONSTRAINT positive CHECK (id > 0), name TEXT, town TEXT NOT NULL)"
        )
        cursor.execute("INSERT INTO kept_rows VALUES (1, 'Bo', 'x')")
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 99 THEN"
            """ RAISE 'customer "%" is closed', NEW.name USING HINT = NEW.name, DETAIL = NEW::text; END IF; RETURN NEW; END $$"""
        )
        cursor.execute(
            "CREATE TRIGGER refusing BEFORE INSERT ON kept_rows FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()"
        )
        with pytest.raises(dbapi.Error) as error:
            cursor.execute(f"INSERT INTO kept_rows VALUES ({of_row})")  # noqa: S608
        assert explain_postgresql_error(error.value) == shown
        connection.rollback()


def test_clickhouse(tmp_path: Path) -> None:
    pytest.importorskip("chdb", reason="the extra `clickhouse` is not installed")
    runner = InProcess(tmp_path)
    runner.execute(f"CREATE TABLE default.t ENGINE = Memory AS SELECT '{NAME}' AS s, {NUMBER} AS n")
    engine = ClickHouseEngine("t", runner, "t")
    for text in CLICKHOUSE:
        said = told(lambda: engine._run(lambda _: runner.table(f"SELECT {text} AS v FROM default.t")))  # noqa: B023, S608
        assert NAME not in said, text
        assert str(NUMBER) not in said, text
    engine.close()


def test_spark() -> None:
    said = f'[CAST_INVALID_INPUT] The value \'{NAME}\' of the type "STRING" cannot be cast to "INT" because it is malformed. SQLSTATE: 22018'
    shown = "The value … of the type STRING cannot be cast to INT because it is malformed."
    assert explain_spark_error(Exception(said)) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            '[CAST_OVERFLOW] The value 12345678901L of the type "BIGINT" cannot be cast to "INT" due to an overflow. SQLSTATE: 22003',
            "The value … cannot be cast to INT due to an overflow.",
        ),
        ("[ARITHMETIC_OVERFLOW] 30000S * 30000S caused overflow. SQLSTATE: 22003", "… * … caused overflow."),
        (
            "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record parsing: [Ada,36,null]. SQLSTATE: 22023",
            "Malformed records are detected in record parsing: ….",
        ),
        (
            "[NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION] The 12345.678 rounded half up from 12345.678 cannot be represented as Decimal(4, 1).",
            "The … rounded half up from … cannot be represented as Decimal(4, 1).",
        ),
        ("[MAP_KEY_DOES_NOT_EXIST] Key 'Ada' does not exist. SQLSTATE: 22023", "Key … does not exist."),
        (
            '[UNRESOLVED_COLUMN] A column "Incme" cannot be resolved. SQLSTATE: 42703',
            'A column "Incme" cannot be resolved.',
        ),
    ],
)
def test_spark_tells_data_from_names_by_the_class_of_the_error(said: str, shown: str) -> None:
    assert explain_spark_error(Exception(said)) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Value Ada out of range. (VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE)", "Value … out of range"),
        ("Value O'Hara 36 is out of bounds. (ARGUMENT_OUT_OF_BOUND)", "Value …"),
        ("Value 12345 is out of bounds", "Value … is out of bounds"),
        (
            "Decimal convert overflow: 12345 is not in range. (DECIMAL_OVERFLOW)",
            "Decimal convert overflow: …",
        ),
        ("Unknown identifier `Incme`. (UNKNOWN_IDENTIFIER)", "Unknown identifier `Incme`"),
        ("cannot be reached ([Errno 111] Connection refused)",) * 2,
    ],
)
def test_clickhouse_writes_values_without_quotation_marks(said: str, shown: str) -> None:
    assert explain_clickhouse_error(f"Code: 1. DB::Exception: {said}") == shown
