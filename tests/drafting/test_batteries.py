"""Batteries of alike columns, and tables of what customers do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

import segmentry as sg
from segmentry.auditing.columns import describe_columns
from segmentry.auditing.session import Session
from segmentry.drafting.columns import judge_columns
from segmentry.drafting.outcomes import group_outcomes
from segmentry.engine import open_engine

N = 600
RNG = np.random.default_rng(0)


def items(n: int) -> dict[str, object]:
    taste = RNG.integers(0, 2, N)
    return {f"q{i}": np.clip(taste * 2 + RNG.integers(1, 4, N), 1, 5) for i in range(n)}


def forming(draft: sg.Recipe) -> list[str]:
    return [str(f.column) for f in draft.features]


def test_a_battery_forms_the_segments_as_a_whole() -> None:
    data = pd.DataFrame({**items(12), "age": RNG.integers(18, 80, N)})
    assert {f"q{i}" for i in range(12)} <= set(forming(sg.draft(data)))


def test_a_battery_beside_who_customers_are_is_offered_as_a_whole() -> None:
    who = {
        "age": RNG.integers(18, 80, N),
        "gender": RNG.choice(["f", "m"], N),
        "income": RNG.lognormal(8, 1, N),
    }
    who |= {"education": RNG.choice(["low", "high"], N), "region": RNG.choice(["a", "b", "c"], N)}
    draft = sg.draft(pd.DataFrame({**who, **items(5)}))
    assert not {f"q{i}" for i in range(5)} & set(forming(draft))
    assert all(f"# [features.q{i}]" in draft.text for i in range(5))
    assert "one of the alike columns q0 to q4" in draft.text


def test_a_run_of_yes_and_no_is_one_group_of_outcomes_or_forms_segments() -> None:
    bought = {
        f"bought {what}": RNG.integers(0, 2, N) for what in ("tea", "milk", "rum", "oats", "jam", "soap")
    }
    assert set(bought) <= set(forming(sg.draft(pd.DataFrame({"id": np.arange(N), **bought}))))


def test_behaviour_forms_the_segments_where_little_says_who_customers_are() -> None:
    spent = {f"spent on {what}": RNG.gamma(2, 100, N).round(2) for what in ("milk", "meat", "paper", "ice")}
    channel, region = RNG.choice(["hotel", "shop"], N), RNG.choice(["a", "b", "c"], N)
    draft = sg.draft(pd.DataFrame({"Channel": channel, "Region": region, **spent}))
    assert set(spent) <= set(forming(draft))


def test_a_small_table_is_used_as_it_is() -> None:
    score = RNG.integers(1, 100, N)
    data = pd.DataFrame({
        "CustomerID": np.arange(1, N + 1), "Gender": RNG.choice(["Male", "Female"], N),
        "Age": RNG.integers(18, 70, N), "Annual Income": RNG.integers(15, 140, N), "Spending Score": score,
    })  # fmt: skip
    draft = sg.draft(data)
    assert draft.source.id == "CustomerID"
    assert {"Gender", "Age", "Annual Income", "Spending Score"} == set(forming(draft))


def test_small_counts_that_follow_each_other_are_a_battery_whatever_their_ends() -> None:
    tops = {"maps": 3, "coins": 9, "kites": 2, "stamps": 5, "dolls": 4, "shells": 1, "knots": 6}
    counts = {name: np.minimum(RNG.poisson(0.8, N), top) for name, top in tops.items()}
    draft = sg.draft(pd.DataFrame({"town": RNG.choice(["a", "b", "c"], N), **counts}))
    assert set(counts) <= set(forming(draft))
    counts["health"] = np.minimum(RNG.poisson(0.8, N), 5)
    draft = sg.draft(
        pd.DataFrame({"age": RNG.integers(18, 80, N), "town": RNG.choice(["a", "b", "c"], N), **counts})
    )
    assert not set(counts) & set(forming(draft)), "a specially protected item forms no segments unasked"


def test_a_battery_of_amounts_is_a_group_that_a_recipe_takes() -> None:
    table = pd.DataFrame({f"cells {name}": np.random.default_rng(3).normal(9, 2, 300) for name in "abcd"})
    columns = judge_columns(describe_columns(Session(open_engine(table))))
    battery = [replace(c, use="amounts", form="number", battery="cells") for c in columns]
    groups, _ = group_outcomes(battery, [])
    assert [(g.role, g.campaign, len(g.columns)) for g in groups] == [("amounts", True, 4)]
