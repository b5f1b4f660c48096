"""Delimited files and workbooks as people have them: letters, titles, line ends, blank rows, whatever stands late."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import segmentry as sg
from reading import read
from segmentry.engine import files
from segmentry.engine.encodings import spelled
from segmentry.errors import DataError, SegmentryWarning

CITIES = ["Москва", "Казань", "Самара"]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("windows-1251", CITIES),
        ("koi8-r", CITIES),
        ("windows-1252", ["Köln", "1 000 €", "Málaga"]),
        ("windows-1250", ["Łódź", "Kraków", "Gdańsk"]),
        ("latin-1", ["Köln", "Málaga", "São Paulo"]),
    ],
)
def test_an_encoding_is_told_by_its_letters_and_said(written: Any, encoding: str, words: list[str]) -> None:
    table = pd.DataFrame({"id": range(90), "city": words * 30})
    path = written(table, encoding=encoding)
    found, notes = read(path)
    assert sorted(set(found["city"])) == sorted(words)
    assert notes == ["encoding"]
    (finding,) = [f for f in sg.audit(path).findings if f.kind == "encoding"]
    assert encoding in finding.title
    assert any(word in finding.title for word in " ".join(words).split())
    assert "--encoding" in finding.advice


def test_an_encoding_that_is_given_is_taken_and_kept(written: Any, people: pd.DataFrame) -> None:
    people["city"] = CITIES * 100
    path = written(people, encoding="windows-1251")
    recipe = sg.draft(path, encoding="windows-1251")
    assert recipe.source.encoding == "windows-1251"
    assert not [f for f in sg.audit(path, encoding="windows-1251").findings if f.kind == "encoding"]
    assert "Москва" in recipe.text
    with pytest.raises(DataError, match=r"encoding 'klingon': there is no such encoding; known are"):
        sg.draft(path, encoding="klingon")
    with pytest.warns(SegmentryWarning, match="read as windows-1251, such as"):
        sg.collect(path, sg.Recipe.load("[features.age]\ncolumn = 'age'\nedges = [30]"))


def test_titles_above_the_names_are_left_out(written: Any, people: pd.DataFrame) -> None:
    commas = "," * (people.shape[1] - 1)
    above = f"Customer export{commas}\nGenerated 2024-05-01{commas}\n{commas}\n"
    path = written(above + people.to_csv(index=False))
    found, notes = read(path)
    assert list(found.columns) == list(people.columns)
    assert len(found) == 300
    assert found["age"].tolist() == people["age"].tolist()
    assert notes == ["title_rows"]
    assert "3 rows of titles" in next(f.title for f in sg.audit(path).findings if f.kind == "title_rows")


def test_a_title_of_one_cell_is_left_out_and_said(written: Any, people: pd.DataFrame) -> None:
    found, notes = read(written(f"Customer export\n{people.to_csv(index=False)}"))
    assert (list(found.columns), len(found)) == (list(people.columns), 300)
    assert notes == ["title_rows"]


PAIRS = "".join(f"{i},{i}\n" for i in range(30))
TRIPLES = "".join(f"{i},{i},x\n" for i in range(31))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"a,b\n{PAIRS}{TRIPLES}", "read as one column, 'a,b': lines with more or fewer fields"),
        (f"a,b\n{PAIRS}a,b,c\n{TRIPLES}", "read as one column, 'a,b': lines with more or fewer fields"),
        (f"a\n1\n2\n3\n{TRIPLES}", "its first 4 lines have fewer fields than those below them"),
    ],
)
def test_rows_that_are_narrower_than_later_ones_are_not_lost(written: Any, text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        sg.draft(written(text))


def test_an_audit_counts_lines_that_are_wider_than_the_first(written: Any) -> None:
    audit = sg.audit(written(f"a,b\n{PAIRS}1,2,3\n4,5,6\n"))
    assert audit.n_rows == 30
    assert [f.rows for f in audit.findings if f.kind == "ragged_rows"] == [2]


def test_line_ends_may_be_mixed(written: Any, people: pd.DataFrame) -> None:
    lines = people.to_csv(index=False).splitlines()
    text = "".join(line + ("\r\n" if i % 3 else "\n") for i, line in enumerate(lines))
    found, _ = read(written(text))
    pd.testing.assert_frame_equal(found, people, check_dtype=False)


def test_lines_within_quotation_marks_are_no_mixed_ends(written: Any) -> None:
    text = 'id,remark\r\n1,"one\ntwo"\r\n2,none\r\n'
    found, _ = read(written(text))
    assert found["remark"].tolist() == ["one\ntwo", "none"]


def test_words_among_numbers_are_missing(written: Any, people: pd.DataFrame) -> None:
    table = people.astype({"income": object, "age": object})
    table.loc[5:28, "income"] = "NA"
    table.loc[290, "age"] = "unknown"
    path = written(table)
    found, notes = read(path)
    assert found["income"].isna().sum() == 24
    assert found["age"].isna().sum() == 1
    assert notes == ["words_among_numbers"] * 2
    recipe = sg.draft(path)
    assert {f.column for f in recipe.features} >= {"age", "income"}
    assert "24 rows with 'NA' among numbers: read as missing" in recipe.text.replace("\n# ", " ")
    assert sg.collect(path, recipe).cleaning.n_of("missing", "income") == 24


def test_what_a_large_file_holds_late_is_a_sentence(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from segmentry.engine import delimited

    monkeypatch.setattr(delimited, "_SMALL", 0)
    lines = [f"{i},{20 + i % 50},x" for i in range(60_000)]
    lines[59_000] = "59000,never mind,x"
    path = written("id,age,kind\n" + "\n".join(lines) + "\n")
    with pytest.raises(DataError) as caught:
        sg.collect(path, sg.Recipe.load("[features.age]\ncolumn = 'age'\nedges = [30]"))
    text = str(caught.value)
    assert "column 'age' holds 'never mind' in line 59,002, which is not a whole number" in text
    assert "audit" in text
    assert "CSV Error" not in text


def test_blank_rows_of_a_sheet_are_no_customers(tmp_path: Any, people: pd.DataFrame) -> None:
    import openpyxl

    path = tmp_path / "customers.xlsx"
    people.to_excel(path, index=False)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for row in range(302, 361):
        sheet.cell(row, 1).value = "  "
        sheet.cell(row, 3).font = openpyxl.styles.Font(bold=True)
    sheet.cell(350, 5).value = " "
    book.save(path)
    found, notes = read(path)
    assert len(found) == 300
    assert notes == ["blank_rows"]
    assert sg.draft(path).source.id == "customer_id"
    assert any("rows of the sheet without any value" in f.title for f in sg.audit(path).findings)


@pytest.mark.parametrize(
    "encoding", ["rot13", "hex", "zip", "idna", "undefined", "utf-7", "unicode_escape", "\0", "no such"]
)
def test_codecs_that_are_no_encodings_of_files_are_refused(encoding: str) -> None:
    with pytest.raises(DataError, match="there is no such encoding"):
        spelled(encoding)


def test_a_link_to_a_file_that_is_gone_is_a_sentence(tmp_path: Any) -> None:
    (tmp_path / "orders.parquet").symlink_to(tmp_path / "gone.parquet")
    for given in (tmp_path, tmp_path / "*.parquet"):
        with pytest.raises(DataError, match=r"orders\.parquet: cannot be read"):
            sg.draft(str(given))


def test_a_folder_of_much_else_is_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.DataFrame({"spend": [1.0, 2.0, 3.0]}).to_parquet(tmp_path / "orders.parquet")
    monkeypatch.setattr(files, "MOST_OTHERS", 3)
    for name in "abc":
        (tmp_path / name).mkdir()
    assert files.files_of(str(tmp_path)) == [tmp_path / "orders.parquet"]
    (tmp_path / "c" / "notes.txt").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="holds more than 3 folders and other files; give the folder that"):
        files.files_of(str(tmp_path))
