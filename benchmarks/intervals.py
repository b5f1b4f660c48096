"""How often intervals hold what they are about, where docs/statistics.md says so: `python benchmarks/intervals.py [--tables N]`."""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from scipy import special

from segmentry.cluster import LatentClass
from segmentry.patterns import DesignSums
from segmentry.profiling.design import effective_numbers
from segmentry.profiling.differences import compare_means, newcombe_interval
from segmentry.profiling.effective_number import effective_number
from segmentry.profiling.intervals import mean_interval, wilson_interval
from segmentry.profiling.moments import Moments

Z = 1.959963984540054
RATES = (0.02, 0.1, 0.3)
PEAKS = {"clear": 0.75, "overlapping": 0.6, "hardly different": 0.5}


def standard_errors(tables: int, peak: float, n: int = 1_000) -> tuple[float, float]:
    """Share of 95 % intervals that hold a level's probability, and a class's share: two classes, five features of three levels."""
    random = np.random.default_rng(1)
    shares = np.array([0.6, 0.4])
    held_levels, held_shares = [], []
    for _ in range(tables):
        truth = _probabilities(random, peak)
        _, rows = _answers(random, truth, shares, n)
        model = LatentClass(2, n_init=5, random_state=0).fit(rows)
        errors = model.standard_errors(rows)
        order = _matched(model, truth)
        found = np.stack([p[order] for p in model.response_proba_])
        reach = Z * np.stack([e[order] for e in errors.response_proba])
        held_levels.append((np.abs(found - truth) <= reach).mean())
        held_shares.append(
            (np.abs(model.class_prior_[order] - shares) <= Z * errors.class_prior[order]).mean()
        )
    return float(np.mean(held_levels)), float(np.mean(held_shares))


def misclassification(tables: int, peak: float, n: int = 1_000) -> tuple[float, float]:
    """Difference of two rates, 50 and 20 %, as a share of the true one: by assigned customers, and corrected (BCH)."""
    random = np.random.default_rng(2)
    shares, rates = np.array([0.6, 0.4]), np.array([0.5, 0.2])
    plain, corrected = [], []
    for _ in range(tables):
        truth = _probabilities(random, peak)
        classes, rows = _answers(random, truth, shares, n)
        accepted = random.random(n) < rates[classes]
        model = LatentClass(2, n_init=5, random_state=0).fit(rows)
        order = _matched(model, truth)
        by_label = np.array([accepted[model.labels_ == k].mean() for k in order])
        weights = model.bch_weights(rows)[:, order]
        by_weight = (weights * accepted[:, None]).sum(axis=0) / weights.sum(axis=0)
        plain.append(by_label[0] - by_label[1])
        corrected.append(by_weight[0] - by_weight[1])
    true = rates[0] - rates[1]
    return float(np.mean(plain) / true), float(np.mean(corrected) / true)


def differences(draws: int) -> dict[tuple[int, int], float]:
    """Lowest coverage over rates of 2, 10 and 30 % on either side of Newcombe's interval, by the customers of both sides."""
    random = np.random.default_rng(3)
    found = {}
    for n, m in ((30, 300), (100, 1_000), (1_000, 10_000)):
        held = []
        for p in RATES:
            for q in RATES:
                seen = random.binomial(n, p, draws) / n, random.binomial(m, q, draws) / m
                low, high = newcombe_interval(seen[0], np.full(draws, n), seen[1], np.full(draws, m))
                held.append(((low <= p - q) & (p - q <= high)).mean())
        found[n, m] = float(min(held))
    return found


def weighted_rates(draws: int) -> dict[int, tuple[float, float]]:
    """Coverage of Wilson's interval of a weighted rate of 10 %: by Kish's number, and by the number of customers.

    Weights are lognormal with a spread of 0.7, and have nothing to do with the answers.
    """
    random = np.random.default_rng(4)
    found = {}
    for n in (100, 300, 1_000):
        weights = random.lognormal(0, 0.7, (draws, n))
        rate = (weights * (random.random((draws, n)) < 0.1)).sum(axis=1) / weights.sum(axis=1)
        kish = effective_number(weights.sum(axis=1), (weights**2).sum(axis=1))
        held = [
            ((low <= 0.1) & (high >= 0.1)).mean()
            for low, high in (wilson_interval(rate, kish), wilson_interval(rate, np.full(draws, n)))
        ]
        found[n] = float(held[0]), float(held[1])
    return found


def clustered(draws: int, n_clusters: int, size: int = 20) -> dict[str, float]:
    """Coverage of intervals of two segments' means and rates, and of the difference of the means; clusters have means of their own.

    Their spread is half of that of the customers (an intraclass correlation of 0.2), weights are even between 0.5 and 2, and a customer
    is in the first segment with a chance of 60 %.
    """
    random = np.random.default_rng(5)
    held: dict[str, list[np.ndarray]] = {"mean": [], "rate": [], "difference": [], "rate by Kish": []}
    for _ in range(draws):
        means, rates = _drawn_clusters(random, n_clusters, size)
        mine, rate = means.segments(), rates.segments()
        found = compare_means(means)
        for name, (low, high), truth in (
            ("mean", mean_interval(mine.mean, mine.variance, mine.n), 0),
            ("rate", wilson_interval(rate.mean, rate.n), 0.5),
            ("difference", (found.difference_low, found.difference_high), 0),
            ("rate by Kish", wilson_interval(rate.mean, rate.kish), 0.5),
        ):
            held[name].append((low < truth) & (truth < high))
    return {name: float(np.mean(values)) for name, values in held.items()}


def _drawn_clusters(random: np.random.Generator, n_clusters: int, size: int) -> list[Moments]:
    """Moments of a mean and of a rate whose truths are 0 and 0.5, in two segments."""
    cluster = np.repeat(np.arange(n_clusters), size)
    n = len(cluster)
    shift, segment = random.normal(0, 0.5, n_clusters)[cluster], (random.random(n) < 0.4).astype(int)
    weight = random.uniform(0.5, 2, n)
    values = [shift + random.normal(size=n), (random.random(n) < special.expit(shift)).astype(float)]
    rows = np.column_stack([np.ones(n), weight, *(part for v in values for part in (weight, weight * v))])
    sums = np.zeros((n_clusters, 2, 6))
    np.add.at(sums, (cluster, segment), rows)
    design = DesignSums(np.zeros(n_clusters, int), np.array([n_clusters]), sums[:, :, 0], sums[:, :, 1:])

    def added(terms: np.ndarray) -> np.ndarray:
        mine = np.bincount(segment, terms, minlength=2)
        return np.append(mine, mine.sum())

    made = []
    for j, value in enumerate(values):
        squares = added(weight * value**2)
        moments = Moments(
            added(np.ones(n)), added(weight), added(weight), added(weight**2), added(weight * value), squares, None, 0.0
        )  # fmt: skip
        found = effective_numbers(design, j, moments, is_rate=j == 1)
        made.append(replace(moments, design=found, effective=found.own))
    return made


def _probabilities(random: np.random.Generator, peak: float) -> np.ndarray:
    """(5, 2, 3) probabilities of the levels of five features: each class has one level with probability `peak`, another one."""
    others = random.uniform(0.3, 0.7, 5) * (1 - peak)
    first = np.stack([np.full(5, peak), others, 1 - peak - others], axis=1)
    return np.stack([first, np.roll(first, 1, axis=1)], axis=1)


def _answers(
    random: np.random.Generator, truth: np.ndarray, shares: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    classes = random.choice(2, n, p=shares)
    steps = truth[:, classes].cumsum(axis=2)
    return classes, (random.random((5, n, 1)) > steps).sum(axis=2).T


def _matched(model: LatentClass, truth: np.ndarray) -> list[int]:
    """Classes of the model in the order of the true ones."""
    found = np.stack(model.response_proba_)
    same = np.abs(found - truth).sum()
    return [0, 1] if same <= np.abs(found[:, ::-1] - truth).sum() else [1, 0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=300, help="of latent classes; default 300")
    tables = parser.parse_args().tables
    for words, peak in PEAKS.items():
        levels, shares = standard_errors(tables, peak)
        plain, corrected = misclassification(tables, peak)
        print(
            f"{words} classes: standard errors hold {levels:.1%} of levels' probabilities, {shares:.1%} of classes' shares"
        )
        print(
            f"{words} classes: difference of two rates, of the true one: assigned {plain:.0%}, corrected {corrected:.0%}"
        )
    for sizes, held in differences(4_000).items():
        print(f"Newcombe, {sizes[0]:,} and {sizes[1]:,} customers: at least {held:.1%}")
    for n, (kish, plain) in weighted_rates(4_000).items():
        print(f"weighted rate, {n:,} customers: by Kish's number {kish:.1%}, by their number {plain:.1%}")
    for n_clusters in (10, 30, 100):
        held = ", ".join(f"{name} {share:.1%}" for name, share in clustered(2_000, n_clusters).items())
        print(f"{n_clusters} clusters of 20 customers: {held}")


if __name__ == "__main__":
    main()
