"""A model of generated households, and customers drawn from the very population that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import segmentry as sg
from few_tables import few_tables
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.patterns import PatternTable

Draw = Callable[..., PatternTable]


@pytest.fixture(scope="session")
def model() -> sg.Segmentation:
    with few_tables():
        return sg.run(sample_households(rows=4_000, seed=11), HOUSEHOLDS, segments=4)


@pytest.fixture(scope="session")
def draw(model: sg.Segmentation) -> Draw:
    """Draws of a pattern table: counts are multinomial, outcomes binomial or normal within a pattern."""
    table = model.patterns
    assert table is not None
    n = np.maximum(table.n_values, 1)
    mean = table.sums / n
    variance = np.maximum(table.squares / n - (mean - table.origins) ** 2, 0.0)
    is_flag = np.array([o.role == "flags" for o in table.outcomes])

    def drawn(n_customers: int, seed: int, chance: np.ndarray | None = None) -> PatternTable:
        rng = np.random.default_rng(seed)
        chance = table.counts / table.n_customers if chance is None else chance / chance.sum()
        counts = rng.multinomial(n_customers, chance)
        have = np.repeat(counts[:, None], len(is_flag), axis=1)
        hits = rng.binomial(have, np.clip(mean, 0, 1)).astype(float)
        amounts = rng.normal(have * mean, np.sqrt(have * variance))
        sums = np.where(is_flag, hits, amounts)
        spread = have * variance + 2 * (sums - have * mean) * (mean - table.origins)
        about = spread + have * (mean - table.origins) ** 2
        squares = np.where(is_flag, sums, about)
        kept = counts > 0
        origins = np.where(is_flag, 0.0, table.origins)
        changed = replace(table, counts=counts, n_values=have, sums=sums, squares=squares, origins=origins)
        return replace(changed.take(kept), cleaning=replace(table.cleaning, n_rows=n_customers, steps=()))

    return drawn
