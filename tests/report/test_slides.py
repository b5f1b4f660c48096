"""The deck: native slides whose numbers are all facts of the report, renewed in place, in anybody's template."""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from pptx import Presentation
from pptx.util import Inches

import segmentry as sg
from nasty import NASTY
from segmentry.datasets import sample_households
from segmentry.errors import UnavailableError
from segmentry.pages.palette import LIGHT
from segmentry.report import compose
from segmentry.report.slides import wording, write_slides
from segmentry.text import numbers
from segmentry.text.plain_json import plain_value

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=1_500, seed=4)
RECIPE = """
title = "Shop"
[features.children]
column = "Kidhome"
[features.education]
column = "Education"
[features.income]
column = "Income"
quantiles = 3
[outcomes.spend]
role = "amounts"
columns = ["MntWines", "MntFruits"]
[outcomes.answer]
role = "flags"
columns = ["Response"]
cost_per_contact = 3
revenue_per_acceptance = 11
[model]
range = [1, 4]
"""
TOKEN = re.compile(r"\d(?:[\d.,]*\d)?")


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(ROWS, sg.Recipe.from_toml(RECIPE), segments=4)


@pytest.fixture(scope="module")
def hostile() -> sg.Segmentation:
    """Ten segments whose levels, features and outcomes have the names that formats trip over."""
    names = [name for name in NASTY if name.strip()][:60]
    rows = ROWS.assign(
        Education=[names[i % len(names)] for i in range(len(ROWS))], **{"=1+1": ROWS["MntWines"]}
    )
    recipe = sg.Recipe.from_toml(
        'title = "=HYPERLINK(\'x\')\\u0001"\n[features.e]\nlabel = \'</a:t><script>\'\ncolumn = "Education"\n[features.i]\ncolumn = "Income"\nquantiles = 8\n'
        '[outcomes.o]\nlabel = "=1+1"\nrole = "amounts"\ncolumns = ["=1+1"]\n'
        '[outcomes.f]\nrole = "flags"\ncolumns = ["Response"]\n'
    )
    return sg.run(rows, recipe, segments=10)


@pytest.fixture(scope="module")
def deck(result: sg.Segmentation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result.report(tmp_path_factory.mktemp("deck") / "deck.pptx")


def shapes_of(deck: Path) -> Iterator[tuple[int, Any]]:
    for number, slide in enumerate(Presentation(deck).slides):
        for shape in slide.shapes:
            yield number, shape


def texts_of(deck: Path) -> Iterator[str]:
    """Every text of a deck: shapes, cells, categories and names of series, notes."""
    for _, shape in shapes_of(deck):
        if shape.has_text_frame:
            yield shape.text_frame.text
        if shape.has_table:
            yield from (cell.text for row in shape.table.rows for cell in row.cells)
        if shape.has_chart:
            for plot in shape.chart.plots:
                yield from map(str, plot.categories)
                yield from (series.name for series in plot.series)
    for slide in Presentation(deck).slides:
        yield slide.notes_slide.notes_text_frame.text


def key_of(slide: Any) -> str:
    names = (shape.name for shape in slide.shapes if shape.name.startswith("segmentry slide "))
    return next(names, "").removeprefix("segmentry slide ").partition(" ")[0]


def charts_of(deck: Path) -> Iterator[Any]:
    yield from (shape.chart for _, shape in shapes_of(deck) if shape.has_chart)


def plain_facts(result: sg.Segmentation) -> Any:
    return json.loads(json.dumps(plain_value(compose(result).facts)))


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def numbers_of_facts(facts: Any) -> tuple[set[float], set[str]]:
    """The values of a report, and every number that its texts hold, or that its values are written as."""
    values, tokens = set(), set()
    writers = (
        numbers.count,
        numbers.number,
        numbers.share,
        numbers.percent,
        numbers.money,
        numbers.criterion,
        numbers.lift,
    )
    for leaf in leaves(facts):
        if isinstance(leaf, str):
            tokens |= set(TOKEN.findall(leaf))
        elif isinstance(leaf, (int, float)) and not isinstance(leaf, bool):
            values.add(float(leaf))
            tokens |= {token for write in writers for token in TOKEN.findall(write(leaf))}
    return values, tokens


def words_of_slides() -> set[str]:
    return {token for text in leaves(json.loads(json.dumps({k: v for k, v in vars(wording).items() if k.isupper()})))
            for token in TOKEN.findall(str(text))}  # fmt: skip


def unknown_numbers(deck: Path, facts: Any) -> set[str]:
    _, known = numbers_of_facts(facts)
    return {token for text in texts_of(deck) for token in TOKEN.findall(text)} - known - words_of_slides()


def unknown_values(deck: Path, facts: Any) -> set[float]:
    known, _ = numbers_of_facts(facts)
    shown = {
        v
        for chart in charts_of(deck)
        for plot in chart.plots
        for s in plot.series
        for v in s.values
        if v is not None
    }
    return shown - known


@pytest.mark.parametrize("name", ["result", "hostile"])
def test_every_number_on_a_slide_is_in_the_report(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    found = request.getfixturevalue(name)
    deck, facts = found.report(tmp_path / "deck.pptx"), plain_facts(found)
    assert unknown_numbers(deck, facts) == set()
    assert unknown_values(deck, facts) == set()


def test_words_of_slides_bring_the_confidence_alone() -> None:
    assert words_of_slides() == {"95"}


def test_a_number_that_is_no_fact_is_found(result: sg.Segmentation, deck: Path, tmp_path: Path) -> None:
    presentation, other = Presentation(deck), tmp_path / "other.pptx"
    presentation.slides[0].shapes.title.text_frame.text = "87,654 customers"
    presentation.save(other)
    assert unknown_numbers(other, plain_facts(result)) == {"87,654"}


def test_whiskers_reach_from_the_low_to_the_high_end(result: sg.Segmentation, deck: Path) -> None:
    outcomes = result.outcomes[result.outcomes["outcome"] == "Response"].sort_values("segment")
    chart = next(c for c in charts_of(deck) if c.plots[0].series[0].name == "Response")
    series = chart.plots[0].series[0]
    values = list(series.values)[:-1]
    for side, column, sign in (("plus", "high", 1), ("minus", "low", -1)):
        lengths = [float(v.text) for v in series._element.findall(f".//{{*}}{side}//{{*}}v")][:-1]
        ends = [v + sign * length for v, length in zip(values, lengths, strict=True)]
        assert ends == pytest.approx(outcomes[column].tolist())


def test_slides_are_few_wide_and_each_has_finding_source_and_notes(
    result: sg.Segmentation, deck: Path
) -> None:
    made = Presentation(deck)
    assert made.slide_width * 9 == made.slide_height * 16
    assert len(made.slides) <= 12
    titles = [slide.shapes.title.text_frame.text for slide in made.slides]
    assert len(set(titles)) == len(titles) == 3 + 3 + 4 + 2
    assert titles[0] == compose(result).facts.headline
    for slide in made.slides:
        assert re.search(
            r"Source: .+; n = [\d,]+", " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
        )
        assert slide.notes_slide.notes_text_frame.text.startswith("How to read this slide: ")
        assert not [
            shape
            for shape in slide.shapes
            if shape.shape_type is not None and shape.shape_type.name == "PICTURE"
        ]


def test_a_file_is_named_without_its_folders(result: sg.Segmentation, tmp_path: Path) -> None:
    path = replace(result, source="/home/ana/secret/customers.csv").report(tmp_path / "deck.pptx")
    words = list(texts_of(path))
    assert any(word.startswith("Source: customers.csv; n = ") for word in words)
    assert [word for word in words if "secret" in word] == []


def test_ten_segments_have_six_slides_and_all_are_in_the_table(
    hostile: sg.Segmentation, tmp_path: Path
) -> None:
    made = Presentation(hostile.report(tmp_path / "deck.pptx"))
    assert len(made.slides) == 12
    own = [slide for slide in made.slides if key_of(slide).startswith("segment-")]
    assert len(own) == 6
    table = next(s.table for s in made.slides[1].shapes if s.has_table)
    assert [row.cells[0].text for row in table.rows] == ["", *map(str, range(1, 11))]


@pytest.mark.parametrize("name", ["result", "hostile"])
def test_nothing_leaves_its_slide(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    deck = request.getfixturevalue(name).report(tmp_path / "deck.pptx")
    made, n_shapes = Presentation(deck), 0
    for _, shape in shapes_of(deck):
        height = sum(row.height for row in shape.table.rows) if shape.has_table else shape.height
        assert 0 <= shape.left <= shape.left + shape.width <= made.slide_width + 1
        assert 0 <= shape.top <= shape.top + height <= made.slide_height + 1
        n_shapes += 1
    assert n_shapes > 60


def test_names_of_people_are_inert(hostile: sg.Segmentation, tmp_path: Path) -> None:
    deck = hostile.report(tmp_path / "deck.pptx")
    n_books = 0
    with zipfile.ZipFile(deck) as parts:
        for name in parts.namelist():
            data = parts.read(name)
            assert b'TargetMode="External"' not in data
            if name.endswith(".xlsx"):
                n_books += 1
                cells = [
                    c
                    for sheet in openpyxl.load_workbook(io.BytesIO(data))
                    for row in sheet.iter_rows()
                    for c in row
                ]
                assert cells
                assert not [c for c in cells if c.data_type == "f"]
    assert n_books == len(list(charts_of(deck)))
    assert any("</a:t><script>" in text for text in texts_of(deck))


@pytest.mark.parametrize("floor", [40, 490])  # of the second, no level of any segment can be shown
def test_what_is_withheld_is_on_no_slide(floor: int, tmp_path: Path) -> None:
    teams = ROWS.assign(team=["a", "b", "c"] * 500)
    out, recipe = tmp_path / "out", sg.Recipe.from_toml(RECIPE)
    shown = sg.profile(teams, recipe, "team", min_cell=floor, out=out, pptx=True)
    facts = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert any(math.isnan(v) for v in shown.features["share"])
    assert (wording.NOTHING_SHOWN in set(texts_of(out / "report.pptx"))) == (floor == 490)
    assert unknown_numbers(tmp_path / "out" / "report.pptx", facts) == set()
    assert unknown_values(tmp_path / "out" / "report.pptx", facts) == set()


def _added_by_hand(deck: Path) -> None:
    made = Presentation(deck)
    mine = made.slides.add_slide(made.slide_layouts[5])
    mine.shapes.title.text_frame.text = "A slide of mine"
    ids = made.slides._sldIdLst
    ids.insert(2, ids[-1])
    third = made.slides[3]
    third.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "A remark of mine"
    third.notes_slide.notes_text_frame.add_paragraph().text = "A note of mine"
    made.save(deck)


def test_a_second_run_renews_its_slides_and_leaves_those_of_others(
    result: sg.Segmentation, deck: Path, tmp_path: Path
) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(deck.read_bytes())
    _added_by_hand(path)
    before = Presentation(path)
    key = key_of(before.slides[3])
    fewer = sg.run(ROWS, sg.Recipe.from_toml(RECIPE), segments=3)
    fewer.report(path)
    made = Presentation(path)
    assert len(made.slides) == len(before.slides) - 1
    assert made.slides[2].shapes.title.text_frame.text == "A slide of mine"
    kept = made.slides[3]
    assert key_of(kept) == key
    others = [s for s in kept.shapes if not s.name.startswith("segmentry") and not s.is_placeholder]
    assert [s.text_frame.text for s in others] == ["A remark of mine"]
    notes = [p.text for p in kept.notes_slide.notes_text_frame.paragraphs]
    assert notes[-1] == "A note of mine"
    assert len(notes) == len(set(notes))
    assert notes[0].startswith("How to read this slide: ")
    assert "segment-4" not in [key_of(slide) for slide in made.slides]
    assert unknown_values(path, plain_facts(fewer)) == set()
    with zipfile.ZipFile(path) as parts:
        charts = [n for n in parts.namelist() if re.fullmatch(r"ppt/charts/chart\w*\.xml", n)]
    assert len(charts) == len(list(charts_of(path)))


def test_slides_that_go_and_slides_that_come_have_parts_of_their_own(
    result: sg.Segmentation, hostile: sg.Segmentation, deck: Path, tmp_path: Path
) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(deck.read_bytes())
    _added_by_hand(path)
    hostile.report(path)
    keys = [key_of(slide) for slide in Presentation(path).slides]
    assert len(set(keys)) == len(keys) == 13
    assert keys[2] == ""
    with zipfile.ZipFile(path) as parts:
        assert len(set(parts.namelist())) == len(parts.namelist())


def test_written_twice_it_says_the_same(result: sg.Segmentation, deck: Path, tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(deck.read_bytes())
    result.report(path)
    assert list(texts_of(path)) == list(texts_of(deck))


def test_a_slide_of_a_segment_that_is_gone_stays_where_somebody_added_to_it(
    deck: Path, tmp_path: Path
) -> None:
    path = tmp_path / "deck.pptx"
    made = Presentation(deck)
    gone = next(s for s in made.slides if key_of(s) == "segment-4")
    gone.notes_slide.notes_text_frame.add_paragraph().text = "Ask Ann about them"
    made.save(path)
    sg.run(ROWS, sg.Recipe.from_toml(RECIPE), segments=3).report(path)
    kept = next(s for s in Presentation(path).slides if s.shapes.title.text_frame.text == wording.GONE)
    assert [p.text for p in kept.notes_slide.notes_text_frame.paragraphs] == ["Ask Ann about them"]
    assert len(kept.shapes) == 1


def test_a_copied_slide_is_of_whoever_copied_it(result: sg.Segmentation, deck: Path, tmp_path: Path) -> None:
    path, made = tmp_path / "deck.pptx", Presentation(deck)
    copy = made.slides.add_slide(made.slide_layouts[5])
    copy.shapes.title.text_frame.text = "My version"
    copy.shapes.add_textbox(0, 0, 1, 1).name = made.slides[0].shapes[-1].name
    made.save(path)
    result.report(path)
    assert Presentation(path).slides[-1].shapes.title.text_frame.text == "My version"


def _template(path: Path, accent: str = "E4572E") -> Path:
    """A template of somebody, 4:3, with a sample slide and a theme of its own."""
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[1]).shapes.title.text_frame.text = "Sample slide"
    theme = made.slide_master.part.part_related_by(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
    )
    theme.blob = re.sub(b'(<a:accent1><a:srgbClr val=")[0-9A-F]+', b"\\g<1>" + accent.encode(), theme.blob)
    made.save(path)
    return path


def test_a_template_gives_its_masters_colours_and_size(result: sg.Segmentation, tmp_path: Path) -> None:
    template = _template(tmp_path / "their.pptx")
    made = Presentation(result.report(tmp_path / "deck.pptx", template=template))
    given = Presentation(template)
    assert (made.slide_width, made.slide_height) == (given.slide_width, given.slide_height)
    assert [m.name for m in made.slide_layouts] == [m.name for m in given.slide_layouts]
    assert {slide.slide_layout.name for slide in made.slides} == {"Title Only"}
    assert "Sample slide" not in [slide.shapes.title.text_frame.text for slide in made.slides]
    bar = next(c for c in charts_of(tmp_path / "deck.pptx")).plots[0].series[0].points[0].format.fill
    assert bar.fore_color.theme_color.name == "ACCENT_1"
    with zipfile.ZipFile(tmp_path / "deck.pptx") as parts:
        assert b"E4572E" in parts.read("ppt/theme/theme1.xml")
        assert LIGHT["s1"].removeprefix("#").upper().encode() not in parts.read("ppt/theme/theme1.xml")


def test_a_file_of_templates_is_a_template_too(result: sg.Segmentation, tmp_path: Path) -> None:
    given, made = _template(tmp_path / "their.pptx"), tmp_path / "their.potx"
    with zipfile.ZipFile(given) as parts, zipfile.ZipFile(made, "w") as out:
        for name in parts.namelist():
            data = parts.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(b"presentation.main+xml", b"template.main+xml")
            out.writestr(name, data)
    assert len(Presentation(result.report(tmp_path / "deck.pptx", template=made)).slides) == 12


def test_a_template_without_layouts_is_said(result: sg.Segmentation, tmp_path: Path) -> None:
    given, path = Presentation(), tmp_path / "bare.pptx"
    for layout in list(given.slide_layouts):
        given.slide_layouts.remove(layout)
    given.save(path)
    with pytest.raises(sg.DataError, match=r"bare\.pptx: has no slide layout with a title; add a layout"):
        result.report(tmp_path / "deck.pptx", template=path)
    assert not (tmp_path / "deck.pptx").exists()


def test_sections_know_every_slide(result: sg.Segmentation, deck: Path, tmp_path: Path) -> None:
    path, made = tmp_path / "deck.pptx", Presentation(deck)
    dropped = made.slides._sldIdLst[1]
    made.part.drop_rel(dropped.rId)
    dropped.getparent().remove(dropped)
    inside = "".join(f'<p14:sldId id="{e.id}"/>' for e in made.slides._sldIdLst)
    from pptx.oxml import parse_xml

    made.part._element.append(parse_xml(
        '<p:extLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:ext uri="{521415D9-36F7-43E2-AB2F-B90AF26B5E84}">'
        '<p14:sectionLst xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"><p14:section name="a" '
        f'id="{{6F0A4B9C-1111-4222-8333-444455556666}}"><p14:sldIdLst>{inside}</p14:sldIdLst></p14:section></p14:sectionLst></p:ext></p:extLst>'
    ))  # fmt: skip
    made.save(path)
    result.report(path)
    element = Presentation(path).part._element
    slides = [e.get("id") for e in element.find("{*}sldIdLst")]
    assert [
        e.get("id") for e in element.iter("{http://schemas.microsoft.com/office/powerpoint/2010/main}sldId")
    ] == slides


@pytest.mark.parametrize("lock", ["~$deck.pptx", ".~lock.deck.pptx#"])
def test_a_deck_that_is_open_elsewhere_is_left_alone(
    result: sg.Segmentation, deck: Path, tmp_path: Path, lock: str
) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(deck.read_bytes())
    (tmp_path / lock).touch()
    with pytest.raises(UnavailableError, match=r"deck\.pptx: is open in another program; close it there"):
        result.report(path)
    assert path.read_bytes() == deck.read_bytes()


def _broken(deck: Path) -> dict[str, bytes]:
    whole = deck.read_bytes()

    def without(part: str, replaced: bytes | None = None) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(deck) as parts, zipfile.ZipFile(file, "w") as out:
            for name in parts.namelist():
                if name != part:
                    out.writestr(name, parts.read(name))
                elif replaced is not None:
                    out.writestr(name, replaced)
        return file.getvalue()

    book = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_excel(book)
    return {
        "text": b"not a deck", "cut": whole[: len(whole) // 2], "a workbook": book.getvalue(),
        "no presentation": without("ppt/presentation.xml"), "no master": without("ppt/slideMasters/slideMaster1.xml"),
        "no layout": without("ppt/slideLayouts/slideLayout6.xml"), "no slide": without("ppt/slides/slide1.xml"),
        "no types": without("[Content_Types].xml"), "half a slide": without("ppt/slides/slide1.xml", b"<p:sld"),
        "another slide": without("ppt/slides/slide1.xml", b"<html/>"), "no theme": without("ppt/theme/theme1.xml"),
        "half a theme": without("ppt/theme/theme1.xml", b"<a:theme"), "another theme": without("ppt/theme/theme1.xml", b"<x/>"),
        "half a chart": without("ppt/charts/chart1.xml", b"<c"), "another layout": without("ppt/slideLayouts/slideLayout6.xml", b"<x/>"),
        "half of notes": without("ppt/notesSlides/notesSlide1.xml", b"<p:n"),
    }  # fmt: skip


def test_a_damaged_deck_is_one_sentence_and_stays(
    result: sg.Segmentation, deck: Path, tmp_path: Path
) -> None:
    facts, said = compose(result).facts, set()
    for name, data in _broken(deck).items():
        path = tmp_path / f"{name}.pptx"
        path.write_bytes(data)
        try:
            write_slides(facts, tmp_path / "out.pptx", path, None)
        except sg.DataError as error:
            said.add(name if "\n" not in str(error) else str(error))
        assert path.read_bytes() == data
    assert {
        "text",
        "cut",
        "a workbook",
        "no presentation",
        "no master",
        "no slide",
        "half a slide",
        "no types",
    } <= said


def test_a_template_is_for_slides_alone(result: sg.Segmentation, tmp_path: Path) -> None:
    with pytest.raises(sg.ModelError, match=r"a template is for \.pptx"):
        result.report(tmp_path / "r.html", template=_template(tmp_path / "t.pptx"))


def test_a_run_renews_the_deck_of_its_folder_also_unasked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    sg.run(ROWS, sg.Recipe.from_toml(RECIPE), segments=3, out=out, pptx=True, analyses=0)
    _added_by_hand(out / "report.pptx")
    sg.run(ROWS, sg.Recipe.from_toml(RECIPE), segments=4, out=out, analyses=0)
    made = Presentation(out / "report.pptx")
    assert made.slides[2].shapes.title.text_frame.text == "A slide of mine"
    assert "segment-4" in map(key_of, made.slides)
    (out / "~$report.pptx").touch()
    with pytest.raises(UnavailableError, match="is open in another program"):
        sg.run(tmp_path / "absent.csv", sg.Recipe.from_toml(RECIPE), out=out)
