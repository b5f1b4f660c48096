"""Names that a recipe gives belong to the segments that they were given to, and to no other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.errors import RecipeError

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")

ROWS = sample_households(rows=1_500, seed=4)


def recipe(**given: object) -> sg.Recipe:
    return sg.Recipe.load("households").with_(**given)


@pytest.fixture(scope="module")
def plain() -> sg.Segmentation:
    return sg.run(ROWS, recipe(), segments=3, analyses=0)


@pytest.fixture(scope="module")
def named(plain: sg.Segmentation) -> sg.Segmentation:
    given = [
        {"of": plain.segments[0].name, "name": plain.segments[1].name, "note": "Write <b>soon</b>."},
        {"of": plain.segments[2].name, "note": "Leave alone."},
        {"of": "nobody", "name": "Ghosts"},
    ]
    return sg.run(ROWS, recipe(names=given), segments=3, analyses=0)


def test_a_given_name_stays_and_says_what_it_stands_for(
    plain: sg.Segmentation, named: sg.Segmentation
) -> None:
    first, second, third = named.segments
    assert (first.name, first.named_for) == (plain.segments[1].name, plain.segments[0].name)
    assert first.name_share == plain.segments[0].name_share is not None
    assert first.conditions == plain.segments[0].conditions
    assert (second.name, second.named_for) == (f"{plain.segments[1].name} (2)", "")
    assert (third.name, third.note, third.named_for) == (plain.segments[2].name, "Leave alone.", "")
    assert [s.size for s in named.segments] == [s.size for s in plain.segments]


def test_a_name_without_its_segment_is_said_and_not_used(named: sg.Segmentation) -> None:
    said = [text for text in named.choice.cautions if "Ghosts" in text]
    assert said == [
        "The recipe calls a segment 'Ghosts' that would be 'nobody', and there is none: the name is not used."
    ]
    assert "Ghosts" not in {s.name for s in named.segments}


def test_names_and_notes_are_in_report_files_and_model(named: sg.Segmentation, tmp_path: Path) -> None:
    page = named.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Named by hand: stands for" in page
    assert "Write &lt;b&gt;soon&lt;/b&gt;." in page
    assert "Leave alone." in named.report(tmp_path / "report.md").read_text(encoding="utf-8")
    again = sg.load(named.save(tmp_path / "segmentation.json"))
    assert [(s.name, s.named_for, s.note) for s in again.segments] == [
        (s.name, s.named_for, s.note) for s in named.segments
    ]


def test_a_table_of_segments_has_the_columns_where_there_are_names(tmp_path: Path) -> None:
    first = sg.run(ROWS, recipe(), segments=2, analyses=0).segments[0].name
    sg.run(
        ROWS, recipe(names=[{"of": first, "name": "Ours"}]), segments=2, analyses=0, out=tmp_path / "named"
    )
    table = pd.read_csv(tmp_path / "named" / "segments.csv")
    assert table["named_for"].tolist()[0] == first
    assert table["name"].tolist()[0] == "Ours"


def test_withheld_levels_do_not_stand_behind_a_given_name(plain: sg.Segmentation) -> None:
    of = plain.segments[0].name
    strict = sg.run(ROWS, recipe(names=[{"of": of, "name": "Ours"}]), segments=3, analyses=0, min_cell=30)
    bare = sg.run(ROWS, recipe(), segments=3, analyses=0, min_cell=30)
    assert strict.segments[0].name == "Ours"
    assert strict.segments[0].named_for == bare.segments[0].name
    assert strict.segments[0].conditions == bare.segments[0].conditions
    assert strict.segments[0].name_share == bare.segments[0].name_share


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([{"of": "a"}], "needs a name or a note"),
        ([{"of": "a", "name": "x"}, {"of": "a", "name": "y"}], "'a' is there twice"),
        ([{"of": "a", "name": "x"}, {"of": "b", "name": "x"}], "'x' is there twice"),
        ([{"of": "a", "name": "x" * 101}], "100"),
    ],
)
def test_a_mistake_in_names_is_a_sentence(names: object, problem: str) -> None:
    with pytest.raises(RecipeError, match=problem):
        recipe(names=names)
