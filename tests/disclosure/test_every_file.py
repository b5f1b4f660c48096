"""With `min_cell` no small count can be read, nor computed, from any file of a run."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import segmentry as sg
from segmentry.disclosure import MODEL_FILE, Policy, disclosed
from segmentry.errors import DataError
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

LEAST = 10
RECIPE = """
[features.age]
column = "age"
edges = [30, 50, 80]
[features.town]
column = "town"
levels = ["a", "b", "c"]
[outcomes.money]
role = "amounts"
columns = ["wine", "yacht"]
[outcomes.campaign]
role = "flags"
columns = ["first", "second", "third", "rare"]
cost_per_contact = 3
revenue_per_acceptance = 11
[model]
range = [1, 4]
"""
FLAGS = ["first", "second", "third", "rare"]


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    random = np.random.default_rng(8)
    n = 900
    frame = pd.DataFrame(
        {"group": random.choice(["p", "q", "r", "s"], n, p=[0.5, 0.2, 0.2, 0.1]),
         "age": random.integers(18, 79, n), "town": random.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]),
         "wine": random.gamma(2, 20, n).round(2)}
    )  # fmt: skip
    frame["yacht"] = np.where(random.random(n) < 0.03, 9_000.0, 0.0)
    frame["first"] = random.random(n) < np.where(frame["group"] == "s", 0.05, 0.4)
    frame["second"] = random.random(n) < 0.03
    frame["third"] = random.random(n) < 0.3
    frame["rare"] = random.random(n) < 0.006
    return frame


@pytest.fixture(scope="module")
def out(customers, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("withheld") / "out"
    profile(customers, sg.Recipe.from_toml(RECIPE), "group", min_cell=LEAST, out=folder)
    return folder


@pytest.fixture(scope="module")
def truth(customers):
    return profile(customers, sg.Recipe.from_toml(RECIPE), "group")


def read(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / f"{name}.csv")


def width(
    counts: np.ndarray, hidden: np.ndarray, cell: tuple[int, int], *, columns_known: bool = True
) -> float:
    """The range of a hidden count, given the others, the rows' sums, and (mostly) the columns'."""
    unknown = np.argwhere(hidden)
    lines = [(0, i) for i in range(counts.shape[0])]
    lines += [(1, j) for j in range(counts.shape[1])] if columns_known else []
    sums = [(unknown[:, axis] == line).astype(float) for axis, line in lines]
    totals = [counts.take(line, axis)[hidden.take(line, axis)].sum() for axis, line in lines]
    target = (unknown == cell).all(axis=1).astype(float)
    ends = [linprog(sign * target, A_eq=sums, b_eq=totals).fun * sign for sign in (1, -1)]
    return ends[1] - ends[0]


def test_acceptances_cannot_be_subtracted_out(out, truth):
    shown, complete = read(out, "outcomes"), truth.outcomes
    sizes = np.array([s.size for s in truth.segments])
    for name in FLAGS:
        accepted = complete.loc[complete["outcome"] == name, "total"].to_numpy()
        rows = shown[shown["outcome"] == name]
        hidden = rows["value"].isna().to_numpy()
        counts = np.column_stack([accepted, sizes - accepted])
        small = (counts > 0) & (counts < LEAST)
        assert hidden[small.any(axis=1)].all()
        base_known = bool(rows["base_value"].notna().all())
        for i, j in np.argwhere(small):
            both = np.repeat(hidden[:, None], 2, axis=1)
            assert width(counts, both, (i, j), columns_known=base_known) >= LEAST - 1e-6
    assert shown.loc[shown["outcome"] == "rare", ["value", "base_value", "n", "total"]].isna().all(axis=None)
    assert shown.loc[shown["outcome"] == "third", "value"].notna().all()


def test_a_withheld_row_shows_no_number_at_all(out):
    shown = read(out, "outcomes")
    hidden = shown[shown["is_withheld"]]
    assert len(hidden) > 3
    numbers = hidden.select_dtypes("number").drop(columns=["segment", "base_value", "base_mix"])
    assert numbers.isna().all(axis=None)


def test_means_and_totals_of_few_buyers_are_withheld(out, truth):
    """A total of few buyers is theirs: it is withheld beside another, so that both together are of enough."""
    shown, complete = read(out, "outcomes"), truth.outcomes
    is_yacht = complete["outcome"] == "yacht"
    have_any = (complete["any_share"] * complete["n"])[is_yacht].round()
    few = ((have_any > 0) & (have_any < LEAST)).to_numpy()
    assert few.any()
    yacht = shown[shown["outcome"] == "yacht"]
    assert yacht.loc[few, ["any_share", "value", "total", "median"]].isna().all(axis=None)
    assert have_any.to_numpy()[yacht["is_withheld"]].sum() >= LEAST
    assert shown.loc[shown["outcome"] == "wine", "value"].notna().all()


def test_what_is_wrong_with_corrected_values_is_withheld_with_them(truth):
    """Where a corrected value lies outside the range of its outcome is told by withheld rows, too."""
    found = truth.outcomes.assign(correction="BCH, above 1")
    shown = disclosed(replace(truth, outcomes=found), Policy.for_files(LEAST)).outcomes
    is_touched = shown["outcome"].isin(shown.loc[shown["is_withheld"], "outcome"])
    assert set(shown.loc[is_touched, "correction"]) == {"BCH"}
    assert set(shown.loc[~is_touched, "correction"]) == {"BCH, above 1"}


def test_mixes_do_not_give_the_group_total_away(out):
    """Of a group with anything withheld in a segment no mix is shown there, and no total can be built."""
    shown = read(out, "outcomes")
    touched = shown.groupby(["segment", "group"])["is_withheld"].transform("any")
    assert touched.any()
    assert shown.loc[touched, ["mix", "mix_index"]].isna().all(axis=None)
    campaign = shown[shown["group"] == "campaign"]
    assert campaign["base_mix"].isna().all()  # the base of one of them is small


def test_levels_cannot_be_subtracted_out(out, truth):
    shown, sizes = read(out, "features"), np.array([s.size for s in truth.segments])
    for name, table in truth.features.groupby("feature", sort=False):
        counts = table["count"].to_numpy().reshape(len(sizes), -1)
        rows = shown[shown["feature"] == name]
        hidden = rows["count"].isna().to_numpy().reshape(counts.shape)
        small = (counts > 0) & (counts < LEAST)
        assert hidden[small].all()
        numbers = rows.loc[rows["is_withheld"]].select_dtypes("number")
        assert numbers.drop(columns=["segment", "base_share"]).isna().all(axis=None)
        for i, j in np.argwhere(small):
            assert width(counts, hidden, (i, j)) >= LEAST - 1e-6


def test_targeting_and_strata_show_nothing_of_withheld_rows(out):
    shown = read(out, "outcomes").query("is_withheld")
    pairs = set(zip(shown["segment"], shown["outcome"], strict=True))
    targeting = read(out, "targeting")
    mine = [(s, o) in pairs for s, o in zip(targeting["segment"], targeting["outcome"], strict=True)]
    numbers = targeting[mine].select_dtypes("number").drop(columns=["segment", "break_even"])
    assert numbers.isna().all(axis=None)
    assert set(targeting.loc[mine, "decision"]) == {"withheld"}
    strata = read(out, "strata")
    assert not set(strata["outcome"]) & {o for _, o in pairs}
    assert strata[["standardised", "comparable_share", "n_strata"]].isna().all(axis=None)


def test_the_json_holds_no_patterns_and_the_same_tables(out):
    content = json.loads((out / "segmentation.json").read_text("utf-8"))
    assert content["patterns"] is None
    assert content["min_cell"] == LEAST
    for name in ("outcomes", "features", "targeting", "strata"):
        saved = pd.DataFrame(content["tables"][name]).astype(object)
        texts = [c for c in saved if saved[c].map(lambda value: isinstance(value, str)).any()]
        numbers = read(out, name).drop(columns=texts).select_dtypes("number").columns
        left = saved[numbers].astype(float)
        pd.testing.assert_frame_equal(left, read(out, name)[numbers].astype(float), rtol=1e-9)
    assert len(content["tables"]["missing"]) == 0 or not any(content["tables"]["missing"].values())


def test_report_and_charts_are_drawn_from_what_is_shown(out, truth):
    """No chart of patterns; and no withheld rate of the first campaign in the report or in a picture."""
    assert not (out / "charts" / "map.svg").exists()
    shown = read(out, "outcomes")
    withheld = shown.query("is_withheld and outcome == 'first'")["segment"].tolist()
    assert withheld
    texts = [(out / "report.html").read_text("utf-8")]
    texts += [p.read_text("utf-8") for p in (out / "charts").glob("outcomes_campaign*.svg")]
    assert len(texts) > 1
    complete = truth.outcomes.set_index(["segment", "outcome"])
    for segment in withheld:
        value = complete.loc[(segment, "first"), "value"]
        for text in texts:
            assert f"{value:.4f}" not in text
            assert not re.search(rf"(?<![\d.]){value:.2%}".replace("%", ""), text)


def test_a_withheld_result_loads_and_reports(out, tmp_path):
    loaded = sg.load(out / "segmentation.json")
    assert [n.kind for n in loaded.notes][-1] == "withheld"
    assert loaded.report(tmp_path / "again.html").is_file()


def test_small_segments_and_odd_limits_are_refused(customers):
    recipe = sg.Recipe.from_toml(RECIPE)
    with pytest.raises(DataError, match=r"min_cell 200: segment 2 \(.\) has \d+ customers; ask for fewer"):
        profile(customers, recipe, "group", min_cell=200)
    with pytest.raises(DataError, match="min_cell 1: must be a whole number of customers from 2"):
        profile(customers, recipe, "group", min_cell=1)


def test_levels_of_few_customers_are_refused_where_a_model_would_count_them(customers):
    frame = customers.assign(town=np.where(np.arange(900) < 4, "d", customers["town"]))
    recipe = sg.Recipe.from_toml(RECIPE.replace('"c"]', '"c", "d"]'))
    message = r"min_cell 10: features.town: 'd' has 4 customers, and the model would tell how many; put it together with"
    with pytest.raises(DataError, match=message):
        sg.run(frame, recipe, segments=2, min_cell=LEAST)
    found = profile(frame, recipe, "group", min_cell=LEAST).features
    assert (
        found.loc[found["feature"] == "town", ["count", "base_share", "v_test", "rank"]].isna().all(axis=None)
    )


def test_pairs_of_segments_count_no_few_customers(customers):
    recipe = sg.Recipe.from_toml(RECIPE)
    pairs = sg.run(customers, recipe, segments=3, min_cell=LEAST).evidence.pairs
    assert pairs
    assert all(n == 0 or n >= LEAST for p in pairs for n in (p.n_between, p.exchanged))


def test_names_and_typical_customers_are_of_levels_that_are_shown(customers):
    """A name is one condition on shown levels, and of how many it is true is the sum of their cells."""
    recipe = sg.Recipe.from_toml(RECIPE)
    found = sg.run(customers, recipe, segments=3, min_cell=30)
    hidden = found.features.query("is_withheld")
    assert len(hidden)
    for s in found.segments:
        mine = found.features[found.features["segment"] == s.id]
        levels = hidden.loc[hidden["segment"] == s.id, "level"]
        assert not set(levels) & set(s.typical)
        (condition,) = s.conditions
        told = mine[(mine["feature"] == condition.feature) & mine["level"].isin(condition.levels)]
        assert not told["is_withheld"].any()
        assert s.name_share == pytest.approx(told["count"].sum() / s.size)


def test_a_k_means_model_is_withheld_where_its_means_would_tell(customers):
    recipe = sg.Recipe.from_toml(RECIPE)
    found = sg.run(customers, recipe, segments=3, method="k-means", min_cell=70)
    assert found.features["is_withheld"].any()
    assert found.core is None
    assert found.selection.loc[found.selection["k"] == 3, ["cost", "inertia"]].isna().all(axis=None)
    assert found.selection.loc[found.selection["k"] == 2, "cost"].notna().all()
    kept = sg.run(customers, recipe, segments=2, method="latent-class", min_cell=LEAST)
    assert kept.core is not None
    assert kept.patterns is None


def test_gaps_are_withheld_with_the_costs_that_they_tell(customers):
    recipe = sg.Recipe.from_toml(RECIPE)
    whole = sg.run(customers, recipe, segments=3, method="k-modes")
    wider = replace(whole, selection=whole.selection.assign(gap=0.5, gap_null_low=0.1, silhouette=0.3))
    for least, is_told in ((LEAST, True), (70, False)):
        shown = disclosed(wider, Policy.for_files(least))
        assert shown.features["is_withheld"].any() != is_told
        assert {"gap", "gap_null_low"}.isdisjoint(shown.selection.columns) != is_told
        assert "silhouette" in shown.selection
    assert "gap" in disclosed(wider, MODEL_FILE).selection


def test_without_a_limit_nothing_is_withheld(truth):
    assert truth.min_cell is None
    assert "is_withheld" not in truth.outcomes
    assert truth.patterns is not None
