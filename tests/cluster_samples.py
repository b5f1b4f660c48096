"""Samples with strata and clusters, and what a run makes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

import segmentry as sg
from segmentry.patterns import DesignSums, FeatureLevels, OutcomeInfo, PatternTable, as_codes
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.recipe import Recipe


def recipe_of(outcomes: dict[str, str], **source: str) -> Recipe:
    groups = {name: {"role": role, "columns": [name]} for name, role in outcomes.items()}
    features = {"kind": {"column": "kind", "yes_no": True}}
    return Recipe.from_dict({"source": source, "features": features, "outcomes": groups})


def profiled(frame: pd.DataFrame, outcomes: dict[str, str], **source: str) -> sg.Segmentation:
    return sg.profile(frame, recipe_of(outcomes, **source), "team")


def of_all(result: sg.Segmentation, outcome: str) -> pd.Series:
    table = result.design
    return table[(table["outcome"] == outcome) & (table["segment"] == 0)].iloc[0]


def sampled(n_clusters: int = 40, size: int = 20, seed: int = 1) -> pd.DataFrame:
    """Clusters that differ, in four strata, with uneven weights; values are not skewed."""
    random = np.random.default_rng(seed)
    place = np.repeat(np.arange(n_clusters), size)
    n = len(place)
    shift = random.normal(size=n_clusters)[place]
    return pd.DataFrame(
        {
            "place": place,
            "region": place % 4,
            "w": random.uniform(0.5, 2, n).round(3),
            "kind": random.random(n) < 0.5,
            "team": np.where(random.random(n) < 0.6, "a", "b"),
            "spend": 50 + 3 * shift + random.normal(0, 5, n),
            "bought": random.random(n) < special.expit(shift),
        }
    )


def segmented_of(frame: pd.DataFrame) -> SegmentedPatterns:
    """What a run collects of the teams, made of arrays."""
    weight, team = frame["w"].to_numpy(), (frame["team"] == "b").to_numpy().astype(np.intp)
    values = frame[["spend", "bought"]].to_numpy(np.float64)
    about = values - [50, 0]

    def added(terms: np.ndarray) -> np.ndarray:
        return np.stack([terms[team == k].sum(axis=0) for k in (0, 1)])

    origin = np.array([50.0, 0.0])
    table = PatternTable(
        features=(FeatureLevels("team", "team", ("a", "b")),),
        codes=as_codes(np.array([[0], [1]])),
        counts=np.bincount(team),
        outcomes=(
            OutcomeInfo("spend", "spend", "spend", "spend", "amounts"),
            OutcomeInfo("bought", "bought", "bought", "bought", "flags"),
        ),
        n_values=np.stack([np.bincount(team)] * 2, axis=1),
        sums=added(weight[:, None] * values),
        squares=added(weight[:, None] * about**2),
        cubes=added(weight[:, None] * about**3),
        origins=origin,
        weights=added(weight),
        squared_weights=added(weight**2),
        value_weights=np.stack([added(weight)] * 2, axis=1),
    )
    rows = np.column_stack(
        [np.ones(len(frame)), weight, weight, weight * about[:, 0], weight, weight * about[:, 1]]
    )
    n_places = frame["place"].max() + 1
    sums = np.zeros((n_places, 2, 6))
    np.add.at(sums, (frame["place"], team), rows)
    design = DesignSums(np.zeros(n_places, np.intp), np.array([n_places]), sums[:, :, 0], sums[:, :, 1:])
    return SegmentedPatterns(table, np.array([0, 1]), 2, design)
