"""A refit keeps the numbers and names of the segments that survive, and says who moves."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.datasets import sample_households

ROWS = sample_households(rows=3_000, seed=21)
RECIPE = sg.Recipe.load("households").with_(model={"range": (1, 4)})


@pytest.fixture(scope="module")
def before() -> sg.Segmentation:
    """Four segments under numbers and names of their own."""
    result = sg.run(ROWS, RECIPE, 4)
    numbers = {1: (7, "Seven"), 2: (2, "Two"), 3: (9, "Nine"), 4: (4, "Four")}
    segments = tuple(replace(s, id=numbers[s.id][0], name=numbers[s.id][1]) for s in result.segments)
    return replace(result, segments=segments)


def test_the_same_customers_keep_every_number_and_name(before: sg.Segmentation) -> None:
    again = sg.run(ROWS, RECIPE, 4, seed=5, previous=before)
    assert [(s.id, s.name) for s in again.segments] == [(s.id, s.name) for s in before.segments]
    assert not again.migration["moves"].any()
    assert again.migration["customers"].sum() == 3_000
    assert "4 of 4 previous segments survive; 0 of 3,000 customers of then move (0.0%)" in again.choice.reason
    assert set(again.features["segment"]) == set(again.outcomes["segment"]) == {7, 2, 9, 4}


def test_other_customers_keep_the_numbers_too(before: sg.Segmentation, tmp_path: Path) -> None:
    """By a saved file, which holds the patterns of five customers or more."""
    later = sample_households(rows=2_500, seed=22)
    again = sg.run(later, RECIPE, 4, previous=before.save(tmp_path / "s.json"))
    assert {s.id for s in again.segments} == {7, 2, 9, 4}
    total = again.migration["customers"].sum()
    assert 2_000 < total < 3_000
    shares = again.migration.groupby("previous_segment")["share"].sum()
    np.testing.assert_allclose(shares, 1)
    moved = again.migration.loc[again.migration["moves"], "customers"].sum()
    assert f"{moved:,.0f} of {total:,.0f} customers of then move" in again.choice.reason


def test_segments_that_nobody_matches_get_new_numbers(before: sg.Segmentation) -> None:
    again = sg.run(ROWS, RECIPE, 6, previous=before)
    ids = [s.id for s in again.segments]
    survivors = set(ids) & {7, 2, 9, 4}
    assert set(ids) - survivors == set(range(10, 10 + 6 - len(survivors)))
    assert len({s.name for s in again.segments}) == 6
    names = {s.id: s.name for s in before.segments}
    assert all(s.name == names[s.id] for s in again.segments if s.id in survivors)
    assigned = again.assign(ROWS)["segment"].value_counts()
    assert assigned.to_dict() == {s.id: s.size for s in again.segments}


def test_dissolved_segments_are_gone(before: sg.Segmentation, tmp_path: Path) -> None:
    again = sg.run(ROWS, RECIPE, 2, previous=before, out=tmp_path / "out")
    assert "gone" in again.choice.reason
    ids = {s.id for s in again.segments}
    assert set(pd.read_parquet(tmp_path / "out" / "assignments.parquet")["segment"]) == ids
    assert set(pd.read_csv(tmp_path / "out" / "migration.csv")["segment"]) == ids
    loaded = sg.load(tmp_path / "out" / "segmentation.json")
    assert {s.id for s in loaded.segments} == set(loaded.migration["segment"]) == ids
    assert set(loaded.drift(ROWS).outcomes["segment"]) == ids


def test_other_features_or_levels_are_refused(before: sg.Segmentation) -> None:
    recipe = sg.Recipe.load("households")
    fewer = recipe.model_copy(update={"features": recipe.features[:-1]})
    with pytest.raises(sg.DataError, match="the same features"):
        sg.run(ROWS, fewer, 2, previous=before)
    income = recipe.features[0].model_copy(update={"edges": (30_000, 50_000), "labels": None})
    other = recipe.model_copy(update={"features": (income, *recipe.features[1:])})
    with pytest.raises(sg.DataError, match=r"features\.income: the level .* the same levels"):
        sg.run(ROWS, other, 2, previous=before)


def test_the_command_says_who_moves(before: sg.Segmentation, tmp_path: Path) -> None:
    before.save(tmp_path / "s.json")
    ROWS.to_parquet(tmp_path / "rows.parquet")
    command = [sys.executable, "-m", "segmentry", "run", tmp_path / "rows.parquet", "-r", "households"]
    command += ["--segments", "4", "--previous", tmp_path / "s.json", "--out", tmp_path / "out"]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 previous segments survive" in done.stdout
    assert "  7  Seven: " in done.stdout
    assert "4 of 4 previous segments survive" in (tmp_path / "out" / "report.html").read_text()
