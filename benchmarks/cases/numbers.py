"""Numbers as numbers: planted classes found again beside mixtures of the raw numbers, and how long they and roll-ups take."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import page
from ordered import KINDS, STARTS, Numbers, best_by_bic, fine_levels, gaussian_labels, mixed_columns
from processes import Contestant, Result, compete
from sklearn.metrics import adjusted_rand_score

import segmentry as sg
from cases.bench import Bench
from segmentry.cluster import LatentClass
from segmentry.patterns import FeatureLevels, OutcomeInfo, PatternTable

ORDERED = Path(__file__).parents[1] / "ordered.py"


def numbers(bench: Bench) -> str:
    """Measure planted classes, large designs and roll-ups."""
    n_tables, n_rows = bench.size(10, 1), bench.size(2_000, 400)
    return "\n\n".join(
        [
            f"Planted classes (k = 2 to 6; {n_tables} tables of {n_rows:,} rows each kind; six columns). LatentClass finds the number by BIC, the "
            f"others are told the right one; {STARTS} starts, ten for scikit-learn. Mean adjusted Rand index, and median seconds of a fit with the right number.",
            page.table(
                ["", "number right", "LatentClass, ordered", "scikit-learn's GaussianMixture", "StepMix"],
                [_planted(bench, kind, n_rows, n_tables) for kind in KINDS],
            ),
            "Six classes of five ordered columns of 64 levels and five of four categories, one start followed to its end; StepMix has the numbers "
            "of the levels as continuous.",
            page.table(
                ["rows", "LatentClass, s", "peak MB", "steps", "StepMix, s", "its steps"],
                [
                    _large(bench, bench.size(100_000, 1_000), with_stepmix=True),
                    _large(bench, bench.size(10_000_000, 2_000), with_stepmix=False),
                ],
            ),
            _rolled_up(bench.size(1_000_000, 1_000)),
        ]
    )


def _planted(bench: Bench, kind: str, n_rows: int, n_tables: int) -> list[str]:
    drawn = [
        (2 + seed % 5, *KINDS[kind](np.random.default_rng(seed), n_rows, 2 + seed % 5))
        for seed in range(n_tables)
    ]
    n_right, own, gaussian = 0, list[_Fit](), list[_Fit]()
    for seed, (k, values, classes) in enumerate(drawn):
        best = best_by_bic(values, kind, k + 2, seed)
        n_right += best.n_components == k
        score = adjusted_rand_score(classes, best.labels_)
        own.append(_Fit(score, _timed(_ordered_labels, values, kind, k, seed)[1]))
        labels, seconds = _timed(gaussian_labels, values, kind, k, seed)
        gaussian.append(_Fit(adjusted_rand_score(classes, labels), seconds))
    tables = [(values, k) for k, values, _ in drawn]
    found = _stepmix(bench, tables, STARTS, 2 if kind == "mixed" else 0)
    theirs = [
        _Fit(adjusted_rand_score(classes, one["labels"]), seconds)
        for (_, _, classes), one, seconds in zip(drawn, found.found, found.each_seconds, strict=False)
    ]
    cells = [_said(own), _said(gaussian), found.failed or _said(theirs)]
    return [kind, f"{n_right} of {n_tables}", *cells]


@dataclass(frozen=True)
class _Fit:
    score: float
    seconds: float


def _said(fits: list[_Fit]) -> str:
    seconds = page.seconds(statistics.median(one.seconds for one in fits))
    return f"{np.mean([one.score for one in fits]):.2f} ({seconds} s)"


def _timed(work: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    begin = time.perf_counter()
    return work(*given), time.perf_counter() - begin


def _ordered_labels(values: Numbers, kind: str, k: int, seed: int) -> Any:
    asked: Any = ["ordered"] * 4 + (["levels"] if kind == "mixed" else ["ordered"]) * 2
    X = np.column_stack([fine_levels(column) for column in values.T])
    return LatentClass(k, distributions=asked, n_init=STARTS, random_state=seed).fit(X).labels_


def _stepmix(bench: Bench, tables: list[tuple[Any, int]], n_starts: int, n_categorical: int) -> Result:
    """Fit StepMix's continuous models, or its mixed ones where the last columns are categories."""
    fits = []
    for number, (values, k) in enumerate(tables):
        path = bench.folder / f"numbers-{number}.npy"
        np.save(path, values)
        fits.append({"data": str(path), "k": k})
    task = {"method": "numbers", "fits": fits, "starts": n_starts, "needs_labels": True}
    options = {"options": {"categorical": n_categorical}}
    return compete(
        Contestant("use_stepmix_numbers", needs="stepmix", limit=900.0), {**task, **options}, bench.folder, 1
    )


def _large(bench: Bench, n_rows: int, *, with_stepmix: bool) -> list[str]:
    command = [sys.executable, str(ORDERED), "large", str(n_rows), "1"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ours = [said[2], said[-2], said[4]]
    if not with_stepmix:
        return [f"{n_rows:,}", *ours, "not tried", ""]
    found = _stepmix(bench, [(mixed_columns(np.random.default_rng(0), n_rows, 6), 6)], 1, 5)
    if found.failed:
        return [f"{n_rows:,}", *ours, found.failed, ""]
    return [f"{n_rows:,}", *ours, page.seconds(found.seconds), str(found.found[0]["n_iter"])]


def fine_table(n_patterns: int) -> PatternTable:
    """Make a table of so many patterns of eight features, with the sums of 16 outcomes."""
    rng = np.random.default_rng(0)
    features = tuple(
        FeatureLevels(f"f{j}", f"F{j}", tuple(map(str, range(64 if j < 4 else 5))), scale="ordinal")
        for j in range(8)
    )
    drawn = np.column_stack([rng.integers(0, len(f.levels), n_patterns) for f in features])
    codes = np.unique(drawn.astype(np.int32), axis=0)
    values = rng.random((3, len(codes), 16))
    counts = np.ones(len(codes), np.int64)
    outcomes = tuple(OutcomeInfo(f"o{j}", "", "g", "", "amounts") for j in range(16))
    n_values = np.repeat(counts[:, None], 16, axis=1)
    return PatternTable(
        features, codes, counts, outcomes, n_values, values[0], values[1], values[2], np.zeros(16)
    )


def _rolled_up(n_patterns: int) -> str:
    table = fine_table(n_patterns)
    groups = {f"f{j}": {str(g): [str(g * 16 + i) for i in range(16)] for g in range(4)} for j in range(4)}
    alone = sg.PatternTable(table.features, table.codes, table.counts)
    took = [statistics.median(_timed(t.roll_up, groups)[1] for _ in range(9)) for t in (table, alone)]
    n = table.roll_up(groups).n_patterns
    return (
        f"Roll-up of {table.n_patterns:,} patterns of eight features to {n:,}, with all sums of 16 outcomes: {took[0]:.2f} s; "
        f"of counts alone: {took[1]:.2f} s (medians of nine)."
    )
