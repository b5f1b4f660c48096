"""What would take very long is refused before it begins, and what takes long is said."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.runs import budget
from segmentry.runs.budget import bytes_of, check_budget, seconds_of

pytestmark = pytest.mark.usefixtures("few_null_tables")


@pytest.fixture(scope="module")
def patterns() -> PatternTable:
    """Nearly as many patterns as customers: 8 features of 6 levels, drawn independently."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({f"f{j}": draw.integers(0, 6, 6_000) for j in range(8)})
    features = {name: {"column": name, "levels": list(range(6))} for name in frame}
    return sg.collect(frame, sg.Recipe.from_dict({"features": features}))


def repeated(patterns: PatternTable, times: int) -> PatternTable:
    """As many patterns again, for an estimate, which looks at sizes alone."""
    rows = np.zeros(times * patterns.n_patterns, np.intp)
    return dataclasses.replace(
        patterns,
        **{
            name: getattr(patterns, name)[rows]
            for name in ("codes", "counts", "n_values", "sums", "squares", "cubes")
            if getattr(patterns, name) is not None
        },
        folds=None,
    )


def test_usual_tables_are_fitted_without_a_word(patterns: PatternTable) -> None:
    said: list[str] = []
    check_budget(patterns, [1, 2, 3, 4], said.append)
    assert said == []


def test_what_takes_long_is_said_and_what_takes_very_long_refused(patterns: PatternTable) -> None:
    said: list[str] = []
    many = repeated(patterns, 60)
    check_budget(many, range(1, 9), said.append)
    assert re.fullmatch(r"Fitting 3\d\d,\d{3} patterns of 8 features, which takes about \d min", said[0])
    with pytest.raises(
        DataError, match=r"patterns of 8 features take about \d\d minutes to fit; let the recipe make"
    ):
        check_budget(many, range(1, 51), said.append)


def test_more_memory_than_the_machine_has_is_refused(
    patterns: PatternTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "_memory", lambda: 1_000_000)
    with pytest.raises(
        DataError, match=r"take about 0 GB of memory, and the machine has 0; let the recipe make"
    ):
        check_budget(patterns, [1, 2], print)


def test_estimates_grow_with_patterns_and_segments(patterns: PatternTable) -> None:
    twice = repeated(patterns, 2)
    assert seconds_of(twice, [1, 2]) == pytest.approx(2 * seconds_of(patterns, [1, 2]))
    assert seconds_of(patterns, [1, 2]) < seconds_of(patterns, [1, 2, 3])
    assert bytes_of(twice, 3) == 2 * bytes_of(patterns, 3)


def test_a_run_is_refused_before_anything_is_fitted(
    patterns: PatternTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "TOO_LONG", 0.0)
    said: list[str] = []
    recipe = {"features": {f.name: {"column": f.name, "levels": list(range(6))} for f in patterns.features}}
    with pytest.raises(DataError, match="minutes to fit"):
        sg.run(patterns, sg.Recipe.from_dict(recipe), progress=said.append)
    assert not [line for line in said if line.startswith("Fitting")]
