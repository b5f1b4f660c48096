"""The whole run on many rows beside the bare queries, in one go: `make bench`, or `python benchmarks/journey.py ROWS`.

Each part runs in a process of its own, three times; medians. Writes benchmarks/RESULTS.md.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

BARE = """
import duckdb, json, sys, time
data, out = sys.argv[1:3]
table = f"read_parquet('{data}')"
keys = '''CASE WHEN Income < 25000 THEN 0 WHEN Income < 40000 THEN 1 WHEN Income < 60000 THEN 2 WHEN Income < 80000 THEN 3 ELSE 4 END AS income,
CASE WHEN Year_Birth < 1953 THEN 0 WHEN Year_Birth < 1966 THEN 1 WHEN Year_Birth < 1981 THEN 2 ELSE 3 END AS birth,
CASE Education WHEN 'Basic' THEN 0 WHEN 'Graduation' THEN 1 WHEN 'PhD' THEN 3 ELSE 2 END AS education,
CASE Marital_Status WHEN 'Married' THEN 0 WHEN 'Together' THEN 1 WHEN 'Single' THEN 2 ELSE 3 END AS marital,
CASE WHEN Kidhome + Teenhome > 0 THEN 1 ELSE 0 END AS children'''
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
import json, resource, sys, time
started = time.perf_counter()
from segmentry.pipeline import run
result = run(sys.argv[1], "households", out=sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"run": time.perf_counter() - started, "peak_mb": peak, "segments": len(result.segments),
                  "patterns": result.patterns.n_patterns}))
"""


def measured(code: str, *arguments: str, repeats: int = 3) -> dict[str, float]:
    command = [sys.executable, "-c", code, *arguments]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(repeats)
    ]
    return {key: statistics.median(r[key] for r in runs) for key in runs[0]}


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    from segmentry.datasets import write_sample

    with tempfile.TemporaryDirectory() as folder:
        data = write_sample(Path(folder) / "households.parquet", rows)
        small = write_sample(Path(folder) / "small.parquet", 2_240)
        bare = measured(BARE, str(data), str(Path(folder) / "bare.parquet"))
        journey = measured(RUN, str(data), str(Path(folder) / "out"))
        little = measured(RUN, str(small), str(Path(folder) / "little"))
    floor = bare["group_by"] + bare["copy"]
    bound = 2 * floor + 3
    versions = ", ".join(
        f"{n} {metadata.version(n)}" for n in ("segmentry", "duckdb", "numpy", "scikit-learn")
    )
    text = f"""# Measured

`make bench` writes this page. {os.cpu_count()} cores, Python {platform.python_version()}, {versions}; medians of three
processes each, in one run. Times on shared machines vary by a third; the ratios are what holds.

| {rows:,} generated households, Parquet, recipe `households` | seconds |
|---|---|
| bare DuckDB `GROUP BY` of the same five features, sums and squares of the same 16 outcomes | {bare["group_by"]:.2f} |
| bare DuckDB `COPY` of id and a segment | {bare["copy"]:.2f} |
| `segmentry.run` with all its files, imports included | {journey["run"]:.2f} |
| bound: 2 × (bare `GROUP BY` + bare `COPY`) + 3 s | {bound:.2f} |
| the same run on 2,240 households | {little["run"]:.2f} |

Peak memory of the run's main process: {journey["peak_mb"]:,.0f} MB (a second process draws the charts).
The run found {journey["segments"]:.0f} segments (4 are planted) in {journey["patterns"]:.0f} patterns.
"""
    Path(__file__).with_name("RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
