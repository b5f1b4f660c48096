"""The customer personality file as pattern tables, and a table with a class that hides."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

_SHARED = Path(os.environ.get("SEGMENTRY_SHARED", Path(__file__).parents[3] / "shared"))
_FEATURES = ["income", "birth", "education", "marital", "children"]
_MARITAL = {"Alone": "Single", "YOLO": "Single", "Absurd": "Single", "Divorced": "Apart", "Widow": "Apart"}
_EDUCATION = {"Master": "Master or 2n Cycle", "2n Cycle": "Master or 2n Cycle"}


def _read() -> pd.DataFrame:
    path = _SHARED / "data" / "customer_personality.csv"
    if not path.exists():
        pytest.skip(f"the reference file {path} is absent; set SEGMENTRY_SHARED")
    return pd.read_csv(path).dropna(subset="Income")


def _code(values: pd.Series, edges: list[int]) -> np.ndarray:
    return np.searchsorted(edges, values.to_numpy(), side="right")


def _place(values: pd.Series, order: list[str]) -> np.ndarray:
    return values.map(order.index).to_numpy()


def customer_codes(variant: str) -> np.ndarray:
    """Return the codes (2216, 5) of a recipe: 'text' or 'original'."""
    rows = _read()
    birth, education = rows["Year_Birth"], rows["Education"].replace(_EDUCATION)
    children = rows["Kidhome"] + rows["Teenhome"] > 0
    levels = ["Basic", "Graduation", "Master or 2n Cycle", "PhD"]
    if variant == "original":
        birth = birth.replace({1893: 1993, 1899: 1999, 1900: 2000})
        education, levels = education.replace({"Basic": "Graduation"}), levels[1:]
        children = (rows["Kidhome"] == 1) | (rows["Teenhome"] == 1)
    columns = [
        _code(rows["Income"], [25_000, 40_000, 60_000, 80_000]),
        _code(birth, [1953, 1966, 1981, 1997]),
        _place(education, levels),
        _place(rows["Marital_Status"].replace(_MARITAL), ["Single", "Together", "Married", "Apart"]),
        children.to_numpy().astype(np.int64),
    ]
    return np.column_stack(columns)


def as_patterns(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows and their counts."""
    patterns, counts = np.unique(codes, axis=0, return_counts=True)
    return patterns, counts


@pytest.fixture(scope="session")
def text_patterns() -> tuple[np.ndarray, np.ndarray]:
    patterns, counts = as_patterns(customer_codes("text"))
    assert (len(patterns), counts.sum()) == (368, 2216)
    return patterns, counts


@pytest.fixture(scope="session")
def original_patterns() -> tuple[np.ndarray, np.ndarray]:
    patterns, counts = as_patterns(customer_codes("original"))
    assert (len(patterns), counts.sum()) == (357, 2216)
    return patterns, counts


@pytest.fixture(scope="session")
def hidden_class() -> tuple[np.ndarray, np.ndarray]:
    """Return the exact table of two classes, of which the smaller is nowhere the more probable."""
    shares, yes = np.array([0.9, 0.1]), np.array([0.5, 0.95])
    X = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    cells = np.where(X[:, :, None] == 1, yes, 1 - yes).prod(axis=1)
    return X, 1000 * cells @ shares
