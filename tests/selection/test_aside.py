"""An aide in a process of its own answers as the one in this process does, and ends when it is left."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from segmentry.datasets.structures import classes
from segmentry.patterns import PatternTable
from segmentry.selection import Aside, Here, Segments, fit
from segmentry.selection.null_curves import Curves


def _table(*, is_weighted: bool) -> PatternTable:
    table = classes(np.random.default_rng(3), 300, [3, 4, 2, 3], 2)
    codes = table.codes.copy()
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
    ("method", "is_weighted"), [("latent-class", False), ("latent-class", True), ("k-modes", False)]
)
def test_the_answers_are_those_of_this_process(
    method: Literal["latent-class", "k-modes"], is_weighted: bool
) -> None:
    table = _table(is_weighted=is_weighted)
    segments = Segments.of(fit(table, method, 2, n_init=2), 2, table.codes)
    with Aside() as aside:
        curves = aside.curves(table, method, [1, 2, 3], seed=5, costs=True)
        evidence = aside.evidence(table, method, segments, seed=6)
        mine = Here().curves(table, method, [1, 2, 3], seed=5, costs=True)()
        assert _same(curves(), mine)
        assert (mine.costs is None) == (method == "latent-class")
        assert evidence() == Here().evidence(table, method, segments, seed=6)()


def test_a_process_that_ends_early_is_an_error_and_not_a_silence() -> None:
    table = _table(is_weighted=False)
    with Aside() as aside:
        aside._process.kill()
        aside._process.wait()
        curves = aside.curves(table, "latent-class", [1, 2], seed=0, costs=False)
        with pytest.raises(RuntimeError, match="draws null tables failed"):
            curves()


def test_leaving_ends_the_process_whatever_it_is_at() -> None:
    table = classes(np.random.default_rng(0), 5_000, [6] * 8, 4)
    with Aside() as aside:
        aside.curves(table, "k-modes", list(range(1, 11)), seed=0, costs=True)
        process = aside._process
        assert process.poll() is None
    assert process.poll() is not None


def test_it_ends_with_its_questions() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segmentry.selection.answering"], input=b"", capture_output=True, check=True
    )
    assert done.stdout == b""
    assert done.stderr == b""
