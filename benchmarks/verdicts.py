"""How often the verdict is right on tables with a known answer: `python benchmarks/verdicts.py [TABLES]`.

Seeded; prints one table. Independent columns with margins like those of demographic columns, classes that differ
in at least half of the features, and one factor behind ordinal features.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from segmentry.datasets.structures import classes, continuum, independent
from segmentry.patterns import PatternTable
from segmentry.selection import Method, Segments, choose, fit, gather, judge, refit_of, scan

Maker = Callable[[np.random.Generator, int], PatternTable]
Answer = tuple[int, str]


def noise(n: int, rng: np.random.Generator, _: int) -> PatternTable:
    return independent(rng, n, [5, 4, 4, 4, 2])


def planted(rng: np.random.Generator, i: int) -> PatternTable:
    return classes(rng, 2_000, rng.integers(3, 6, 6).tolist(), planted_k(i))


def planted_k(i: int) -> int:
    return 2 + i % 5


def scale(rng: np.random.Generator, _: int) -> PatternTable:
    return continuum(rng, 2_000, rng.integers(3, 6, 6).tolist(), rng.uniform(0.8, 2.5))


def answer(make: Maker, method: Method, i: int) -> Answer:
    """Return the number of segments and the verdict, as a run finds them; only the number chosen is fitted by `method`."""
    table = make(np.random.default_rng([2026, i]), i)
    choice = choose(scan(table, "latent-class", range(1, 9), seed=i).table, method)
    evidence = None
    if choice.k > 1:
        segments = Segments.of(fit(table, method, choice.k, seed=i), choice.k, table.codes)
        evidence = gather(table, segments, refit_of(method, table), seed=i)
    return choice.k, str(judge(evidence, choice.best_by_bic))


def main() -> None:
    n_tables = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    cases: list[tuple[str, Maker, Method]] = [
        *(
            (f"independent, n = {n:,}", partial(noise, n), m)
            for n in (500, 2_000, 10_000)
            for m in ("latent-class", "k-modes")
        ),
        ("planted classes, k = 2..6", planted, "latent-class"),
        ("planted classes, k = 2..6", planted, "k-modes"),
        ("one factor", scale, "latent-class"),
        ("one factor", scale, "k-modes"),
    ]
    print(
        "| tables | method | none | natural | reproducible | constructive | k right | seconds |\n|---|---|---|---|---|---|---|---|"
    )
    with ProcessPoolExecutor(2) as pool:
        for name, make, method in cases:
            started = time.perf_counter()
            found = list(pool.map(partial(answer, make, method), range(n_tables), chunksize=5))
            verdicts = Counter(verdict for _, verdict in found)
            right = sum(k == planted_k(i) for i, (k, _) in enumerate(found)) if make is planted else None
            shares = [
                f"{verdicts[v] / n_tables:.1%}" for v in ("none", "natural", "reproducible", "constructive")
            ]
            k_right = "" if right is None else f"{right / n_tables:.1%}"
            seconds = time.perf_counter() - started
            print(f"| {name} | {method} | {' | '.join(shares)} | {k_right} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
