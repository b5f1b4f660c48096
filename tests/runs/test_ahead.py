"""Evidence that is begun for segments before the run has found them is that of the run, or is not used."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pandas as pd
import pytest

import segmentry as sg
from recipes import few_segments
from segmentry.datasets import write_sample
from segmentry.recipe import Recipe
from segmentry.runs.live import LiveSource, live_source
from segmentry.segmentation import Segmentation
from segmentry.selection import null_tables
from segmentry.system.progress import silent
from segmentry.system.worker import Function, Parcel, WorkerProcess

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


def test_what_is_begun_for_the_segments_that_a_run_finds_is_its_evidence(
    table: Path, asked: list[str]
) -> None:
    recipe = few_segments(Recipe.load("households"), 3)
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        live.refine([recipe])
        quick, _ = live.quick_customers(recipe)
        live.begin(quick, live.fitted(quick, cold.choice.k))
        begun = ["measure_in_worker", "gather_in_worker", "analyse_in_worker"]
        assert asked == begun
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
        assert asked == [*begun, "draw_in_worker"]
        live.begin(quick, live.fitted(quick, cold.choice.k))
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
        assert len(asked) == 4


def test_what_is_begun_for_other_segments_is_dropped(
    table: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped: list[LiveSource] = []
    recipe = few_segments(Recipe.load("households"), 3)
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        live.refine([recipe])
        quick, _ = live.quick_customers(recipe)
        live.begin(quick, live.fitted(quick, cold.choice.k + 2))
        monkeypatch.setattr(WorkerProcess, "drop", lambda _: dropped.append(live))
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
        assert dropped
        assert asked.count("gather_in_worker") == 2


def test_what_is_begun_for_other_customers_is_not_taken(table: Path, asked: list[str]) -> None:
    recipe = few_segments(Recipe.load("households"), 3)
    other = recipe.with_(model={"range": (1, 3), "seed": 9})
    cold = sg.run(table, recipe)
    with live_source(table, recipe) as live:
        quick, _ = live.quick_customers(other)
        live.begin(quick, live.fitted(quick, cold.choice.k))
        assert_same(live.whole_run(live.customers(recipe), silent), cold)
        live.begin(quick, live.fitted(quick, cold.choice.k))
        live.resume()
        assert live._ahead is None
    assert asked.count("gather_in_worker") == 3
