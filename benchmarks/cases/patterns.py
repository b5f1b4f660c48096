"""As many patterns as rows: where nothing collapses, and the work is that of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data import distinct_patterns, save
from judge import k_modes_cost, log_likelihood
from page import contest_table
from processes import Contestant, Result

from cases.bench import Bench, fits

SEGMENTS = 6
LEVELS = [2, 3, 4, 5] * 5


def distinct(bench: Bench) -> str:
    all_codes = distinct_patterns(bench.size(1_000_000, 20_000), SEGMENTS, LEVELS)
    few = all_codes[: bench.size(50_000, 2_000)]
    paths = [save(bench.folder / f"distinct-{len(codes)}.npy", codes) for codes in (few, all_codes)]
    sections = [
        _section(bench, *part)
        for part in (
            (paths[0], few, "k-modes", [*_k_modes_peers(), _k_means()]),
            (paths[1], all_codes, "k-modes", []),
            (paths[0], few, "latent-class", _latent_class_peers()),
            (paths[1], all_codes, "latent-class", []),
        )
    ]
    return (
        f"Every row another pattern; {len(LEVELS)} features of 2 to 5 levels, {SEGMENTS} clusters or classes, "
        "one start each, from codes in memory.\n\n" + "\n\n".join(sections)
    )


def _section(bench: Bench, path: Path, codes: Any, method: str, peers: list[Contestant]) -> str:
    def judge(result: Result) -> str:
        (found,) = result.found
        value = k_modes_cost(codes, found) if method == "k-modes" else log_likelihood(codes, found)
        return f"{value:,.0f}"

    yardstick = "cost" if method == "k-modes" else "log-likelihood"
    results = bench.compete([Contestant("use_segmentry"), *peers], method=method, fits=fits(path, SEGMENTS))
    return f"{len(codes):,} patterns, {method}:\n\n{contest_table(results, yardstick, judge)}"


def _k_modes_peers() -> list[Contestant]:
    return [
        Contestant("use_fasterkmodes", needs="fasterkmodes"),
        Contestant("use_kluster_fudge", needs="kluster-fudge"),
        Contestant("use_kmodes", needs="kmodes"),
    ]


def _k_means() -> Contestant:
    return Contestant("use_kmeans", "one-hot KMeans", "scikit-learn")


def _latent_class_peers() -> list[Contestant]:
    return [Contestant("use_stepmix", needs="stepmix"), Contestant("use_polca", needs="polca")]
