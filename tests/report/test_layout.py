"""Where the parts of a drawing stand: nothing covers another, areas are true."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from segmentry.report.figures.placing import spread
from segmentry.report.figures.treemap import squarified


@pytest.mark.parametrize("seed", range(5))
def test_badges_are_moved_apart_and_not_far(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = [(float(a), float(b)) for a, b in rng.uniform(0, 300, size=(12, 2))]
    moved = spread(points, 25.0)
    assert min(math.dist(a, b) for a, b in itertools.combinations(moved, 2)) >= 25.0 - 1e-6
    assert max(math.dist(a, b) for a, b in zip(points, moved, strict=True)) < 40
    assert spread([(5.0, 5.0), (5.0, 5.0)], 10.0) == [(0.0, 5.0), (10.0, 5.0)]


@pytest.mark.parametrize("seed", range(5))
def test_a_treemap_fills_its_ground_by_true_areas(seed: int) -> None:
    parts = sorted(np.random.default_rng(seed).gamma(0.5, size=9).tolist(), reverse=True)
    tiles = squarified(parts, 380.0, 230.0)
    areas = [t.width * t.height for t in tiles]
    assert [a / sum(areas) for a in areas] == pytest.approx([p / sum(parts) for p in parts])
    assert sum(areas) == pytest.approx(380 * 230)
    assert max(t.x + t.width for t in tiles) <= 380 + 1e-6
    assert max(t.y + t.height for t in tiles) <= 230 + 1e-6
    for a, b in itertools.combinations(tiles, 2):
        across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
        down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
        assert min(across, down) < 1e-6
