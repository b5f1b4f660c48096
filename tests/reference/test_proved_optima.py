"""k-modes on the customer personality file: the proved optima, and the default search that reaches them."""

from __future__ import annotations

from pathlib import Path

import pytest

import segmentry as sg
from segmentry.cluster import KModes

# Proved with HiGHS on the radius formulation of the p-median problem (Elloumi 2010); 3293 by this package alone.
OPTIMA = {1: 5888, 2: 4863, 3: 4298, 4: 3960, 5: 3678, 6: 3473, 7: 3293, 8: 3143}


@pytest.fixture(scope="module")
def patterns(customers: Path) -> sg.PatternTable:
    return sg.collect(customers, "customer-personality-original")


@pytest.mark.parametrize("k", OPTIMA)
def test_the_optimum_is_proved(patterns: sg.PatternTable, k: int) -> None:
    model = KModes(k, prove=True, time_limit=600, random_state=0)
    model.fit(patterns.codes, sample_weight=patterns.counts)
    assert (model.cost_, model.lower_bound_, model.gap_) == (OPTIMA[k], OPTIMA[k], 0.0)


@pytest.mark.parametrize("k", OPTIMA)
def test_the_default_search_reaches_the_optimum_from_every_seed(patterns: sg.PatternTable, k: int) -> None:
    models = [KModes(k, random_state=seed) for seed in range(50)]
    costs = [m.fit(patterns.codes, sample_weight=patterns.counts).cost_ for m in models]
    assert costs == [OPTIMA[k]] * 50
