"""Flags that nobody is asked for: compared, but no segment is ranked or recommended for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.report.facts import facts_of

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
[outcomes.answer]
role = "flags"
columns = ["bought"]
[outcomes.trouble]
role = "flags"
campaign = false
columns = ["complained"]
"""


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """The young of town x complain most often, everybody buys alike."""
    random = np.random.default_rng(3)
    n = 2_000
    age, town = random.integers(18, 80, n), random.choice(["x", "y"], n)
    often = np.where((age < 30) & (town == "x"), 0.6, 0.05)
    return pd.DataFrame({
        "id": range(n), "age": age, "town": town, "bought": random.random(n) < 0.2, "complained": random.random(n) < often,
    })  # fmt: skip


@pytest.mark.parametrize("segments", [1, 3])
def test_they_are_compared_and_not_recommended(
    customers: pd.DataFrame, segments: int, tmp_path: Path
) -> None:
    result = sg.run(customers, sg.Recipe.from_toml(RECIPE), segments=segments)
    assert set(result.outcomes["outcome"]) == {"bought", "complained"}
    assert result.insights is not None
    assert set(result.insights.ranking["outcome"]) <= {"bought"}
    assert set(result.insights.gains["outcome"]) <= {"bought"}
    for fact, text in zip(facts_of(result).segments, result.insights.texts, strict=True):
        assert fact.best_campaign is None or fact.best_campaign.name == "bought"
        assert "complained" not in text.action
    assert result.patterns is not None
    result.patterns.save(tmp_path / "patterns.parquet")
    loaded = sg.PatternTable.load(tmp_path / "patterns.parquet")
    assert [o.is_campaign for o in loaded.outcomes] == [True, False]


def test_a_draft_puts_complaints_into_a_group_that_is_none(customers: pd.DataFrame) -> None:
    alike = customers.rename(columns={"bought": "has_accepted", "complained": "has_complained"})
    draft = sg.draft(alike.assign(has_responded=alike["has_accepted"].to_numpy()[::-1]))
    campaigns = {c.name: g.campaign for g in draft.outcomes for c in g.columns}
    assert campaigns == {"has_accepted": True, "has_responded": True, "has_complained": False}
    assert "no segment is recommended for it" in draft.text
    assert draft.text.count("campaign = false") == 1


def test_only_flags_without_costs_can_be_none() -> None:
    with pytest.raises(sg.RecipeError, match=r"outcomes\.trouble: campaign = false goes with role 'flags'"):
        sg.Recipe.from_toml(RECIPE.replace('role = "flags"\ncampaign', 'role = "counts"\ncampaign'))
