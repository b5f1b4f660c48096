"""Customers that are made of finer levels are those of a scan, figure by figure, or a scan is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.collecting import sampling
from segmentry.datasets import sample_households
from segmentry.engine.duckdb import DuckDBEngine
from segmentry.patterns.table import per_pattern
from segmentry.recipe import Recipe
from segmentry.runs.live import LiveSource, live_source
from segmentry.runs.sources import Customers
from segmentry.sql import Query

SCAN = "Collect the pattern table"


@pytest.fixture(autouse=True)
def _all_tables_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "MAX_ROWS", 1_000)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    whole = DuckDBEngine.query

    def query(self: DuckDBEngine, asked: Query) -> object:
        found.extend([asked.purpose] if asked.purpose.startswith(SCAN) else [])
        return whole(self, asked)

    monkeypatch.setattr(DuckDBEngine, "query", query)
    return found


def written(table: pd.DataFrame, folder: Path) -> Path:
    path = folder / "households.parquet"
    table.to_parquet(path)
    return path


def opened(path: Path, recipe: Recipe) -> Iterator[LiveSource]:
    with live_source(path, recipe) as live:
        live.refine([recipe])
        yield live


def moves(recipe: Recipe, live: LiveSource) -> Iterator[Recipe]:
    """Recipes with other edges, other groups, and fewer features."""
    assert live._fine is not None
    rng = np.random.default_rng(3)
    features = [f.model_dump(mode="json", exclude_defaults=True) for f in recipe.features]
    yield recipe
    for _ in range(2):
        cuts = json.loads(live._fine.made_by["features.income"])["fine"]
        changed = [dict(f) for f in features]
        changed[0] |= {"edges": sorted(rng.choice(cuts, 3, replace=False).tolist())}
        changed[0].pop("labels", None)
        yield recipe.with_(features=changed)
    groups = {"Degree": ["graduation", "master", "2n cycle", "phd"], "Basic": ["basic"]}
    education = next(i for i, f in enumerate(features) if f["name"] == "education")
    yield recipe.with_(
        features=[{**f, "groups": groups} if i == education else f for i, f in enumerate(features)]
    )
    yield recipe.with_(features=features[1:])


def assert_same(mine: Customers, theirs: Customers) -> None:
    assert mine.recipe == theirs.recipe
    assert mine.patterns.features == theirs.patterns.features
    assert mine.patterns.outcomes == theirs.patterns.outcomes
    assert mine.patterns.cleaning == theirs.patterns.cleaning
    assert mine.patterns.made_by == theirs.patterns.made_by
    assert mine.patterns.origins.tolist() == theirs.patterns.origins.tolist()
    one, other = per_pattern(mine.patterns), per_pattern(theirs.patterns)
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].dtype == other[name].dtype
        np.testing.assert_array_equal(one[name], other[name])
    assert mine.collected is not None
    assert theirs.collected is not None
    assert mine.collected.matched == theirs.collected.matched
    assert mine.collected.lacks_halves
    assert theirs.collected.lacks_halves


def listed(live: LiveSource) -> list[tuple[str, str, int | None]]:
    engine = live._source.engine
    assert engine is not None
    return [(q.purpose, q.sql, q.rows) for q in engine.log[live._n_opening :]]


@pytest.mark.parametrize("dirt", [False, True])
def test_customers_of_whole_numbers_are_those_of_a_scan(tmp_path: Path, scans: list[str], dirt: bool) -> None:
    table = sample_households(rows=3_000, seed=4, dirt=dirt)
    if dirt:
        table.loc[:20, "Education"] = "certificate"
        table.loc[10:30, "Marital_Status"] = "in love"
    path = written(table, tmp_path)
    recipe = Recipe.load("households")
    for live in opened(path, recipe):
        n_scans, asked = len(scans), list(moves(recipe, live))
        made = [(live.customers(one), listed(live)) for one in asked]
        assert len(scans) == n_scans
        if dirt:
            assert made[0][0].patterns.cleaning.n_dropped > 0
            assert any(step.what == "unseen" for step in made[0][0].patterns.cleaning.steps)
        for one, (mine, queries) in zip(asked, made, strict=True):
            with live_source(path, recipe) as cold:
                assert_same(mine, cold.customers(one))
                assert queries == listed(cold)
        assert len(scans) == n_scans + len(asked)


@pytest.mark.parametrize("what", ["parts", "far", "weights"])
def test_where_a_scan_could_find_other_sums_it_is_made(tmp_path: Path, scans: list[str], what: str) -> None:
    table, recipe = sample_households(rows=3_000, seed=4), Recipe.load("households")
    table["MntWines"] = table["MntWines"].astype(float)
    if what == "parts":
        table.loc[7, "MntWines"] += 0.25
    if what == "far":
        table.loc[7, "MntWines"] = 3e5
    if what == "weights":
        table["weight"] = 1.5
        recipe = recipe.with_(source={**recipe.to_dict()["source"], "weight": "weight"})
    for live in opened(written(table, tmp_path), recipe):
        n_scans = len(scans)
        live.customers(recipe)
        assert len(scans) == n_scans + 1


def test_a_whole_run_of_known_customers_is_that_of_a_cold_one(tmp_path: Path, few_null_tables: None) -> None:
    path = written(sample_households(rows=3_000, seed=8), tmp_path)
    recipe = Recipe.load("households").with_(model={"range": (1, 3)})
    cold = sg.run(path, recipe)
    for live in opened(path, recipe):
        warm = live.whole_run(live.customers(recipe), lambda _: None)
        pd.testing.assert_frame_equal(warm.outcomes, cold.outcomes)
        assert warm.evidence == cold.evidence
        assert warm.verdict == cold.verdict
