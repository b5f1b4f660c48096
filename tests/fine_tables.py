"""Tables and recipes whose levels can be fine, and whether two pattern tables are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe

SHAPES: dict[str, Any] = {
    "skewed": lambda rng, n: np.exp(rng.normal(3, 1.5, n)),
    "counts": lambda rng, n: rng.poisson(2, n),
    "zeros": lambda rng, n: np.where(rng.random(n) < 0.6, 0.0, rng.normal(50, 30, n)),
    "years": lambda rng, n: rng.integers(1930, 2000, n),
    "tiny": lambda rng, n: rng.normal(0, 1e-7, n),
    "halves": lambda rng, n: rng.integers(-3, 3, n) / 2,
    "constant": lambda _, n: np.full(n, 7),
    "wide": lambda rng, n: rng.integers(-(2**52), 2**52, n),
}
CITIES = ["Bern", "Basel", "Chur", "Genf", "", "Other"]


@st.composite
def recipes(draw: st.DrawFn) -> dict[str, Any]:
    edges = draw(
        st.lists(
            st.integers(-20, 2_000) | st.floats(-100, 100).map(float), min_size=1, max_size=6, unique=True
        )
    )
    number: dict[str, Any] = draw(
        st.sampled_from([{"edges": sorted(set(edges))}, {"quantiles": 4}, {"equal_widths": 3}])
    )
    if "edges" in number and draw(st.booleans()):
        number["labels"] = [f"part {i}" for i in range(len(number["edges"]) + 1)]
    groups = draw(
        st.sampled_from(
            [
                {"groups": {"Z": ["Bern", "Basel"], "A": ["Chur"]}, "rest": "Other"},
                {"groups": {"Z": ["Bern", "Basel"], "A": ["Chur"]}, "unseen": "missing"},
                {"groups": {"all": [*CITIES]}},
                {"levels": ["Chur", "Bern"], "rest": "elsewhere"},
                {},
            ]
        )
    )
    missing = st.sampled_from(["keep", "drop", "level"])
    return {
        "locale": draw(st.sampled_from(["en", "de"])),
        "source": {"id": "id"},
        "clean": [{"step": "few", "keep": "spent < 80 OR spent IS NULL"}],
        "features": [
            {
                "name": "number", "column": "number", "closed": draw(st.sampled_from(["left", "right"])),
                "missing": draw(missing), **number,
            },
            {"name": "city", "column": "city", "missing": draw(missing), **groups},
            {"name": "known", "sql": "number IS NULL", "yes_no": True},
        ],
        "outcomes": [
            {"name": "money", "role": "amounts", "columns": ["spent"]},
            {"name": "offer", "role": "flags", "columns": ["bought"]},
        ],
    }  # fmt: skip


def table(shape: str, seed: int, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    number = pd.Series(SHAPES[shape](rng, n)).convert_dtypes()
    number[rng.random(n) < 0.1] = None
    city = pd.Series(rng.choice(CITIES, n)).where(rng.random(n) > 0.1, None)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "number": number,
            "city": city,
            "spent": rng.integers(0, 90, n),
            "bought": (rng.random(n) < 0.3).astype(int),
        }
    )


def assert_equal(one: PatternTable, other: PatternTable) -> None:
    assert one.features == other.features
    assert one.made_by == other.made_by
    assert one.cleaning == other.cleaning
    np.testing.assert_array_equal(one.codes, other.codes)
    for name in ("counts", "n_values", "sums"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("squares", "cubes", "origins"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-6)
    assert one.folds is not None
    assert other.folds is not None
    np.testing.assert_array_equal(one.folds.counts, other.folds.counts)
    np.testing.assert_array_equal(one.folds.sums, other.folds.sums)
    np.testing.assert_allclose(one.folds.squares, other.folds.squares, rtol=1e-12, atol=1e-6)


SHOP = Recipe.from_toml("""
[source]
id = "id"
[features.number]
column = "number"
edges = [10, 100]
[features.city]
column = "city"
groups = { Z = ["Bern", "Basel"], A = ["Chur"] }
rest = "Other"
[outcomes.money]
role = "amounts"
columns = ["spent"]
""")
