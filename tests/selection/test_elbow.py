"""The elbow, beside the package that people use for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kneed import KneeLocator

from segmentry.selection.elbow import knee

# inertia of k-means on the customer personality file's original bins, one start each
ONE_START = [11080.0, 8552.6, 7255.1, 6568.4, 6269.8, 5645.5, 4895.6, 4447.3, 4186.3, 3862.7]


def located(k: list[int], values: list[float]) -> int | None:
    return KneeLocator(k, values, curve="convex", direction="decreasing").knee


def test_the_elbow_of_a_published_curve_is_kneeds() -> None:
    k = list(range(1, 11))
    assert knee(k, ONE_START) == located(k, ONE_START) == 3


@given(st.lists(st.floats(1.0, 100.0), min_size=4, max_size=12))
def test_on_convex_curves_the_elbow_is_kneeds(drops: list[float]) -> None:
    values = np.cumsum([0.0, *sorted(drops)])[::-1].tolist()  # ever smaller drops
    k = list(range(1, len(values) + 1))
    found, expected = knee(k, values), located(k, values)
    if found is not None and expected is not None:
        below = [(values[0] - v) / (values[0] - values[-1]) - i / (len(k) - 1) for i, v in enumerate(values)]
        assert below[found - 1] == pytest.approx(below[expected - 1], abs=1e-9)  # equal but for ties


@pytest.mark.parametrize("values", [[5.0, 3.0], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [2.0, float("nan"), 1.0]])
def test_no_elbow_where_nothing_bends(values: list[float]) -> None:
    assert knee(range(1, len(values) + 1), values) is None
