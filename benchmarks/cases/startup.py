"""How long a process takes before any work is done."""

from __future__ import annotations

import statistics
import subprocess
import time

from page import table
from peers import PEERS, NotInstalledError, environment, interpreter

from cases.bench import Bench

IMPORTS = {
    "`import segmentry`": "import segmentry",
    "its estimators": "from segmentry.cluster import KModes, LatentClass",
}


def startup(bench: Bench) -> str:
    repeats = bench.size(9, 1)
    rows = [
        ["Python alone", _median("", ["-c", "pass"], repeats)],
        ["`segmentry --help`", _median("", ["-m", "segmentry", "--help"], repeats)],
        *([title, _median("", ["-c", code], repeats)] for title, code in IMPORTS.items()),
        *(
            [f"{p.title}, import", _median(name, ["-c", f"import {p.module}"], repeats)]
            for name, p in PEERS.items()
        ),
    ]
    return f"Whole processes, medians of {repeats}.\n\n{table(['', 'seconds'], rows)}"


def _median(peer: str, arguments: list[str], repeats: int) -> str:
    try:
        command = [str(interpreter(peer)), *arguments]
        times = [_once(command, peer) for _ in range(repeats + 1)][1:]
    except NotInstalledError as error:
        return str(error)
    except subprocess.CalledProcessError as error:
        return f"ended with {error.returncode}"
    return f"{statistics.median(times):.2f}"


def _once(command: list[str], peer: str) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment(peer))
    return time.perf_counter() - started
