"""Tables come in the library that the data came from, under the names of their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables")
ROWS = sample_households(rows=400)


def result_of(data: Any, **more: Any) -> sg.Segmentation:
    return sg.run(data, HOUSEHOLDS, segments=3, analyses=3, **more)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[sg.Segmentation, Path]:
    folder = tmp_path_factory.mktemp("run")
    return result_of(ROWS, out=folder), folder


def test_they_are_those_of_the_files(expected: tuple[sg.Segmentation, Path]) -> None:
    result, folder = expected
    tables = result.tables
    assert {f"{name}.csv" for name in tables} == {p.name for p in folder.glob("*.csv")}
    assert {"segments", "features", "outcomes", "choices", "rules"} <= set(tables)
    for name, table in tables.items():
        assert isinstance(table, pd.DataFrame)
        assert list(pd.read_csv(folder / f"{name}.csv").columns) == list(table.columns)
    assert tables["segments"]["size"].tolist() == [s.size for s in result.segments]
    assert isinstance(sg.load(folder / "segmentation.json").tables["segments"], pd.DataFrame)


@pytest.mark.parametrize(
    ("make", "kind"),
    [(pl.from_pandas, pl.DataFrame), (lambda t: pl.from_pandas(t).lazy(), pl.DataFrame), (pa.Table.from_pandas, pa.Table),
     (lambda t: nw.from_native(pl.from_pandas(t)), nw.DataFrame)],
)  # fmt: skip
def test_others_get_their_own_kind(expected: tuple[sg.Segmentation, Path], make: Any, kind: type) -> None:
    data = make(ROWS)
    result = result_of(data)
    for name, table in result.tables.items():
        assert isinstance(table, kind), name
        as_pandas = table.to_pandas()
        other = expected[0].tables[name]
        assert list(as_pandas.columns) == list(other.columns)
        assert len(as_pandas) == len(other)
    assert isinstance(result.assign(data), kind)
