"""Pictures of the charts: in the package's own font, alike on every machine."""

import struct
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segmentry.report import pictures
from segmentry.report.figures.svg import element, text_element
from segmentry.report.fonts import FONT
from segmentry.report.pictures import PNG_SCALE, png_of, write_pictures

MISSING = "\ue000"
ALPHABETS = {
    "Latin": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ÆØÅæøåßÄÖÜäöüñçéèêëïîôûõ",
    "Polish": "ĄĆĘŁŃÓŚŹŻąćęłńóśźż",
    "Czech": "ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽáčďéěíňóřšťúůýž",
    "Turkish": "ÇĞİÖŞÜçğıöşü₺",
    "Greek": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ",
    "Cyrillic": "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁёЇїІіЄєҐґ₽",
    "signs": "%&.,:;!?()[]{}<>+-−–—…·×÷±≤≥≈≠√∞Σ∆²³½°€£$¥§•←→↑↓«»„“”‘’",
}


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without fonts."""
    fonts = pictures._fonts
    monkeypatch.setattr(pictures, "_fonts", lambda **_: fonts(has_foreign=False))


def drawing(words: str, weight: int = 400) -> str:
    text = text_element(words, 4.0, 16.0, font_size=14, font_weight=weight)
    return element(
        "svg",
        text,
        xmlns="http://www.w3.org/2000/svg",
        width=40,
        height=20,
        viewBox="0 0 40 20",
        font_family=FONT,
    )


@pytest.mark.usefixtures("no_fonts")
@pytest.mark.parametrize("weight", [400, 700])
@pytest.mark.parametrize("letters", ALPHABETS.values(), ids=ALPHABETS)
def test_letters_are_drawn_on_a_machine_without_fonts(letters: str, weight: int) -> None:
    without_ink = {png_of(drawing(MISSING, weight)), png_of(drawing("", weight))}
    drawn = {c: png_of(drawing(c, weight)) for c in letters}
    assert {c for c, picture in drawn.items() if picture in without_ink} == set()
    assert {c for c in letters if pictures._FOREIGN.search(c)} == set()


@pytest.mark.usefixtures("no_fonts")
def test_the_font_has_every_character_that_is_called_its_own() -> None:
    missing = png_of(drawing(MISSING))
    own = [chr(c) for c in range(33, 0x3000) if not pictures._FOREIGN.search(chr(c))]
    visible = [c for c in own if unicodedata.category(c)[0] not in "CZM" and not c.isspace()]
    assert len(visible) > 1_400
    assert [c for c in visible if c not in "<>&" and png_of(drawing(c)) == missing] == []


@pytest.mark.usefixtures("no_fonts")
def test_bold_letters_are_bold() -> None:
    assert png_of(drawing("Segment", 700)) != png_of(drawing("Segment", 400))


def test_other_characters_do_no_harm() -> None:
    assert png_of(drawing("顧客 שלום")).startswith(b"\x89PNG")
    assert png_of(drawing("a\x00\x1b\ufffe")).startswith(b"\x89PNG")


def test_pictures_are_as_large_as_the_drawings_times_the_scale() -> None:
    width, height = struct.unpack(">II", png_of(drawing("a"))[16:24])
    assert (width, height) == (40 * PNG_SCALE, 20 * PNG_SCALE)


def test_a_picture_stands_beside_every_drawing(tmp_path: Path) -> None:
    write_pictures({"a_b": drawing("a"), "c": drawing("c")}, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"a_b.svg", "a_b.png", "c.svg", "c.png"}
    assert (tmp_path / "c.png").read_bytes() == png_of(drawing("c"))


def test_pictures_are_drawn_in_any_thread() -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" viewBox="0 0 20 20"><text y="15">a</text></svg>'
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(png_of, drawing).result()
    assert png_of(drawing) == first
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(png_of, drawing).result() == first
