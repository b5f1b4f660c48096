"""How often the verdict is right on tables with a known answer: `python benchmarks/verdicts.py [--tables N] [CASE ...]`.

Seeded; prints a row per case and method. Without cases, those whose answer is asked of every release; `--list` shows all.
Every table is segmented as `segmentry run` does it: the number by BIC among 1 to 10, then the evidence with its
default effort. `certainty` is how sure the latent classes are of a customer, on average.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from segmentry.patterns import PatternTable
from segmentry.recipe.models import Method
from segmentry.selection import (
    PatternSegments,
    choose_k,
    fit_model,
    gather_evidence,
    judge_evidence,
    scan,
)

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from structures import classes, continuum, independent_columns, structure_table

Maker = Callable[[np.random.Generator, int], PatternTable]
VERDICTS = ("none", "natural", "reproducible", "constructive")


@dataclass(frozen=True)
class Case:
    """Tables of one kind: how table number i is made, by which methods it is segmented, how many segments it has."""

    make: Maker
    methods: tuple[Method, ...] = ("latent-class",)
    truth: Callable[[int], int] | None = None
    is_asked: bool = False


@dataclass(frozen=True)
class Answer:
    """The number of segments, the verdict, and how sure the latent classes are of a customer on average."""

    k: int
    verdict: str
    certainty: float


def answer(case: Case, i: int) -> dict[Method, Answer]:
    """Segment table number `i` by each method of the case, as a run does it."""
    table = case.make(np.random.default_rng([2026, i]), i)
    found = scan(table, "latent-class", range(1, 11), seed=i)
    answers: dict[Method, Answer] = {}
    for method in case.methods:
        choice = choose_k(found.table, method)
        model, evidence = found.models[choice.k], None
        certainty = float(
            table.sample_weight @ model.predict_proba(table.codes).max(axis=1) / table.n_customers
        )
        if choice.k > 1:
            if method != "latent-class":
                model = fit_model(table, method, choice.k, seed=i)
            segments = PatternSegments.of(model, choice.k, table.codes)
            evidence = gather_evidence(table, segments, method, seed=i).evidence
        answers[method] = Answer(choice.k, str(judge_evidence(evidence, choice.best_by_bic)), certainty)
    return answers


# Tables without segments


def noise(n: int, n_levels: list[int], rng: np.random.Generator, _: int) -> PatternTable:
    """Independent features; the margins are drawn anew for every table."""
    return independent_columns(rng, n, n_levels)


def rare(n: int, rng: np.random.Generator, _: int) -> PatternTable:
    """Independent features with one common level each, and rare ones."""
    shares = (
        [0.9, 0.06, 0.03, 0.01],
        [0.8, 0.19, 0.01],
        [0.97, 0.03],
        [0.7, 0.2, 0.08, 0.02],
        [0.94, 0.05, 0.01],
    )
    return structure_table(
        np.column_stack([rng.choice(len(p), n, p=p) for p in shares]), [len(p) for p in shares]
    )


def factor(weakest: float, strongest: float, rng: np.random.Generator, _: int) -> PatternTable:
    """One normal factor; strengths and thresholds differ from feature to feature and from table to table."""
    n_levels = rng.integers(3, 6, 6).tolist()
    margins = [rng.dirichlet(np.full(m, 5.0)) for m in n_levels]
    return continuum(rng, 2_000, n_levels, rng.uniform(weakest, strongest, 6), margins)


def skewed_factor(rng: np.random.Generator, _: int) -> PatternTable:
    """The same behind a factor with a long tail: most customers at one end, few far from them."""
    n_levels = rng.integers(3, 6, 6).tolist()
    return continuum(rng, 2_000, n_levels, rng.uniform(0.8, 2.5, 6), factor=rng.exponential(size=2_000))


def two_factors(rng: np.random.Generator, _: int) -> PatternTable:
    """Two independent factors, each behind three of six ordinal features."""
    halves = [_rows(continuum(rng, 2_000, [4, 3, 5], rng.uniform(0.8, 2.5, 3)), rng) for _ in range(2)]
    return structure_table(np.hstack(halves), [4, 3, 5] * 2)


def one_pair(rng: np.random.Generator, _: int) -> PatternTable:
    """Six features, of which two say nearly the same; the others are independent of all."""
    rows = _rows(independent_columns(rng, 2_000, [4, 4, 3, 4, 3, 2]), rng)
    is_same = rng.random(2_000) < 0.7
    rows[is_same, 1] = rows[is_same, 0]
    return structure_table(rows, [4, 4, 3, 4, 3, 2])


# Tables with segments


def planted_k(i: int) -> int:
    """Return how many classes table number `i` has: 2 to 6 in turn."""
    return 2 + i % 5


def planted(n: int, n_features: int, purity: float, rng: np.random.Generator, i: int) -> PatternTable:
    """Classes that differ in their typical levels of at least half of the features."""
    return classes(rng, n, rng.integers(3, 6, n_features).tolist(), planted_k(i), purity)


def planted_two(n_features: int, rng: np.random.Generator, _: int) -> PatternTable:
    """Two classes."""
    return classes(rng, 2_000, [4] * n_features, 2, 0.8)


def crossed(rng: np.random.Generator, _: int) -> PatternTable:
    """Two independent dichotomies, each behind three of six features: four classes."""
    halves = [_rows(classes(rng, 2_000, [3, 4, 3], 2, 0.8), rng) for _ in range(2)]
    return structure_table(np.hstack(halves), [3, 4, 3] * 2)


def _rows(table: PatternTable, rng: np.random.Generator) -> np.ndarray:
    """Return a row per customer, in random order."""
    return rng.permutation(np.repeat(np.asarray(table.codes), table.counts, axis=0))


BOTH: tuple[Method, ...] = ("latent-class", "k-modes")
OTHERS: tuple[Method, ...] = ("k-modes", "k-means")
COLUMNS = [5, 4, 4, 4, 2]
CASES: dict[str, Case] = {
    "independent, n = 500": Case(partial(noise, 500, COLUMNS), BOTH, is_asked=True),
    "independent, n = 2,000": Case(partial(noise, 2_000, COLUMNS), BOTH, is_asked=True),
    "independent, n = 10,000": Case(partial(noise, 10_000, COLUMNS), BOTH, is_asked=True),
    "planted, k = 2 to 6": Case(partial(planted, 2_000, 6, 0.7), truth=planted_k, is_asked=True),
    "one factor": Case(partial(factor, 0.5, 3.0), is_asked=True),
    "planted, other methods": Case(partial(planted, 2_000, 6, 0.7), OTHERS, planted_k),
    "one factor, other methods": Case(partial(factor, 0.5, 3.0), OTHERS),
    "one strong factor": Case(partial(factor, 3.0, 6.0)),
    "one skewed factor": Case(skewed_factor),
    "two independent factors": Case(two_factors),
    "one pair of features": Case(one_pair),
    "independent, rare levels": Case(partial(rare, 2_000)),
    "independent, n = 300": Case(partial(noise, 300, COLUMNS)),
    "independent, two features": Case(partial(noise, 2_000, [4, 4])),
    "independent, 12 features": Case(partial(noise, 2_000, [4, 3] * 6)),
    "planted, n = 300": Case(partial(planted, 300, 6, 0.7), truth=planted_k),
    "planted, blurred": Case(partial(planted, 2_000, 6, 0.5), truth=planted_k),
    "planted, two features": Case(partial(planted_two, 2), truth=lambda _: 2),
    "two crossed dichotomies": Case(crossed, truth=lambda _: 4),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="by default those asked of every release")
    parser.add_argument("--tables", type=int, default=200, help="of each case; default 200")
    parser.add_argument("--list", action="store_true", help="show the cases")
    given = parser.parse_args()
    if given.list:
        print("\n".join(CASES))
        return
    print(f"| tables | method | {' | '.join(VERDICTS)} | k right | certainty |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    with ProcessPoolExecutor(2) as pool:
        for name in given.cases or [name for name, case in CASES.items() if case.is_asked]:
            found = list(pool.map(partial(_numbered, name), range(given.tables), chunksize=5))
            for method in CASES[name].methods:
                print(_row(name, method, [one[method] for one in found]), flush=True)


def _numbered(name: str, i: int) -> dict[Method, Answer]:
    return answer(CASES[name], i)


def _row(name: str, method: Method, found: list[Answer]) -> str:
    verdicts, truth = Counter(one.verdict for one in found), CASES[name].truth
    shares = [f"{verdicts[v] / len(found):.1%}" for v in VERDICTS]
    k_right = f"{np.mean([one.k == truth(i) for i, one in enumerate(found)]):.1%}" if truth else ""
    certainty = f"{np.mean([one.certainty for one in found]):.2f}"
    return f"| {name}, {len(found)} tables | {method} | {' | '.join(shares)} | {k_right} | {certainty} |"


if __name__ == "__main__":
    main()
