"""Missing values treated otherwise: the fits are those of the estimator, and nothing is said without need."""

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.cluster import LatentClass
from segmentry.text.numbers import percent

pytestmark = pytest.mark.usefixtures("few_null_tables")

RECIPE = """
[features.a]
column = "a"
levels = ["x", "y"]
missing = "MISSING"
[features.b]
column = "b"
levels = ["x", "y"]
[features.c]
column = "c"
levels = ["x", "y"]
[features.d]
column = "d"
levels = ["x", "y"]
[outcomes.o]
role = "flags"
columns = ["yes"]
[outcomes.p]
role = "amounts"
columns = ["spend"]
[model]
range = [1, 3]
"""


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Two classes; those of the second say less often what `a` is."""
    random = np.random.default_rng(3)
    n = 2_000
    second = random.random(n) < 0.4
    frame = pd.DataFrame(
        {c: np.where(random.random(n) < np.where(second, 0.85, 0.1), "y", "x") for c in "abcd"}
    )
    frame["a"] = frame["a"].mask(random.random(n) < np.where(second, 0.4, 0.05))
    frame["yes"] = random.random(n) < np.where(second, 0.4, 0.1)
    frame["spend"] = random.gamma(2, np.where(second, 30, 10))
    return frame


def run(customers, missing: str):
    return sg.run(customers, sg.Recipe.from_toml(RECIPE.replace("MISSING", missing)), segments=2)


@pytest.fixture(scope="module")
def kept(customers):
    return run(customers, "keep")


@pytest.mark.parametrize(("missing", "chosen"), [("keep", "marginalised"), ("level", "level")])
def test_the_chosen_treatment_is_the_result_itself(customers, kept, missing, chosen):
    result = kept if missing == "keep" else run(customers, missing)
    table = result.missing
    assert list(table["treatment"].unique()) == ["marginalised", "level", "dropped"]
    mine = table[table["is_chosen"]]
    assert set(mine["treatment"]) == {chosen}
    assert (mine["change"] == 0).all()
    assert (mine["moved"] == 0).all()
    values = result.outcomes.set_index(["segment", "outcome"])["value"]
    expected = [values[key] for key in zip(mine["segment"], mine["outcome"], strict=True)]
    assert mine["value"].tolist() == pytest.approx(expected)


def test_dropped_is_the_fit_without_those_customers(customers, kept):
    complete = customers.dropna(subset="a")
    model = LatentClass(n_components=2, n_init=20, random_state=0).fit(complete[list("abcd")])
    rates = sorted(complete["yes"].groupby(model.labels_).mean())
    found = kept.missing.query("treatment == 'dropped' and outcome == 'yes'")
    assert sorted(found["value"]) == pytest.approx(rates, abs=1e-6)
    shares = sorted(np.bincount(model.labels_) / len(complete))
    assert sorted(found["share"]) == pytest.approx(shares, abs=1e-6)


def test_one_sentence_says_what_changes(customers, kept, tmp_path):
    (note,) = [n for n in kept.notes if n.kind == "missing"]
    n = int(customers["a"].isna().sum())
    assert note.text.startswith(f"{n:,} customers ({percent(n / 2_000)}) lack the value of a feature")
    moved = kept.missing.groupby("treatment")["moved"].first()
    assert f"dropped, {percent(moved['dropped'])} of customers change segment" in note.text
    assert moved["level"] > 0
    kept.save(tmp_path / "s.json")
    assert (
        len(sg.load(tmp_path / "s.json").missing) == 0
    )  # the model file has nothing that small counts are in


def test_the_sentence_needs_no_outcomes(customers, kept):
    recipe = sg.Recipe.from_toml(
        RECIPE.partition("[outcomes.o]")[0].replace("MISSING", "keep") + "[model]\nrange = [1, 3]\n"
    )
    (text,) = [n.text for n in sg.run(customers, recipe, segments=2).notes if n.kind == "missing"]
    moved = kept.missing.groupby("treatment")["moved"].first()
    for treatment, words in (("level", "kept as a level of their own"), ("dropped", "dropped")):
        assert f"{words}, {percent(moved[treatment])} of customers change segment" in text
    assert "rate" not in text


def test_nothing_is_fitted_again_without_missing_values(customers):
    whole = customers.assign(a=customers["a"].fillna("x"))
    result = run(whole, "keep")
    assert len(result.missing) == 0
    assert "missing" not in {n.kind for n in result.notes}
