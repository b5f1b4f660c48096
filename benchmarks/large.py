"""More rows than fit into memory: the run beside the bare queries on 100 million rows; and Spark on this machine."""

from __future__ import annotations

from cases.bench import Bench
from data import HOUSEHOLD_KEYS, households
from journey import BARE, RUN, measured
from page import table
from processes import SCRIPTS

FIT = """
import json, sys, time
sys.path.append(sys.argv[2])
started = time.perf_counter()
from segmentry.pipeline.segmenting import run
result = run(sys.argv[1], "households")
seconds = time.perf_counter() - started
from common import peak_mb
print(json.dumps({"fit": seconds, "peak_mb": peak_mb()}))
"""

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
    data, out, scripts = str(households(bench.folder, rows)), str(bench.folder / "out"), str(SCRIPTS)
    bare = measured(BARE, data, str(bench.folder / "bare.parquet"), HOUSEHOLD_KEYS, repeats=1)
    fit = measured(FIT, data, scripts, repeats=1)
    whole = measured(RUN, data, out, scripts, repeats=1)
    both = bare["group_by"] + bare["copy"]
    lines = [
        ("bare DuckDB `GROUP BY` of the same five features, sums and squares of the same 16 outcomes", bare["group_by"], ""),
        ("bare DuckDB `COPY` of id and a segment", bare["copy"], ""),
        ("from the table to the fitted model and its verdict", fit["fit"], f"{fit['fit'] / bare['group_by']:.2f} × `GROUP BY`"),
        ("`segmentry.run` with all its files", whole["run"], f"{whole['run'] / both:.2f} × (`GROUP BY` + `COPY`)"),
    ]  # fmt: skip
    header = [f"{rows:,} generated households, one Parquet file", "seconds", "ratio"]
    return f"""{table(header, [[text, f"{value:.1f}", ratio] for text, value, ratio in lines])}

One process each, one after the other. Peak memory: {fit["peak_mb"]:,.0f} MB to the model, {whole["peak_mb"]:,.0f} MB with all files."""


def spark(bench: Bench) -> str:
    """Spark on this machine: its own GROUP BY beside the collection, and the whole run."""
    rows = bench.size(10_000_000, 100_000)
    found = measured(SPARK, str(households(bench.folder, rows)), HOUSEHOLD_KEYS, repeats=1)
    lines = [
        ("starting the session", found["start"], ""),
        ("bare `GROUP BY`, first and again", found["group_by_first"], found["group_by_again"]),
        ("`segmentry.collect`, first and again", found["collect_first"], found["collect_again"]),
        ("`segmentry.run` with all its files", found["run"], ""),
    ]
    header = [f"{rows:,} generated households, Parquet, Spark in local mode", "seconds", "again"]
    return table(header, [[text, f"{a:.1f}", f"{b:.1f}" if b else ""] for text, a, b in lines])
