"""The first look at a table: from the file on disk to a page, beside packages that profile DataFrames."""

from __future__ import annotations

from pathlib import Path

from data import households
from page import contest_table
from processes import Contestant, Result

from cases.bench import Bench, fits

MINUTES = 300.0


def audits(bench: Bench) -> str:
    rows, many = bench.size(1_000_000, 20_000), bench.size(10_000_000, 50_000)
    table, large = households(bench.folder, rows), households(bench.folder, many)
    text = _csv(table)
    contestants = [
        Contestant("use_segmentry_audit", f"{rows:,} rows of Parquet"),
        Contestant("use_segmentry_audit", f"{rows:,} rows of CSV", task={"fits": fits(text, 0)}),
        Contestant("use_segmentry_audit", f"{many:,} rows of Parquet", task={"fits": fits(large, 0)}),
        Contestant("use_summarize", "`SUMMARIZE`, no page", "duckdb", limit=MINUTES),
        Contestant("use_skrub", "`TableReport`", "skrub", limit=MINUTES),
        Contestant("use_fg", "`ProfileReport(minimal=True)`", "fg", limit=MINUTES),
    ]
    results = bench.compete(contestants, method="audit", fits=fits(table, 0))

    def judge(result: Result) -> str:
        cpu, size = (float(result.found[0][name]) for name in ("cpu", "bytes"))
        return f"{cpu:,.1f} / {size / 1e6:,.1f}"

    return f"""{rows:,} generated households, 29 columns; from the file to a page on disk. The packages read it by pandas, in {rows:,} rows of Parquet.

{contest_table(results, "processor seconds / page, MB", judge)}
"""


def _csv(table: Path) -> Path:
    import duckdb

    path = table.with_suffix(".csv")
    if not path.exists():
        duckdb.read_parquet(str(table)).write_csv(str(path))
    return path
