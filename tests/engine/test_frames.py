"""Tables of any library that hands Arrow over give the same pattern table, and assignments come back in that library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import ibis
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.engine import open_engine
from segmentry.errors import DataError

HOUSEHOLDS = sample_households(rows=300)
TABLES: dict[str, Callable[[], Any]] = {
    "a relation of DuckDB": lambda: duckdb.from_df(HOUSEHOLDS),
    "a table of ibis": lambda: ibis.memtable(pa.Table.from_pandas(HOUSEHOLDS)),
    "polars": lambda: pl.from_pandas(HOUSEHOLDS),
    "polars, lazy": lambda: pl.from_pandas(HOUSEHOLDS).lazy(),
    "narwhals": lambda: nw.from_native(HOUSEHOLDS),
    "narwhals, lazy": lambda: nw.from_native(pl.from_pandas(HOUSEHOLDS).lazy()),
    "narwhals, a relation": lambda: nw.from_native(duckdb.from_df(HOUSEHOLDS)),
    "a stream": lambda: pa.Table.from_pandas(HOUSEHOLDS).to_reader(max_chunksize=70),
    "a data set": lambda: pyarrow.dataset.dataset(pa.Table.from_pandas(HOUSEHOLDS)),
}


@pytest.fixture(scope="module")
def expected() -> sg.PatternTable:
    return sg.collect(HOUSEHOLDS, "households")


@pytest.mark.parametrize("kind", TABLES)
def test_the_pattern_table_is_the_same(expected: sg.PatternTable, kind: str) -> None:
    found = sg.collect(TABLES[kind](), "households")
    np.testing.assert_array_equal(found.codes, expected.codes)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_allclose(found.sums, expected.sums, rtol=1e-12)


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(HOUSEHOLDS, "households", segments=2, analyses=0)


@pytest.mark.usefixtures("few_null_tables")
@pytest.mark.parametrize(
    ("kind", "library"),
    [
        ("polars", pl.DataFrame), ("polars, lazy", pl.DataFrame), ("narwhals", nw.DataFrame), ("a relation of DuckDB", pd.DataFrame),
        ("a stream", pa.Table),
    ],
)  # fmt: skip
def test_assignments_come_back_in_the_library_that_came_in(
    result: sg.Segmentation, kind: str, library: type
) -> None:
    found = result.assign(TABLES[kind]())
    assert isinstance(found, library)
    table = found.to_arrow() if hasattr(found, "to_arrow") else pa.table(found)
    assert table.to_pandas()["segment"].tolist() == result.assign(HOUSEHOLDS)["segment"].tolist()


@pytest.mark.parametrize("kind", ["a column", "a series", "a stream that breaks off"])
def test_what_is_no_table_is_one_sentence(kind: str) -> None:
    def batches() -> Any:
        yield pa.record_batch({"Income": [1.0]})
        raise OSError("the line is dead\nand so on")

    things = {
        "a column": ibis.memtable(pa.Table.from_pandas(HOUSEHOLDS)).Income,
        "a series": pl.Series([1]),
        "a stream that breaks off": pa.RecordBatchReader.from_batches(
            pa.schema({"Income": pa.float64()}), batches()
        ),
    }
    with pytest.raises(DataError, match=r"^cannot read a \w+: ") as caught:
        sg.collect(things[kind], "households")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("connection", "call"),
    [
        (duckdb.connect, r"connection\.table\('customers'\)"),
        (ibis.duckdb.connect, r"connection\.table\('customers'\)"),
    ],
)
def test_a_connection_is_told_what_to_call(connection: Callable[[], Any], call: str) -> None:
    with pytest.raises(DataError, match=call):
        sg.collect(connection(), "households")


@pytest.mark.parametrize(
    "table", [pd.DataFrame(), pl.DataFrame(), pa.table({})], ids=lambda t: type(t).__module__
)
def test_a_table_without_columns_is_said_to_have_none(table: Any) -> None:
    with pytest.raises(DataError, match="the table has no columns"):
        sg.collect(table, "households")


NO_COLUMNS: dict[str, Callable[[], Any]] = {
    "column 'c' holds int, str, which make no": lambda: pd.DataFrame({"c": pd.Series([1, "Lovelace17"], dtype=object)}),
    "column 'c' holds whole numbers of more than 64 bits": lambda: pd.DataFrame({"c": [10**30] * 100}),
    "column 'c' holds letters that are no Unicode": lambda: pd.DataFrame({"c": pd.Series(["17\ud800"], dtype=object)}),
    "column 'c' holds complex128": lambda: pd.DataFrame({"c": np.ones(100) * 17j}),
    "column 'c' holds date, datetime": lambda: pd.DataFrame(
        {"c": pd.Series([date(2020, 1, 1), datetime(2020, 1, 17, 3, tzinfo=UTC)], dtype=object)}
    ),
    "column 'c' holds ValueError": lambda: pd.DataFrame({"c": [ValueError("Lovelace17")]}),
    "several columns are named 'id'; rename": lambda: pd.DataFrame([[1, 2], [3, 4]], columns=["id", "id"]),
    "column 'c', whose type is halffloat": lambda: pd.DataFrame({"a": 1, "c": np.ones(100, "float16")}),
    "column 'c', whose type is decimal256": lambda: pa.table({"c": pa.array([Decimal(10**60)], pa.decimal256(70, 0))}),
    "column 'c', whose type is Int128": lambda: pl.DataFrame({"c": pl.Series([2**100], dtype=pl.Int128)}),
    "column 'c', whose type is Object": lambda: pl.DataFrame({"c": pl.Series([object()], dtype=pl.Object)}),
}  # fmt: skip


@pytest.mark.parametrize("said", NO_COLUMNS)
def test_a_column_that_is_none_is_named_and_its_values_are_not(said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        open_engine(NO_COLUMNS[said]())
    assert "17" not in str(caught.value)


def test_durations_that_are_all_missing_leave_the_others_readable() -> None:
    missing, some = pd.to_timedelta([None] * 100), pd.to_timedelta([1, None] * 50, unit="D")
    engine = open_engine(pd.DataFrame({"id": range(100), "missing": missing, "known": some}))
    query = "SELECT count(*) AS n, count(missing) AS missing, max(missing) AS most, count(known) AS known FROM data"
    assert engine._arrow(query).to_pylist() == [{"n": 100, "missing": 0, "most": None, "known": 50}]  # type: ignore[attr-defined]
    engine.close()


def test_dates_and_missing_ones_are_dates() -> None:
    values = pd.Series([date(2020, 1, 17), None, pd.NaT, float("nan")], dtype=object)
    engine = open_engine(pd.DataFrame({"c": values}))
    assert engine._arrow(
        "SELECT min(c) AS c, count(c) AS n, any_value(typeof(c)) AS kind FROM data"
    ).to_pylist() == [  # type: ignore[attr-defined]
        {"c": date(2020, 1, 17), "n": 1, "kind": "DATE"}
    ]
    engine.close()


@pytest.mark.parametrize(
    "damaged",
    [
        pa.DictionaryArray.from_arrays(pa.array([0, 99], pa.int8()), ["a", "b"], safe=False),
        pa.Array.from_buffers(
            pa.string(), 2, [None, pa.array([0, 1, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe")]
        ),
    ],
    ids=["a category that there is not", "no letters"],
)
@pytest.mark.parametrize(
    "made", [pa.table, lambda columns: pa.table(columns).to_reader()], ids=["table", "stream"]
)
def test_a_damaged_column_is_named_before_it_is_read(damaged: Any, made: Callable[[Any], Any]) -> None:
    """DuckDB reads beyond the categories, which ends the process."""
    with pytest.raises(DataError, match="cannot read column 'shop': it is damaged"):
        sg.draft(made({"spend": [1.0, 2.0], "shop": damaged}))
