"""The whole run on many rows beside the bare queries, in one go."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from cases.bench import Bench
from data import HOUSEHOLD_KEYS, households
from page import table
from processes import SCRIPTS

BARE = """
import duckdb, json, sys, time
data, out, keys = sys.argv[1:4]
table = f"read_parquet('{data}')"
outcomes = ("MntWines MntFruits MntMeatProducts MntFishProducts MntSweetProducts MntGoldProds NumWebPurchases "
            "NumCatalogPurchases NumStorePurchases NumDealsPurchases AcceptedCmp1 AcceptedCmp2 AcceptedCmp3 "
            "AcceptedCmp4 AcceptedCmp5 Response").split()
sums = ", ".join(f"sum({o}), sum(CAST({o} AS DOUBLE) * {o})" for o in outcomes)
started = time.perf_counter()
duckdb.sql(f"SELECT {keys}, count(*), {sums} FROM {table} GROUP BY ALL").fetchall()
grouped = time.perf_counter() - started
started = time.perf_counter()
duckdb.sql(f"COPY (SELECT ID, 1 AS segment FROM {table}) TO '{out}' (FORMAT parquet)")
print(json.dumps({"group_by": grouped, "copy": time.perf_counter() - started}))
"""

RUN = """
import json, sys, time
sys.path.append(sys.argv[3])
started = time.perf_counter()
from segmentry.runs.segment import run
result = run(sys.argv[1], "households", out=sys.argv[2])
seconds = time.perf_counter() - started
from common import peak_mb
print(json.dumps({"run": seconds, "peak_mb": peak_mb(), "segments": len(result.segments),
                  "patterns": result.patterns.n_patterns}))
"""


def journey(bench: Bench) -> str:
    rows = bench.size(10_000_000, 100_000)
    repeats = bench.size(3, 1)
    data, small = str(households(bench.folder, rows)), str(households(bench.folder, 2_240))
    out, contestants = str(bench.folder / "out"), str(SCRIPTS)
    bare = measured(BARE, data, str(bench.folder / "bare.parquet"), HOUSEHOLD_KEYS, repeats=repeats)
    whole = measured(RUN, data, out, contestants, repeats=repeats)
    little = measured(RUN, small, out, contestants, repeats=repeats)
    bound = 2 * (bare["group_by"] + bare["copy"]) + 3
    lines = [
        (
            "bare DuckDB `GROUP BY` of the same five features, sums and squares of the same 16 outcomes",
            bare["group_by"],
        ),
        ("bare DuckDB `COPY` of id and a segment", bare["copy"]),
        ("`segmentry.run` with all its files, imports included", whole["run"]),
        ("bound: 2 × (bare `GROUP BY` + bare `COPY`) + 3 s", bound),
        ("the same run on 2,240 households", little["run"]),
    ]
    header = [f"{rows:,} generated households, Parquet, recipe `households`", "seconds"]
    return f"""{table(header, [[text, f"{value:.2f}"] for text, value in lines])}

Medians of {repeats}. Peak memory of the run's main process: {whole["peak_mb"]:,.0f} MB.
The run found {whole["segments"]:.0f} segments (4 are planted) in {whole["patterns"]:.0f} patterns."""


def measured(code: str, *arguments: str, repeats: int) -> dict[str, float]:
    command = [sys.executable, "-c", code, *arguments]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(repeats)
    ]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}
