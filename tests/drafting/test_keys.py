"""Columns that number the rows are no customers, however another program calls them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

N = 300
RNG = np.random.default_rng(3)


@pytest.mark.parametrize(
    "name", ["row#", "#", "No.", "S.No", "sr_no", "Serial No.", "lfd. Nr.", "row_id", "Unnamed: 0", "index"]
)
def test_a_number_of_the_row_does_not_hide_that_customers_have_several(name: str) -> None:
    trips = pd.DataFrame(
        {
            name: np.arange(1, N + 1),
            "user_id": RNG.integers(1, 220, N),
            "from_date": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 300, N), "D"),
            "cancelled": RNG.integers(0, 2, N),
        }
    )
    draft = sg.draft(trips)
    assert draft.source.id == "user_id"
    assert "GROUP BY" in (draft.source.sql or "")


@pytest.mark.parametrize("name", ["number", "no"])
def test_a_column_of_that_name_that_is_no_run_of_numbers_is_a_column(name: str) -> None:
    table = pd.DataFrame(
        {name: RNG.integers(0, 5, N), "age": RNG.integers(18, 80, N), "spend": RNG.gamma(2, 40, N)}
    )
    assert name in sg.draft(table).text
    assert sg.draft(table).source.id is None


def tasters() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    person = np.repeat(np.arange(100), 6)
    return pd.DataFrame({
        "taster": person * 3 + 1, "sex": np.array(["f", "m"])[person % 2], "habit": np.array(["rare", "often"])[person // 7 % 2],
        "sureness": rng.integers(1, 7, len(person)), "soup": rng.choice(["tomato", "pea", "leek"], len(person)),
    })  # fmt: skip


def test_people_with_several_rows_are_told_by_what_is_always_the_same_of_them() -> None:
    draft = sg.draft(tasters())
    assert draft.source.id == "taster"
    assert "sex, habit: the same in all rows of a customer." in draft.text


def test_an_id_that_women_and_men_share_is_nobody_s() -> None:
    data = tasters().rename(columns={"taster": "id"})
    data["sex"] = np.random.default_rng(6).choice(["f", "m"], len(data))
    draft = sg.draft(data)
    assert draft.source.sql is None
    assert draft.source.id is None


def test_numbers_that_were_given_out_are_an_id_though_some_stand_twice() -> None:
    number = RNG.permutation(np.arange(5, 5 + 2 * N))[:N]
    number[1] = number[0]
    marks = {
        "age": RNG.integers(18, 80, N),
        "passed": RNG.integers(0, 2, N),
        "town": RNG.choice(list("abc"), N),
    }
    draft = sg.draft(pd.DataFrame({"student": number, **marks}))
    assert draft.source.id == "student"
    assert "student tells the customers apart but for 1 of 300 rows" in draft.text
    assert {"age", "town"} <= {f.column for f in draft.features}
