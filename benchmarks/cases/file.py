"""The customer personality file: a scan over numbers of classes, and k-modes with a proof."""

from __future__ import annotations

import numpy as np
from data import CUSTOMERS, customer_codes
from judge import k_modes_cost, log_likelihood
from page import contest_table, seconds, table
from processes import Contestant, Result

from cases.bench import Bench, fits

ABSENT = "Not measured: the customer personality file is not here; `SEGMENTRY_SHARED` names the folder that holds `data/`."
PROOF_SECONDS = 600.0


def scan(bench: Bench) -> str:
    if not CUSTOMERS.is_file():
        return ABSENT
    path = customer_codes(bench.folder, "customer-personality")
    codes = np.load(path)
    many, few = range(1, 1 + bench.size(10, 3)), range(1, 1 + bench.size(6, 3))
    starts = bench.size(10, 2)

    def judge(result: Result) -> str:
        values = (log_likelihood(codes, found) for found in result.found[: len(few)])
        return " / ".join(f"{value:,.2f}" for value in values)

    contestants = [
        Contestant("use_segmentry", f"{starts} starts"),
        Contestant("use_stepmix", f"{starts} starts", "stepmix", limit=300),
        Contestant("use_polca", f"{starts} starts", "polca", limit=300),
        Contestant(
            "use_segmentry", f"k=1..{many[-1]}, 50 starts", task={"starts": 50, "fits": fits(path, *many)}
        ),
    ]
    results = bench.compete(contestants, method="latent-class", fits=fits(path, *few), starts=starts)
    return f"""{len(codes):,} customers, recipe `customer-personality`, k=1..{few[-1]} classes.

{contest_table(results, "log-likelihoods of k=" + ", ".join(map(str, few)), judge)}
"""


def proof(bench: Bench) -> str:
    if not CUSTOMERS.is_file():
        return ABSENT
    path = customer_codes(bench.folder, "customer-personality-original")
    codes = np.load(path)
    numbers = range(2, 1 + bench.size(8, 3))
    contestants = [
        Contestant(
            "use_segmentry",
            "`prove=True`",
            limit=PROOF_SECONDS,
            task={"options": {"prove": True}, "starts": 10},
        ),
        Contestant("use_segmentry", "10 starts", task={"starts": 10}),
        Contestant("use_kmodes", "20 starts", "kmodes", task={"starts": bench.size(20, 2)}),
        Contestant("use_fasterkmodes", "20 starts", "fasterkmodes", task={"starts": bench.size(20, 2)}),
    ]
    results = bench.compete(contestants, method="k-modes", fits=fits(path, *numbers))

    def judge(result: Result) -> str:
        return " / ".join(f"{k_modes_cost(codes, found):,.0f}" for found in result.found)

    return f"""{len(codes):,} customers, recipe `customer-personality-original`, k={numbers[0]}..{numbers[-1]} clusters; seconds are of all of them.

{contest_table(results, "costs of k=" + ", ".join(map(str, numbers)), judge)}

{_bounds(results[0], list(numbers))}
"""


def _bounds(result: Result, numbers: list[int]) -> str:
    if result.failed:
        return f"Lower bounds: {result.failed}."
    rows = [
        [str(k), f"{float(found['lower_bound']):,.1f}", f"{float(found['gap']):.2%}", seconds(time)]
        for k, found, time in zip(numbers, result.found, result.each_seconds, strict=True)
    ]
    return table(["k", "lower bound", "gap", "seconds"], rows)
