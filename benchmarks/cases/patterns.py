"""As many patterns as rows: where nothing collapses, and the work is that of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from data import distinct_patterns, planted, save
from judge import k_modes_cost, log_likelihood
from page import contest_table
from processes import Contestant, Result

from cases.bench import Bench, fits

SEGMENTS = 6
LEVELS = [2, 3, 4, 5] * 5
MINUTES = 300.0


def distinct(bench: Bench) -> str:
    all_codes = distinct_patterns(bench.size(1_000_000, 20_000), SEGMENTS, LEVELS)
    few = all_codes[: bench.size(50_000, 2_000)]
    paths = [save(bench.folder / f"distinct-{len(codes)}.npy", codes) for codes in (few, all_codes)]
    sections = [
        _section(bench, *part)
        for part in (
            (paths[0], few, "k-modes", _k_modes_peers()),
            (paths[1], all_codes, "k-modes", _k_modes_peers()),
            (paths[0], few, "latent-class", _latent_class_peers()),
            (paths[1], all_codes, "latent-class", _latent_class_peers()),
        )
    ]
    return (
        f"Every row another pattern; {len(LEVELS)} features of 2 to 5 levels, {SEGMENTS} clusters or classes, "
        "one start each, from codes in memory.\n\n" + "\n\n".join(sections)
    )


def _section(bench: Bench, path: Path, codes: Any, method: str, peers: list[Contestant]) -> str:
    def judge(result: Result) -> str:
        (found,) = result.found
        value = k_modes_cost(codes, found) if method == "k-modes" else log_likelihood(codes, found)
        return f"{value:,.0f}"

    yardstick = "cost" if method == "k-modes" else "log-likelihood"
    results = bench.compete([Contestant("use_segmentry"), *peers], method=method, fits=fits(path, SEGMENTS))
    return f"{len(codes):,} patterns, {method}:\n\n{contest_table(results, yardstick, judge)}"


def overlapping(bench: Bench) -> str:
    """Compare costs alone, over many tables: a lucky start on one says little."""
    tables = [_overlapping(seed, bench.size(20_000, 2_000)) for seed in range(bench.size(20, 4))]
    given = [
        (str(save(bench.folder / f"overlapping-{i}.npy", codes)), k) for i, (codes, k) in enumerate(tables)
    ]
    contestants = [
        Contestant("use_segmentry"),
        *(one for one in _k_modes_peers() if one.needs != "kmodes"),
    ]
    results = bench.compete(contestants, method="k-modes", fits=[{"data": path, "k": k} for path, k in given])
    costs = {
        id(result): np.array([k_modes_cost(c, f) for (c, _), f in zip(tables, result.found, strict=True)])
        for result in results
        if not result.failed
    }
    lowest = np.min(list(costs.values()), axis=0)

    def judge(result: Result) -> str:
        above = costs[id(result)] / lowest - 1
        return f"{(above == 0).sum()} / {100 * above.mean():.2f} % / {100 * above.max():.2f} %"

    return f"""{len(tables)} tables of {len(tables[0][0]):,} rows: 3 to 10 classes, from hardly to well apart, 10 to 20 features of 2 to 5 levels; one
start each, seconds of all tables together. Costs are compared with the lowest of the table.

{contest_table(results, "tables with the lowest cost / above it on average / at most", judge)}
"""


def _overlapping(seed: int, n_rows: int) -> tuple[Any, int]:
    rng = np.random.default_rng(seed)
    k, separation = int(rng.choice([3, 4, 6, 8, 10])), float(rng.choice([0.4, 0.55, 0.7, 0.85]))
    levels = rng.integers(2, 6, int(rng.choice([10, 15, 20]))).tolist()
    return planted(k, levels, separation, rng).draw(n_rows, rng)[0], k


def _k_modes_peers() -> list[Contestant]:
    return [
        Contestant("use_fasterkmodes", needs="fasterkmodes", limit=MINUTES),
        Contestant("use_kluster_fudge", needs="kluster-fudge", limit=MINUTES),
        Contestant("use_kmodes", needs="kmodes", limit=MINUTES),
        Contestant("use_kmeans", "one-hot KMeans", "scikit-learn", limit=MINUTES),
    ]


def _latent_class_peers() -> list[Contestant]:
    return [
        Contestant("use_stepmix", needs="stepmix", limit=MINUTES),
        Contestant("use_polca", needs="polca", limit=MINUTES),
    ]
