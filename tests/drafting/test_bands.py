"""Bands that were cut from a number: the number is taken, the bands are offered with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

N = 400


@pytest.fixture(scope="module")
def people() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    age, income = rng.integers(18, 80, N), rng.lognormal(8, 1, N).round()
    return {
        "age": age,
        "gender": rng.choice(["female", "male"], N),
        "income": income,
        "region": rng.choice(["north", "south", "west"], N),
        "churn": rng.choice(["yes", "no"], N),
    }


def features(draft: sg.Recipe) -> set[str]:
    return {str(f.column) for f in draft.features}


def test_bands_of_a_number_are_offered_beside_it(people: dict[str, Any]) -> None:
    group = np.select([people["age"] < 30, people["age"] < 50], ["18-29", "30-49"], "50+")
    level = np.select([people["income"] < 2_000, people["income"] < 6_000], ["poor", "middle"], "rich")
    draft = sg.draft(pd.DataFrame({**people, "age_group": group, "income_band": level}))
    assert {"age", "income"} <= features(draft)
    assert not {"age_group", "income_band"} & features(draft)
    assert "Not used, bands of age, which says more" in draft.text
    assert "Not used, bands of income, which says more" in draft.text
    assert "# [features.age_group]" in draft.text


def test_ranges_in_words_belong_to_a_number_of_any_name(people: dict[str, Any]) -> None:
    made = pd.DataFrame(people).rename(columns={"income": "measured"})
    made["stufe"] = np.select(
        [made["measured"] < 2_000, made["measured"] < 6_000], ["< 2000", "2000-6000"], "> 6000"
    )
    assert "bands of measured, which says more" in sg.draft(made).text


def test_bands_that_overlap_were_not_cut_from_the_number(people: dict[str, Any]) -> None:
    of_others = np.random.default_rng(4).permutation(people["age"])
    group = np.select([of_others < 30, of_others < 50], ["18-29", "30-49"], "50+")
    draft = sg.draft(pd.DataFrame({**people, "partner_age_group": group}))
    assert "bands of" not in draft.text
    assert "partner_age_group" in features(draft)


def test_what_happened_is_no_band(people: dict[str, Any]) -> None:
    made = pd.DataFrame(people).drop(columns="churn")
    draft = sg.draft(made.assign(income_class=np.where(made["income"] < 4_000, "<=4K", ">4K")))
    assert draft.headline == "income_class"
