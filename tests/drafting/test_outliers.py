"""Values far beyond all others are read as missing where they would be the mean; long tails stay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import segmentry as sg

N = 900
RNG = np.random.default_rng(0)
ROWS = pd.DataFrame({
    "id": range(N), "age": RNG.integers(18, 90, N), "town": RNG.choice(["north", "south", "west"], N),
    "spend": RNG.gamma(2, 50, N).round(2), "churned": RNG.choice(["yes", "no"], N),
})  # fmt: skip


def mean_of(column: str, rows: pd.DataFrame) -> tuple[float, int, str]:
    """Mean of the column by a drafted recipe, the customers it is of, and the draft's text."""
    draft = sg.draft(rows)
    table = sg.collect(rows, draft)
    j = [o.name for o in table.outcomes].index(column)
    n = int(table.n_values[:, j].sum())
    return float(table.sums[:, j].sum()) / n, n, draft.text


@pytest.mark.parametrize("far", [[1e9], [1e9, -5e8], [1_000_000_000, 2_000_000_000, 123_456_789.5]])
def test_the_mean_of_a_billion_disappears(far: list[float]) -> None:
    rows = ROWS.copy()
    rows.loc[range(len(far)), "spend"] = far
    mean, n, text = mean_of("spend", rows)
    assert (mean, n) == (pytest.approx(rows["spend"][len(far) :].mean()), N - len(far))
    assert "Read as missing: " in text
    assert "if they are true: the column as it is" in " ".join(text.replace("# ", "").split())


@pytest.mark.parametrize(
    "tail",
    [
        RNG.lognormal(3, 2, N),
        np.where(RNG.random(N) < 0.02, RNG.lognormal(5, 1, N), 0.0),
        np.append(RNG.gamma(2, 50, N - 1), 3_000.0),
    ],
    ids=["lognormal", "rare", "one large customer"],
)
def test_a_long_tail_stays(tail: np.ndarray) -> None:
    rows = ROWS.assign(spend=tail)
    mean, n, text = mean_of("spend", rows)
    assert (mean, n) == (pytest.approx(tail.mean()), N)
    assert "Read as missing" not in text


def test_a_feature_keeps_a_far_value_in_its_last_level() -> None:
    rows = ROWS.assign(income=RNG.gamma(4, 9_000, N).round())
    rows.loc[3, "income"] = 1e9
    draft = sg.draft(rows)
    income = next(f for f in draft.features if f.name == "income")
    assert income.column == "income"
    assert sg.collect(rows, draft).n_customers == N
