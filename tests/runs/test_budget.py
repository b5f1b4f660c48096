"""What would take very long is refused before it begins, and what takes long is said."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.collecting import collection
from segmentry.collecting.matching import match_table
from segmentry.engine.opening import open_engine
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.runs import budget
from segmentry.runs.budget import Size, bytes_of, check_budget, seconds_of

pytestmark = pytest.mark.usefixtures("few_null_tables")


@pytest.fixture(scope="module")
def patterns() -> PatternTable:
    """Nearly as many patterns as customers: 8 features of 6 levels, drawn independently."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({f"f{j}": draw.integers(0, 6, 6_000) for j in range(8)})
    features = {name: {"column": name, "levels": list(range(6))} for name in frame}
    return sg.collect(frame, sg.Recipe.from_dict({"features": features}))


def size(patterns: PatternTable, times: int = 1) -> Size:
    return dataclasses.replace(Size.of(patterns), n_patterns=times * patterns.n_patterns)


def test_usual_tables_are_fitted_without_a_word(patterns: PatternTable) -> None:
    said: list[str] = []
    check_budget(size(patterns), [1, 2, 3, 4], said.append)
    assert said == []


def test_what_takes_long_is_said_and_what_takes_very_long_refused(patterns: PatternTable) -> None:
    said: list[str] = []
    many = size(patterns, 60)
    check_budget(many, range(1, 9), said.append)
    assert re.fullmatch(r"Fitting 3\d\d,\d{3} patterns of 8 features, which takes about \d min", said[0])
    with pytest.raises(
        DataError, match=r"patterns of 8 features take about \d\d\d? minutes to fit; let the recipe make"
    ):
        check_budget(many, range(1, 51), said.append)
    check_budget(many, range(1, 51), said.append, however_long=True)
    assert re.fullmatch(r"Fitting 3\d\d,\d{3} patterns of 8 features, which takes about \d\d\d? min", said[1])


def test_more_memory_than_the_machine_has_is_refused(
    patterns: PatternTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "_memory", lambda: 1_000_000)
    with pytest.raises(
        DataError, match=r"take about 0 GB of memory, and the machine has 0; let the recipe make"
    ):
        check_budget(size(patterns), [1, 2], print)


def test_estimates_grow_with_patterns_and_segments(patterns: PatternTable) -> None:
    one, twice = size(patterns), size(patterns, 2)
    assert seconds_of(twice, [1, 2]) == pytest.approx(2 * seconds_of(one, [1, 2]))
    assert seconds_of(one, [1, 2]) < seconds_of(one, [1, 2, 3])
    assert bytes_of(twice, 3) == 2 * bytes_of(one, 3)


def test_a_run_is_refused_before_anything_is_fitted(
    patterns: PatternTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "TOO_LONG", 0.0)
    said: list[str] = []
    recipe = {"features": {f.name: {"column": f.name, "levels": list(range(6))} for f in patterns.features}}
    with pytest.raises(DataError, match="minutes to fit"):
        sg.run(patterns, sg.Recipe.from_dict(recipe), progress=said.append)
    assert not [line for line in said if line.startswith("Fitting")]


def test_a_table_of_too_many_patterns_is_refused_before_it_is_collected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({f"f{j}": draw.integers(0, 6, 3_000) for j in range(12)})
    recipe = sg.Recipe.from_dict({"features": {name: {"column": name} for name in frame}})
    monkeypatch.setattr(budget, "TOO_LONG", 0.5)
    monkeypatch.setattr(collection, "_collected", lambda *_, **__: pytest.fail("it was collected"))
    with pytest.raises(DataError, match=r"^3,000 patterns of 12 features take about .* --however-long"):
        sg.run(frame, recipe)


def test_who_says_so_runs_it_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "TOO_LONG", 0.0)
    frame = pd.DataFrame({"a": [0, 1, 1, 0] * 30, "b": [0, 1, 1, 1] * 30})
    recipe = sg.Recipe.from_dict({"features": {n: {"column": n} for n in frame}, "model": {"range": [1, 2]}})
    with pytest.raises(DataError, match="minutes to fit"):
        sg.run(frame, recipe, analyses=0)
    assert sg.run(frame, recipe, analyses=0, however_long=True).n_customers == 120


def test_few_combinations_of_levels_ask_nothing_of_the_engine() -> None:
    frame = pd.DataFrame({"a": [0, 1], "b": [0, 1]})
    recipe = sg.Recipe.from_dict({"features": {n: {"column": n, "levels": [0, 1]} for n in frame}})
    engine = open_engine(frame)
    before = len(engine.log)
    budget.expectation([1, 2, 3])(engine, match_table(engine, recipe))
    assert len(engine.log) == before
    engine.close()


def test_more_combinations_than_a_float_holds_are_no_error() -> None:
    names = [f"c{j}" for j in range(160)]
    frame = pd.DataFrame({name: ["a", "b"] * 30 for name in names})
    recipe = sg.Recipe.from_dict({"features": {name: {"column": name} for name in names}})
    engine = open_engine(frame)
    try:
        budget.expectation([1, 2])(engine, match_table(engine, recipe))
    finally:
        engine.close()
