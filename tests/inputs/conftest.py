"""Small tables of one kind of input each, generated here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def some_people() -> pd.DataFrame:
    """300 people with an id, two features that say who they are, and two that say what they do."""
    rng = np.random.default_rng(4)
    is_old = rng.random(300) < 0.4
    return pd.DataFrame(
        {
            "customer_id": np.arange(1, 301),
            "education": np.where(rng.random(300) < np.where(is_old, 0.8, 0.2), "school", "degree"),
            "housing": np.where(rng.random(300) < np.where(is_old, 0.9, 0.3), "owner", "tenant"),
            "age": np.where(is_old, rng.integers(55, 85, 300), rng.integers(18, 50, 300)),
            "income": rng.normal(40_000, 9_000, 300).round(2),
            "spend": rng.gamma(2, 80, 300).round(2),
            "visits": rng.poisson(4, 300),
        }
    )


@pytest.fixture
def people(some_people: pd.DataFrame) -> pd.DataFrame:
    """The same, to be changed."""
    return some_people.copy()


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a table or text to a CSV file and return its path."""

    def write(table: pd.DataFrame | str | bytes, name: str = "customers.csv", **options: Any) -> Path:
        path = tmp_path / name
        if isinstance(table, pd.DataFrame):
            table.to_csv(path, index=False, **options)
        else:
            path.write_bytes(table if isinstance(table, bytes) else table.encode())
        return path

    return write
