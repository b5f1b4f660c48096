"""Workbooks and exports as offices make them: covers, titles, groups of columns above equal names, totals below."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook

import segmentry as sg
from reading import read
from segmentry.errors import DataError, SegmentryWarning

GROUPS = ["Customer", None, "Day", None, "Night", None]
NAMES = ["ID", "State", "Minutes", "Calls", "Minutes", "Calls"]
MADE = ["ID", "State", "Day Minutes", "Day Calls", "Night Minutes", "Night Calls"]
ROWS = [[i, "BY" if i % 3 else "HH", 20.5 + i, i % 7, 3.5 * i, i % 5] for i in range(1, 31)]
TOTAL = ["Total", None, sum(r[2] for r in ROWS), None, None, None]  # type: ignore[misc]


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """Write a workbook with these sheets, and return its path."""

    def write(**sheets: list[list[Any]]) -> Path:
        workbook = Workbook()
        workbook.remove(workbook.active)
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "customers.xlsx"
        workbook.save(path)
        return path

    return write


def test_titles_groups_blank_rows_and_totals_of_a_sheet_are_no_customers(book: Any) -> None:
    path = book(Q2=[["Extract Q2 (confidential)"], [], GROUPS, NAMES, *ROWS[:9], [], *ROWS[9:], TOTAL])
    found, notes = read(path)
    assert list(found.columns) == MADE
    assert found.to_numpy().tolist() == ROWS
    assert notes == ["title_rows", "blank_rows", "total_rows"]
    finding = next(f for f in sg.audit(path).findings if f.kind == "title_rows")
    assert finding.title.startswith("2 rows of titles above")
    assert "'Day Minutes'" in finding.title
    assert finding.severity == "check", "what is left out is no longer wrong"


def test_the_first_sheet_that_holds_a_table_is_read_and_the_others_are_named(book: Any) -> None:
    cover = [["Extract"], ["Contact", "Jane"]]
    path = book(Cover=cover, Customers=[MADE, *ROWS], Legend=[["State", "where"]])
    found, notes = read(path)
    assert (list(found.columns), len(found), notes) == (MADE, 30, ["sheets"])
    (said,) = [f for f in sg.audit(path).findings if f.kind == "sheets"]
    assert "'Customers'" in said.title
    assert "Cover, Legend" in said.advice
    asked, notes = read(f"excel://{path}?table=Legend")
    assert (list(asked.columns), notes) == (["State", "where"], [])


@pytest.mark.parametrize(
    "rows",
    [
        [[None, "name", "city"], ["a", "Anna", "Bonn"], ["b", "Ben", "Kiel"]],
        [[None, "name"], ["a", "Anna"], ["b", "Ben"]],
        [["name", "name", "city"], ["a", "Anna", "Bonn"]],
        [["Extract"], ["Anna", 3, "Bonn"], ["Ben", 4, "Kiel"]],
    ],
)
def test_customers_are_never_taken_for_names(book: Any, rows: list[list[Any]]) -> None:
    with pytest.raises(DataError, match="no row of sheet 'Sheet' gives every column a name of its own"):
        read(book(Sheet=rows))


def test_a_sheet_that_cannot_be_read_names_the_others(book: Any) -> None:
    with pytest.raises(DataError, match=r"say which sheet: excel:///FILE\?table=NAME, among A, B"):
        read(book(A=[["a", None], [1, 2]], B=[["b"]]))


@pytest.mark.parametrize(
    "last", ["Summe;;{total}", "Grand total:;;{total}", "Total;;{total}\n\n;;\nMean;;1,5"]
)
def test_totals_below_a_delimited_file_are_no_customers(written: Any, last: str) -> None:
    lines = [f"{i};{'ja' if i % 3 else 'nein'};{i},5" for i in range(1, 41)]
    path = written("\n".join(["Nr;Kredit;Umsatz", *lines, last.format(total=840)]))
    found, notes = read(path)
    kept = found.dropna(how="all")
    assert kept["Nr"].tolist() == list(range(1, 41))
    assert notes == ["total_rows"]
    assert sorted(set(kept["Kredit"])) == ["ja", "nein"]


def test_a_run_warns_of_the_sheet_and_the_totals_that_it_chose_by_itself(book: Any) -> None:
    path = book(Cover=[["Extract"]], Customers=[MADE, *ROWS, TOTAL])
    recipe = sg.Recipe.from_toml("[features.state]\ncolumn = 'State'\n")
    with pytest.warns(SegmentryWarning) as said:
        assert sg.collect(path, recipe).n_customers == 30
    texts = " ".join(str(one.message) for one in said)
    assert "1 row of totals below the table: left out" in texts
    assert "'Customers'" in texts


def test_totals_are_told_by_the_first_cell_alone(written: Any) -> None:
    plans = pd.DataFrame({"id": range(30), "plan": ["basic", "total"] * 15})
    found, notes = read(written(plans))
    assert (len(found), notes) == (30, [])
    first = pd.DataFrame({"plan": ["basic", "total"] * 15, "n": range(30)})
    found, notes = read(written(first))
    assert (len(found), notes) == (30, [])
