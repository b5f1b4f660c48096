"""A source segmented again and again gives what runs give; other levels are made of finer ones without reading the table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS, few_segments
from segmentry.collecting import sampling
from segmentry.datasets import write_sample
from segmentry.engine.duckdb import DuckDBEngine
from segmentry.errors import DataError
from segmentry.patterns.table import per_pattern
from segmentry.recipe import Recipe
from segmentry.runs import live as live_module
from segmentry.runs.first_looks import first_look
from segmentry.runs.fitting import numbers_of
from segmentry.runs.live import LiveSource, live_source
from segmentry.runs.pattern_tables import at_levels_of, kept_or_loaded, load_and_keep
from segmentry.runs.sources import Source, open_source
from segmentry.selection import null_curves, null_tables
from segmentry.sql import Query
from segmentry.system.progress import UnwantedError, silent

pytestmark = pytest.mark.usefixtures("few_null_tables")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "households.csv"
    write_sample(path, 800, seed=5, dirt=True)
    return path


@pytest.fixture(scope="module")
def fine(table: Path) -> sg.PatternTable:
    """Its patterns with levels as fine as they are found."""
    return sg.collect(table, "households", fine=True)


@pytest.fixture
def live(table: Path) -> Iterator[LiveSource]:
    with live_source(table, Recipe.load("households")) as source:
        yield source


def with_levels(rng: np.random.Generator, cuts: dict[str, list[float]]) -> Recipe:
    """The recipe with other edges, other groups, and perhaps without a feature."""
    recipe = Recipe.load("households")
    features = []
    for f in recipe.features:
        if f.name in cuts and rng.random() < 0.8:
            edges = tuple(sorted(rng.choice(cuts[f.name], rng.integers(1, 7), replace=False).tolist()))
            features.append(f.model_copy(update={"edges": edges, "labels": None}))
        elif f.groups is not None and rng.random() < 0.7:
            values = [v for group in f.groups.values() for v in group]
            rng.shuffle(values)
            n = int(rng.integers(1, len(values)))
            groups = {"some": tuple(values[:n]), "others": tuple(values[n:])}
            features.append(f.model_copy(update={"groups": groups}))
        else:
            features.append(f)
    if rng.random() < 0.5:
        features.pop(int(rng.integers(len(features))))
    dumped = [f.model_dump(mode="json", exclude_defaults=True) for f in features]
    return recipe.with_(features=dumped, strata=[])


@pytest.mark.parametrize("seed", range(8))
def test_levels_made_of_finer_ones_are_those_of_a_new_collection(
    table: Path, fine: sg.PatternTable, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    recipe = with_levels(rng, {name: _cuts(fine, name) for name in ("income", "birth_year")})
    made = at_levels_of(fine, recipe)
    assert made is not None
    rolled, collected = made[0], sg.collect(table, recipe)
    assert rolled.features == collected.features
    assert rolled.made_by == collected.made_by
    assert rolled.cleaning == collected.cleaning
    mine, theirs = per_pattern(rolled), per_pattern(collected)
    assert mine.keys() == theirs.keys()
    for name in mine:
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-12, atol=1e-6)
    assert rolled.folds is not None
    assert collected.folds is not None
    np.testing.assert_array_equal(rolled.folds.counts, collected.folds.counts)


def _cuts(table: sg.PatternTable, name: str) -> list[float]:
    return list(json.loads(table.made_by[f"features.{name}"])["fine"])


def test_what_cannot_be_made_of_finer_levels_is_not(fine: sg.PatternTable) -> None:
    recipe = Recipe.load("households")

    def changed(name: str, **changes: object) -> Recipe:
        features = [f.model_copy(update=changes) if f.name == name else f for f in recipe.features]
        return recipe.model_copy(update={"features": tuple(features)})

    assert at_levels_of(fine, changed("income", edges=(25_001,), labels=None)) is None
    assert at_levels_of(fine, changed("income", missing="level")) is None
    assert at_levels_of(fine, changed("income", column="spend")) is None
    assert at_levels_of(fine, recipe.model_copy(update={"clean": ()})) is None
    assert at_levels_of(fine, recipe.model_copy(update={"features": recipe.features[::-1]})) is None


def test_a_run_of_a_file_of_fine_patterns_takes_any_of_its_cuts(
    table: Path, fine: sg.PatternTable, tmp_path: Path
) -> None:
    fine.save(tmp_path / "fine.parquet")
    recipe = with_levels(np.random.default_rng(2), {"income": _cuts(fine, "income")}).with_(
        model={"range": (1, 3)}
    )
    mine, theirs = sg.run(tmp_path / "fine.parquet", recipe), sg.run(table, recipe)
    assert [(s.name, s.size, s.share) for s in mine.segments] == [
        (s.name, s.size, s.share) for s in theirs.segments
    ]
    np.testing.assert_allclose(mine.outcomes["value"], theirs.outcomes["value"], rtol=1e-12)


def test_one_recipe_after_the_other_gives_what_runs_give(table: Path, live: LiveSource) -> None:
    recipe = Recipe.load("households").with_(model={"range": (1, 3)})
    assert live.refine([recipe])
    features = [f.model_dump(mode="json", exclude_defaults=True) for f in recipe.features]
    ordered = recipe.with_(features=[{**features[0], "distribution": "ordered"}, *features[1:]])
    others = [
        recipe,
        recipe.with_(model={"range": (1, 3), "segments": 2}),
        few_segments(with_levels(np.random.default_rng(1), {}), 3),
        ordered,
        ordered.with_(model={"range": (1, 3), "method": "k-modes"}),
        recipe,
    ]
    runs = [sg.run(table, one) for one in others[:-1]]
    for one, cold in zip(others, [*runs, runs[0]], strict=True):
        result = live.whole_run(live.customers(one), silent)
        assert result.to_dict()["segments"] == cold.to_dict()["segments"]
        assert str(result.verdict) == str(cold.verdict)
        assert [q.sql for q in result.queries] == [q.sql for q in cold.queries]
        quick, fine = live.quick_customers(one)
        assert fine is not None
        assert (quick.collected is None) == (one.features[0].distribution != "ordered")
        k = len(cold.segments)
        if k > 1:
            assert [s.size for s in first_look(quick, live.fitted(quick, k)).segments] == [
                s.size for s in cold.segments
            ]


def test_counts_come_before_outcomes_and_are_those_of_the_customers(table: Path, live: LiveSource) -> None:
    recipe = Recipe.load("households")
    assert live.counted(recipe, may_read=False) is None
    found = live.counted(recipe, may_read=True)
    assert found is not None
    counted, fine = found
    whole = live.customers(recipe)
    assert counted.recipe.features == whole.recipe.features
    assert counted.patterns.cleaning.n_rows == whole.patterns.cleaning.n_rows
    np.testing.assert_array_equal(counted.patterns.codes, whole.patterns.codes)
    np.testing.assert_array_equal(counted.patterns.counts, whole.patterns.counts)
    other = with_levels(np.random.default_rng(1), {"income": _cuts(fine, "income")})
    moved = live.counted(other, may_read=False)
    assert moved is not None
    np.testing.assert_array_equal(moved[0].patterns.counts, live.customers(other).patterns.counts)
    assert live.refine([recipe])
    assert live.counted(recipe, may_read=True) is None  # there are finer levels with outcomes


def test_a_further_recipe_reads_no_sample_and_no_sizes_again(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "MAX_ROWS", 300)
    recipe = Recipe.load("households").with_(model={"range": (1, 2)})
    other = few_segments(with_levels(np.random.default_rng(3), {"income": [30_000, 50_000]}), 2)
    colder = [sg.run(table, one) for one in (recipe, other)]
    with live_source(table, recipe) as source:
        source.whole_run(source.customers(recipe), silent)
        made: list[str] = []
        rows = DuckDBEngine._rows
        monkeypatch.setattr(
            DuckDBEngine, "_rows", lambda engine, text: (made.append(text), rows(engine, text))[1]
        )
        warm = [source.whole_run(source.customers(one), silent) for one in (other, recipe)][::-1]
    assert not any("CREATE" in text for text in made)
    for mine, theirs in zip(warm, colder, strict=True):
        assert [q.sql for q in mine.queries] == [q.sql for q in theirs.queries]
        assert mine.to_dict()["segments"] == theirs.to_dict()["segments"]
        pd.testing.assert_frame_equal(mine.outcomes, theirs.outcomes)


def test_of_a_table_in_memory_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pd.DataFrame({"ID": range(400), "age": [20, 60] * 200, "home": ["flat", "house"] * 200})
    text = '[source]\nid = "ID"\n[features.age]\ncolumn = "age"\nedges = [40]\n[features.home]\ncolumn = "home"\n'
    recipe = Recipe.from_toml(text)
    with live_source(data, recipe) as source:
        asked: list[str] = []
        arrow = DuckDBEngine._arrow
        monkeypatch.setattr(
            DuckDBEngine, "_arrow", lambda engine, text: (asked.append(text), arrow(engine, text))[1]
        )
        for _ in range(2):
            source.findings(recipe, lambda: None)
    half = len(asked) // 2
    assert asked[:half] == asked[half:]
    assert half > 2


@pytest.mark.parametrize("at", range(1, 12))
def test_work_beside_that_is_stopped_between_two_queries_asks_no_further_one(
    table: Path, live: LiveSource, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    asked: list[str] = []
    query = DuckDBEngine.query

    def counted(engine: DuckDBEngine, one: Query) -> object:
        found = query(engine, one)
        asked.append(one.purpose)
        if len(asked) == at:
            live.stop()  # after the query, where an engine has nothing to end
        return found

    monkeypatch.setattr(DuckDBEngine, "query", counted)
    with pytest.raises(UnwantedError):
        live.findings(Recipe.load("households"), lambda: None)
    assert len(asked) == at
    live.resume()
    assert live.findings(Recipe.load("households"), lambda: None)


def test_a_run_that_nobody_wants_ends(table: Path, live: LiveSource) -> None:
    customers = live.customers(HOUSEHOLDS)
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 3:
            raise UnwantedError

    with pytest.raises(UnwantedError):
        live.whole_run(customers, say)
    assert len(said) == 3
    assert len(live.whole_run(customers, silent).segments) > 1


@pytest.mark.parametrize("is_refined", [False, True])
def test_features_are_joined_for_latent_classes_alone_whichever_method_came_before(
    table: Path, live: LiveSource, is_refined: bool
) -> None:
    joined = HOUSEHOLDS.with_(model={"joined": [["education", "marital_status"]]})
    other = joined.with_(model={"joined": [["education", "marital_status"]], "method": "k-modes"})
    if is_refined:
        live.refine([joined])
    for recipe in (other, joined, other):
        expected = sg.collect(table, recipe).features
        assert live.customers(recipe).patterns.features == expected
        assert live.quick_customers(recipe)[0].patterns.features == expected


def test_data_that_change_while_they_are_opened_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "households.csv"
    write_sample(path, 100, seed=5)

    @contextmanager
    def slowly(*asked: Any) -> Iterator[Source]:
        with open_source(*asked) as source:
            with path.open("a", encoding="utf-8") as file:
                file.write(path.read_text(encoding="utf-8").splitlines()[-1] + "\n")
            yield source

    with live_source(path, HOUSEHOLDS) as live:
        assert not live.has_changed()
    monkeypatch.setattr(live_module, "open_source", slowly)
    with live_source(path, HOUSEHOLDS) as live:
        assert live.has_changed()


def test_segments_do_not_go_on_where_a_run_refuses() -> None:
    answers = pd.DataFrame({name: np.arange(300) // n % 2 for name, n in (("a", 1), ("b", 2), ("c", 4))})
    answers["nobody"] = pd.Series([None] * 300, dtype=object)
    recipe = Recipe.from_dict({"features": [{"name": name, "column": name} for name in "abc"]})
    nobody = recipe.with_(
        features=[
            *recipe.to_dict()["features"],
            {"name": "nobody", "column": "nobody", "levels": ["yes", "no"]},
        ]
    )
    with live_source(answers, recipe) as live:
        live.fitted(live.customers(recipe), 2)
        with pytest.raises(DataError, match="no customer has a value"):
            live.carried_on(live.customers(nobody), 2)


def test_curves_are_drawn_beside_the_fits_and_are_those_of_a_run(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(null_tables, "can_start", lambda: True)
    monkeypatch.setattr(null_curves, "N_TABLES_OF_GAINS", 20)  # as in the process
    recipe = few_segments(Recipe.load("households"), 2)
    cold, here = sg.run(table, recipe), []
    draw = null_tables._draw
    monkeypatch.setattr(null_tables, "_draw", lambda *asked: (here.append(asked), draw(*asked))[1])
    with live_source(table, recipe) as source:
        warm = source.whole_run(source.customers(recipe), silent)
    assert not here
    pd.testing.assert_frame_equal(warm.selection, cold.selection)


def test_curves_of_other_numbers_than_expected_are_drawn_anew(table: Path, live: LiveSource) -> None:
    recipe = few_segments(Recipe.load("households"), 2)
    cold = sg.run(table, recipe)
    customers = live.customers(recipe)
    live._tried[tuple(numbers_of(customers.patterns, recipe.model).tried)] = (1, 2, 3, 4)
    pd.testing.assert_frame_equal(live.whole_run(customers, silent).selection, cold.selection)


def test_waiting_for_null_tables_ends_when_it_is_stopped(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(null_tables, "can_start", lambda: True)
    with live_source(table, Recipe.load("households")) as source:
        customers = source.customers(Recipe.load("households"))
        waits: list[str] = []
        with ThreadPoolExecutor(1) as pool:
            ended = pool.submit(source.whole_run, customers, waits.append)
            while "Testing whether there are segments" not in waits:
                time.sleep(0.01)
            source.stop()
            assert isinstance(ended.exception(timeout=30), UnwantedError)


def test_a_pattern_file_that_was_loaded_is_taken_once_and_never_after_a_change(
    fine: sg.PatternTable, tmp_path: Path
) -> None:
    path = str(tmp_path / "patterns.parquet")
    fine.save(path)
    first = load_and_keep(path)
    assert kept_or_loaded(path) is first
    assert kept_or_loaded(path) is not first
    load_and_keep(path)
    fine.take(np.arange(5)).save(path)
    assert kept_or_loaded(path).n_patterns == 5
