"""SQLite files and workbooks: the same pattern table as from the DataFrame; mixed types; clear errors."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from segmentry.collecting.collection import collect_patterns
from segmentry.datasets import sample_households
from segmentry.engine import open_engine
from segmentry.engine.excel import read_excel
from segmentry.engine.sqlite import read_sqlite
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return sample_households(300, seed=6)


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame) -> Path:
    path = tmp_path / "it's a shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        customers.to_sql("customers", connection, index=False)
        connection.execute(
            'CREATE TABLE "odd ""table""" (mixed, real REAL, flag BOOLEAN, empty, "select" INTEGER)'
        )
        rows = [(1, 1, 1, None, 5), ("a", 2.5, 0, None, None), (2.5, None, None, None, 7)]
        connection.executemany('INSERT INTO "odd ""table""" VALUES (?, ?, ?, ?, ?)', rows)
        connection.commit()
    return path


def patterns_of(data: object) -> PatternTable:
    engine = open_engine(data)
    try:
        return collect_patterns(engine, Recipe.load("households")).patterns
    finally:
        engine.close()


def assert_same(found: PatternTable, expected: PatternTable) -> None:
    assert found.features == expected.features
    assert found.codes.tolist() == expected.codes.tolist()
    assert found.counts.tolist() == expected.counts.tolist()
    assert found.sums.tolist() == expected.sums.tolist()


def test_sqlite(shop, customers):
    assert_same(patterns_of(f"sqlite:///{shop}?table=customers"), patterns_of(customers))


def test_values_of_sqlite_get_one_type_per_column(shop):
    assert read_sqlite(shop, 'odd "table"').to_pydict() == {
        "mixed": ["1", "a", "2.5"],
        "real": [1.0, 2.5, None],
        "flag": [True, False, None],
        "empty": [None, None, None],
        "select": [5, None, 7],
    }


def test_workbooks(tmp_path, customers):
    path = tmp_path / "customers.xlsx"
    with pd.ExcelWriter(path) as book:
        customers.to_excel(book, sheet_name="All", index=False)
        customers[:100].to_excel(book, sheet_name="Some of them", index=False)
    assert_same(patterns_of(path), patterns_of(customers))
    assert_same(patterns_of(f"excel:///{path}?table=Some%20of%20them"), patterns_of(customers[:100]))


def test_cells_of_workbooks_get_one_type_per_column(tmp_path):
    path = tmp_path / "cells.xlsx"
    frame = pd.DataFrame(
        {"n": [1, None, 3], "x": [1.5, 2, None], "t": ["a", None, 7], "f": [True, False, None]}
    )
    frame.to_excel(path, index=False)
    table, notes = read_excel(path)
    assert notes == ()
    assert table.to_pydict() == {
        "n": [1, None, 3],
        "x": [1.5, 2.0, None],
        "t": ["a", None, "7"],
        "f": [True, False, None],
    }
    assert [str(t) for t in table.schema.types] == ["int64", "double", "string", "bool"]


def test_errors(tmp_path, shop, monkeypatch):
    text = tmp_path / "text.sqlite"
    text.write_text("not a database, and longer than a header of one would be" * 20)
    book = tmp_path / "text.xlsx"
    book.write_text("not a workbook")
    headless = tmp_path / "headless.xlsx"
    pd.DataFrame([[1, 2], [3, 4]], columns=["a", ""]).to_excel(headless, index=False)
    for data, message in [
        (f"sqlite:///{shop}?table=custmers", "there is no table 'custmers'; did you mean 'customers'"),
        (f"sqlite:///{text}?table=t", "file is not a database"),
        (f"sqlite:///{shop}", "which table"),
        (str(shop), r"which table of it\? write sqlite:///"),
        ("sqlite:///nowhere.sqlite?table=t", "no such file"),
        (str(book), "cannot be read as a workbook"),
        (str(headless), "gives every column a name of its own"),
        (f"excel:///{headless}?table=Sheet9", "there is no sheet 'Sheet9'; did you mean 'Sheet1'"),
    ]:
        with pytest.raises(DataError, match=message):
            open_engine(data)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(DataError, match=r"pip install 'segmentry\[excel\]'"):
        open_engine(str(headless))


def test_an_empty_table_has_no_rows(shop):
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("CREATE TABLE nobody (a INTEGER)")
        connection.commit()
    assert read_sqlite(shop, "nobody").equals(pa.table({"a": pa.array([], pa.string())}))
