"""Survey weights do not hide how few customers stand behind a figure: the floor counts customers."""

from __future__ import annotations

import numpy as np
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables")
FLOOR = 15


def test_the_floor_counts_customers_and_not_their_weights() -> None:
    customers = sample_households(rows=500, seed=3)
    customers["represents"] = np.random.default_rng(1).choice([0.2, 40.0], len(customers))
    recipe = HOUSEHOLDS.with_(source={"weight": "represents"})
    whole = sg.run(customers, recipe, segments=2)
    shown = sg.run(customers, recipe, segments=2, min_cell=FLOOR).features
    shown = shown.set_index(["segment", "feature", "level"])["share"]
    assert whole.patterns is not None
    assert whole.labels is not None
    n_few = n_misled = 0
    levels = {f.name: (j, f.levels) for j, f in enumerate(whole.patterns.features)}
    for row in whole.features.itertuples():
        j, names = levels[row.feature]
        has_level = whole.patterns.codes[:, j] == names.index(row.level)
        n = int(whole.patterns.counts[has_level & (whole.labels == row.segment - 1)].sum())
        if 0 < n < FLOOR:
            n_few += 1
            n_misled += row.count >= FLOOR
            assert np.isnan(shown[row.segment, row.feature, row.level])
    assert n_few >= 3
    assert n_misled >= 1
