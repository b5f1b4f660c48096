"""Seconds of processor time for everything that is said of segments: `python benchmarks/profiles.py`.

Made from a pattern table of 500 patterns, 6 segments and 20 outcomes (seeded); the median of nine.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from segmentry.patterns import FeatureLevels, OutcomeInfo, PatternTable, as_codes
from segmentry.patterns.folds import FoldSums
from segmentry.profiling import (
    Insights,
    SegmentedPatterns,
    feature_table,
    insights_of,
    outcome_table,
    segment_names,
    strata_table,
    targeting_table,
)

PATTERNS, SEGMENTS, OUTCOMES = 500, 6, 20
LEVELS = (5, 4, 4, 4, 3, 2)


def table(rng: np.random.Generator) -> tuple[PatternTable, np.ndarray]:
    """500 patterns of 2 million customers, their sums of 20 outcomes in halves, and their segments."""
    grid = np.stack([c.ravel() for c in np.indices(LEVELS)], axis=1)
    codes = grid[rng.choice(len(grid), PATTERNS, replace=False)]
    halves = rng.integers(1, 4_000, (PATTERNS, 2))
    counts = halves.sum(axis=1)
    roles = ["amounts"] * 8 + ["counts"] * 4 + ["flags"] * 8
    rates = rng.uniform(0.02, 0.4, (PATTERNS, 1, OUTCOMES))
    n = np.repeat(halves[:, :, None], OUTCOMES, axis=2).astype(np.float64)
    accepted = rng.binomial(n.astype(np.int64), rates).astype(np.float64)
    scale = np.array([1.0 if role == "flags" else 30.0 for role in roles])
    sums, squares, cubes = accepted * scale, accepted * scale**2, accepted * scale**3
    outcomes = tuple(
        OutcomeInfo(f"o{j}", f"O{j}", role, role, role, *((3.0, 11.0) if role == "flags" else ()))  # type: ignore[arg-type]
        for j, role in enumerate(roles)
    )
    patterns = PatternTable(
        features=tuple(
            FeatureLevels(f"f{j}", f"F{j}", tuple(f"level {i}" for i in range(n)))
            for j, n in enumerate(LEVELS)
        ),
        codes=as_codes(codes),
        counts=counts,
        outcomes=outcomes,
        n_values=n.sum(axis=1).astype(np.int64),
        sums=sums.sum(axis=1),
        squares=squares.sum(axis=1),
        cubes=cubes.sum(axis=1),
        origins=np.zeros(OUTCOMES),
        folds=FoldSums(halves.astype(np.float64), n, sums, squares),
    )
    return patterns, rng.integers(0, SEGMENTS, PATTERNS)


def everything(patterns: PatternTable, labels: np.ndarray) -> tuple[dict[str, pd.DataFrame], Insights]:
    """Every table and every text."""
    segmented = SegmentedPatterns(patterns, labels, SEGMENTS)
    features = feature_table(segmented)
    outcomes = outcome_table(segmented, correction=np.eye(SEGMENTS))
    tables = {
        "features": features,
        "outcomes": outcomes,
        "strata": strata_table(segmented, outcomes),
        "targeting": targeting_table(segmented, outcomes),
    }
    names = segment_names(segmented)
    return tables, insights_of(segmented, names, tables, {})


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, the median of nine."""
    taken = []
    for _ in range(9):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return float(np.median(taken))


if __name__ == "__main__":
    patterns, labels = table(np.random.default_rng(0))
    taken = seconds(lambda: everything(patterns, labels))
    print(f"{PATTERNS} patterns, {SEGMENTS} segments, {OUTCOMES} outcomes: {taken:.2f} s of processor time")
