"""PostgreSQL and Spark give the pattern table, and the assignments, that DuckDB gives, on awkward data."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import segmentry as sg
from segmentry.collecting import finding, sampling
from segmentry.collecting.collection import Collected, add_halves, collect_patterns, collect_sums
from segmentry.collecting.design import check_design, design_sums
from segmentry.collecting.ids import with_ids_counted
from segmentry.datasets import sample_households
from segmentry.engine import Engine, open_engine
from segmentry.patterns import CleaningStep, DesignSums, PatternTable
from segmentry.patterns.table import _about
from segmentry.recipe import CleanStep, Recipe
from segmentry.recipe.levels import display
from segmentry.runs.pattern_tables import with_found_levels
from segmentry.runs.segment import run

pytestmark = pytest.mark.usefixtures("few_null_tables", "no_own_pictures")

RECIPE = Recipe.from_toml(r"""
[source]
id = "id"

[[clean]]
step = "known"
drop_missing = ["small", "Select"]
why = "it's /* not */ known"

[[clean]]
step = "kept"
keep = "price / kids < 40 OR kids IS NULL OR kids = 0"

[[clean]]
step = "respelled"
replace = { column = "home town", values = [["Málaga", "it's"], ["\\", "C:\\new"]] }

[features.small]
column = "small"
quantiles = 3

[features.price]
column = "price"
edges = [0.1, 19.99, 20]
closed = "right"

[features.ratio]
column = "ratio"
edges = [-1.5, 0, 0.3]
missing = "level"

[features.town]
column = "home town"
groups = { Quoted = ["it's", 'say "x"', "C:\\new"], Odd = ["", " ", "${x}", "$1 %s", "日本"] }
rest = "Elsewhere"

[features."a name of a feature that is longer than all that PostgreSQL keeps, one"]
column = "Select"
levels = ["a", "A", "é", "É"]
rest = "other"

[features."a name of a feature that is longer than all that PostgreSQL keeps, two"]
column = 'quo"ted`'
yes_no = true

[features.flag]
column = "flag"
yes_no = true
missing = "level"

[features.flag_levels]
column = "flag"
missing = "level"

[features.answer]
column = "answer"
yes_no = true
unseen = "missing"

[features.day]
column = "day"
levels = ["2024-02-29", "1899-12-31"]
rest = "another day"

[features.year]
sql = "YEAR(day)"

[features.number]
sql = "TRY_CAST(answer AS DOUBLE)"
edges = [0, 1, 100]

[features.half]
sql = "kids / 2"
edges = [0.5, 1]

[features.mixed]
sql = '''(kids > 1 AND NOT flag) OR "home town" LIKE '%''s' OR ratio BETWEEN 0 AND 1'''
yes_no = true

[outcomes.amounts]
role = "amounts"
columns = ["spent", "score"]

[outcomes.counts]
role = "counts"
columns = ["visits", "big"]

[outcomes.flags]
role = "flags"
exposure = "contacted"
columns = ["won", "Answer yes"]

[model]
range = [1, 3]
""")


IN_SECONDS = ("in_postgres", "in_clickhouse")
"""Engines that answer small queries at once; Spark plans each for a second, so it gets one case of each kind."""
DESIGNS: list[dict[str, str]] = [
    {"stratum": "Select", "cluster": "small"},
    {"stratum": "Select"},
    {"stratum": "won", "cluster": "day"},
]


def in_two_readings(engine: Engine, recipe: Recipe) -> Collected:
    """Collect as a run does, whose halves are those of rows that it reads again."""
    return add_halves(engine, collect_sums(engine, recipe))


def patterns_of(
    data: Any, recipe: Recipe = RECIPE, collect: Callable[[Engine, Recipe], Collected] = collect_patterns
) -> PatternTable:
    engine = open_engine(data)
    try:
        return collect(engine, recipe).patterns
    finally:
        engine.close()


def assert_same(found: PatternTable, expected: PatternTable) -> None:
    assert found.features == expected.features
    assert found.outcomes == expected.outcomes
    assert found.cleaning == expected.cleaning
    np.testing.assert_array_equal(found.codes, expected.codes)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.n_values, expected.n_values)
    exact = [j for j, outcome in enumerate(expected.outcomes) if outcome.name != "score"]
    np.testing.assert_array_equal(found.sums[:, exact], expected.sums[:, exact])
    np.testing.assert_allclose(found.sums, expected.sums, rtol=1e-9)
    np.testing.assert_allclose(_about(found, expected.origins).squares, expected.squares, rtol=1e-9)
    np.testing.assert_array_equal(found.folds.counts, expected.folds.counts)
    np.testing.assert_allclose(found.folds.sums, expected.folds.sums, rtol=1e-9)


@pytest.fixture(scope="session")
def expected(table) -> PatternTable:
    """What DuckDB finds."""
    return patterns_of(table)


@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_pattern_table_equals_duckdbs(request, expected, engine):
    assert expected.n_patterns > 150
    assert {s.what for s in expected.cleaning.steps if s.n_rows} == {
        "dropped",
        "changed",
        "missing",
        "unexposed",
        "unseen",
    }
    assert_same(patterns_of(request.getfixturevalue(engine)), expected)


@pytest.mark.parametrize(("engine", "max_read"), [*product(IN_SECONDS, [200_000, 200]), ("in_spark", 200)])
def test_fine_levels_equal_duckdbs_and_add_up(request, monkeypatch, table, expected, engine, max_read):
    monkeypatch.setattr(finding, "MAX_READ", max_read)
    here, found = (sg.collect(data, RECIPE, fine=True) for data in (table, request.getfixturevalue(engine)))
    assert_same(found, here)
    assert found.made_by == here.made_by
    finer = with_found_levels(RECIPE, found)
    assert {"small", "price", "ratio", "town", "day", "number"} <= {f.name for f in finer.features if f.fine}
    assert_same(found.roll_up(display(finer)), expected)


@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_folds_of_text_ids_equal_duckdbs(request, table, engine):
    """The text has letters outside ASCII, is empty, or missing; that an id comes up twice does not matter here."""
    source = RECIPE.source.model_copy(update={"id": "home town"})
    recipe = RECIPE.model_copy(update={"source": source, "clean": RECIPE.clean[:1]})
    expected = patterns_of(table, recipe)
    assert expected.folds.counts.sum(axis=0).min() > 50
    assert_same(patterns_of(request.getfixturevalue(engine), recipe), expected)


@pytest.mark.parametrize(("engine", "keys"), [*product(IN_SECONDS, DESIGNS), ("in_spark", DESIGNS[0])])
def test_sums_by_cluster_equal_duckdbs(request, table, engine, keys):
    known = CleanStep(step="all_known", drop_missing=tuple(keys.values()))
    recipe = RECIPE.with_(source={"weight": "visits", **keys}, clean=(*RECIPE.clean, known))
    expected, found = (design_of(data, recipe) for data in (table, request.getfixturevalue(engine)))
    assert expected.customers.sum() >= 50
    assert (expected.squares is None) == ("cluster" in keys)
    np.testing.assert_array_equal(np.sort(found.n_units), np.sort(expected.n_units))
    np.testing.assert_array_equal(found.customers.sum(axis=0), expected.customers.sum(axis=0))
    members = np.vstack([np.eye(2), np.ones(2)])
    np.testing.assert_array_equal(found.freedom(members), expected.freedom(members))
    np.testing.assert_allclose(found.share_variance(members), expected.share_variance(members), rtol=1e-9)
    for j in range(len(recipe.outcome_columns)):
        one, other = (d.mean_variance(j, members, 0.5 * members) for d in (found, expected))
        np.testing.assert_allclose(one, other, rtol=1e-9)


def design_of(data: Any, recipe: Recipe) -> DesignSums:
    engine = open_engine(data)
    try:
        collected = collect_sums(engine, recipe)
        check_design(engine, collected.matched)
        sums = design_sums(engine, collected, np.arange(collected.patterns.n_patterns) % 2, 2)
    finally:
        engine.close()
    assert sums is not None
    return sums


@pytest.fixture(scope="session")
def written(table, tmp_path_factory) -> Path:
    """What a run with DuckDB writes."""
    folder = tmp_path_factory.mktemp("written") / "duckdb"
    run(table, RECIPE, segments=3, seed=1, out=folder)
    return folder


@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_assignments_equal_duckdbs(request, written, engine, tmp_path):
    run(request.getfixturevalue(engine), RECIPE, segments=3, seed=1, out=tmp_path / "engine")
    here, found = (pq.read_table(f / "assignments.parquet") for f in (written, tmp_path / "engine"))
    assert here.num_rows > 100
    assert here.equals(found.cast(here.schema))
    assert sorted(p.name for p in (tmp_path / "engine").iterdir()) == sorted(
        p.name for p in written.iterdir()
    )


@pytest.mark.parametrize("collect", [collect_patterns, in_two_readings])
@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_what_a_sample_tells_equals_duckdbs(request, monkeypatch, table, engine, collect):
    data = request.getfixturevalue(engine)
    monkeypatch.setattr(sampling, "MAX_ROWS", len(table) // 2)
    monkeypatch.setattr(sampling, "_LEAST_HASHES", 2)
    expected = patterns_of(table)
    assert 0.3 < expected.fold_share < 1
    found = patterns_of(data, collect=collect)
    assert found.fold_share == expected.fold_share
    assert_same(found, expected)


@pytest.mark.parametrize(
    ("engine", "is_large", "customer"),
    [
        *product(IN_SECONDS, [False, True], ["id", "home town", "big", "day", "score"]),
        ("in_spark", False, "id"),
        ("in_spark", True, "home town"),
        ("in_spark", True, "score"),
    ],
)
def test_what_is_said_of_ids_equals_duckdbs(request, monkeypatch, table, engine, is_large, customer):
    """Ids of every type, most of which repeat or are missing; where they cannot be sampled, in all rows of a first part."""
    data = request.getfixturevalue(engine)
    source = RECIPE.source.model_copy(update={"id": customer})
    recipe = RECIPE.model_copy(update={"source": source})
    monkeypatch.setattr(sampling, "MAX_ROWS", 100 if is_large else sampling.MAX_ROWS)
    monkeypatch.setattr(sampling, "_LEAST_HASHES", 2)
    monkeypatch.setattr(sampling, "_MOST_WITHOUT_ID", 1)
    expected, found = (of_ids(d, recipe) for d in (table, data))
    what = [step.what for step in expected]
    assert ("repeated id" in what, "missing id" in what) == (customer != "id", customer != "id")
    if any("first" in step.why for step in expected):  # which rows these are is the engine's affair
        expected, found = ([s for s in steps if s.what == "missing id"] for steps in (expected, found))
    assert found == expected


def of_ids(data: Any, recipe: Recipe) -> list[CleaningStep]:
    engine = open_engine(data)
    try:
        cleaning = with_ids_counted(engine, collect_patterns(engine, recipe)).patterns.cleaning
    finally:
        engine.close()
    return [step for step in cleaning.steps if step.what.endswith(" id")]


@pytest.mark.parametrize("engine", ["in_postgres", "in_clickhouse", "in_spark"])
def test_drift_and_scores_equal_duckdbs(request, table, engine):
    data = request.getfixturevalue(engine)
    result = run(table, RECIPE, segments=2, seed=1)
    expected, found = (result.drift(d) for d in (table, data))
    assert found.verdict.kind == expected.verdict.kind
    np.testing.assert_array_equal(found.new.segments, expected.new.segments)
    for one, other in zip(found.new.levels, expected.new.levels, strict=True):
        np.testing.assert_array_equal(one, other)
    scores = [result.assign(d).sort_values("id", ignore_index=True) for d in (table.to_pandas(), data)]
    pd.testing.assert_frame_equal(scores[1], scores[0], check_dtype=False)


def test_queries_of_a_run_are_in_the_engines_dialect(in_postgres, tmp_path):
    run(in_postgres, RECIPE, segments=2, out=tmp_path)
    queries = Path(tmp_path / "queries.sql").read_text(encoding="utf-8")
    assert "DOUBLE PRECISION" in queries
    assert 'FROM "it\'s ""awkward"""' in queries


def test_the_bundled_recipe_runs_on_every_engine(postgres_url: str, tmp_path: Path) -> None:
    """Dates of the customer file are texts in many a database; the recipe's strata read them."""
    from adbc_driver_postgresql import dbapi

    recipe = Recipe.load("customer-personality")
    people = sample_households(rows=300)
    people["Dt_Customer"] = people["Dt_Customer"].astype(str)
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("bundled", pa.Table.from_pandas(people, preserve_index=False), mode="replace")
        connection.commit()
    here = run(people, recipe, segments=2)
    there = run(f"{postgres_url}?table=bundled", recipe, segments=2)
    assert [s.size for s in there.segments] == [s.size for s in here.segments]
    pd.testing.assert_frame_equal(there.strata, here.strata)
