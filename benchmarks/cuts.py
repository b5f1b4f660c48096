"""What other defensible levels say of the customer personality file: `python benchmarks/cuts.py [--cuts N]`.

The file is collected once, in the finest of these levels; each cut is a roll-up of it: other edges of income and birth year,
education and marital status with or without their smaller groups, children by number or as any, one feature in four left out. Every cut is
segmented as `segmentry run` does it. Prints how often each number of segments and each verdict comes out, and the share of customers who are
in other segments than by the bundled recipe. Seeded.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from data import CUSTOMERS

import segmentry as sg
from segmentry.patterns import PatternTable
from segmentry.selection import PatternSegments, choose_k, gather_evidence, judge_evidence, scan
from segmentry.selection.stability import share_moved

EDGES = {
    "income": [20_000, 25_000, 30_000, 35_000, 40_000, 45_000, 50_000, 55_000, 60_000, 65_000, 70_000, 75_000, 80_000, 85_000],
    "birth_year": [1946, 1950, 1953, 1955, 1960, 1963, 1965, 1966, 1970, 1973, 1975, 1977, 1980, 1981, 1985],
}  # fmt: skip
GROUPS = {
    "education": (
        {},
        {"To graduation": ["Basic", "Graduation"]},
        {"Postgraduate": ["Master", "PhD"]},
        {"To graduation": ["Basic", "Graduation"], "Postgraduate": ["Master", "PhD"]},
    ),
    "marital_status": (
        {},
        {"Couple": ["Together", "Married"]},
        {"Couple": ["Together", "Married"], "Alone": ["Single", "Divorced or widowed"]},
    ),
    "children": ({}, {"children": ["1", "2 or more"]}),
}
LEAST = 0.05
"""Smallest share of the customers in a level of a number."""


@dataclass(frozen=True)
class Cut:
    """What comes out of a cut: features left out, the number of segments, the verdict, and the share of customers who moved."""

    left_out: str
    k: int
    verdict: str
    lead: float
    moved: float


@cache
def finest() -> PatternTable:
    """Collect the file in the finest levels, without outcomes."""
    recipe = sg.Recipe.load("customer-personality")
    features = [f for f in recipe.to_dict()["features"] if f["name"] != "children"]
    for feature in features:
        if feature["name"] in EDGES:
            feature["edges"] = EDGES[feature["name"]]
            del feature["labels"]
    features.append({
        "name": "children", "sql": "Kidhome + Teenhome", "edges": [1, 2], "labels": ["0", "1", "2 or more"],
        "scale": "ordinal",
    })  # fmt: skip
    return sg.collect(CUSTOMERS, recipe.with_(features=features, outcomes=[]))


def of_edges(rng: np.random.Generator, name: str) -> list[int]:
    """Draw two to five edges, each level with at least `LEAST` of the customers."""
    position = [f.name for f in finest().features].index(name)
    while True:
        chosen = sorted(rng.choice(EDGES[name], rng.integers(2, 6), replace=False).tolist())
        rolled = finest().roll_up(**{name: chosen})
        if min(rolled.level_counts(position)) >= LEAST * rolled.n_customers:
            return chosen


Asked = dict[str, object]


def as_bundled() -> Asked:
    """The levels of the bundled recipe, as a roll-up."""
    edges = {
        f.name: [e for e in f.edges or () if e in EDGES.get(f.name, ())]
        for f in sg.Recipe.load("customer-personality").features
    }
    return {"income": edges["income"], "birth_year": edges["birth_year"], "children": GROUPS["children"][1]}


def drawn(number: int) -> tuple[Asked, str]:
    """Draw a cut, and the feature that it leaves out; nothing in three of four."""
    rng = np.random.default_rng([2026, number])
    asked: Asked = {name: of_edges(rng, name) for name in EDGES}
    asked |= {name: groups[rng.integers(len(groups))] for name, groups in GROUPS.items()}
    left_out = str(rng.choice(list(asked))) if rng.random() < 1 / 4 else ""
    kept = {name: how for name, how in asked.items() if how and name != left_out}
    return (kept | {left_out: None} if left_out else kept), left_out


def codes_of(asked: Asked, table: PatternTable) -> np.ndarray:
    """Codes of the finest patterns in a roll-up (n_finest, n_features)."""
    columns, features = [], {f.name: f for f in table.features}
    for j, feature in enumerate(finest().features):
        how = asked.get(feature.name, {})
        if how is None:
            continue
        levels = list(features[feature.name].levels)
        if isinstance(how, list):
            new = np.searchsorted(how, [-np.inf, *EDGES[feature.name]], side="right")
        else:
            group_of = {level: group for group, members in dict(how).items() for level in members}
            new = np.array([levels.index(group_of.get(level, level)) for level in feature.levels])
        codes = np.asarray(finest().codes[:, j])
        columns.append(np.where(codes < 0, -1, new[codes]))
    return np.column_stack(columns)


def segmented(asked: Asked, seed: int) -> tuple[PatternTable, PatternSegments, np.ndarray]:
    """The roll-up, its segments, and the segment of each finest pattern; the number by BIC among 1 to 10."""
    table = finest().roll_up(**asked)
    found = scan(table, "latent-class", range(1, 11), seed=seed)
    k = choose_k(found.table, "latent-class").k
    model = found.models[k]
    return table, PatternSegments.of(model, k, table.codes), np.asarray(model.predict(codes_of(asked, table)))


@cache
def usual() -> np.ndarray:
    """The segment of each finest pattern by the bundled recipe."""
    return segmented(as_bundled(), 0)[2]


def try_cut(number: int) -> Cut:
    """Draw a cut, segment it and judge the segments."""
    asked, left_out = drawn(number)
    table, segments, labels = segmented(asked, number)
    evidence = None
    if segments.k > 1:
        evidence = gather_evidence(table, segments, "latent-class", seed=number).evidence
    moved = share_moved(usual(), labels, np.asarray(finest().counts, float))
    verdict = str(judge_evidence(evidence, segments.k))
    return Cut(left_out, segments.k, verdict, float("nan") if evidence is None else evidence.lead, moved)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.jobs) as pool:
        found = list(pool.map(try_cut, range(given.cuts)))
    lines = [
        "| segments | cuts | natural | reproducible | constructive | none |",
        "|---|---|---|---|---|---|",
    ]
    for k in sorted({c.k for c in found}):
        verdicts = Counter(c.verdict for c in found if c.k == k)
        row = (str(verdicts[v]) for v in ("natural", "reproducible", "constructive", "none"))
        lines.append(f"| {k} | {sum(verdicts.values())} | {' | '.join(row)} |")
    for name, part in (
        ("all features", [c for c in found if not c.left_out]),
        *((f"without {name}", [c for c in found if c.left_out == name]) for name in [*EDGES, *GROUPS]),
    ):
        if part:
            shares = np.percentile([c.moved for c in part], [25, 50, 75])
            natural = sum(c.verdict == "natural" for c in part)
            lines.append(
                f"{name}: {len(part)} cuts, {natural} natural; in other segments {shares[1]:.0%} of the customers "
                f"(half of the cuts {shares[0]:.0%} to {shares[2]:.0%})"
            )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
