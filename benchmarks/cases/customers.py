"""Many customers in few patterns: k-modes on a million, latent classes on a hundred thousand."""

from __future__ import annotations

from typing import Any

import numpy as np
from data import household_codes, households
from judge import k_modes_cost, log_likelihood
from page import contest_table
from processes import Contestant, Result

from cases.bench import Bench, fits

SEGMENTS = 4
MINUTES = 300.0


def k_modes(bench: Bench) -> str:
    rows = bench.size(1_000_000, 20_000)
    table, path = households(bench.folder, rows), household_codes(bench.folder, rows)
    codes = np.load(path)
    lowest = float("inf")

    def judge(result: Result) -> str:
        cost = k_modes_cost(codes, result.found[0])
        return f"{cost:,.0f} (+{100 * (cost / lowest - 1):.1f} %)"

    def from_table(label: str, **options: Any) -> Contestant:
        task = {"fits": fits(table, SEGMENTS), "options": {"recipe": "households", **options}}
        return Contestant("use_segmentry_table", label, task=task)

    contestants = [
        from_table("Parquet to the fitted model, 10 starts"),
        from_table("Parquet to every customer's label, 10 starts", labels=True),
        Contestant("use_segmentry", "codes to every customer's label, 10 starts", task={"starts": 10}),
        Contestant("use_fasterkmodes", "one start", "fasterkmodes"),
        Contestant("use_kluster_fudge", "one start", "kluster-fudge"),
        Contestant("use_kmodes", "one start", "kmodes"),
        Contestant("use_kmeans", "one-hot KMeans, one start", "scikit-learn"),
    ]
    results = bench.compete(contestants, method="k-modes", fits=fits(path, SEGMENTS))
    costs = [k_modes_cost(codes, result.found[0]) for result in results if not result.failed]
    lowest = min(costs, default=lowest)
    return f"""{rows:,} generated households, {codes.shape[1]} features, {SEGMENTS} clusters. The peers get the codes in memory.

{contest_table(results, "cost (above the lowest)", judge)}
"""


def latent_class(bench: Bench) -> str:
    rows = bench.size(100_000, 5_000)
    path = household_codes(bench.folder, rows)
    codes = np.load(path)

    def judge(result: Result) -> str:
        (found,) = result.found
        steps = f"{int(found['n_iter']):,} steps" + ("" if found["converged"] else ", not converged")
        return f"{log_likelihood(codes, found):,.2f} ({steps})"

    contestants = [
        Contestant("use_segmentry", "one start"),
        Contestant("use_segmentry", "50 starts", task={"starts": 50}),
        Contestant("use_stepmix", "one start", "stepmix", limit=MINUTES),
        Contestant("use_polca", "one start", "polca", limit=MINUTES),
    ]
    results = bench.compete(contestants, method="latent-class", fits=fits(path, SEGMENTS))
    return f"""{rows:,} generated households, {codes.shape[1]} features, {SEGMENTS} classes, from codes in memory, each
library until its own default tolerance. segmentry's steps are those after its short runs.

{contest_table(results, "log-likelihood", judge)}
"""
