"""Intervals hold what they promise, and outcomes without differences show none: small runs of the benchmark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the source distribution has no benchmarks")


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))


@pytest.mark.parametrize("n", [30, 50, 100, 300, 1_000, 3_000, 10_000])
def test_intervals_of_rates_cover_94_to_96_percent_on_average(n: int) -> None:
    """Exact, over rates from 1 to 50 %; every tenth of a percent up to 1,000 customers, every half beyond."""
    from outcomes import RATES, rate_coverage

    found = rate_coverage(n, RATES if n <= 1_000 else RATES[::5])
    assert 0.94 <= found.mean() <= 0.96
    least = {30: 0.89, 50: 0.89, 100: 0.92, 300: 0.92}.get(n, 0.935)
    assert found.min() >= least


@pytest.mark.parametrize("shape", ["lognormal", "two in five buy", "gamma", "counts"])
def test_intervals_of_skewed_means_cover_more_than_students(shape: str) -> None:
    from outcomes import mean_coverage

    few, student = (
        mean_coverage(shape, 30, 4_000, np.random.default_rng(1), skewed=s) for s in (True, False)
    )
    assert few > max(student, 0.91)
    assert mean_coverage(shape, 300, 2_000, np.random.default_rng(2)) > 0.925


def test_outcomes_unrelated_to_segments_are_seldom_claimed_to_differ() -> None:
    """5 % of reports, and what 60 of them vary by chance; without adjusting nine in ten claim something."""
    from outcomes import claims

    adjusted, plain = claims(seed=0, reports=60)
    assert adjusted <= 8
    assert plain > 40
