"""What does not fit on a slide is left out from the end, and no number is cut into another one."""

from __future__ import annotations

import pytest

from segmentry.report.slides.fitting import Box, Paragraph, fitted, height_of, lines_of
from segmentry.report.slides.tables import Cell, _fitted, _height

SIZES = (14.0, 11.0)
TEXTS = [
    Paragraph(f"Segment {i} spends {i}2,345 a year, and buys wine, meat and fish.", is_item=True)
    for i in range(9)
]


@pytest.mark.parametrize("height", [20.0, 35.0, 60.0, 90.0, 140.0])
def test_paragraphs_that_do_not_fit_are_left_out_from_the_end(height: float) -> None:
    box = Box(0, 0, 180.0, height)
    size, kept = fitted(TEXTS, box, SIZES)
    assert size == SIZES[-1]
    assert height_of(kept, box.width, size) <= height
    assert kept[:-1] == TEXTS[: len(kept) - 1]
    words = TEXTS[len(kept) - 1].text.split(" ")
    last = kept[-1].text.removesuffix("…").split(" ")
    assert last == words[: len(last)]


def test_more_room_keeps_more_and_all_is_kept_where_there_is_room() -> None:
    kept = [len(fitted(TEXTS, Box(0, 0, 180.0, h), SIZES)[1]) for h in (20.0, 60.0, 140.0, 1_000.0)]
    assert kept == sorted(kept)
    assert fitted(TEXTS, Box(0, 0, 180.0, 1_000.0), SIZES) == (14.0, TEXTS)


@pytest.mark.parametrize("room", [400.0, 150.0, 90.0, 40.0])
def test_a_table_that_does_not_fit_loses_words_then_rows_and_never_a_digit_of_its_numbers(
    room: float,
) -> None:
    text = "A long answer that somebody wrote, " * 4
    cells = [[Cell("Answer"), Cell("Customers")], *([Cell(text), Cell(f"{i}7,654")] for i in range(8))]
    size, made = _fitted(cells, [120.0, 70.0], room, SIZES, frozenset({1}))
    assert len(made) <= 2 or sum(_height(row, [120.0, 70.0], size) for row in made) <= room
    assert [row[1] for row in made] == [row[1] for row in cells[: len(made)]]
    assert all(text.startswith(row[0].text.removesuffix("…")) for row in made[1:])


def test_a_word_longer_than_a_line_is_broken_and_a_number_at_its_end_is_dropped() -> None:
    word = "x" * 30 + "1234567"
    for width in (60.0, 70.0, 80.0, 90.0):
        _, kept = fitted([Paragraph(f"{word} is long")], Box(0, 0, width, 15.0), (11.0,))
        assert len(lines_of(kept[0].text, width, 11.0)) == 1
        assert not kept[0].text.removesuffix("…")[-1].isdigit()
