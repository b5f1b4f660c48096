"""What a recipe makes of a table, without fitting: counts, means and doubts, against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentry import DataError
from segmentry.cli.checks import show_check
from segmentry.recipe import Recipe
from segmentry.runs.check import check
from segmentry.runs.segment import run

RECIPE = Recipe.from_toml("""
[source]
id = "id"
[[clean]]
step = "adults"
keep = "age >= 18"
[features.age]
column = "age"
edges = [40, 200]
[features.town]
column = "town"
groups = { Big = ["A"], Small = ["B"] }
unseen = "missing"
[outcomes.spend]
role = "amounts"
columns = ["spend"]
[outcomes.bought]
role = "flags"
columns = { bought = "Bought" }
""")
RNG = np.random.default_rng(0)
DATA = pd.DataFrame({
    "id": range(300),
    "age": RNG.integers(10, 80, 300),
    "town": RNG.choice(["A", "B", "C"], 300),
    "spend": np.where(RNG.random(300) < 0.1, np.nan, RNG.lognormal(3, 1, 300)),
    "bought": RNG.integers(0, 2, 300),
})  # fmt: skip


def test_counts_and_means_are_those_of_pandas() -> None:
    found = check(DATA, RECIPE)
    adults = DATA[DATA["age"] >= 18]
    age, town = found.features
    assert (found.cleaning.n_rows, found.n_customers) == (300, len(adults))
    assert age.levels == (("under 40", (adults["age"] < 40).sum()), ("40 to under 200", (adults["age"] >= 40).sum()),
                          ("200 and over", 0))  # fmt: skip
    assert town.levels == (("Big", (adults["town"] == "A").sum()), ("Small", (adults["town"] == "B").sum()))
    assert town.n_missing == (adults["town"] == "C").sum()
    spend, bought = found.outcomes
    assert (spend.n, spend.mean) == (adults["spend"].count(), pytest.approx(adults["spend"].mean()))
    assert (bought.role, bought.mean) == ("flags", pytest.approx(adults["bought"].mean()))


def test_weighted_means_are_weighted() -> None:
    weighted = RECIPE.with_(source={"weight": "w"}, clean=[])
    data = DATA.assign(w=RNG.random(300)).dropna()
    found = check(data, weighted)
    assert found.outcomes[0].mean == pytest.approx(np.average(data["spend"], weights=data["w"]))


def test_doubts_name_empty_levels_and_few_customers() -> None:
    doubts = check(DATA.head(100), RECIPE).doubts
    assert "Age: no customer is in 200 and over" in doubts
    assert any("customers are few for 2 features; 140 or more are advised" in d for d in doubts)


def test_doubts_name_what_says_the_same_twice() -> None:
    text = RECIPE.to_toml()
    twice = Recipe.from_toml(
        text.replace("[outcomes.bought]", '[outcomes.grown]\nrole = "flags"\ncolumns = { is_grown = "Grown" }\n[outcomes.bought]')
        + '[features.half]\ncolumn = "age"\nedges = [40]\n'
    )  # fmt: skip
    doubts = check(DATA.assign(is_grown=DATA["age"] >= 40), twice).doubts
    assert "Half and Age say much the same (Cramér's V 1.00): together they count nearly twice." in doubts
    assert sum("determined, or nearly, by" in d for d in doubts) == 1
    assert any(d.startswith("Grown: determined, or nearly, by ") for d in doubts)
    assert not any("much the same" in d or "determined" in d for d in check(DATA, RECIPE).doubts)


def test_what_run_refuses_is_refused() -> None:
    with pytest.raises(DataError, match="segments: 50 segments need at least as many patterns"):
        check(DATA, RECIPE, segments=50)


def test_acceptances_without_exposure_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    text = RECIPE.to_toml().replace("[outcomes.bought]", '[outcomes.bought]\nexposure = "asked"')
    data = DATA.assign(asked=DATA["bought"].where(DATA.index > 50, 0))
    show_check(data, Recipe.from_toml(text), None, None, None, None)  # type: ignore[arg-type]
    assert "left out of bought" in capsys.readouterr().out


@pytest.mark.parametrize("made", [check, run])
def test_a_band_that_does_not_fit_the_table_is_refused_by_both(made) -> None:
    recipe = Recipe.from_toml(
        'strata = [{ name = "tenure", column = "nowhere", edges = [1] }]\n[features.age]\ncolumn = "age"\nedges = [40]\n'
    )
    rows = pd.DataFrame({"age": [30, 50] * 60})
    with pytest.raises(DataError, match=r"strata\.tenure"):
        made(rows, recipe)
