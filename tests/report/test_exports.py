"""The report's facts in other forms: JSON, Markdown, Excel, PDF, a notebook."""

from __future__ import annotations

import json
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.report import check_exports, compose
from segmentry.text.plain_json import plain_value

pytestmark = pytest.mark.usefixtures("few_null_tables")

FORMULA = "=cmd|' /C calc'!A0"
HOSTILE = "<script>alert(1)</script>"
ROWS = sample_households(rows=1_500, seed=4)


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    rows = ROWS.assign(
        Education=ROWS["Education"].replace({"PhD": FORMULA, "Basic": HOSTILE, "Master": "a|b"})
    )
    recipe = sg.Recipe.from_toml(
        f'title = "{HOSTILE}"\n[features.education]\ncolumn = "Education"\n[features.income]\ncolumn = "Income"\nquantiles = 3\n'
        f'[outcomes.o]\nlabel = "{FORMULA}"\nrole = "amounts"\n[outcomes.o.columns]\nMntWines = "{FORMULA}"\nMntFruits = "+1"\n'
        '[outcomes.f]\nrole = "flags"\ncolumns = ["Response"]\n[model]\nrange = [1, 4]'
    )
    return sg.run(rows, recipe, segments=3)


def test_json_holds_every_fact(result: sg.Segmentation, tmp_path: Path) -> None:
    found = json.loads(result.report(tmp_path / "r.json").read_text(encoding="utf-8"))
    assert found == json.loads(json.dumps(plain_value(compose(result).facts)))
    sizes = [s["size"] for s in found["segments"]]
    assert sizes == [s.size for s in result.segments]
    for segment in found["segments"]:
        mine = result.outcomes[result.outcomes["segment"] == segment["id"]]
        shown = [o["value"] for g in segment["groups"] for o in g["outcomes"]]
        assert shown == pytest.approx(mine["value"].tolist())


def test_markdown_is_one_table_row_per_segment_and_harmless(result: sg.Segmentation, tmp_path: Path) -> None:
    text = result.report(tmp_path / "r.md").read_text(encoding="utf-8")
    assert HOSTILE not in text
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    widths = {len(line.replace("\\|", "").split("|")) for line in rows[:4]}
    assert len(rows) == 1 + 3 + 1 + 3
    assert len(widths) == 1


def test_markdown_says_that_customers_are_weighted_and_how_many_have_no_weight(tmp_path: Path) -> None:
    weights = np.where(np.arange(600) < 20, np.nan, 1 + np.arange(600) % 3)
    recipe = sg.Recipe.from_dict({
        "source": {"weight": "w"},
        "features": {"children": {"column": "Kidhome"}, "education": {"column": "Education"}},
    })  # fmt: skip
    result = sg.run(sample_households(rows=600).assign(w=weights), recipe, segments=2, analyses=0)
    text = result.report(tmp_path / "r.md").read_text(encoding="utf-8")
    assert (
        "- Customers carry survey weights: shares, means and likelihoods are weighted, intervals use" in text
    )
    assert "- 20 customers with missing or zero weight in w: they are assigned, and shares and" in text


def test_excel_has_a_sheet_per_segment_and_no_formula(result: sg.Segmentation, tmp_path: Path) -> None:
    path = result.report(tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 1 + 3 + 1
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(cell.value == FORMULA for cell in cells)
    with ZipFile(path) as files:
        charts = [name for name in files.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 1 + 3 * (2 + 2)
        assert all(
            b"<f>" not in files.read(n) for n in files.namelist() if n.startswith("xl/worksheets/sheet")
        )
    first = book.worksheets[1]
    values = {row[0].value: row for row in first.iter_rows(min_row=4) if row[0].value}
    level = result.features[(result.features["segment"] == 1) & (result.features["level"] == "a|b")].iloc[0]
    assert values["a|b"][2].value == pytest.approx(level["share"])


def test_a_workbook_makes_no_temporary_file_that_a_killed_command_would_leave(
    result: sg.Segmentation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    result.report(tmp_path / "report.xlsx")
    assert (tmp_path / "report.xlsx").stat().st_size > 5_000


def test_names_of_sheets_are_what_excel_allows(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"a": np.repeat(["x" * 60 + "[1]", "x" * 60 + "/2:", "*?"], 40), "b": np.tile(["p", "q"], 60)}
    )
    recipe = sg.Recipe.from_toml('[features.a]\ncolumn = "a"\n[features.b]\ncolumn = "b"')
    names = openpyxl.load_workbook(sg.run(rows, recipe, segments=3).report(tmp_path / "r.xlsx")).sheetnames
    assert len(set(map(str.casefold, names))) == 5
    assert all(len(name) <= 31 for name in names)


def test_pdf_is_printed_by_the_browser(result: sg.Segmentation, tmp_path: Path) -> None:
    try:
        check_exports(excel=False, pdf=True)
    except sg.DataError as error:
        pytest.skip(str(error))
    assert result.report(tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_what_is_not_there_is_said_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(sg.DataError, match="needs a browser"):
        sg.run(tmp_path / "absent.csv", "households", out=tmp_path / "o", pdf=True)
    assert not (tmp_path / "o").exists()


def test_another_suffix_is_a_mistake(result: sg.Segmentation, tmp_path: Path) -> None:
    with pytest.raises(sg.ModelError, match=r"\.html, \.pdf, \.xlsx, \.md, \.json, \.pptx; got '\.docx'"):
        result.report(tmp_path / "r.docx")


def test_a_notebook_shows_one_row_per_segment_and_no_script(result: sg.Segmentation) -> None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the base class's
            found.append(tag)

    Reader().feed(result._repr_html_())
    assert found.count("tr") == 1 + 3
    assert "script" not in found
