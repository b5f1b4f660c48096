"""Tables of so many patterns that evidence and other analyses are made of a sample of their customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

CAMPAIGN = """
[outcomes.letter]
role = "flags"
columns = ["bought"]
cost_per_contact = 3
revenue_per_acceptance = 11
"""
FEATURES = "".join(f'[features.f{j}]\ncolumn = "f{j}"\n' for j in range(5))


@pytest.mark.parametrize("outcomes", ["", CAMPAIGN], ids=["no outcomes", "a campaign"])
def test_of_many_patterns_a_sample_is_looked_at(outcomes: str, few_null_tables: None) -> None:
    rng, n = np.random.default_rng(4), 8_000
    truth = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    data = {
        f"f{j}": np.where(rng.random(n) < 0.75, truth, rng.integers(0, m, n)).astype(str)
        for j, m in enumerate([3, 4, 4])
    }
    data |= {f"f{j}": rng.integers(0, 30, n).astype(str) for j in (3, 4)}
    table = pd.DataFrame({**data, "bought": rng.random(n) < np.array([0.08, 0.42, 0.1])[truth]})
    found = sg.run(table, sg.Recipe.from_toml(FEATURES + outcomes), segments=3, analyses=2)
    assert found.patterns is not None
    assert found.patterns.n_patterns > 5_000
    assert found.evidence is not None
    assert found.evidence.choices is not None
    assert [one.outcome for one in found.evidence.choices.contacts] == (["bought"] if outcomes else [])
