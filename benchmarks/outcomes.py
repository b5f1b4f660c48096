"""Whether intervals and tests of outcomes keep their word: `python benchmarks/outcomes.py [REPORTS]`.

Prints three tables: how often 95 % intervals of rates hold the rate (exact, every count weighted by its binomial
probability), how often those of means hold the mean (seeded draws), and how many reports on outcomes that have nothing to
do with the segments claim any difference (seeded).
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import stats

from segmentry.patterns import OutcomeInfo, PatternTable, as_codes
from segmentry.profiling import SegmentedPatterns, outcome_table
from segmentry.profiling.intervals import mean_interval, wilson_interval

Floats = npt.NDArray[np.float64]
SIZES = (30, 50, 100, 300, 1_000, 3_000, 10_000)
RATES = np.linspace(0.01, 0.5, 491)
SHAPES = ("lognormal", "two in five buy", "gamma", "counts")
REPORTS = 1_000
_BLOCK = 50


def rate_coverage(n: int, rates: Floats = RATES) -> Floats:
    """Probability, per true rate, that the interval of n customers holds it."""
    accepted = np.arange(n + 1)
    low, high = wilson_interval(accepted / n, float(n))
    holds = (low <= rates[:, None]) & (rates[:, None] <= high)
    return np.asarray((stats.binom.pmf(accepted, n, rates[:, None]) * holds).sum(axis=1))


def spending(shape: str, size: tuple[int, ...], rng: np.random.Generator) -> tuple[Floats, float]:
    """Values of customers and their true mean."""
    if shape == "lognormal":
        return rng.lognormal(0, 1, size), float(np.exp(0.5))
    if shape == "two in five buy":
        return rng.lognormal(0, 1, size) * (rng.random(size) < 0.4), float(0.4 * np.exp(0.5))
    if shape == "gamma":
        return rng.gamma(0.5, 2.0, size), 1.0
    return rng.poisson(rng.gamma(1.0, 2.0, size)).astype(np.float64), 2.0


def mean_coverage(shape: str, n: int, draws: int, rng: np.random.Generator, *, skewed: bool = True) -> float:
    """Share of draws of n customers whose interval of the mean holds it; Student's where not `skewed`."""
    values, truth = spending(shape, (draws, n), rng)
    mean = values.mean(axis=1)
    third = ((values - mean[:, None]) ** 3).mean(axis=1) if skewed else 0.0
    low, high = mean_interval(mean, values.var(axis=1, ddof=1), np.full(draws, float(n)), third)
    return float(((low <= truth) & (truth <= high)).mean())


def unrelated_report(rng: np.random.Generator) -> PatternTable:
    """Two to eight segments of 30 customers and more, and sixteen outcomes that have nothing to do with them.

    Ten amounts and counts, skewed, and six flags; a customer who buys much of one buys much of all.
    """
    n_segments = int(rng.integers(2, 9))
    shares = rng.dirichlet(np.full(n_segments, 1.5))
    sizes = 30 + rng.multinomial(int(rng.integers(500, 4_000)), shares)
    n = int(sizes.sum())
    segment = np.repeat(np.arange(n_segments), sizes)
    eager = rng.gamma(4.0, 0.25, n)
    amounts = [spending(SHAPES[j % 4], (n,), rng)[0] * eager.round(2) for j in range(10)]
    flags = [rng.random(n) < np.minimum(rate * eager, 1) for rate in (0.01, 0.03, 0.06, 0.07, 0.1, 0.15)]
    values = np.column_stack([*amounts, *flags]).astype(np.float64)
    roles = ["amounts"] * 10 + ["flags"] * 6

    def sums(power: int) -> Floats:
        found = np.zeros((n_segments, 16))
        np.add.at(found, segment, values**power)
        return found

    return PatternTable(
        features=(),
        codes=as_codes(np.zeros((n_segments, 0))),
        counts=sizes,
        outcomes=tuple(OutcomeInfo(f"o{j}", f"O{j}", role, role, role) for j, role in enumerate(roles)),  # type: ignore[arg-type]
        n_values=np.repeat(sizes[:, None], 16, axis=1),
        sums=sums(1),
        squares=sums(2),
        cubes=sums(3),
        origins=np.zeros(16),
    )


def claims(seed: int, reports: int) -> tuple[int, int]:
    """Reports that claim any difference, and reports in which any p-value is below 0.05 before adjusting."""
    rng = np.random.default_rng(seed)
    adjusted = plain = 0
    for _ in range(reports):
        table = unrelated_report(rng)
        found = outcome_table(SegmentedPatterns(table, np.arange(table.n_patterns), table.n_patterns))
        adjusted += bool((found["p_adjusted"] < 0.05).any())
        plain += bool((found["p_value"] < 0.05).any())
    return adjusted, plain


def main(reports: int) -> None:
    print("| customers | mean | minimum |\n|---|---|---|")
    for n in SIZES:
        found = rate_coverage(n)
        print(f"| {n:,} | {found.mean():.1%} | {found.min():.1%} |")
    print("\n| customers |", " | ".join(SHAPES), "|\n|---|---|---|---|---|")
    for n in SIZES[:6]:
        rng = np.random.default_rng(n)
        pairs = [[mean_coverage(s, n, 4_000, rng, skewed=k) for k in (True, False)] for s in SHAPES]
        print(f"| {n:,} |", " | ".join(f"{a:.1%} ({b:.1%})" for a, b in pairs), "|")
    blocks = max(1, reports // _BLOCK)
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(partial(claims, reports=_BLOCK), range(blocks)))
    adjusted, plain = (sum(column) / (blocks * _BLOCK) for column in zip(*found, strict=True))
    print(f"\nany difference claimed: {adjusted:.1%} of {blocks * _BLOCK:,} reports; unadjusted {plain:.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPORTS)
