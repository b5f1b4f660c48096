"""Levels where their feature does not stand beside them: which need it, and how ranges are written."""

from __future__ import annotations

import pytest

from segmentry.text.levels import LevelNames


@pytest.mark.parametrize(
    "level",
    [
        "yes", "No", "unknown", "other", "missing", "(empty)", "good", "Very_High", "too much", "don't know", "B", "AB", "3", "3.5",
        "under 25,000", "1955–1980", "A11", "nein", "inconnu", "n/a", "-", "",
    ],
)  # fmt: skip
def test_a_level_that_says_nothing_alone_is_written_with_its_feature(level):
    assert LevelNames().level("Status", level) == f"Status {level}"


@pytest.mark.parametrize(
    "level", ["Married", "no children", "Travel_Rarely", "United Kingdom", "Status: yes", "日本語"]
)
def test_a_level_that_speaks_for_itself_stands_alone(level):
    assert LevelNames().level("Status", level) == level


def test_a_feature_is_mentioned_as_a_word_alone():
    assert LevelNames().level("a", "bad") == "a bad"


def test_a_level_that_two_features_have_is_written_with_its_feature():
    names = LevelNames.of([["web", "shop"], ["Web", "post"]])
    assert [names.level("First channel", level) for level in ("web", "shop")] == ["First channel web", "shop"]


LEFT = ("under 25,000", "25,000 to under 40,000", "40,000 to under 60,000", "60,000 and over")
RIGHT = ("up to 5", "over 5 to 9", "over 9 to 12", "over 12")
YEARS = ("to 1954", "1955–1980", "1981–1990", "from 1991")
COUNTS = ("0", "1", "2–3", "4 and more")
AMOUNTS = ("0", "over 0 to 50", "over 50 to 1,200", "over 1,200")
TYPED = ("18-24", "25-34", "35-44", "45+")
MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04")
DATES = (
    "under 2012-01-01",
    "2012-01-01 to under 2013-01-01",
    "2013-01-01 to under 2014-01-01",
    "2014-01-01 and over",
)
WORDS = ("School", "Bachelor", "Master", "Doctor")
GERMAN = ("under 1.000", "1.000–1.999", "2.000–4.999", "5.000 and over")
FRENCH = tuple(level.replace(".", "\u202f") for level in GERMAN)


@pytest.mark.parametrize(
    ("levels", "lowest", "middle", "highest"),
    [
        (LEFT, "under 40,000", "25,000 to under 60,000", "40,000 and over"),
        (RIGHT, "up to 9", "over 5 to 12", "over 9"),
        (YEARS, "to 1980", "1955–1990", "from 1981"),
        (COUNTS, "up to 1", "1–3", "2 and more"),
        (AMOUNTS, "up to 50", "over 0 to 1,200", "over 50"),
        (TYPED, "up to 34", "25–44", "35+"),
        (DATES, "under 2013-01-01", "2012-01-01 to under 2014-01-01", "2013-01-01 and over"),
        (MONTHS, "2024-01 or 2024-02", "2024-02 or 2024-03", "2024-03 or 2024-04"),
        (GERMAN, "under 2.000", "1.000–4.999", "2.000 and over"),
        (FRENCH, "under 2\u202f000", "1\u202f000–4\u202f999", "2\u202f000 and over"),
    ],
)
def test_ranges_of_numbers_become_one_range(levels, lowest, middle, highest):
    made = [LevelNames().run("X", levels, *ends) for ends in ((0, 1), (1, 2), (2, 3))]
    assert made == [f"X {text}" for text in (lowest, middle, highest)]


def test_ordered_words_become_a_range_in_words():
    made = [LevelNames().run("Degree", WORDS, *ends) for ends in ((0, 0), (0, 1), (0, 2), (1, 3))]
    assert made == ["School", "School or Bachelor", "Degree up to Master", "Degree from Bachelor up"]
    five = (*WORDS, "Professor")
    assert LevelNames().run("Degree", five, 1, 3) == "Degree Bachelor to Doctor"
