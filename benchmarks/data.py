"""The data of the cases: generated households, the customer personality file, and drawn latent classes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[Any]

SHARED = Path(os.environ.get("SEGMENTRY_SHARED", Path(__file__).parents[2] / "shared"))
CUSTOMERS = SHARED / "data" / "customer_personality.csv"

HOUSEHOLD_KEYS = """
CASE WHEN Income < 25000 THEN 0 WHEN Income < 40000 THEN 1 WHEN Income < 60000 THEN 2 WHEN Income < 80000 THEN 3 ELSE 4 END AS income,
CASE WHEN Year_Birth < 1953 THEN 0 WHEN Year_Birth < 1966 THEN 1 WHEN Year_Birth < 1981 THEN 2 ELSE 3 END AS birth,
CASE Education WHEN 'Basic' THEN 0 WHEN 'Graduation' THEN 1 WHEN 'PhD' THEN 3 ELSE 2 END AS education,
CASE Marital_Status WHEN 'Single' THEN 0 WHEN 'Together' THEN 1 WHEN 'Married' THEN 2 ELSE 3 END AS marital,
CASE WHEN Kidhome + Teenhome > 0 THEN 1 ELSE 0 END AS children"""
"""The features of the recipe `households`, as bare SQL."""


def households(folder: Path, rows: int) -> Path:
    """Write generated households to a Parquet file."""
    from segmentry.datasets import write_sample

    path = folder / f"households-{rows}.parquet"
    return path if path.exists() else write_sample(path, rows)


def merged_households(folder: Path, tables: int, rows: int) -> Path:
    """Write the merged fine patterns of tables of generated households: each has a seed of its own, and the cuts of the first."""
    import segmentry as sg
    from segmentry.datasets import write_sample

    path = folder / f"merged-{tables}x{rows}.parquet"
    if path.exists():
        return path
    merged = None
    for seed in range(tables):
        table = write_sample(folder / "one-of-many.parquet", rows, seed=seed, overwrite=True)
        patterns = sg.collect(table, "households", fine=True, like=merged)
        merged = merged.merge(patterns) if merged else patterns
    merged.save(path)
    return path


def household_codes(folder: Path, rows: int) -> Path:
    """Write the codes of generated households' five features, one row per household."""
    import duckdb

    table = households(folder, rows)
    columns = duckdb.sql(f"SELECT {HOUSEHOLD_KEYS} FROM read_parquet('{table}')").fetchnumpy()
    return save(folder / f"households-{rows}.npy", np.column_stack(list(columns.values())))


def customer_codes(folder: Path, recipe: str) -> Path:
    """Write the codes of the customer personality file under a bundled recipe, one row per customer."""
    import segmentry as sg

    patterns = sg.collect(CUSTOMERS, recipe)
    codes = np.repeat(np.asarray(patterns.codes), patterns.counts, axis=0)
    _, seen = zip(*(np.unique(column, return_inverse=True) for column in codes.T), strict=True)
    order = np.random.default_rng(0).permutation(len(codes))
    return save(folder / f"{recipe}.npy", np.column_stack(seen)[order])


def save(path: Path, codes: Codes) -> Path:
    np.save(path, np.ascontiguousarray(codes, dtype=np.int32))
    return path


@dataclass(frozen=True)
class Planted:
    """Latent classes to draw from: shares (n_classes,) and per feature probabilities (n_classes, n_levels)."""

    prior: npt.NDArray[np.float64]
    probabilities: list[npt.NDArray[np.float64]]

    def draw(self, n_rows: int, rng: np.random.Generator) -> tuple[Codes, npt.NDArray[np.intp]]:
        """Return codes (n_rows, n_features), and the true class of each row."""
        truth = rng.choice(len(self.prior), n_rows, p=self.prior)
        columns = []
        for table in self.probabilities:
            steps = np.cumsum(table, axis=1)[truth, :-1]
            columns.append((rng.random(n_rows)[:, None] > steps).sum(axis=1))
        return np.column_stack(columns).astype(np.int32), truth


def planted(
    n_classes: int, levels: list[int], separation: float, rng: np.random.Generator, spread: float = 0.5
) -> Planted:
    """Make classes of which each mixes a common profile with one of its own, the latter by `separation`."""
    prior = rng.dirichlet(np.full(n_classes, 10.0))
    probabilities = []
    for n in levels:
        common = rng.dirichlet(np.full(n, 5.0))
        own = rng.dirichlet(np.full(n, spread), size=n_classes)
        probabilities.append((1 - separation) * common + separation * own)
    return Planted(prior, probabilities)


def distinct_patterns(n_rows: int, n_classes: int, levels: list[int], seed: int = 0) -> Codes:
    """Draw rows of which no two are equal."""
    rng = np.random.default_rng(seed)
    codes, _ = planted(n_classes, levels, 0.7, rng).draw(int(1.3 * n_rows) + 1000, rng)
    keys = codes @ np.cumprod([1, *levels[:-1]], dtype=np.int64)
    first = np.sort(np.unique(keys, return_index=True)[1])
    if len(first) < n_rows:
        raise ValueError(f"only {len(first)} of {n_rows} patterns are distinct; take more features or levels")
    return codes[first[:n_rows]]
