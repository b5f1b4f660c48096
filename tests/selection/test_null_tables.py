"""Null tables that a process draws are those that this one draws; where the process fails, this one draws them."""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.cli import app
from segmentry.datasets import sample_households
from segmentry.errors import SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.recipe.models import Method
from segmentry.runs import fitting
from segmentry.selection import (
    Choice,
    Gathered,
    NullTables,
    PatternSegments,
    Pending,
    fit_model,
    null_table_worker,
    null_tables,
)
from segmentry.selection.null_curves import NullCurves
from segmentry.system.progress import UnwantedError
from segmentry.system.worker import WorkerProcess
from structures import classes


def _table(*, is_weighted: bool, is_complete: bool = False) -> PatternTable:
    table = classes(np.random.default_rng(3), 300, [3, 4, 2, 3], 2)
    codes = table.codes.copy()
    if not is_complete:
        codes[::7, 1] = -1
    table = replace(table, codes=codes)
    if not is_weighted:
        return table
    weights = table.counts * np.random.default_rng(0).uniform(0.5, 2, len(table.counts))
    return replace(table, weights=weights, squared_weights=weights**2 / table.counts)


def _same(one: NullCurves, other: NullCurves) -> bool:
    if (one.costs is None) != (other.costs is None) or one.numbers != other.numbers:
        return False
    costs = one.costs is None or other.costs is None or np.array_equal(one.costs, other.costs)
    return costs and np.array_equal(one.gains, other.gains)


@pytest.mark.parametrize(
    ("method", "is_weighted"),
    [("latent-class", False), ("latent-class", True), ("k-modes", False), ("k-means", False)],
)
def test_the_answers_are_those_of_this_process(method: Method, is_weighted: bool) -> None:
    table = _table(is_weighted=is_weighted, is_complete=method == "k-means")
    segments = PatternSegments.of(fit_model(table, method, 2, n_init=2), 2, table.codes)
    here = NullTables(table, method, 5)
    with null_table_worker() as worker:
        assert worker is not None
        there = NullTables(table, method, 5, worker)
        curves, evidence = there.curves([1, 2, 3], costs=True), there.evidence(segments, 4)
        mine = here.curves([1, 2, 3], costs=True).result()
        assert _same(curves.result(), mine)
        assert (mine.costs is None) == (method == "latent-class")
        found, expected = evidence.result(), here.evidence(segments, 4).result()
        assert found.evidence == expected.evidence
        np.testing.assert_array_equal(found.steadiness, expected.steadiness)
        assert found.others is not None
        assert expected.others is not None
        for name in ("rows", "weights", "labels", "places"):
            np.testing.assert_array_equal(getattr(found.others, name), getattr(expected.others, name))
        assert there.inner_dependence().result() == here.inner_dependence().result()


def test_another_table_is_another_answer() -> None:
    one, other = _table(is_weighted=False), _table(is_weighted=False, is_complete=True)
    with null_table_worker() as worker:
        asked = [
            NullTables(table, "latent-class", 0, worker).curves([1, 2], costs=False)
            for table in (one, other, one)
        ]
        found = [curves.result() for curves in asked]
    assert _same(found[0], found[2])
    assert not _same(found[0], found[1])


def test_a_run_with_files_finds_what_a_run_without_finds(tmp_path: Path) -> None:
    customers = sample_households(600, seed=2)
    alone = sg.run(customers, HOUSEHOLDS, 3)
    written = sg.run(customers, HOUSEHOLDS, 3, out=tmp_path / "out")
    assert written.evidence == alone.evidence is not None
    pd.testing.assert_frame_equal(written.selection, alone.selection)


def test_a_run_with_files_knows_of_withheld_customers_too(tmp_path: Path) -> None:
    patterns = sg.collect(sample_households(1_500, seed=2), HOUSEHOLDS).withhold(5)
    alone = sg.run(patterns, HOUSEHOLDS, 3, analyses=0)
    written = sg.run(patterns, HOUSEHOLDS, 3, analyses=0, out=tmp_path / "out")
    assert written.evidence == alone.evidence is not None
    assert not alone.evidence.rows_repeat
    assert written.verdict == alone.verdict


def test_evidence_is_gathered_before_the_last_numbers_are_fitted_and_again_where_these_change_the_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers, recipe = (
        sample_households(600, seed=2),
        sg.Recipe.load("households").with_(model={"range": (1, 7)}),
    )
    alone = sg.run(customers, recipe, analyses=4)
    k = len(alone.segments)
    gathered: list[int] = []
    gather, choose = NullTables.evidence, fitting.choose_k

    def counted(tables: NullTables, segments: PatternSegments, n_analyses: int = 0) -> Pending[Gathered]:
        gathered.append(segments.k)
        return gather(tables, segments, n_analyses)

    def at_first_another(found: pd.DataFrame, *asked: Any) -> Choice:
        choice = choose(found, *asked)
        return choice if found["k"].max() == 7 else replace(choice, k=k + 1)

    monkeypatch.setattr(NullTables, "evidence", counted)
    right = sg.run(customers, recipe, analyses=4, out=tmp_path / "right")
    monkeypatch.setattr(fitting, "choose_k", at_first_another)
    wrong = sg.run(customers, recipe, analyses=4, out=tmp_path / "wrong")
    assert gathered == [k, k + 1, k]
    assert right.evidence == wrong.evidence == alone.evidence is not None


def test_the_work_of_a_process_that_ends_early_is_done_here_and_said() -> None:
    table = _table(is_weighted=False)
    mine = NullTables(table, "latent-class", 0).curves([1, 2], costs=False).result()
    with WorkerProcess() as worker:
        worker.end()
        curves = NullTables(table, "latent-class", 0, worker).curves([1, 2], costs=False)
        with pytest.warns(
            SegmentryWarning, match="draws null tables ended with -9; they are drawn in this one"
        ):
            assert _same(curves.result(), mine)


def test_modules_of_the_current_folder_are_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numbers.py").write_text("raise SystemExit('not the library')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(), null_table_worker() as worker:
        warnings.simplefilter("error")
        NullTables(_table(is_weighted=False), "latent-class", 0, worker).curves([1, 2], costs=False).result()


@pytest.mark.parametrize(("name", "value"), [("executable", ""), ("frozen", True)])
def test_without_an_interpreter_the_work_is_done_here(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, name, value, raising=False)
    with null_table_worker() as worker:
        assert worker is None


def test_curves_that_nobody_waits_for_end_before_the_next_number() -> None:
    said = []

    def say(text: str) -> None:
        said.append(text)
        if text.endswith("2 classes"):
            raise UnwantedError

    curves = NullTables(_table(is_weighted=False), "latent-class", 0).curves([1, 2, 3, 4], costs=False)
    with pytest.raises(UnwantedError):
        curves.result(say)
    assert said == ["Fitting tables without segments: 1 class", "Fitting tables without segments: 2 classes"]


def test_what_is_worked_out_here_is_worked_out_once_and_a_process_is_not_waited_for() -> None:
    said: list[str] = []
    curves = NullTables(_table(is_weighted=False), "latent-class", 0).curves([1, 2], costs=False)
    early = curves.worked_out(said.append)
    assert len(said) == 2
    np.testing.assert_array_equal(early.result(said.append).gains, curves.result().gains)
    assert len(said) == 2
    with null_table_worker() as worker:
        asked = NullTables(_table(is_weighted=False), "latent-class", 0, worker).curves([1, 2], costs=False)
        assert asked.worked_out() is asked


def test_what_waits_for_something_else_is_worked_out_once_that_is_there() -> None:
    said: list[str] = []
    curves = NullTables(_table(is_weighted=False), "latent-class", 0).curves([1, 2], costs=False)
    late = curves.worked_out(said.append, lambda: True)
    assert not said
    np.testing.assert_array_equal(late.result(said.append).gains, curves.result().gains)


def test_the_process_of_a_run_begins_before_the_run_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    begin = WorkerProcess.__init__

    def counted(self: WorkerProcess, *modules: str) -> None:
        asked.append(modules)
        begin(self, *modules)

    monkeypatch.setattr(WorkerProcess, "__init__", counted)
    sample_households(300).to_parquet(tmp_path / "customers.parquet")
    arguments = ["run", str(tmp_path / "customers.parquet"), "--recipe", "households", "--segments", "2"]
    done = CliRunner().invoke(app, [*arguments, "--analyses", "0", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert asked == [(null_tables.__name__, "scipy.optimize")]
