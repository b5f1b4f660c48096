"""Dates as ordered features: a number of days in the model, dates for people."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import RecipeError
from segmentry.recipe import Recipe
from segmentry.report.facts.features import FeatureRows
from segmentry.text.edges import day_number

RECIPE = """
[source]
id = "id"
[features.joined]
sql = "date_diff('day', DATE '1970-01-01', joined)"
edges = [2012-01-01, 2014-01-01]
distribution = "ordered"
[features.income]
column = "income"
edges = [8000, 20000]
distribution = "ordered"
[model]
segments = 2
range = [1, 2]
"""


def customers(n: int = 300, seed: int = 0) -> pd.DataFrame:
    """Two groups: the earlier customers are the richer ones."""
    rng = np.random.default_rng(seed)
    group = rng.random(n) < 0.4
    days = rng.normal(15_900 - 700 * group, 200).round()
    joined = [date(1970, 1, 1) + pd.Timedelta(days=d).to_pytimedelta() for d in days]
    return pd.DataFrame(
        {"id": range(n), "joined": joined, "income": np.exp(rng.normal(9 + 1.2 * group, 0.4)).round()}
    )


@pytest.fixture(scope="module")
def result(few_null_tables: None) -> sg.Segmentation:
    return sg.run(customers(), RECIPE, analyses=0)


def test_people_see_dates_and_the_model_days(result: sg.Segmentation, tmp_path: Path) -> None:
    feature, levels = result.recipe.features[0], result.patterns.features[0]
    assert feature.edges == (day_number(date(2012, 1, 1)), day_number(date(2014, 1, 1)))
    assert levels.shown == ("under 2012-01-01", "2012-01-01 to under 2014-01-01", "2014-01-01 and over")
    assert len(levels.levels) > 20
    middle = next(f.middle for f in FeatureRows.of(result).features(1) if f.name == "joined")
    page = result.report(tmp_path / "report.html").read_text()
    median = date.fromordinal(date(1970, 1, 1).toordinal() + round(middle.median))
    assert f"median {median.isoformat()}, middle half" in page
    assert "2012-01-01</text>" in page
    assert "15,3" not in page
    saved = sg.load(result.save(tmp_path / "s.json"))
    assert saved.recipe == result.recipe
    assert Recipe.from_toml(result.recipe.to_toml()) == result.recipe


def test_a_coarse_table_is_a_fine_one_rolled_up(result: sg.Segmentation) -> None:
    fine = sg.collect(customers(), RECIPE)
    plain = sg.collect(customers(), RECIPE.replace('distribution = "ordered"\n', ""))
    rolled = fine.roll_up(joined=list(result.recipe.features[0].edges), income=[8000, 20000])
    assert [f.levels for f in rolled.features] == [f.levels for f in plain.features]
    assert rolled.counts.tolist() == plain.counts.tolist()


def test_scores_are_the_same_everywhere(result: sg.Segmentation) -> None:
    assert result.verify().is_equal
    later = customers(200, seed=1)
    expected = result.assign(later).sort_values("id")
    with duckdb.connect() as engine:
        engine.register("customers", later)
        found = engine.execute(result.to_sql("duckdb")).df().sort_values("id")
    assert found["segment"].tolist() == expected["segment"].tolist()
    for dialect in ("postgres", "spark", "clickhouse"):
        assert "1970-01-01" in result.to_sql(dialect)
    with pytest.raises(RecipeError, match=r"has no tested form in the dialect 'sqlite'"):
        result.to_sql("sqlite")
    made: dict[str, Any] = {}
    exec(result.to_python(), made)  # noqa: S102 - what it writes is what is tested
    rows = [made["assign"](day_number(r.joined), r.income) for r in later.itertuples()]
    assert [row["segment"] for row in rows] == expected["segment"].tolist()


def test_a_draft_takes_dates_as_numbers_that_their_years_show() -> None:
    data = customers(400).assign(spend=range(400))
    drafted = sg.draft(data, features=["joined", "income"], ordered=True)
    feature = next(f for f in drafted.features if "joined" in f.name)
    assert feature.distribution == "ordered"
    assert feature.sql == "date_diff('day', DATE '1970-01-01', joined)"
    assert all(edge == day_number(date(1970 + round(edge / 365.25), 1, 1)) for edge in feature.edges)
    assert "to 20" in feature.labels[0]
    assert "edges = [20" in drafted.text
    assert sg.check(data, drafted).features


def test_dates_are_edges_of_days_alone() -> None:
    content = RECIPE.replace("sql = \"date_diff('day', DATE '1970-01-01', joined)\"", 'column = "joined"')
    with pytest.raises(
        RecipeError, match=r"joined\.edges: dates are edges of a date that is taken as a number of days; read"
    ):
        Recipe.from_toml(content)
