"""Columns of a result as arrays: those that Arrow makes, without the library that Arrow loads for it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from segmentry.tabulating import values_of


@pytest.mark.parametrize(
    "values",
    [
        pa.chunked_array([[1, 2], [3]], pa.int64()),
        pa.chunked_array([[1, None], [-3]], pa.int64()),
        pa.chunked_array([[2**63, None]], pa.uint64()),
        pa.chunked_array([[1, 2]], pa.int8()),
        pa.chunked_array([[1.5, float("nan")], [None, -0.0]], pa.float64()),
        pa.chunked_array([[1.5, None]], pa.float32()),
        pa.chunked_array([["a", None], ["", "a"]], pa.string()),
        pa.chunked_array([["a"]], pa.large_string()),
        pa.chunked_array([[True, False]], pa.bool_()),
        pa.chunked_array([[True, None], [False]], pa.bool_()),
        pa.chunked_array([[None, None]], pa.null()),
        pa.chunked_array([], pa.int64()),
        pa.chunked_array([], pa.string()),
        pa.chunked_array([[dt.date(2020, 1, 1), None]], pa.date32()),
    ],
    ids=lambda values: f"{values.type} {len(values)}",
)
def test_columns_of_a_result_are_those_of_arrow(values: pa.ChunkedArray) -> None:
    for column in (values, values.slice(1)):
        found, expected = values_of(column), column.to_numpy()
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert repr(found.tolist()) == repr(expected.tolist())


def test_collecting_a_file_loads_no_pandas(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "id,town,age,paid\n" + "".join(f"{i},{'abc'[i % 3]},{i % 70},{i}.5\n" for i in range(200))
    )
    program = f"""
import sys
import segmentry as sg
recipe = '''[source]
id = "id"
[features.town]
column = "town"
[features.age]
column = "age"
quantiles = 3
[outcomes.paid]
role = "amounts"
columns = ["paid"]'''
assert sg.collect({str(path)!r}, sg.Recipe.from_toml(recipe)).n_customers == 200
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
