"""Outcomes are added up where they have one unit and one direction; rates and averages stand alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

N = 600
RNG = np.random.default_rng(8)
WHO = {
    "age": RNG.integers(18, 80, N),
    "income": RNG.integers(15_000, 90_000, N),
    "education": RNG.choice(["Basic", "Bachelor", "Master", "PhD"], N),
    "marital_status": RNG.choice(["Single", "Married", "Divorced"], N),
    "children": RNG.integers(0, 4, N),
    "town": RNG.choice(["a", "b", "c"], N),
    "churned": RNG.choice(["yes", "no"], N),
}


def groups_of(**amounts: int) -> set[frozenset[str]]:
    """Draft a table of customers with amounts, each up to a number, and return which are compared together."""
    columns = {name: np.round(RNG.random(N) * most, 2) for name, most in amounts.items()}
    draft = sg.draft(pd.DataFrame({"id": range(N), **WHO, **columns}), outcomes=list(amounts))
    found = {frozenset(c.name for c in group.columns) for group in draft.outcomes}
    return {group for group in found if group & set(amounts)}


@pytest.mark.parametrize(
    "names",
    [
        ("mnt_wine", "mnt_meat", "mnt_fish"),
        ("day_minutes", "evening_minutes", "night_minutes"),
        ("umsatz_filiale", "umsatz_online"),
    ],
)
def test_amounts_of_one_unit_are_one_group(names: tuple[str, ...]) -> None:
    assert groups_of(**dict.fromkeys(names, 900)) == {frozenset(names)}


@pytest.mark.parametrize(
    "names",
    [
        ("capital_gain", "capital_loss"),
        ("day_minutes", "day_charge"),
        ("online_calls", "online_orders"),
        ("spend_paid", "spend_refunded"),
        ("betrag_einzahlung", "betrag_auszahlung"),
    ],
)
def test_amounts_that_are_not_added_up_are_groups_of_their_own(names: tuple[str, ...]) -> None:
    assert groups_of(**dict.fromkeys(names, 900)) == {frozenset({name}) for name in names}


def test_each_unit_is_a_group_where_several_have_it() -> None:
    found = groups_of(day_minutes=900, night_minutes=900, day_charge=80, night_charge=80)
    assert found == {
        frozenset({"day_minutes", "night_minutes"}),
        frozenset({"day_charge", "night_charge"}),
    }


def test_rates_and_averages_stand_alone() -> None:
    found = groups_of(spend_wine=900, spend_meat=500, spend_average=700, spend_share=100)
    assert frozenset({"spend_wine", "spend_meat"}) in found
    assert not any(len(group) > 1 and group & {"spend_average", "spend_share"} for group in found)
