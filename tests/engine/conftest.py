"""An awkward table, and the same in PostgreSQL and as Parquet files that Spark reads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

N = 400


def awkward_table() -> pa.Table:
    random = np.random.default_rng(8)

    def some(values: list[Any], type_: pa.DataType) -> pa.Array:
        return pa.array([values[i] for i in random.integers(0, len(values), N)], type_)

    price = [None, *(Decimal(int(n)) / 100 for n in (10, 11, 1999, 2000, 2001, 12345678901, -5))]
    towns = [
        None,
        "Málaga",
        "it's",
        'say "x"',
        "\\",
        "C:\\new",
        "",
        " ",
        "${x}",
        "$1 %s",
        "日本",
        "x; DROP TABLE t; --",
    ]
    answers = [
        "yes",
        " No ",
        "Y",
        "1",
        "0",
        "",
        None,
        " 12.5 ",
        "1e2",
        ".5",
        "1_000",
        "inf",
        "NaN",
        "1d",
        "0x1",
        "-7",
        "x",
    ]
    days = [None, *(dt.date(*d) for d in ((2024, 2, 29), (1899, 12, 31), (2030, 1, 1)))]
    columns = {
        "id": pa.array(random.permutation(N), pa.int64()),
        "small": some([1, 2, 3, 5, 8, None], pa.int16()),
        "kids": some([0, 1, 2, 3, None], pa.int32()),
        "big": some([2**52, -(2**40), 7, None], pa.int64()),
        "price": some(price, pa.decimal128(12, 2)),
        "ratio": some([None, float("nan"), -1.5, -0.0, 0.0, 0.1 + 0.2, 0.3, 1e300, -7.25], pa.float64()),
        "home town": some(towns, pa.string()),
        "Select": some(["a", "A", "é", "É", "b", None, ""], pa.string()),
        'quo"ted`': some(["yes", "no"], pa.string()),
        "flag": some([True, False, None], pa.bool_()),
        "answer": some(answers, pa.string()),
        "Answer yes": some(["yes", "N", None], pa.string()),
        "day": some(days, pa.date32()),
        "contacted": some([True, False, None], pa.bool_()),
        "spent": some(price, pa.decimal128(12, 2)),
        "score": some([None, float("nan"), 0.1, 1e6, -7.3, 0.7], pa.float64()),
        "visits": some([0, 3, 9, None], pa.int8()),
        "won": some([True, False, None], pa.bool_()),
    }
    return pa.table(columns)


@pytest.fixture(scope="session")
def table() -> pa.Table:
    return awkward_table()


@pytest.fixture(scope="session")
def in_postgres(postgres_url: str, table: pa.Table) -> str:
    from adbc_driver_postgresql import dbapi

    name = 'it\'s "awkward"'
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        quoted = '"' + name.replace('"', '""') + '"'
        types = ["bigint", "smallint", "integer", "bigint", "numeric(12, 2)", "double precision", "text", "varchar(9)",
                 "char(7)", "boolean", "text", "answer", "date", "boolean", "numeric", "double precision", "smallint", "boolean"]  # fmt: skip
        cursor.execute("CREATE TYPE answer AS ENUM ('yes', 'N')")
        definitions = ", ".join(
            '"{}" {}'.format(column.replace('"', '""'), type_)
            for column, type_ in zip(table.column_names, types, strict=True)
        )
        cursor.execute(f"CREATE TABLE {quoted} ({definitions})")
        cursor.adbc_ingest("given", table, mode="create", temporary=True)
        casts = ", ".join(
            f'"{c.replace(chr(34), chr(34) * 2)}"::{t}'
            for c, t in zip(table.column_names, types, strict=True)
        )
        cursor.execute(f"INSERT INTO {quoted} SELECT {casts} FROM given")  # noqa: S608
        connection.commit()
    return f"{postgres_url}?table=it%27s%20%22awkward%22"


@pytest.fixture(scope="session")
def in_spark(spark: Any, table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("spark")
    pq.write_table(table[:150], folder / "a.parquet")
    pq.write_table(table[150:], folder / "b.parquet")
    return f"spark:{folder}/*.parquet"


@pytest.fixture(scope="session")
def in_clickhouse(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> str:
    import chdb

    folder = tmp_path_factory.mktemp("chdb")
    types = ["Int64", "Nullable(Int16)", "Nullable(UInt8)", "Nullable(Int64)", "Nullable(Decimal(12, 2))", "Nullable(Float64)",
             "LowCardinality(Nullable(String))", "Nullable(String)", "Nullable(FixedString(3))", "Nullable(Bool)", "Nullable(String)",
             "Nullable(Enum('yes', 'N'))", "Nullable(Date32)", "Nullable(Bool)", "Nullable(Decimal(18, 4))", "Nullable(Float64)",
             "Nullable(Int8)", "Nullable(Bool)"]  # fmt: skip
    names = ["`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`" for name in table.column_names]
    columns = ", ".join(f"{name} {type_}" for name, type_ in zip(names, types, strict=True))
    given = table
    connection = chdb.connect(str(folder))
    connection.query("CREATE DATABASE shop")
    connection.query(f'CREATE TABLE shop.`it\'s "awkward"` ({columns}) ENGINE = MergeTree ORDER BY id')
    connection.query(f'INSERT INTO shop.`it\'s "awkward"` SELECT {", ".join(names)} FROM Python(given)')  # noqa: S608
    assert len(given) == len(table)
    connection.close()
    return f"chdb://{folder}?table=shop.it%27s%20%22awkward%22"
