"""The headline outcome of a recipe: the first screen, the texts, Markdown and JSON speak of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import RecipeError
from segmentry.report.facts import facts_of

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
headline = "churned"
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
[outcomes.spent]
role = "amounts"
columns = ["spent"]
[outcomes.answer]
role = "flags"
columns = ["bought"]
[outcomes.trouble]
role = "flags"
campaign = false
[outcomes.trouble.columns]
churned = "Churned"
"""


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    """The young of town x leave most often."""
    random = np.random.default_rng(3)
    n = 2_000
    age, town = random.integers(18, 80, n), random.choice(["x", "y"], n)
    often = np.where((age < 30) & (town == "x"), 0.6, 0.05)
    data = pd.DataFrame({
        "age": age, "town": town, "spent": random.gamma(2, 10, n), "bought": random.random(n) < 0.2,
        "churned": random.random(n) < often,
    })  # fmt: skip
    return sg.run(data, sg.Recipe.from_toml(RECIPE), segments=4)


def test_the_first_screen_speaks_of_it_in_place_of_campaigns(result: sg.Segmentation, tmp_path: Path) -> None:
    facts = facts_of(result)
    assert [s.headline.name for s in facts.segments if s.headline is not None] == ["churned"] * 4
    assert not any(s.best_campaign for s in facts.segments)
    rates = {s.id: s.headline.value for s in facts.segments if s.headline is not None}
    most, least = (choose(rates, key=lambda i: rates[i]) for choose in (max, min))
    assert any(f"in segment {most}, " in step and f"in segment {least};" in step for step in facts.next_steps)
    html = result.report(tmp_path / "r.html").read_text()
    glance = html.split("The segments at a glance</caption>")[1].split("</table>")[0]
    assert "Churned<small>" in glance
    assert "Best campaign" not in glance


def test_texts_markdown_and_json_speak_of_it(result: sg.Segmentation, tmp_path: Path) -> None:
    assert result.insights is not None
    found = result.outcomes[
        (result.outcomes["outcome"] == "churned") & (result.outcomes["p_adjusted"] < 0.05)
    ]
    assert len(found)
    for segment in found["segment"]:
        said = result.insights.texts[int(segment) - 1].sentences
        about = [sentence for sentence in said if sentence.startswith(("Churned", "bought", "Furthest"))]
        assert about[0].startswith("Churned: yes for")
    markdown = result.report(tmp_path / "r.md").read_text()
    assert "| Segment | Customers | What sets it apart | Spent, per customer | Churned |" in markdown or (
        "| Segment | Customers | What sets it apart | Churned |" in markdown
    )
    told = json.loads(result.report(tmp_path / "r.json").read_text())
    assert told["segments"][0]["headline"]["name"] == "churned"


def test_it_may_be_a_group_and_has_to_exist() -> None:
    recipe = sg.Recipe.from_toml(RECIPE.replace('"churned"\n', '"trouble"\n', 1))
    assert recipe.headline_outcome is not None
    assert recipe.headline_outcome.name == "churned"
    assert sg.Recipe.from_toml(recipe.to_toml()) == recipe
    with pytest.raises(RecipeError, match="headline: no outcome is called 'churn'; did you mean 'churned'?"):
        sg.Recipe.from_toml(RECIPE.replace('"churned"', '"churn"', 1))
