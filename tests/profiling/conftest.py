from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from segmentry.collecting.collection import collect_patterns
from segmentry.engine import open_engine
from segmentry.patterns import PatternTable, as_codes
from segmentry.profiling import SegmentedPatterns
from segmentry.recipe import Recipe

RECIPE = """
[features.age]
column = "age"
edges = [30, 50]
[features.town]
column = "town"
groups = { A = ["a"], B = ["b"], Nobody = ["z"] }
[outcomes.money]
role = "amounts"
columns = ["wine", "bread", "nothing"]
[outcomes.campaign]
role = "flags"
columns = ["first", "second", "never"]
cost_per_contact = 3
revenue_per_acceptance = 11
"""


@dataclass(frozen=True)
class Case:
    frame: pd.DataFrame
    patterns: PatternTable
    labels: np.ndarray
    n_segments: int

    @property
    def segmented(self) -> SegmentedPatterns:
        return SegmentedPatterns(self.patterns, self.labels, self.n_segments)

    def with_labels(self, labels) -> "Case":
        return Case(self.frame, self.patterns, np.asarray(labels), int(max(labels)) + 1)


def people(n=300, seed=4) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": random.integers(18, 70, n),
            "town": random.choice(["a", "b", "b", None], n),
            "wine": random.gamma(2, 50, n).round(2),
            "bread": random.integers(0, 30, n).astype(float),
            "nothing": np.full(n, np.nan),
            "first": random.random(n) < 0.3,
            "second": random.random(n) < 0.02,
            "never": pd.array([None] * n, dtype="boolean"),
            "w": random.integers(1, 4, n),
        }
    )
    frame.loc[frame.index % 17 == 0, "wine"] = np.nan
    frame["wine"] += frame["age"]
    return frame


def collected(frame, recipe=RECIPE) -> PatternTable:
    engine = open_engine(frame)
    try:
        return collect_patterns(engine, Recipe.from_toml(recipe)).patterns
    finally:
        engine.close()


def segment_of(codes) -> np.ndarray:
    """The segment of a pattern, from its codes: two by age, the third by town."""
    codes = np.asarray(codes)
    return np.where(codes[:, 1] == 0, 2, np.minimum(codes[:, 0], 1))


def rows_as_patterns(frame) -> PatternTable:
    """One pattern per customer: the replicated rows behind a pattern table."""
    typed = frame.astype({"town": "string"})  # pandas before 3: a missing text alone has no type
    parts = [collected(typed.iloc[[i]]) for i in range(len(frame))]
    origins = parts[0].origins * 0
    squares, cubes = (np.concatenate([power(p) for p in parts]) for power in (_about_zero, _cubed))
    return PatternTable(
        features=parts[0].features,
        codes=as_codes(np.concatenate([p.codes for p in parts])),
        counts=np.concatenate([p.counts for p in parts]),
        outcomes=parts[0].outcomes,
        n_values=np.concatenate([p.n_values for p in parts]),
        sums=np.concatenate([p.sums for p in parts]),
        squares=squares,
        cubes=cubes,
        origins=origins,
    )


def _about_zero(table) -> np.ndarray:
    shift = table.origins
    return table.squares + 2 * shift * (table.sums - table.n_values * shift) + table.n_values * shift**2


def _cubed(table) -> np.ndarray:
    """Cubes about 0 of single customers, whose sums are their values."""
    return table.sums**3


@pytest.fixture(scope="session")
def case() -> Case:
    frame = people()
    patterns = collected(frame)
    return Case(frame, patterns, segment_of(patterns.codes), 3)


@pytest.fixture(scope="session")
def replicated(case) -> Case:
    frame = case.frame.head(60)
    patterns = rows_as_patterns(frame)
    return Case(frame, patterns, segment_of(patterns.codes), 3)


@pytest.fixture(scope="session")
def replicated_patterns(replicated) -> Case:
    patterns = collected(replicated.frame)
    return Case(replicated.frame, patterns, segment_of(patterns.codes), 3)


@pytest.fixture(scope="session")
def weighted(case) -> Case:
    patterns = collected(case.frame, RECIPE + '[source]\nweight = "w"\n')
    return Case(case.frame, patterns, segment_of(patterns.codes), 3)


@pytest.fixture(scope="session")
def repeated(case) -> Case:
    patterns = collected(case.frame.loc[case.frame.index.repeat(case.frame["w"])].reset_index(drop=True))
    return Case(case.frame, patterns, segment_of(patterns.codes), 3)
