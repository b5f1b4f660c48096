"""How often the verdict is right on tables with a known answer: `python benchmarks/verdicts.py [TABLES [CASE ...]]`.

Seeded; prints one table. Independent columns with margins like those of demographic columns, classes that differ
in at least half of the features, and one factor behind ordinal features.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from segmentry.datasets.structures import classes, continuum, independent
from segmentry.patterns import PatternTable
from segmentry.selection import Method, Scan, Segments, choose, fit, gather, judge, refit_of, scan

Maker = Callable[[np.random.Generator, int], PatternTable]
Answer = tuple[int, str]
METHODS: tuple[Method, ...] = ("latent-class", "k-modes")


def noise(n: int, rng: np.random.Generator, _: int) -> PatternTable:
    return independent(rng, n, [5, 4, 4, 4, 2])


def planted(rng: np.random.Generator, i: int) -> PatternTable:
    return classes(rng, 2_000, rng.integers(3, 6, 6).tolist(), planted_k(i))


def planted_k(i: int) -> int:
    return 2 + i % 5


def scale(rng: np.random.Generator, _: int) -> PatternTable:
    return continuum(rng, 2_000, rng.integers(3, 6, 6).tolist(), rng.uniform(0.8, 2.5))


def answers(make: Maker, i: int) -> dict[Method, Answer]:
    """Return per method the number of segments and the verdict, as a run finds them.

    The number is that of the latent classes for both, so only the number chosen is fitted by k-modes.
    """
    table = make(np.random.default_rng([2026, i]), i)
    found = scan(table, "latent-class", range(1, 9), seed=i)
    return {method: _answer(table, found, method, i) for method in METHODS}


def _answer(table: PatternTable, found: Scan, method: Method, i: int) -> Answer:
    choice = choose(found.table, method)
    evidence = None
    if choice.k > 1:
        is_scanned = method == "latent-class"
        model = found.models[choice.k] if is_scanned else fit(table, method, choice.k, seed=i)
        segments = Segments.of(model, choice.k, table.codes)
        evidence = gather(table, segments, refit_of(method, table), seed=i)
    return choice.k, str(judge(evidence, choice.best_by_bic))


def main() -> None:
    n_tables = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    asked = sys.argv[2:] or CASES
    print(
        "| tables | method | none | natural | reproducible | constructive | k right |\n|---|---|---|---|---|---|---|"
    )
    with ProcessPoolExecutor(2) as pool:
        for name in asked:
            found = list(pool.map(partial(answers, CASES[name]), range(n_tables), chunksize=5))
            for method in METHODS:
                print(_row(name, method, [one[method] for one in found]), flush=True)


def _row(name: str, method: Method, found: list[Answer]) -> str:
    verdicts = Counter(verdict for _, verdict in found)
    shares = [f"{verdicts[v] / len(found):.1%}" for v in ("none", "natural", "reproducible", "constructive")]
    right = [k == planted_k(i) for i, (k, _) in enumerate(found)] if CASES[name] is planted else []
    k_right = f"{sum(right) / len(right):.1%}" if right else ""
    return f"| {name}, {len(found)} tables | {method} | {' | '.join(shares)} | {k_right} |"


CASES: dict[str, Maker] = {
    "independent, n = 500": partial(noise, 500),
    "independent, n = 2,000": partial(noise, 2_000),
    "independent, n = 10,000": partial(noise, 10_000),
    "planted classes, k = 2..6, n = 2,000": planted,
    "one factor, n = 2,000": scale,
}

if __name__ == "__main__":
    main()
