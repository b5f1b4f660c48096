"""Shrunken rates and the naming of sets against the same integrals on fine grids."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from segmentry.profiling import shrunken_rates
from segmentry.profiling.naming_sets import naming_of


@pytest.mark.parametrize("accepted", [[3.0, 0, 40], [6.0, 30, 8], [1.0, 1, 1]])
def test_shrunken_rates_are_those_of_a_fine_grid(accepted: list[float]) -> None:
    """The common rate has Jeffreys' prior, and the prior's share of a segment of typical size a uniform one."""
    yes, n = np.array(accepted), np.array([10.0, 50.0, 400.0])
    typical = 3 / (1 / n).sum()
    mean = np.linspace(0.001, 0.999, 800)[:, None]
    part = np.linspace(0.001, 0.999, 800)
    size = part / (1 - part) * typical
    a, b = mean * size, (1 - mean) * size
    log_weight = -(np.log(mean) + np.log1p(-mean)) / 2 + sum(
        special.betaln(y + a, m - y + b) - special.betaln(a, b) for y, m in zip(yes, n, strict=True)
    )
    weight = np.exp(log_weight - log_weight.max())
    expected = [
        float((weight * (y + a) / (m + size)).sum() / weight.sum()) for y, m in zip(yes, n, strict=True)
    ]
    assert shrunken_rates(yes, n).mean == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("score", [2.0, 2.2, 3.0, 6.0])
def test_what_is_told_less_of_a_named_set_is_the_integral(score: float) -> None:
    true = np.linspace(0, 15, 100_001)
    limit = stats.norm.isf(0.025)
    weight = np.exp(-((score - true) ** 2) / 2) / stats.norm.sf(limit - true)
    assert naming_of(score, 1).down == pytest.approx(score - weight @ true / weight.sum(), abs=0.02)
