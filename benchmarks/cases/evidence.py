"""What the verdict costs: refits, the default evidence, every index, and the evidence of very many patterns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from data import CUSTOMERS
from page import table

from cases.bench import Bench

FILE = """
import json, sys, time
import numpy as np
import segmentry as sg
from segmentry.cluster import one_thread
from segmentry.selection import PatternSegments, fit_model, gather_evidence, refit_of, scan
from segmentry.selection.count_tables import observed_table
from segmentry.selection.evidence import refit_stability
from segmentry.selection.refits import SegmentedTable

def timed(work):
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return [time.perf_counter() - clock, time.process_time() - cpu]

patterns = sg.collect(sys.argv[1], "customer-personality")
model, refit = fit_model(patterns, "latent-class", 3), refit_of("latent-class", patterns)
table, rows = observed_table(patterns, np.random.default_rng(0))
segmented = SegmentedTable(table, model.labels_[rows], 3, refit)
n_refits, n_tables = map(int, sys.argv[2:4])
with one_thread():
    refits = timed(lambda: refit_stability(segmented, n_refits, np.random.default_rng(0)))
segments = PatternSegments.of(model, 3, patterns.codes)
evidence = timed(lambda: gather_evidence(patterns, segments, "latent-class"))
indices = timed(lambda: scan(patterns, indices=n_tables))
print(json.dumps({"refits": refits, "evidence": evidence, "indices": indices}))
"""

MANY = """
import json, sys, time
import numpy as np
sys.path.append(sys.argv[3])
from structures import classes
from segmentry.selection import PatternSegments, fit_model, gather_evidence, refit_of
from segmentry.selection.thorough_indices import with_indices

n_patterns, method = int(sys.argv[1]), sys.argv[2]
patterns = classes(np.random.default_rng(0), round(1.4 * n_patterns), [6] * 10, 4, 0.6)
model = fit_model(patterns, method, 4, n_init=1)
clock, cpu = time.perf_counter(), time.process_time()
found = gather_evidence(patterns, PatternSegments.of(model, 4, patterns.codes), method)
print(json.dumps({"patterns": patterns.n_patterns, "customers": found.n_customers,
                  "seconds": [time.perf_counter() - clock, time.process_time() - cpu]}))
"""


def evidence(bench: Bench) -> str:
    refits, tables = bench.size(500, 20), bench.size(200, 5)
    lines = []
    if CUSTOMERS.is_file():
        found = _run(FILE, CUSTOMERS, refits, tables)
        lines = [
            (
                f"customer personality file: {refits} refits of 3 classes, compared and matched",
                found["refits"],
            ),
            ("the same: evidence of the verdict, default effort", found["evidence"]),
            (f"the same: `--thorough`, k=1..10, {tables} tables for each index", found["indices"]),
        ]
    size = bench.size(100_000, 8_000)
    for method in ("latent-class", "k-modes", "k-means"):
        many = _run(MANY, size, method, Path(__file__).parents[2] / "tests")
        text = f"{many['patterns']:,} patterns, 4 segments by {method}: evidence, on {many['customers']:,} customers"
        lines.append((text, many["seconds"]))
    rows = [[text, f"{seconds:.1f}", f"{cpu:.1f}"] for text, (seconds, cpu) in lines]
    return f"""{table(["evidence", "seconds", "CPU seconds"], rows)}

One run each, fits of the segments themselves not counted. No peer was measured here."""


def _run(code: str, *arguments: object) -> dict[str, list[float]]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))
