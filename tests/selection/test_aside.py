"""An aide in a process of its own answers as the one in this process does, and ends when it is left."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.datasets.structures import classes
from segmentry.errors import SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.recipe.models import Method
from segmentry.runs.opening import aide_for
from segmentry.selection import Aside, Here, Segments, fit
from segmentry.selection.null_curves import Curves
from segmentry.system.processes import can_start


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


def _same(one: Curves, other: Curves) -> bool:
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
    segments = Segments.of(fit(table, method, 2, n_init=2), 2, table.codes)
    with Aside() as aside:
        curves = aside.curves(table, method, [1, 2, 3], seed=5, costs=True)
        evidence = aside.evidence(table, method, segments, seed=6)
        mine = Here().curves(table, method, [1, 2, 3], seed=5, costs=True)()
        assert _same(curves(), mine)
        assert (mine.costs is None) == (method == "latent-class")
        assert evidence() == Here().evidence(table, method, segments, seed=6)()


def test_another_table_is_another_answer() -> None:
    one, other = _table(is_weighted=False), _table(is_weighted=False, is_complete=True)
    with Aside() as aside:
        asked = [
            aside.curves(table, "latent-class", [1, 2], seed=0, costs=False) for table in (one, other, one)
        ]
        found = [curves() for curves in asked]
    assert _same(found[0], found[2])
    assert not _same(found[0], found[1])


def test_a_run_with_files_finds_what_a_run_without_finds(tmp_path: Path) -> None:
    customers = sample_households(600, seed=2)
    alone = sg.run(customers, "households", 3)
    written = sg.run(customers, "households", 3, out=tmp_path / "out")
    assert written.evidence == alone.evidence is not None
    pd.testing.assert_frame_equal(written.selection, alone.selection)


def test_the_work_of_a_process_that_ends_early_is_done_here_and_said() -> None:
    table = _table(is_weighted=False)
    mine = Here().curves(table, "latent-class", [1, 2], seed=0, costs=False)()
    with Aside() as aside:
        aside._process.kill()
        aside._process.wait()
        curves = aside.curves(table, "latent-class", [1, 2], seed=0, costs=False)
        with pytest.warns(
            SegmentryWarning, match="draws null tables ended with -9; they are drawn in this one"
        ):
            assert _same(curves(), mine)


def test_leaving_ends_the_process_whatever_it_is_at() -> None:
    table = classes(np.random.default_rng(0), 5_000, [6] * 8, 4)
    with Aside() as aside:
        aside.curves(table, "latent-class", [1, 2], seed=0, costs=False)()  # it is ready, and works on:
        aside.curves(table, "k-modes", list(range(1, 11)), seed=0, costs=True)
        process = aside._process
        assert process.poll() is None
    assert process.poll() is not None


def test_it_ends_with_those_who_ask_whatever_it_is_at() -> None:
    table = classes(np.random.default_rng(0), 5_000, [6] * 8, 4)
    with Aside() as aside:
        aside.curves(table, "latent-class", [1, 2], seed=0, costs=False)()
        aside.curves(table, "k-modes", list(range(1, 11)), seed=0, costs=True)
        time.sleep(0.5)  # it has begun, and takes longer by far
        assert aside._process.stdin is not None
        aside._process.stdin.close()
        assert aside._process.wait(timeout=5) == 0


def test_it_ends_with_its_questions() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segmentry.selection.answering"], input=b"", capture_output=True, check=True
    )
    assert done.stdout == b""
    assert done.stderr == b""


def test_modules_of_the_current_folder_are_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numbers.py").write_text("raise SystemExit('not the library')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    table = _table(is_weighted=False)
    with warnings.catch_warnings(), Aside() as aside:
        warnings.simplefilter("error")
        aside.curves(table, "latent-class", [1, 2], seed=0, costs=False)()


@pytest.mark.parametrize(("name", "value"), [("executable", ""), ("frozen", True)])
def test_without_an_interpreter_the_work_is_done_here(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, name, value, raising=False)
    assert not can_start()
    with aide_for("out") as aide:
        assert isinstance(aide, Here)
