"""What is worked out in which process: the figures of a run are the same wherever its null tables are drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import segmentry as sg
from segmentry.recipe import Recipe
from segmentry.runs.fitting import numbers_of


def two_groups(distribution: str) -> tuple[pd.DataFrame, Recipe]:
    rng = np.random.default_rng(5)
    groups = rng.integers(0, 2, 300)
    table = pd.DataFrame({name: 3 * groups + rng.normal(size=300) for name in ("age", "income", "visits")})
    features = {name: {"column": name, "quantiles": 4, "distribution": distribution} for name in table}
    return table, Recipe.from_dict({"features": features, "model": {"range": [1, 3]}})


def test_null_curves_of_ordered_features_are_drawn_while_segments_are_fitted() -> None:
    for distribution, expected in (("ordered", (1, 2, 3)), ("levels", ())):
        table, recipe = two_groups(distribution)
        assert numbers_of(sg.collect(table, recipe), recipe.model).expected == expected


def test_a_run_of_ordered_features_with_files_finds_what_a_run_without_finds(tmp_path: Path) -> None:
    table, recipe = two_groups("ordered")
    alone = sg.run(table, recipe, analyses=6)
    written = sg.run(table, recipe, analyses=6, out=tmp_path / "out")
    assert written.evidence == alone.evidence is not None
    assert written.evidence.choices is not None
    pd.testing.assert_frame_equal(written.selection, alone.selection)
