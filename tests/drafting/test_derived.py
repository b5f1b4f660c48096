"""Columns that are made of others form no segments and are no outcomes: the draft says of what they are made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

N = 700
RNG = np.random.default_rng(3)
PAY = RNG.lognormal(7, 0.5, N).round(2)
SECTOR = RNG.choice(["farm", "shop", "mill"], N)
WHO = {
    "age": RNG.integers(18, 80, N),
    "gender": RNG.choice(["female", "male"], N),
    "pay": PAY,
    "sector": SECTOR,
    "bought": RNG.integers(0, 2, N),
}
MALE = (WHO["gender"] == "male").astype(int)


def used(draft: sg.Recipe) -> str:
    outcomes = [f"{c.name} {c.sql}" for g in draft.outcomes for c in g.columns]
    return " ".join([*(f"{f.column} {f.sql}" for f in draft.features), *outcomes])


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("lpay", np.log(PAY), "lpay: the logarithm of pay"),
        ("pay10", np.log10(PAY).round(5), "pay10: the logarithm to base 10 of pay"),
        ("paysq", PAY**2, "paysq: the square of pay"),
        ("again", PAY, "again: the same as pay"),
        ("payfarm", PAY * (SECTOR == "farm"), "payfarm: is pay in some rows and 0 in all others"),
        ("isman", MALE, "isman: says again what another column says: it is 1 where gender is male"),
        ("notman", 1 - MALE, "notman: says again what another column says: it is 1 where gender is female"),
        ("farming", np.where(SECTOR == "farm", "Y", "N"), "it is Y where sector is farm, and nowhere else"),
    ],
)
def test_a_column_that_is_made_of_another_is_left_out_and_said_so(
    name: str, values: object, why: str
) -> None:
    draft = sg.draft(pd.DataFrame({**WHO, name: values, "town": RNG.choice(["a", "b", "c"], N)}))
    assert name not in used(draft)
    assert why in draft.text
    assert "[features.pay]" in draft.text
    assert "gender" in used(draft)


@pytest.mark.parametrize(
    "values",
    [RNG.permutation(MALE), RNG.permutation(np.log(PAY)), np.where(np.arange(N) == 0, 1 - MALE, MALE)],
    ids=["the same counts", "the same quantiles", "one row differs"],
)
def test_alike_facts_without_alike_rows_prove_nothing(values: object) -> None:
    draft = sg.draft(pd.DataFrame({**WHO, "other": values}))
    assert not any(word in draft.text for word in ("other: says again", "other: the logarithm"))


def test_what_happened_stays_and_what_tells_it_forms_no_segments() -> None:
    left = RNG.integers(0, 2, N)
    state = np.where(left == 1, "gone", RNG.choice(["gold", "silver"], N))
    draft = sg.draft(pd.DataFrame({**WHO, "is_gone": left, "state_code": state}), target="is_gone")
    assert draft.headline == "is_gone"
    assert "state_code" not in [f.column for f in draft.features]
    twin = pd.DataFrame({**WHO, "first": np.where(left == 1, "A", "B"), "churned": left})
    draft = sg.draft(twin)
    assert draft.headline == "churned"
    assert "first: says again what another column says" in draft.text


def test_the_target_may_be_the_later_of_two_that_say_the_same() -> None:
    kind = RNG.choice(["A", "B"], N)
    draft = sg.draft(pd.DataFrame({**WHO, "kind": kind, "code": (kind == "A") * 1}), target="code")
    assert draft.headline == "code"
    assert "kind" not in [f.column for f in draft.features]
    assert "kind: says what code says, which is to be explained" in draft.text


def test_a_code_of_a_category_is_offered_and_of_twins_the_one_in_words_stays() -> None:
    farming = (SECTOR == "farm").astype(int)
    draft = sg.draft(pd.DataFrame({**WHO, "farming": farming, "town": RNG.choice(["a", "b", "c"], N)}))
    assert "# [features.farming]" in draft.text
    fit = RNG.integers(0, 2, N)
    draft = sg.draft(pd.DataFrame({**WHO, "code": fit, "fit": np.where(fit == 1, "yes", "no")}))
    assert "code: says again what another column says: it is 1 where fit is yes" in draft.text


def test_what_was_drawn_by_lot_is_never_what_a_table_is_about() -> None:
    drawn = RNG.integers(0, 2, N)
    who = {key: WHO[key] for key in ("age", "gender", "pay", "sector")}
    draft = sg.draft(
        pd.DataFrame({**who, "fit": RNG.integers(0, 2, N), "treat": drawn, "control": 1 - drawn})
    )
    assert draft.headline == "fit"
    assert "treat" not in used(draft)


@pytest.mark.parametrize("first", ["age", "birth year"])
def test_of_age_and_year_of_birth_the_first_forms_segments(first: str) -> None:
    born = 2024 - WHO["age"] - RNG.integers(0, 2, N)
    others = {name: WHO[name] for name in ("gender", "sector", "bought")}
    both = {"age": WHO["age"], "birth year": born}
    ordered = dict(sorted(both.items(), key=lambda entry: entry[0] != first))
    draft = sg.draft(pd.DataFrame({**others, **ordered}))
    (second,) = set(both) - {first}
    assert first in used(draft)
    assert second not in used(draft)
    assert f"how old customers are, as {first} says" in " ".join(draft.text.replace("\n# ", " ").split())
    apart = sg.draft(pd.DataFrame({**others, "age": WHO["age"], "birth year": RNG.permutation(born)}))
    assert "age" in used(apart)
    assert "birth year" in used(apart)
