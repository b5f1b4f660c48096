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
    result: sg.Segmentation, few_null_tables: None
) -> None:
    for is_fine in (False, True):
        table = sg.collect(customers(), RECIPE, fine=is_fine)
        again = sg.run(table, RECIPE, segments=2)
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


def test_min_cell_leaves_no_fine_level_with_few(few_null_tables: None) -> None:
    result = sg.run(customers(), RECIPE, segments=2, min_cell=20)
    assert result.patterns is None
    n_levels = [masses.shape[1] for masses in result.model.response_proba_]
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


def test_quartiles_go_where_a_level_is_withheld(few_null_tables: None) -> None:
    found = sg.run(customers(), RECIPE, segments=2, min_cell=20).features
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


def test_a_pattern_table_has_no_medians(few_null_tables: None) -> None:
    found = sg.run(sg.collect(customers(), RECIPE), RECIPE, segments=2)
    assert "median" not in found.features.columns
    assert all(f.middle is None for f in FeatureRows.of(found).features(1))


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
