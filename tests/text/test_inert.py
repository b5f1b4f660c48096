"""Names and values at the borders of formats, one by one; tests/runs/test_nasty_texts.py opens the files."""

from __future__ import annotations

from html import escape
from xml.etree import ElementTree

import pytest

from nasty import FORMULAS, NAMES, NASTY
from segmentry.text.inert import file_names, for_spreadsheet, for_xml


def test_what_xml_does_not_allow_is_replaced_and_the_rest_stays() -> None:
    for text in NASTY:
        shown = for_xml(text)
        found = ElementTree.fromstring(f"<a>{escape(shown)}</a>").text  # noqa: S314 - a text of ours
        assert found == shown.replace("\r\n", "\n").replace("\r", "\n")
        assert len(shown) == len(text)
    assert for_xml("a\tb\n東京 \U0001f600") == "a\tb\n東京 \U0001f600"


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_has_an_apostrophe(text: str) -> None:
    shown = for_spreadsheet(text)
    assert shown[0] not in "=+-@\t\r\uff1d"
    assert "\r" not in shown
    assert for_spreadsheet(shown) == shown


def test_numbers_and_words_stay() -> None:
    for text in ("-5", "-5.25", "1e-5", "-1e-5", "a=b", "18–24", "", "no"):
        assert for_spreadsheet(text) == text
    assert for_spreadsheet("-5 to 0") == "'-5 to 0"


def test_file_names_are_short_and_differ_on_every_system() -> None:
    names = [*NAMES, *NASTY, *(f"{name}_1" for name in NASTY)]
    found = file_names(names)
    assert list(found) == list(dict.fromkeys(names))
    assert len({name.casefold() for name in found.values()}) == len(found)
    assert max(len(name.encode()) for name in found.values()) <= 100
    assert not any(set(name) & set('/\\:*?"<>|.\x00') for name in found.values())
    assert found == file_names(names)
