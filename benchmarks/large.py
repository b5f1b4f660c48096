"""More rows than fit into memory: the run beside the bare queries on 100 million rows; and Spark on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from cases.bench import Bench
from data import HOUSEHOLD_KEYS, households
from page import table

CLOCK = """
import json, os, resource, sys, time
def clock():
    times = os.times()
    return time.perf_counter(), times.user + times.system + times.children_user + times.children_system
def since(started):
    return [now - then for now, then in zip(clock(), started)]
"""
BARE = (
    CLOCK
    + """
import duckdb
duckdb.execute("SET enable_progress_bar = false")  # it writes to standard output
data, out, keys = sys.argv[1:4]
table = f"read_parquet('{data}')"
outcomes = ("MntWines MntFruits MntMeatProducts MntFishProducts MntSweetProducts MntGoldProds NumWebPurchases "
            "NumCatalogPurchases NumStorePurchases NumDealsPurchases AcceptedCmp1 AcceptedCmp2 AcceptedCmp3 "
            "AcceptedCmp4 AcceptedCmp5 Response").split()
sums = ", ".join(f"sum({o}), sum(CAST({o} AS DOUBLE) * {o})" for o in outcomes)
started = clock()
duckdb.sql(f"SELECT {keys}, count(*), {sums} FROM {table} GROUP BY ALL").fetchall()
group_by = since(started)
started = clock()
duckdb.sql(f"COPY (SELECT ID, 1 AS segment FROM {table}) TO '{out}' (FORMAT parquet)")
copy = since(started)
print(json.dumps({"group_by": group_by, "copy": copy}))
"""
)
RUN = (
    CLOCK
    + """
started = clock()
from segmentry.runs.segment import run
run(sys.argv[1], "households", out=sys.argv[2] or None)
took = since(started)
print(json.dumps({"run": took, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
)
SPARK = """
import json, sys, tempfile, time
from pathlib import Path
data, keys = sys.argv[1:3]
started = time.perf_counter()
from segmentry.engine import open_engine
from segmentry.engine.spark import session
here = session()
here.read.parquet(data).createOrReplaceTempView("bare")
found = {"start": time.perf_counter() - started}
outcomes = ("MntWines MntFruits MntMeatProducts MntFishProducts MntSweetProducts MntGoldProds NumWebPurchases "
            "NumCatalogPurchases NumStorePurchases NumDealsPurchases AcceptedCmp1 AcceptedCmp2 AcceptedCmp3 "
            "AcceptedCmp4 AcceptedCmp5 Response").split()
sums = ", ".join(f"sum({o}), sum(CAST({o} AS DOUBLE) * {o})" for o in outcomes)
bare = f"SELECT {keys}, count(*), {sums} FROM bare GROUP BY ALL"
import segmentry as sg
for attempt in ("first", "again"):
    started = time.perf_counter()
    here.sql(bare).toArrow()
    found[f"group_by_{attempt}"] = time.perf_counter() - started
    started = time.perf_counter()
    sg.collect(f"spark:{data}", "households")
    found[f"collect_{attempt}"] = time.perf_counter() - started
with tempfile.TemporaryDirectory() as folder:
    started = time.perf_counter()
    sg.run(f"spark:{data}", "households", out=Path(folder) / "out")
    found["run"] = time.perf_counter() - started
print(json.dumps(found))
"""


def large(bench: Bench) -> str:
    """The run on 100 million households: to the fitted model, and with all its files."""
    rows = bench.size(100_000_000, 100_000)
    data = str(households(bench.folder, rows))
    bare = _result(BARE, data, str(bench.folder / "bare.parquet"), HOUSEHOLD_KEYS)
    fit, whole = (_result(RUN, data, out) for out in ("", str(bench.folder / "out")))
    grouped, copied = bare["group_by"], bare["copy"]
    both = [one + other for one, other in zip(grouped, copied, strict=True)]
    lines = [
        (
            "bare DuckDB `GROUP BY` of the same five features, sums and squares of the same 16 outcomes",
            grouped,
            None,
        ),
        ("bare DuckDB `COPY` of id and a segment", copied, None),
        ("from the table to the fitted model and its verdict; × `GROUP BY`", fit["run"], grouped),
        ("`segmentry.run` with all its files; × (`GROUP BY` + `COPY`)", whole["run"], both),
    ]
    header = [
        f"{rows:,} generated households, one Parquet file",
        "seconds",
        "CPU seconds",
        "×, by the clock",
        "×, by CPU",
    ]
    cells = [[text, *map("{:.1f}".format, took), *_ratios(took, base)] for text, took, base in lines]
    return f"""{table(header, cells)}

One process each, one after the other. Peak memory: {fit["peak_mb"]:,.0f} MB to the model, {whole["peak_mb"]:,.0f} MB with all
files."""


def _result(code: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-c", code, *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _ratios(took: list[float], base: list[float] | None) -> list[str]:
    return [f"{a / b:.2f}" for a, b in zip(took, base, strict=True)] if base else ["", ""]


def spark(bench: Bench) -> str:
    """Spark on this machine: its own GROUP BY beside the collection, and the whole run."""
    rows = bench.size(10_000_000, 100_000)
    found = _result(SPARK, str(households(bench.folder, rows)), HOUSEHOLD_KEYS)
    lines = [
        ("starting the session", found["start"], ""),
        ("bare `GROUP BY`, first and again", found["group_by_first"], found["group_by_again"]),
        ("`segmentry.collect`, first and again", found["collect_first"], found["collect_again"]),
        ("`segmentry.run` with all its files", found["run"], ""),
    ]
    header = [f"{rows:,} generated households, Parquet, Spark in local mode", "seconds", "again"]
    return table(header, [[text, f"{a:.1f}", f"{b:.1f}" if b else ""] for text, a, b in lines])
