"""A studio that was given no data offers the files of its folder, and opens what is chosen; nothing else is named by files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from few_tables import few_tables
from segmentry.engine.excel import WORKBOOKS
from segmentry.engine.survey import SURVEYS
from segmentry.errors import DataError, SegmentryError
from segmentry.workbench.beginning import files_in
from segmentry.workbench.reception import Reception
from visitors import OpenDesk, Visitor


@pytest.fixture
def reception(shop: Path) -> Iterator[Reception]:
    with few_tables(), closing(Reception(folder=shop)) as place:
        yield place


def test_files_of_the_folder_are_offered_with_their_recipe(shop: Path) -> None:
    (shop / "notes.md").write_text("# nothing", encoding="utf-8")
    (shop / ".hidden.csv").write_text("a\n1\n", encoding="utf-8")
    (shop / "~$book.xlsx").write_bytes(b"left by Excel while the workbook is open")
    (shop / "other.csv").write_text("a\n1\n", encoding="utf-8")
    said = {f.name: f.said for f in files_in(shop)}
    assert said == {"shop.csv": "recipe shop.toml", "other.csv": "a recipe is drafted"}


@pytest.mark.parametrize("ending", [*WORKBOOKS, *SURVEYS])
def test_workbooks_and_survey_files_are_offered(shop: Path, ending: str) -> None:
    (shop / f"answers{ending.upper()}").write_bytes(b"")
    assert f"answers{ending.upper()}" in [f.name for f in files_in(shop)]


def test_what_was_worked_on_comes_first_and_opens_with_its_states(
    shop: Path, desk_of: OpenDesk, reception: Reception
) -> None:
    (shop / "mine.toml").write_text((shop / "shop.toml").read_text(encoding="utf-8"), encoding="utf-8")
    visitor = Visitor(desk_of(shop / "shop.csv", shop / "mine.toml"))
    visitor.move(kind="segments", segments=2)
    visitor.desk.close()
    (shop / "newer.csv").write_text("a\n1\n", encoding="utf-8")
    first = reception.files()[0]
    assert (first.name, first.said) == ("shop.csv", "recipe mine.toml; 2 states kept")
    reception.open({"data": first.name, "recipe": first.recipe})
    assert Visitor(reception.desk).told("state")["segments"] == 2


@pytest.mark.parametrize("data", ["/etc/passwd", "https://example.org/x.csv", "../shop/shop.csv", 3, None])
def test_a_file_of_states_names_no_other_place(shop: Path, data: object) -> None:
    content = {"data": data, "recipe": "/etc/passwd", "states": []}
    (shop / "evil.studio.json").write_text(json.dumps(content), encoding="utf-8")
    assert [(f.name, f.recipe) for f in files_in(shop)] == [("shop.csv", "shop.toml")]


@pytest.mark.parametrize("recipe", ["x" * 5_000, "a\0b.toml", 3, ["shop.toml"]])
def test_a_file_of_states_with_a_name_that_no_file_has_spoils_no_list(shop: Path, recipe: object) -> None:
    content = {"data": "shop.csv", "recipe": recipe, "states": []}
    (shop / "evil.studio.json").write_text(json.dumps(content), encoding="utf-8")
    assert [(f.name, f.recipe) for f in files_in(shop)] == [("shop.csv", "shop.toml")]


def test_generated_households_are_opened_where_no_data_are_named(reception: Reception) -> None:
    with pytest.raises(DataError, match="nothing is open yet"):
        _ = reception.desk
    reception.open({"data": "", "recipe": ""})
    assert reception.desk.opened.name == "generated households"
    with pytest.raises(DataError, match="something else is being opened"):
        reception.open({"data": "shop.csv"})


def test_what_cannot_be_opened_is_a_sentence_and_another_can_be_chosen(reception: Reception) -> None:
    for wrong in ({"data": "nothing.csv"}, {"data": "shop.csv", "recipe": "none.toml"}, {"data": 3}):
        with pytest.raises(SegmentryError):
            reception.open(wrong)
    assert not reception.is_open
    reception.open({"data": "shop.csv", "recipe": "shop.toml"})
    assert reception.is_open
