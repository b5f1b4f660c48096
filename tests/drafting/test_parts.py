"""Columns that add up: 0 and 1 in turn are one category, parts of a household say who, shares go together."""

from __future__ import annotations

import numpy as np
import pandas as pd

import segmentry as sg

N = 800
RNG = np.random.default_rng(5)
AGE = RNG.integers(18, 80, N)


def forming(draft: sg.Recipe) -> list[str]:
    return [f"{f.column or f.sql}" for f in draft.features]


def in_turn(share_of_none: float) -> dict[str, np.ndarray]:
    kind = RNG.choice(["Red", "Blue", "Green", "None"], N, p=[0.4, 0.35, 0.25 - share_of_none, share_of_none])
    return {f"club_{name}": (kind == name).astype(int) for name in ("Red", "Blue", "Green")}


def test_columns_of_0_and_1_in_turn_are_one_category() -> None:
    clubs = in_turn(0.0)
    data = pd.DataFrame({"age": AGE, **clubs, "town": RNG.choice(["a", "b"], N)})
    draft = sg.draft(data)
    (club,) = [f for f in draft.features if "club_Red" in (f.sql or "")]
    assert {value for values in club.groups.values() for value in values} == {"Red", "Blue", "Green"}
    assert club.label == "Club"
    table = sg.collect(data, draft)
    at = [f.name for f in table.features].index(club.name)
    counts = dict(zip(table.features[at].levels, table.level_counts(at), strict=False))
    assert counts == {name.removeprefix("club_"): ones.sum() for name, ones in clubs.items()}


def test_few_rows_without_any_have_no_level_and_rows_with_two_make_no_category() -> None:
    clubs = in_turn(0.03)
    draft = sg.draft(pd.DataFrame({"age": AGE, **clubs, "town": RNG.choice(["a", "b"], N)}))
    assert any("club_Red" in text and "club_Green" in text for text in forming(draft))
    clubs["club_Red"][np.flatnonzero(clubs["club_Blue"])[0]] = 1
    draft = sg.draft(pd.DataFrame({"age": AGE, **clubs, "town": RNG.choice(["a", "b"], N)}))
    assert not any("club_Red" in text and "club_Green" in text for text in forming(draft))


def test_parts_of_the_household_say_who_the_customers_are() -> None:
    small, grown, old = (RNG.poisson(mean, N) for mean in (0.4, 1.9, 0.3))
    people = {"household": small + grown + old, "num0_17": small, "num18_64": grown, "num65": old}
    data = pd.DataFrame(
        {"age": AGE, "town": RNG.choice(["a", "b"], N), **people, "spend": RNG.gamma(2, 50, N)}
    )
    draft = sg.draft(data)
    compared = {c.name for g in draft.outcomes for c in g.columns}
    assert compared == {"spend"}
    assert "a part of household, with which it adds up" in draft.text.replace("A part", "a part")


def test_shares_of_one_whole_go_together() -> None:
    shares = RNG.dirichlet([4, 2, 1, 0.2], N).round(4)
    names = ("w_food", "w_rent", "w_trips", "w_drink")
    data = pd.DataFrame(
        {"age": AGE, "town": RNG.choice(["a", "b"], N), **dict(zip(names, shares.T, strict=True))}
    )
    draft = sg.draft(data)
    used = [
        set(names) & set(forming(draft)),
        set(names) & {c.name for g in draft.outcomes for c in g.columns},
    ]
    assert set(names) in used
    assert set() in used
