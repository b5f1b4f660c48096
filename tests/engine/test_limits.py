"""Small files that would become enormous: a sentence, before they are read."""

from __future__ import annotations

import gzip
import io
import zipfile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from segmentry.engine import limits
from segmentry.engine.binary_sheets import last_cell
from segmentry.errors import DataError, RecipeError

RECIPE = sg.Recipe.from_toml('[features.a]\ncolumn = "a"\nedges = [5]\n')


def test_a_workbook_with_one_far_cell(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for i, value in enumerate(["a", 1, 7], 1):
        sheet.cell(i, 1).value = value
    book.save(tmp_path / "near.xlsx")
    assert sg.collect(tmp_path / "near.xlsx", RECIPE).n_customers == 2
    sheet["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(
        DataError, match="a sheet reaches to row 1,048,576 and column 16,384: more than 50,000,000"
    ):
        sg.collect(tmp_path / "far.xlsx", RECIPE)


def record(kind: int, content: bytes) -> bytes:
    return bytes([kind, len(content)]) + content


def cell(row: int, column: int) -> bytes:
    return record(0, row.to_bytes(4, "little") + bytes(13)) + record(
        5, column.to_bytes(4, "little") + bytes(12)
    )


def test_a_binary_workbook_with_one_far_cell(tmp_path):
    named = bytes([0x94, 0x01, 16]) + bytes(16)  # a size that is said, and wrong
    assert last_cell(io.BytesIO(named + cell(0, 0) + cell(3, 7))) == (4, 8)
    assert last_cell(io.BytesIO(b"")) == last_cell(io.BytesIO(named)) == (0, 0)
    with zipfile.ZipFile(tmp_path / "far.xlsb", "w") as file:
        file.writestr("xl/worksheets/sheet1.bin", named + cell(0, 0) + cell(1_048_575, 16_383))
    with pytest.raises(DataError, match="a sheet reaches to row 1,048,576 and column 16,384: more than"):
        sg.collect(tmp_path / "far.xlsb", RECIPE)


@pytest.mark.parametrize("damage", [b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + b"x" * 200, b"", b"x" * 99])
def test_damaged_workbooks(tmp_path, damage):
    for suffix in (".xlsx", ".xlsb", ".xls", ".ods"):
        (tmp_path / f"a{suffix}").write_bytes(damage)
        with pytest.raises(DataError, match=rf"a\{suffix}: "):
            sg.collect(tmp_path / f"a{suffix}", RECIPE)


def test_a_workbook_whose_list_of_files_is_damaged(tmp_path):
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    whole = (tmp_path / "a.xlsx").read_bytes()
    for place in range(0, len(whole), len(whole) // 60):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        (tmp_path / "a.xlsx").write_bytes(broken)
        with pytest.raises(DataError, match=r"a\.xlsx: "):
            sg.collect(tmp_path / "a.xlsx", RECIPE)


def test_a_workbook_that_unpacks_to_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_UNPACKED", 20_000_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    with pytest.raises(DataError, match="unpacks to 50,000,000 bytes; save the sheet as CSV"):
        sg.collect(tmp_path / "bomb.xlsx", RECIPE)


@pytest.mark.parametrize(
    ("name", "row"), [("bomb.csv.gz", b"1,x\n"), ("bomb.json.gz", b'{"a": 1, "b": "x"}\n')]
)
def test_a_packed_file_that_unpacks_to_gigabytes(tmp_path, monkeypatch, name, row):
    monkeypatch.setattr(limits, "MAX_UNPACKED", 20_000_000)
    with gzip.open(tmp_path / name, "wb") as file:
        file.write(b"a,b\n" * (row[:1] != b"{"))
        for _ in range(40):
            file.write(row * 200_000)
    with pytest.raises(
        DataError, match="bytes unpack to more than 20,000,000, which tables of customers do not"
    ):
        sg.collect(tmp_path / name, RECIPE)


def test_packed_files_of_customers_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1_000)
    frame = pd.DataFrame({"a": range(50_000)})
    frame.to_csv(tmp_path / "t.csv.gz", index=False)
    assert sg.collect(tmp_path / "t.csv.gz", RECIPE).n_customers == 50_000


def test_a_hundred_thousand_columns(tmp_path):
    names = ["a", *(f"c{i}" for i in range(100_000))]
    (tmp_path / "wide.csv").write_text("\n".join([",".join(names), ",".join(["1"] * len(names))]))
    wide = pa.table({name: [1] for name in names[:10_001]})
    pq.write_table(wide, tmp_path / "wide.parquet")
    for data, n in (
        (tmp_path / "wide.csv", "100,001"),
        (tmp_path / "wide.parquet", "10,001"),
        (wide, "10,001"),
    ):
        with pytest.raises(DataError, match=f"{n} columns; 10,000 are the most"):
            sg.collect(data, RECIPE)


@pytest.mark.parametrize(
    ("recipe", "problem"),
    [
        (
            {"features": {"a": {"column": "a", "levels": list(range(100_000))}}},
            "100,000 levels; 1,000 are the most",
        ),
        (
            {"features": {"a": {"column": "a", "edges": list(range(5_000))}}},
            "5,001 levels; 1,000 are the most",
        ),
        (
            {"features": {"a": {"column": "a", "groups": {"x": list(range(200_000))}}}},
            "200,000 values; 50,000 are the most",
        ),
        ({"features": {f"f{i}": {"column": "a"} for i in range(300)}}, "300 features; 200 are the most"),
        (
            {
                "features": {"a": {"column": "a"}},
                "outcomes": {"o": {"role": "counts", "columns": [f"c{i}" for i in range(2_000)]}},
            },
            "2,000 outcomes; 1,000 are the most",
        ),
    ],
)
def test_recipes_that_ask_for_too_much(recipe, problem):
    with pytest.raises(RecipeError, match=problem):
        sg.Recipe.from_dict(recipe)
