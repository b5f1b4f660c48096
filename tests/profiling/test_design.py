"""Standard errors by strata and clusters of a sample, beside published values, other software, formulas by hand and simulations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import special

import segmentry as sg
from cluster_samples import of_all, profiled, recipe_of, sampled, segmented_of
from segmentry.errors import DataError, RecipeError
from segmentry.profiling.design import design_table
from segmentry.profiling.differences import compare_means, compare_rates
from segmentry.profiling.intervals import mean_interval, wilson_interval
from segmentry.profiling.moments import moments_of
from segmentry.profiling.outcomes import outcome_table
from segmentry.profiling.strata import difference_effects
from segmentry.runs.check import check


def test_clusters_give_what_the_survey_package_prints() -> None:
    """Schools of 15 districts (apiclus1): `svymean(~api00 + stype, dclus1)` of R's survey, whose fpc is taken back.

    The variance depends on the districts' totals alone, so every school has its district's mean. Source: Lumley, "Analysis of
    complex survey samples", and the page example-summary of the package.
    """
    schools = np.array([11, 4, 2, 13, 2, 4, 4, 16, 9, 34, 21, 37, 13, 1, 12])
    scores = [7359, 1888, 905, 8593, 1116, 2493, 2077, 11369, 6386, 22508, 13761, 20394, 9372, 551, 9111]
    elementary = [8, 2, 1, 10, 2, 2, 2, 13, 4, 34, 16, 30, 10, 1, 9]
    district = np.repeat(np.arange(15), schools)
    order = np.arange(183) - np.repeat(schools.cumsum() - schools, schools)
    frame = pd.DataFrame(
        {
            "district": district,
            "score": (np.array(scores) / schools)[district],
            "elementary": order < np.array(elementary)[district],
            "kind": order % 2 == 0,
            "team": "all",
        }
    )
    found = profiled(frame, {"score": "amounts", "elementary": "flags"}, cluster="district")
    correction = np.sqrt(1 - 15 / 757)
    score, share = of_all(found, "score"), of_all(found, "elementary")
    assert (round(score["value"], 2), round(score["standard_error"] * correction, 3)) == (644.17, 23.542)
    assert (round(share["value"], 6), round(share["standard_error"] * correction, 4)) == (0.786885, 0.0463)
    assert score["freedom"] == 14


def test_strata_of_two_clusters_by_hand() -> None:
    """Arrests by ambulance in three areas, and survivors (Levy & Lemeshow 1991): a stratum adds the squared difference of its two totals."""
    arrests, alive = [120, 78, 185, 228, 670, 530], [25, 24, 30, 49, 80, 70]
    at = np.repeat(np.arange(6), arrests)
    order = np.concatenate([np.arange(n) for n in arrests])
    frame = pd.DataFrame({"area": at // 2, "car": at % 2, "alive": order < np.array(alive)[at]})
    frame = frame.assign(kind=order % 2 == 0, team="all")
    rate = sum(alive) / sum(arrests)
    z = (np.array(alive) - rate * np.array(arrests)) / sum(arrests)
    found = of_all(profiled(frame, {"alive": "flags"}, stratum="area", cluster="car"), "alive")
    assert found["value"] == pytest.approx(rate)
    assert found["standard_error"] == pytest.approx(np.sqrt(((z[::2] - z[1::2]) ** 2).sum()))
    assert found["freedom"] == 3


def test_clusters_and_weights_give_the_sandwich_of_a_regression() -> None:
    frame = sampled()
    found = profiled(frame, {"spend": "amounts", "bought": "flags"}, cluster="place", weight="w")
    for name in ("spend", "bought"):
        for segment, rows in enumerate([frame, *(frame[frame["team"] == t] for t in ("a", "b"))]):
            fit = sm.WLS(rows[name].astype(float), np.ones(len(rows)), weights=rows["w"])
            expected = fit.fit(cov_type="cluster", cov_kwds={"groups": rows["place"]})
            is_row = (found.design["outcome"] == name) & (found.design["segment"] == segment)
            row = found.design[is_row].iloc[0]
            assert row["value"] == pytest.approx(expected.params.iloc[0])
            assert row["standard_error"] == pytest.approx(expected.bse.iloc[0])


def test_differences_have_the_sandwich_of_a_regression() -> None:
    """Places raise both sides alike, so the difference is known better than either mean."""
    frame = sampled()
    result = profiled(frame, {"spend": "amounts", "bought": "flags"}, cluster="place", weight="w")
    t = special.stdtrit(39, 0.975)
    for name in ("spend", "bought"):
        x = sm.add_constant((frame["team"] == "a").astype(float))
        fit = sm.WLS(frame[name].astype(float), x, weights=frame["w"])
        expected = fit.fit(cov_type="cluster", cov_kwds={"groups": frame["place"]})
        row = result.outcomes.query("outcome == @name and segment == 1").iloc[0]
        assert row["difference"] == pytest.approx(expected.params["team"])
        reach = (row["difference_high"] - row["difference_low"]) / 2
        assert reach == pytest.approx(t * expected.bse["team"], rel=0.05)
        alone = result.design.query("outcome == @name and segment > 0")["standard_error"]
        assert reach < 0.8 * t * np.sqrt((alone**2).sum())


def test_strata_alone_give_the_textbook_formula_of_a_mean() -> None:
    frame = sampled().assign(w=lambda f: f["region"] + 1.0)
    found = of_all(profiled(frame, {"spend": "amounts"}, stratum="region", weight="w"), "spend")
    by_region = frame.groupby("region")
    share = by_region["w"].sum() / frame["w"].sum()
    expected = (share**2 * by_region["spend"].var() / by_region.size()).sum()
    assert found["standard_error"] == pytest.approx(np.sqrt(expected))
    assert found["freedom"] == len(frame) - 4


def test_customers_as_clusters_are_strata_alone() -> None:
    frame = sampled().assign(own=lambda f: np.arange(len(f)))
    one, other = (
        profiled(frame, {"spend": "amounts", "bought": "flags"}, stratum="region", weight="w", **more)
        for more in ({}, {"cluster": "own"})
    )
    pd.testing.assert_frame_equal(one.design, other.design)
    pd.testing.assert_frame_equal(one.outcomes, other.outcomes)


def test_neither_the_unit_of_weights_nor_the_order_of_rows_counts() -> None:
    frame = sampled()
    changed = frame.sample(frac=1, random_state=0).assign(w=frame["w"] * 7.5)
    one, other = (
        profiled(f, {"spend": "amounts", "bought": "flags"}, stratum="region", cluster="place", weight="w")
        for f in (frame, changed)
    )
    pd.testing.assert_frame_equal(one.design, other.design)


def test_intervals_are_those_of_t_by_clusters_less_strata() -> None:
    result = profiled(sampled(), {"spend": "amounts"}, stratum="region", cluster="place", weight="w")
    design = result.design.query("outcome == 'spend' and segment == 1").iloc[0]
    row = result.outcomes.query("segment == 1").iloc[0]
    reach = special.stdtrit(36, 0.975) * design["standard_error"]
    assert (row["high"] - row["low"]) / 2 == pytest.approx(reach, rel=0.01)
    assert design["n_effective"] < 0.6 * design["n_kish"] < design["n"]


def test_a_segment_of_one_cluster_has_no_interval() -> None:
    frame = sampled().assign(team=lambda f: np.where(f["place"] == 3, "a", "b"))
    table = profiled(frame, {"spend": "amounts", "bought": "flags"}, cluster="place").outcomes
    mean, rate = (table.query("segment == 2 and outcome == @n").iloc[0] for n in ("spend", "bought"))
    assert np.isnan([mean["low"], mean["high"], mean["p_value"]]).all()
    assert rate["high"] - rate["low"] > 0.7


def test_shares_of_segments_are_means_of_belonging() -> None:
    frame = sampled()
    found = profiled(frame, {"spend": "amounts"}, cluster="place", weight="w").design.iloc[0]
    fit = sm.WLS((frame["team"] == "a").astype(float), np.ones(len(frame)), weights=frame["w"])
    expected = fit.fit(cov_type="cluster", cov_kwds={"groups": frame["place"]})
    assert (found["outcome"], found["segment"]) == ("", 1)
    assert found["standard_error"] == pytest.approx(expected.bse.iloc[0])
    assert found["low"] < found["value"] < found["high"]


def test_corrected_means_of_latent_classes_allow_for_clusters() -> None:
    """Without misclassification the correction changes nothing, so its standard error is that of the design."""
    frame = sampled()
    segmented = segmented_of(frame)
    table = outcome_table(segmented, correction=np.eye(2))
    found = profiled(frame, {"spend": "amounts", "bought": "flags"}, cluster="place", weight="w").design
    expected = found[(found["outcome"] != "") & (found["segment"] > 0)].sort_values("segment", kind="stable")
    assert table["corrected_se"].to_numpy() == pytest.approx(expected["standard_error"].to_numpy())


def test_arrays_of_the_simulation_are_what_is_collected() -> None:
    frame = sampled()
    found = profiled(frame, {"spend": "amounts", "bought": "flags"}, cluster="place", weight="w")
    made = design_table(segmented_of(frame))
    pd.testing.assert_frame_equal(made, found.design, check_dtype=False)


def test_intervals_of_clustered_samples_hold_the_truth_and_kishs_do_not() -> None:
    """30 places of 20 customers, whose means differ by half of the customers' spread."""
    random = np.random.default_rng(7)
    held: dict[str, list[bool]] = {"spend": [], "bought": [], "kish": [], "difference": []}

    def holds(name: str, ends: tuple[np.ndarray, np.ndarray], truth: float) -> None:
        held[name] += ((ends[0] < truth) & (ends[1] > truth)).tolist()

    for _ in range(200):
        segmented = segmented_of(sampled(30, seed=int(random.integers(2**31))))
        spend, bought = (moments_of(segmented, j).segments() for j in (0, 1))
        holds("spend", mean_interval(spend.mean, spend.variance, spend.n), 50)
        holds("bought", wilson_interval(bought.mean, bought.n), 0.5)
        holds("kish", wilson_interval(bought.mean, bought.kish), 0.5)
        found = compare_means(moments_of(segmented, 0))
        holds("difference", (found.difference_low, found.difference_high), 0)
    shares = {name: float(np.mean(values)) for name, values in held.items()}
    assert shares["kish"] < 0.85
    assert min(shares["spend"], shares["bought"], shares["difference"]) > 0.92


def test_a_rate_that_nobody_differs_in_is_as_uncertain_as_the_design_makes_it() -> None:
    frame = sampled().assign(bought=lambda f: f["bought"] & (f["team"] == "a"))
    segmented = segmented_of(frame)
    moments = moments_of(segmented, 1)
    assert moments.mean[1] == 0
    assert moments.n[1] < 0.7 * moments.kish[1]
    assert np.isfinite(compare_rates(moments).p_value).all()
    assert np.isfinite(compare_means(moments_of(segmented, 0)).p_value).all()


@pytest.mark.parametrize(
    ("change", "source", "said"),
    [
        ({"place": [None]}, {"cluster": "place"}, "customers have no value in 'place'"),
        ({"region": [None]}, {"stratum": "region"}, "customers have no value in 'region'"),
        ({"place": [1]}, {"cluster": "place"}, "all customers are in one cluster"),
        ({}, {"cluster": "plaice"}, "the table has no column 'plaice'"),
    ],
)
def test_what_is_no_design_is_said(change: dict, source: dict, said: str) -> None:
    frame = sampled(10)
    for name, values in change.items():
        frame[name] = values * len(frame) if values != [None] else [None, *frame[name][1:]]
    with pytest.raises(DataError, match=said):
        profiled(frame, {"spend": "amounts"}, **source)
    with pytest.raises(DataError, match=said):
        check(frame, recipe_of({"spend": "amounts"}, **source))


def test_what_is_no_design_is_said_before_anything_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segmentry.runs.segment.segment_customers", lambda *_: pytest.fail("was fitted"))
    with pytest.raises(DataError, match="all customers are in one cluster"):
        sg.run(sampled(10).assign(place=1), recipe_of({"spend": "amounts"}, cluster="place"))


@pytest.mark.parametrize("name", ["segment", "certainty", "code_1", "unit_segment", "sum_1"])
def test_strata_and_clusters_may_have_any_name(name: str) -> None:
    frame = sampled(10)
    expected = profiled(frame, {"spend": "amounts"}, stratum="region", cluster="place").design
    for key, column in (("stratum", "region"), ("cluster", "place")):
        source = {"stratum": "region", "cluster": "place", key: name}
        found = profiled(frame.rename(columns={column: name}), {"spend": "amounts"}, **source).design
        pd.testing.assert_frame_equal(found, expected)


def test_clusters_may_be_dates_and_true_or_false_but_no_lists() -> None:
    frame = sampled(10)
    expected = profiled(frame, {"spend": "amounts"}, cluster="place").design
    days = frame.assign(place=pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["place"], unit="D"))
    pd.testing.assert_frame_equal(profiled(days, {"spend": "amounts"}, cluster="place").design, expected)
    two = [frame["place"] % 2, frame["place"] % 2 == 1]
    one, other = (profiled(frame.assign(place=p), {"spend": "amounts"}, cluster="place").design for p in two)
    pd.testing.assert_frame_equal(one, other)
    lists = frame.assign(place=[[place] for place in frame["place"]])
    with pytest.raises(DataError, match=r"source\.cluster: 'place' holds lists or structures; name a column"):
        profiled(lists, {"spend": "amounts"}, cluster="place")


def test_a_column_is_either_stratum_or_cluster_and_not_the_id() -> None:
    for source in ({"stratum": "a", "cluster": "a"}, {"id": "a", "cluster": "a"}):
        with pytest.raises(RecipeError, match="'a' is"):
            recipe_of({"spend": "amounts"}, **source)


def test_notes_say_what_the_sample_is_and_where_it_is_not_known() -> None:
    frame = sampled().assign(region=lambda f: np.where(f["place"] == 0, 9, f["region"]))
    source = {"stratum": "region", "cluster": "place", "weight": "w"}
    (note,) = [n for n in profiled(frame, {"spend": "amounts"}, **source).notes if n.kind == "design"]
    assert note.text.startswith("The sample has 40 clusters in 5 strata.")
    assert "1 stratum with a single cluster" in note.text
    recipe = recipe_of({"spend": "amounts"}, **source)
    result = sg.run(sg.collect(frame, recipe), recipe, segments=2, analyses=0)
    (note,) = [n for n in result.notes if n.kind == "design"]
    assert "a table of patterns does not hold" in note.text
    assert len(result.design) == 0


def test_the_table_is_saved_and_withheld_with_the_outcomes_that_are(tmp_path) -> None:
    frame = sampled()
    frame["rare"] = frame.index.isin(frame.index[frame["team"] == "a"][:3])
    recipe = recipe_of({"rare": "flags", "spend": "amounts"}, stratum="region", cluster="place")
    whole = sg.profile(frame, recipe, "team", out=tmp_path / "whole")
    loaded = sg.load(tmp_path / "whole" / "segmentation.json").design
    kept = loaded[loaded["outcome"] != "rare"].reset_index(drop=True)
    expected = whole.design[whole.design["outcome"] != "rare"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, expected, check_dtype=False)
    assert (tmp_path / "whole" / "design.csv").is_file()
    shown = sg.profile(frame, recipe, "team", min_cell=10).design
    rare = shown[shown["outcome"] == "rare"].drop(columns=["segment", "outcome"])
    assert rare.isna().all(axis=None)
    assert shown[shown["outcome"] == "spend"]["standard_error"].notna().all()


def test_differences_within_strata_are_no_less_certain_than_without() -> None:
    """Clusters that differ much, with customers of both teams: what they share is in no difference."""
    frame = sampled().assign(
        spend=lambda f: 50 + 10 * np.sin(f["place"]) + 6 * (f["team"] == "b") + f["spend"] / 10
    )
    result = profiled(frame, {"spend": "amounts"}, cluster="place")
    assert of_all(result, "spend")["design_effect"] > 15
    row, within = (t[t["segment"] == 2].iloc[0] for t in (result.outcomes, result.strata))
    reach = (row["difference_high"] - row["difference_low"]) / 2
    assert (within["standardised_high"] - within["standardised_low"]) / 2 == pytest.approx(reach, rel=0.25)
    assert within["finding"] == "holds"


def test_the_effect_of_a_difference_is_that_of_its_own_standard_error() -> None:
    """Teams of whole places in part, so that a difference varies with the places."""
    frame = sampled().assign(team=lambda f: np.where(f["place"] % 3 == 0, "b", f["team"]))
    segmented, x = segmented_of(frame), (frame["team"] == "b").astype(float)
    effects = difference_effects(segmented)
    for j, name in enumerate(["spend", "bought"]):
        fit = sm.WLS(frame[name].astype(float), sm.add_constant(x), weights=frame["w"])
        clustered = fit.fit(cov_type="cluster", cov_kwds={"groups": frame["place"], "use_correction": False})
        moments = moments_of(segmented, j)
        simple = (moments.spread / (moments.customers - 1))[:2].sum()
        expected = clustered.bse["team"] ** 2 * 40 / 39 / simple
        assert expected > 1.5
        np.testing.assert_allclose(effects[:, j], expected, rtol=1e-9)


def test_bands_without_some_customers_have_the_effect_of_all() -> None:
    frame = sampled().assign(age=lambda f: np.where(f.index % 10 < 7, np.nan, 30.0 + f.index % 20))
    reach = []
    for missing in ("drop", "level"):
        band = {"name": "age", "column": "age", "edges": [40], "missing": missing}
        recipe = recipe_of({"spend": "amounts"}, cluster="place").with_(strata=[band])
        row = sg.profile(frame, recipe, "team").strata.query("feature == 'age'").iloc[0]
        reach.append(row["standardised_high"] - row["standardised_low"])
    assert reach[0] / reach[1] == pytest.approx(np.sqrt(1 / 0.3), rel=0.1)  # 30 % of the customers


def test_clusters_without_a_value_are_no_degrees_of_freedom() -> None:
    """Asked in two places of different regions: nothing tells how places of a region differ."""
    frame = sampled().assign(spend=lambda f: f["spend"].where(f["place"] < 2))
    result = profiled(frame, {"spend": "amounts", "bought": "flags"}, stratum="region", cluster="place")
    assert (of_all(result, "spend")["freedom"], of_all(result, "bought")["freedom"]) == (0, 36)
    rows = result.outcomes[result.outcomes["outcome"] == "spend"]
    assert rows[["low", "high", "difference_low", "difference_high", "p_value"]].isna().all(axis=None)
    within = result.strata[result.strata["outcome"] == "spend"]
    assert within[["standardised_low", "standardised_high", "p_value"]].isna().all(axis=None)
    assert set(within["finding"]) == {""}


def test_strata_without_a_value_are_no_degrees_of_freedom() -> None:
    frame = sampled().assign(spend=lambda f: f["spend"].where(f["region"] < 2))
    found = profiled(frame, {"spend": "amounts", "bought": "flags"}, stratum="region")
    assert (of_all(found, "spend")["freedom"], of_all(found, "bought")["freedom"]) == (398, 796)


def test_what_nobody_has_a_value_of_has_no_standard_error() -> None:
    frame = sampled().assign(spend=lambda f: f["spend"].where(f["team"] == "a"))
    table = profiled(frame, {"spend": "amounts"}, stratum="region", cluster="place").design
    none = table[(table["outcome"] == "spend") & (table["segment"] == 2)].iloc[0]
    assert none["n"] == 0
    assert none[["value", "standard_error", "freedom", "design_effect"]].isna().all()


def test_shares_have_no_interval_without_degrees_of_freedom() -> None:
    frame = sampled(6).assign(region=lambda f: f["place"])
    result = profiled(frame, {"spend": "amounts"}, stratum="region", cluster="place")
    shares = result.design[result.design["outcome"] == ""]
    assert (shares["freedom"] == 0).all()
    assert (shares["n_effective"] == 1).all()
    assert shares[["low", "high"]].isna().all(axis=None)
    (note,) = [n for n in result.notes if n.kind == "design"]
    assert "percentage points" not in note.text
    assert "6 strata with a single cluster" in note.text
