"""Segments that another process searches for before a run asks for them are those of the run, or are not used."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from recipes import few_segments
from segmentry.datasets import write_sample
from segmentry.recipe import Recipe
from segmentry.runs.live import live_source
from segmentry.segmentation import Segmentation
from segmentry.selection import null_tables
from segmentry.system.progress import silent
from segmentry.system.worker import Function, Parcel, WorkerProcess
from segmentry.text.locales import writing_in

pytestmark = pytest.mark.usefixtures("few_null_tables")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the process is asked, with the figures that are worked out here: the process has other numbers of tables."""
    asked: list[str] = []

    def here(_: WorkerProcess, function: Function, parcel: Parcel) -> Future[Parcel]:
        asked.append(function.__name__)
        future = Future[Parcel]()
        future.set_result(function(parcel))
        return future

    monkeypatch.setattr(null_tables, "can_start", lambda: True)
    monkeypatch.setattr(WorkerProcess, "submit", here)
    return asked


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ahead") / "households.csv"
    write_sample(path, 800, seed=5)
    return path


def assert_same(one: Segmentation, other: Segmentation) -> None:
    assert one.evidence == other.evidence is not None
    assert one.verdict == other.verdict
    assert one.segments == other.segments
    pd.testing.assert_frame_equal(one.selection, other.selection)
    pd.testing.assert_frame_equal(one.outcomes, other.outcomes)


def test_what_is_searched_for_is_what_a_run_finds(table: Path, asked: list[str]) -> None:
    recipe = few_segments(Recipe.load("households"), 3)
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        live.refine([recipe])
        quick, _ = live.quick_customers(recipe)
        live.begin(quick)
        live.begin(quick)
        assert asked == ["search_in_worker"]
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
        n_asked = len(asked)
        assert asked.count("search_in_worker") == asked.count("gather_in_worker") == 1
        live.begin(quick)
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
        assert len(asked) == n_asked


@pytest.mark.parametrize("expected", [(1,), (1, 2), (1, 2, 3, 4, 5)])
def test_null_curves_are_those_of_a_run_whichever_numbers_were_expected(
    table: Path, asked: list[str], expected: tuple[int, ...]
) -> None:
    recipe = few_segments(Recipe.load("households"), 3)
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        live._tried[1, 2, 3] = expected
        quick, _ = live.quick_customers(recipe)
        live.begin(quick)
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
    assert asked.count("draw_in_worker") == 2  # the classes are there at the first step


def test_numbers_above_the_range_are_searched_for_as_a_run_does(table: Path, asked: list[str]) -> None:
    recipe = Recipe.load("households").with_(model={"seed": 4})
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        quick, _ = live.quick_customers(recipe)
        live.begin(quick)
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
    assert "search_in_worker" in asked


@pytest.mark.parametrize("method", ["k-modes", "k-means"])
def test_other_methods_take_the_classes_beside_them(table: Path, asked: list[str], method: str) -> None:
    recipe = few_segments(Recipe.load("households"), 3)
    recipe = recipe.with_(
        model={**recipe.to_dict()["model"], "method": method},
        features=[{**feature, "missing": "level"} for feature in recipe.to_dict()["features"]],
    )
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        quick, _ = live.quick_customers(recipe)
        live.begin(quick)
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
    assert "search_in_worker" in asked


def test_methods_for_whose_numbers_there_are_too_few_customers_for_classes_run_as_ever(
    asked: list[str],
) -> None:
    rng = np.random.default_rng(0)
    answers = pd.DataFrame({name: rng.integers(0, 4, 40).astype(str) for name in "abcd"})
    recipe = Recipe.from_dict(
        {
            "features": [{"name": name, "column": name} for name in "abcd"],
            "model": {"method": "k-modes", "range": (4, 6)},
        }
    )
    cold = sg.run(answers, recipe)
    with live_source(answers, recipe) as live:
        customers = live.customers(recipe)
        live.begin(customers)
        assert_same(live.whole_run(customers, silent), cold)
    assert "search_in_worker" not in asked


def test_what_is_begun_for_other_customers_is_not_taken(table: Path, asked: list[str]) -> None:
    recipe = few_segments(Recipe.load("households"), 3)
    other = recipe.with_(model={"range": (1, 3), "seed": 9})
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        quick, _ = live.quick_customers(other)
        live.begin(quick)
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
        live.begin(quick)
        live.resume()
        assert live._ahead is None
    assert asked.count("search_in_worker") == 2


def test_a_range_that_is_written_out_is_another_than_the_usual_one(asked: list[str]) -> None:
    rng = np.random.default_rng(1)
    kind = rng.integers(0, 12, 1_200)
    answers = pd.DataFrame(
        {
            name: np.where(rng.random(1_200) < 0.97, kind, rng.integers(0, 12, 1_200)).astype(str)
            for name in "abc"
        }
    )
    usual = Recipe.from_dict({"features": [{"name": name, "column": name} for name in "abc"]})
    written = usual.with_(model={"range": usual.model.range})
    assert written.model == usual.model
    with live_source(answers, usual) as live:
        for recipe, most in ((usual, 13), (written, 10), (usual, 13)):
            customers = live.customers(recipe)
            live.begin(customers)
            assert live.whole_run(customers, silent).selection["k"].max() == most
        live.begin(customers)
        live.begin(live.customers(written))
    assert asked.count("search_in_worker") == 4


def test_sentences_have_the_numbers_of_their_locale_though_nothing_else_has_changed(
    table: Path, asked: list[str]
) -> None:
    recipe = few_segments(Recipe.load("households"), 3)
    german = recipe.with_(locale="de")
    cold = sg.run(table, german)
    with live_source(table, recipe) as live:
        live.whole_run(live.customers(recipe), silent)
        with writing_in(german.locale):
            found = live.whole_run(live.customers(german), silent)
    assert found.choice == cold.choice
    assert_same(found, cold)


def test_what_a_process_had_begun_that_has_ended_is_begun_anew(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(null_tables, "can_start", lambda: True)
    recipe = Recipe.load("households").with_(model={"segments": 2, "range": (1, 2)})
    with live_source(table, recipe) as live:
        customers = live.customers(recipe)
        live.begin(customers)
        assert live._worker is not None
        live._worker.end()
        result = live.whole_run(customers, silent)
        assert live._worker.exit_code is None
    assert result.evidence is not None
