"""Ordered features on fine levels: the model sees numbers, people see the levels of the recipe."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import segmentry as sg
from segmentry.errors import DataError, ModelError
from segmentry.recipe import Recipe
from segmentry.report.facts.densities import density_facts
from segmentry.report.facts.features import FeatureRows
from segmentry.report.facts.segments import segment_facts
from segmentry.text.numbers import number

RECIPE = """
[source]
id = "id"
[features.income]
column = "income"
edges = [8000, 20000]
labels = ["low", "middle", "high"]
distribution = "ordered"
[features.age]
column = "age"
edges = [30, 50]
distribution = "ordered"
[features.town]
column = "town"
[outcomes.money]
role = "amounts"
columns = ["spend"]
[model]
range = [1, 3]
"""
SHOWN = [("low", "middle", "high"), ("under 30", "30 to under 50", "50 and over"), ("a", "b")]


def customers(n: int = 800, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = rng.random(n) < 0.4
    income = np.exp(rng.normal(9 + 1.2 * group, 0.4))
    income[rng.random(n) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "income": income,
            "age": rng.normal(35 + 22 * group, 8).round(),
            "town": rng.choice(["a", "b"], n),
            "spend": rng.gamma(2, 10 + 10 * group),
        }
    )


def labels_of(result: sg.Segmentation, data: pd.DataFrame) -> Any:
    return result.assign(data).sort_values("id")["segment"].to_numpy()


@pytest.fixture(scope="module")
def result(few_null_tables: None) -> sg.Segmentation:
    return sg.run(customers(), RECIPE, segments=2)


@pytest.fixture(scope="module")
def of_patterns(few_null_tables: None) -> sg.Segmentation:
    return sg.run(sg.collect(customers(), RECIPE), RECIPE, segments=2)


@pytest.fixture(scope="module")
def withheld(few_null_tables: None) -> sg.Segmentation:
    return sg.run(customers(), RECIPE, segments=2, min_cell=20)


def test_the_model_sees_fine_levels_and_people_see_those_of_the_recipe(result: sg.Segmentation) -> None:
    assert min(len(f.levels) for f in result.patterns.features[:2]) > 35
    n_fine = [len(f.levels) for f in result.patterns.features]
    assert [masses.shape[1] for masses in result.model.response_proba_] == n_fine
    by_feature = result.features[result.features["segment"] == 1].groupby("feature", sort=False)["level"]
    assert [tuple(levels) for _, levels in by_feature] == SHOWN
    known = {level for levels in SHOWN for level in levels}
    for segment in result.segments:
        assert {level for c in segment.conditions for level in c.levels} <= known
        assert all(any(level in said for level in known) for said in segment.typical)
    assert [len(cells) for cells in result.population.levels] == [3 + 2, 3 + 2, 2 + 2]
    assert {c.what for c in result.evidence.choices.analyses if c.kind == "levels"} <= {
        "Income: low + middle", "Income: middle + high", "Age: under 30 + 30 to under 50", "Age: 30 to under 50 + 50 and over",
    }  # fmt: skip
    reasons = " ".join(result.assign(customers())["reason"])
    assert "Income high" in reasons
    assert "31," not in reasons


def test_counts_are_those_of_the_table(result: sg.Segmentation) -> None:
    data = customers()
    found = result.features.groupby(["feature", "level"])["count"].sum()
    income = pd.cut(data["income"], [-np.inf, 8000, 20000, np.inf], right=False, labels=SHOWN[0])
    assert found["income"].to_dict() == income.value_counts().to_dict()
    first = data[labels_of(result, data) == 1]
    spent = result.outcomes.set_index(["segment", "outcome"]).loc[(1, "spend"), "value"]
    assert spent == pytest.approx(first["spend"].mean())


def test_scores_are_the_same_everywhere(result: sg.Segmentation, tmp_path: Path) -> None:
    checked = result.verify()
    assert checked.n_equal == checked.n_patterns > 1_000
    later = customers(400, seed=1)
    expected = result.assign(later).sort_values("id")
    assert expected["fits"].mean() > 0.95
    with sqlite3.connect(tmp_path / "later.sqlite") as connection:
        later.to_sql("customers", connection, index=False)
        in_sqlite = pd.read_sql(result.to_sql("sqlite"), connection)
    with duckdb.connect() as engine:
        engine.register("customers", later)
        in_duckdb = engine.execute(result.to_sql("duckdb", reason=True)).df()
    for found in (in_sqlite.sort_values("id"), in_duckdb.sort_values("id")):
        assert found["segment"].tolist() == expected["segment"].tolist()
        np.testing.assert_allclose(found["certainty"], expected["certainty"], atol=1e-9)
    assert in_duckdb.sort_values("id")["reason"].tolist() == expected["reason"].tolist()
    with pytest.raises(ModelError, match="take the arithmetic form"):
        result.to_sql("duckdb", form="lookup")
    made: dict[str, Any] = {}
    exec(result.to_python(), made)  # noqa: S102 - what it writes is what is tested
    rows = [made["assign"](r.income, r.age, r.town) for r in later.itertuples()]
    assert [row["segment"] for row in rows] == expected["segment"].tolist()
    assert [row["reason"] for row in rows] == expected["reason"].tolist()


def test_a_saved_segmentation_scores_alike_and_holds_no_few(result: sg.Segmentation, tmp_path: Path) -> None:
    content = json.loads(result.save(tmp_path / "segmentation.json").read_text())
    assert [tuple(f["levels"]) for f in content["patterns"]["features"]] == SHOWN
    assert min(content["patterns"]["counts"]) >= 5
    assert sum(content["patterns"]["counts"]) > 600
    loaded = sg.load(tmp_path / "segmentation.json")
    later = customers(300, seed=1)
    pd.testing.assert_frame_equal(loaded.assign(later), result.assign(later))
    assert loaded.recipe == result.recipe
    assert loaded.verify().n_equal == loaded.verify().n_patterns
    assert loaded.drift(later).verdict.kind == result.drift(later).verdict.kind
    assert loaded.report(tmp_path / "report.html").stat().st_size > 10_000


def test_a_pattern_table_gives_the_segments_of_the_table(
    result: sg.Segmentation, of_patterns: sg.Segmentation
) -> None:
    finest = sg.collect(customers(), RECIPE, fine=True)
    for again in (of_patterns, sg.run(finest, RECIPE, segments=2, analyses=0)):
        assert again.patterns.features == result.patterns.features
        assert [s.size for s in again.segments] == [s.size for s in result.segments]
        assert again.recipe.features == result.recipe.features


def test_drift_of_a_pattern_table_needs_the_fine_levels_of_the_model(result: sg.Segmentation) -> None:
    later = customers(800, seed=3)
    found = result.drift(sg.collect(later, result.recipe))
    np.testing.assert_array_equal(found.new.segments, result.drift(later).new.segments)
    assert [s.cells[: len(shown)] for s, shown in zip(found.features, SHOWN, strict=True)] == SHOWN
    with pytest.raises(DataError, match="was collected without the fine levels of 'income'; collect it by"):
        result.drift(sg.collect(later, RECIPE))


def test_edges_hardly_matter_to_the_segments(result: sg.Segmentation, few_null_tables: None) -> None:
    data = customers()
    moved = RECIPE.replace("[8000, 20000]", "[5000, 11000]").replace("[30, 50]", "[25, 65]")
    other = sg.run(data, moved, segments=2)
    assert adjusted_rand_score(labels_of(result, data), labels_of(other, data)) > 0.97


def test_only_the_order_of_the_numbers_matters(result: sg.Segmentation, few_null_tables: None) -> None:
    data = customers()
    logs = data.assign(income=np.log(data["income"]))
    edges = RECIPE.replace("[8000, 20000]", f"[{np.log(8000)!r}, {np.log(20000)!r}]").replace(
        "np.float64", ""
    )
    other = sg.run(logs, edges.replace("[(", "[").replace("), (", ", ").replace(")]", "]"), segments=2)
    assert adjusted_rand_score(labels_of(result, data), labels_of(other, logs)) > 0.97
    far = data.copy()
    far.loc[data["income"].idxmax(), "income"] = 6.66e9
    assert (labels_of(sg.run(far, RECIPE, segments=2), far) == labels_of(result, data)).all()


def test_min_cell_leaves_no_fine_level_with_few(withheld: sg.Segmentation, few_null_tables: None) -> None:
    assert withheld.patterns is None
    n_levels = [masses.shape[1] for masses in withheld.model.response_proba_]
    assert 12 < n_levels[0] < 40
    table = sg.collect(customers(), RECIPE)
    with pytest.raises(DataError, match=r"min_cell 20: features.income: the fine level .* has \d+ customers"):
        sg.run(table, RECIPE, segments=2, min_cell=20)


def test_methods_of_distances_take_the_fine_levels_too(few_null_tables: None) -> None:
    data = customers().dropna()
    for method in ("k-modes", "k-means"):
        found = sg.run(data, RECIPE, segments=2, method=method, analyses=2)
        assert min(len(f.levels) for f in found.patterns.features[:2]) > 12
        assert [f.levels for f in found.patterns.as_shown().features] == SHOWN
        checked = found.verify()
        assert checked.n_equal == checked.n_patterns


def test_five_groups_of_two_numbers_come_out_by_means(few_null_tables: None) -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(range(5), [81, 39, 35, 22, 23])
    centres = np.array([[55, 50], [88, 82], [86, 17], [26, 79], [26, 21]])
    spreads = np.array([[9, 6], [16, 9], [16, 10], [7, 10], [7, 12]])
    income, score = np.round(rng.normal(centres[groups], spreads[groups])).T
    shoppers = pd.DataFrame({"id": range(200), "income": income, "score": score})
    recipe = '[source]\nid = "id"\n' + "".join(
        f'[features.{name}]\ncolumn = "{name}"\nedges = {edges}\ndistribution = "ordered"\n'
        for name, edges in (("income", [40, 70, 90]), ("score", [20, 40, 60, 80]))
    )
    found = sg.run(shoppers, sg.Recipe.from_toml(recipe), segments=5, method="k-means", analyses=0)
    overlap = pd.crosstab(groups, found.assign(shoppers)["segment"]).to_numpy()
    assert overlap.max(axis=1).sum() > 0.9 * len(shoppers)
    assert len(set(overlap.argmax(axis=1))) == 5
    assert all(s.name_share is not None for s in found.segments)


def test_given_segments_and_checks_show_the_levels_of_the_recipe() -> None:
    data = customers().assign(given=lambda d: np.where(d["age"] < 45, "young", "old"))
    assert [f.levels for f in sg.profile(data, RECIPE, "given").patterns.features] == SHOWN
    assert [tuple(level for level, _ in f.levels) for f in sg.check(data, RECIPE).features] == SHOWN


def test_few_customers_have_few_fine_levels(few_null_tables: None) -> None:
    data = customers(60)
    found = sg.run(data, RECIPE, segments=2)
    counts = [found.patterns.level_counts(j) for j in (0, 1)]
    assert min(c.min() for c in counts) >= 5
    assert max(len(c) for c in counts) <= 12


def test_weights_and_bands_and_protected_columns_follow(few_null_tables: None) -> None:
    data = customers().assign(w=lambda d: 1 + d["id"] % 3, visits=lambda d: d["id"] % 8)
    content = RECIPE.replace('id = "id"', 'id = "id"\nweight = "w"')
    content = 'sensitive = ["spend"]\nstrata = [{ name = "who", column = "visits", edges = [4] }]\n' + content
    found = sg.run(data, Recipe.from_toml(content), segments=2)
    shares = data.groupby(labels_of(found, data))["w"].sum() / data["w"].sum()
    assert [s.share for s in found.segments] == pytest.approx(shares.tolist())
    assert "who" in set(found.strata["feature"])


def test_medians_and_quartiles_are_in_the_units_of_the_column(result: sg.Segmentation) -> None:
    data = customers()
    segment = labels_of(result, data)
    rows = result.features.drop_duplicates(["segment", "feature"]).set_index(["segment", "feature"])
    for name in ("income", "age"):
        for s in (1, 2):
            mine = data[name][segment == s]
            found = rows.loc[(s, name), ["lower_quartile", "median", "upper_quartile"]].to_numpy(float)
            np.testing.assert_allclose(found, mine.quantile([0.25, 0.5, 0.75]))
        np.testing.assert_allclose(rows.loc[(1, name), "base_median"], data[name].median())
    assert rows.loc[(1, "town"), ["median", "base_median"]].isna().all()
    middle = FeatureRows.of(result).features(1)
    assert {f.name for f in middle if f.middle is not None} == {"income", "age"}
    assert set(result.outcomes["outcome"]) == {"spend"}


def test_a_page_says_them_and_how_frequent_the_most_frequent_combination_is(
    result: sg.Segmentation, tmp_path: Path
) -> None:
    page = result.report(tmp_path / "report.html").read_text()
    median = result.features.set_index(["segment", "feature"]).loc[(1, "income"), "median"].iloc[0]
    assert f"median {number(median)}, middle half" in page
    shown = customers()[labels_of(result, customers()) == 1]
    income = pd.cut(shown["income"], [-np.inf, 8000, 20000, np.inf], right=False).cat.codes
    age = pd.cut(shown["age"], [-np.inf, 30, 50, np.inf], right=False).cat.codes
    share = shown.groupby([income.to_numpy(), age.to_numpy(), "town"]).size().max() / len(shown)
    assert segment_facts(result)[0].typical_share == pytest.approx(share)


def test_quartiles_go_where_a_level_is_withheld(withheld: sg.Segmentation) -> None:
    found = withheld.features
    has_few = found.groupby(["segment", "feature"])["is_withheld"].transform("any")
    assert has_few.any()
    assert found.loc[has_few, ["median", "lower_quartile", "upper_quartile"]].isna().all().all()
    is_shown = ~has_few & (found["feature"] != "town")
    assert found.loc[is_shown, "median"].notna().all()


def test_numbers_of_expressions_have_medians_beside_outcomes_of_any_name(few_null_tables: None) -> None:
    content = RECIPE.replace('column = "income"', 'sql = "income / 2"').replace(
        "[8000, 20000]", "[4000, 10000]"
    )
    content = content.replace('columns = ["spend"]', 'columns = ["number 1", "spend"]')
    data = customers().rename(columns={"age": "Age"}).assign(**{"number 1": lambda d: d["id"] % 7})
    found = sg.run(data, content.replace('column = "age"', 'column = "Age"'), segments=2)
    rows = found.features.drop_duplicates(["segment", "feature"]).set_index(["segment", "feature"])
    np.testing.assert_allclose(rows.loc[(1, "income"), "base_median"], data["income"].median() / 2)
    assert list(found.outcomes["outcome"].unique()) == ["number 1", "spend"]


def test_a_pattern_table_has_medians_as_near_as_its_fine_levels(
    result: sg.Segmentation, of_patterns: sg.Segmentation
) -> None:
    figures = ["lower_quartile", "median", "upper_quartile", "base_median"]
    rough, exact = (
        r.features.drop_duplicates(["segment", "feature"]).set_index(["segment", "feature"])[figures]
        for r in (of_patterns, result)
    )
    for j, name in enumerate(("income", "age")):
        near, true = (f.xs(name, level="feature").to_numpy() for f in (rough, exact))
        cuts = result.recipe.features[j].fine
        level, of_true = (np.searchsorted(cuts, numbers, side="right") for numbers in (near, true))
        assert np.abs(level - of_true).max() <= 1
    np.testing.assert_allclose(near, true, atol=0.5)  # ages are whole numbers
    middles = [f.middle for f in FeatureRows.of(of_patterns).features(1) if f.middle is not None]
    assert [m.is_rough for m in middles] == [True, True]
    assert not any(note.kind == "medians" for note in of_patterns.notes)


def test_a_pattern_table_without_fine_levels_says_that_it_has_no_medians(few_null_tables: None) -> None:
    plain = RECIPE.replace('distribution = "ordered"\n', "")
    found = sg.run(sg.collect(customers(), plain), RECIPE, segments=2, analyses=0)
    assert "median" not in found.features.columns
    assert [n.text for n in found.notes if n.kind == "medians"] == [
        "No median of Income and Age: the pattern table holds no finer levels than those that are shown. "
        "`segmentry collect` with this recipe makes one that does, where there are more values."
    ]


def test_a_density_is_what_a_class_has_of_the_fine_levels(result: sg.Segmentation) -> None:
    found = density_facts(result)
    assert set(found) == {(s, name) for s in (1, 2) for name in ("income", "age")}
    prior, rows = result.core.class_prior_, result.features.set_index(["segment", "feature", "level"])
    for name, edge, level in (("income", 20_000, "high"), ("age", 50, "50 and over")):
        both = [found[s, name] for s in (1, 2)]
        whole = sum(p * np.array(d.shares) for p, d in zip(prior, both, strict=True))
        np.testing.assert_allclose(whole, both[0].base_shares, atol=2e-5)
        assert 0.97 < whole.sum() < 1.001
        for s, density in enumerate(both, 1):
            ends = np.linspace(density.low, density.high, len(density.shares) + 1)
            above = np.array(density.shares)[ends[1:] > edge].sum()
            assert above == pytest.approx(rows.loc[(s, name, level), "share"], abs=0.08)


def test_a_density_is_drawn_in_the_card_and_in_the_comparison(
    result: sg.Segmentation, tmp_path: Path
) -> None:
    page = result.report(tmp_path / "report.html").read_text()
    assert page.count('<span class="density"><svg') == 4
    assert "How Income is spread in segment 2, beside all customers" in page
    median = {
        s: result.features.query(f"segment == {s} and feature == 'age'")["median"].iloc[0] for s in (1, 2)
    }
    low, high = sorted(median, key=lambda s: median[s])
    chart = result.charts["density_age"]
    assert f"Age: median from {number(median[low])} (segment {low}) to {number(median[high])}" in chart.alt
    content = json.loads(result.report(tmp_path / "report.json").read_text())
    features = {f["name"]: f for f in content["segments"][0]["features"]}
    assert features["town"]["density"] is None
    assert len(features["age"]["density"]["shares"]) == len(features["age"]["density"]["base_shares"])
    saved = sg.load(result.save(tmp_path / "s.json"))
    assert density_facts(saved) == density_facts(result)


def test_a_density_is_withheld_where_a_level_is(withheld: sg.Segmentation) -> None:
    lacks = withheld.features.groupby(["segment", "feature"])["is_withheld"].any()
    assert lacks.any()
    for segment in (1, 2):
        for fact in FeatureRows.of(withheld).features(segment):
            is_open = fact.name != "town" and not lacks[segment, fact.name]
            assert (fact.density is not None) == is_open


def test_a_frequent_value_makes_no_density(few_null_tables: None) -> None:
    data = customers(300).assign(income=lambda d: np.where(d["id"] % 2, 0.0, d["income"]))
    found = sg.run(data, RECIPE, segments=2, method="k-modes", analyses=0)
    assert set(density_facts(found)) == {(1, "age"), (2, "age")}


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_a_file_with_levels_that_nobody_has_is_read(
    method: str, few_null_tables: None, tmp_path: Path
) -> None:
    data = customers(400).dropna()
    content = RECIPE.replace("[30, 50]", "[-5, 30, 50, 999]")
    for recipe in (content, content.replace('distribution = "ordered"', "")):
        found = sg.run(data, recipe, segments=2, method=method, analyses=0)
        assert len(found.core.categories_[1]) < len(found.patterns.features[1].levels)
        loaded = sg.load(found.save(tmp_path / "segmentation.json"))
        pd.testing.assert_frame_equal(loaded.assign(data), found.assign(data))
