"""Whole runs of the customer personality file: a process each, from the command to the last file."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from data import CUSTOMERS
from page import table

from cases.bench import Bench

COMMAND = [sys.executable, "-m", "segmentry"]


def customer_file(bench: Bench) -> str:
    """Run the file by three recipes in turn, so that what else the machine does meets all of them."""
    repeats = bench.size(5, 1)
    recipes = {
        "the bundled recipe, levels in bands": "customer-personality",
        "drafted, income and birth year as numbers (`init`)": _drafted(bench, "--ordered"),
        "drafted in bands (`init --no-ordered`)": _drafted(bench, "--no-ordered"),
    }
    found: dict[str, list[float]] = {name: [] for name in recipes}
    for _ in range(repeats):
        for name, recipe in recipes.items():
            found[name].append(
                _seconds(
                    "run", str(CUSTOMERS), "--recipe", recipe, "-o", str(bench.folder / "run"), "--overwrite"
                )
            )
    rows = [[name, f"{median(times):.2f}", f"{max(times):.2f}"] for name, times in found.items()]
    header = ["`segmentry run` with report, model, scoring SQL and all tables", "seconds", "longest"]
    return f"""{table(header, rows)}

2,240 customers; {repeats} whole processes of each in turn, medians."""


def _drafted(bench: Bench, option: str) -> str:
    recipe = bench.folder / f"drafted{option}.toml"
    _seconds("init", str(CUSTOMERS), option, "-o", str(recipe))
    return str(recipe)


def _seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([*COMMAND, *arguments], check=True, capture_output=True)
    return time.perf_counter() - started
