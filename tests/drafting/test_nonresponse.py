"""Answers that were not given: missing in a draft, and no reason to lose the order of the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import segmentry as sg
from segmentry.drafting.nonresponse import is_off_scale, is_unknown

HEALTH = ["Poor", "Fair", "Good", "Very good", "Excellent"]


def drafted(folder: Path, values: dict[str, int]) -> sg.Recipe:
    path = folder / "answers.csv"
    answers = [value for value, n in values.items() for _ in range(n)]
    np.random.default_rng(1).shuffle(answers)
    rows = [f"{i},{20 + i % 50},{a},{'north' if i % 3 else 'south'}" for i, a in enumerate(answers)]
    path.write_text("id,age,outlook,region\n" + "\n".join(rows) + "\n")
    return sg.draft(path)


@pytest.mark.parametrize(
    "said", ["Refused", "Don't know", "did not answer", "weiß nicht", "Not applicable", "Was not asked"]
)
def test_an_answer_that_was_not_given_is_missing_and_the_others_are_ordered(
    tmp_path: Path, said: str
) -> None:
    recipe = drafted(tmp_path, {**dict.fromkeys(HEALTH, 60), said: 25})
    assert f"Read as missing: {said!r}" in recipe.text
    (feature,) = [f for f in recipe.features if f.name == "outlook"]
    assert feature.scale == "ordinal"
    assert list(feature.groups) == HEALTH


def test_where_many_gave_no_answer_it_is_a_level(tmp_path: Path) -> None:
    recipe = drafted(tmp_path, {**dict.fromkeys(HEALTH, 60), "Not applicable": 200})
    (feature,) = [f for f in recipe.features if f.name == "outlook"]
    assert "Not applicable" in feature.groups


def test_without_a_scale_not_applicable_is_a_kind_like_others(tmp_path: Path) -> None:
    recipe = drafted(tmp_path, {"Rent": 100, "Own": 100, "Parents": 90, "Not applicable": 40})
    (feature,) = [f for f in recipe.features if f.name == "outlook"]
    assert "Not applicable" in feature.groups


@pytest.mark.parametrize(
    "text", ["no", "none", "never", "not at all", "not very important", "refund", "do it yourself"]
)
def test_a_low_answer_is_an_answer(text: str) -> None:
    assert not is_unknown(text)
    assert not is_off_scale(text)


@pytest.mark.parametrize("said", ["Refused", "Declined", "Not sure"])
def test_what_is_refused_is_an_answer_where_there_is_no_scale(tmp_path: Path, said: str) -> None:
    recipe = drafted(tmp_path, {"Accepted": 150, "Pending": 90, "Elsewhere": 80, said: 30})
    assert "Read as missing" not in recipe.text
    assert f"{said}" in recipe.text
