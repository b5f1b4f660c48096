"""Planted classes: clear ones, and those that are hard; normal or dependent inside; features that do not belong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from truths.tables import Codes, Floats, Rng, Table, coded, cut, independent

Maker = Callable[[Rng, int], Table]


def clear(k: int, rng: Rng, n: int, purity: float = 0.7) -> Table:
    """Classes of which any two differ in the typical level of at least half of eight features."""
    n_levels = rng.integers(3, 6, 8)
    truth = _drawn(rng, n, 0.7 * rng.dirichlet(np.full(k, 8.0)) + 0.3 / k)
    return _around(rng, _modes(rng, k, n_levels), n_levels, truth, purity)


def two_of_ten(rng: Rng, n: int) -> Table:
    """Three classes that differ in two of ten features."""
    truth = _drawn(rng, n, [0.45, 0.33, 0.22])
    codes = independent(rng, n, [4, 5, *rng.integers(2, 6, 8)])
    for j in (0, 1):
        typical = rng.permutation(4 + j)[:3]
        keeps = rng.random(n) < 0.85
        codes[keeps, j] = typical[truth[keeps]]
    return coded(codes, is_ordered=False, truth=truth)


def rare(rng: Rng, n: int) -> Table:
    """Three classes, of which one has 5 % of the customers."""
    n_levels = rng.integers(3, 6, 8)
    truth = _drawn(rng, n, [0.55, 0.40, 0.05])
    return _around(rng, _modes(rng, 3, n_levels), n_levels, truth, 0.7)


def nested(rng: Rng, n: int) -> Table:
    """Two classes that differ in six of ten features; each is two, which differ in the other four."""
    n_levels = rng.integers(3, 6, 10)
    truth = _drawn(rng, n, [0.35, 0.25, 0.22, 0.18])
    parents = rng.permuted(np.tile(np.arange(3), (6, 1)), axis=1)[:, :2].T
    children = rng.permuted(np.tile(np.arange(3), (8, 1)), axis=1)[:, :2].reshape(4, 2, 2)
    own = np.concatenate([children[:, 0].T, children[:, 1].T])
    modes = np.hstack([np.repeat(parents, 2, axis=0), own])
    return _around(rng, modes, n_levels, truth, 0.7)


def vague(rng: Rng, n: int) -> Table:
    """Three classes whose customers have the typical level in 35 of 100 cases, else any."""
    return clear(3, rng, n, purity=0.35)


def normal(correlation: float, rng: Rng, n: int) -> Table:
    """Three classes of normal features, cut into levels; the features correlate inside the classes."""
    truth = _drawn(rng, n, [0.4, 0.35, 0.25])
    spread = np.full((6, 6), correlation) + (1 - correlation) * np.eye(6)
    means = _apart(rng, np.linalg.inv(spread))
    values = means[truth] + rng.multivariate_normal(np.zeros(6), spread, n)
    return coded(cut(values, rng, rng.integers(3, 6, 6).tolist()), is_ordered=True, truth=truth)


def dependent_pairs(rng: Rng, n: int) -> Table:
    """Three classes; in two pairs of features, one follows the other inside every class."""
    table = clear(3, rng, n)
    codes = table.codes.copy()
    for first in (0, 2):
        size = int(codes[:, first + 1].max()) + 1
        follows = rng.random(n) < 0.35
        codes[follows, first + 1] = codes[follows, first] % size
    return coded(codes, is_ordered=False, truth=table.truth)


def styled(rng: Rng, n: int) -> Table:
    """Three classes by what they answer; inside, customers differ in how willingly they agree with everything."""
    truth = _drawn(rng, n, [0.4, 0.35, 0.25])
    means = _apart(rng, np.eye(8), is_centred=True)
    values = means[truth] + 0.7 * rng.standard_normal((n, 1)) + rng.standard_normal((n, 8))
    return coded(cut(values, rng, [5] * 8), is_ordered=True, truth=truth)


def unequal(n_features: int, rng: Rng, n: int) -> Table:
    """Eight to ten classes of 3 % of the customers and more; features of four levels."""
    k = int(rng.integers(8, 11))
    shares = 0.03 + (1 - 0.03 * k) * rng.dirichlet(np.full(k, 2.0))
    n_levels = np.full(n_features, 4)
    return _around(rng, _modes(rng, k, n_levels), n_levels, _drawn(rng, n, shares), 0.7)


def with_strangers(purity: float, rng: Rng, n: int) -> Table:
    """Three classes in five features, and beside them five that have nothing to do with anything."""
    n_levels = rng.integers(3, 6, 5)
    truth = _drawn(rng, n, [0.4, 0.35, 0.25])
    table = _around(rng, _modes(rng, 3, n_levels), n_levels, truth, purity)
    strangers = independent(rng, n, rng.integers(2, 6, 5))
    return coded(np.hstack([table.codes, strangers]), is_ordered=False, truth=truth)


N_BELONGING = 5
"""Of the features of `with_strangers`, the first so many belong to the structure."""


def _drawn(rng: Rng, n: int, shares: Sequence[float] | Floats) -> Codes:
    return np.asarray(rng.choice(len(shares), n, p=shares), np.int64)


def _modes(rng: Rng, k: int, n_levels: Codes) -> Codes:
    """Typical levels (k, n_features): any two classes differ in half of them, or in as many as can be had."""
    best, reached = None, -1
    for _ in range(2_000):
        modes = rng.integers(0, n_levels, (k, len(n_levels)))
        apart = (modes[:, None] != modes).sum(axis=2) + len(n_levels) * np.eye(k, dtype=np.int64)
        if apart.min() > reached:
            best, reached = modes, int(apart.min())
        if 2 * reached >= len(n_levels):
            break
    assert best is not None
    return np.asarray(best)


def _around(rng: Rng, modes: Codes, n_levels: Codes, truth: Codes, purity: float) -> Table:
    """Customers who have the typical level of their class, or, else, one of the margins of all."""
    others = independent(rng, len(truth), n_levels.tolist(), 8.0)
    codes = np.where(rng.random(others.shape) < purity, modes[truth], others)
    return coded(codes, is_ordered=False, truth=truth)


def _apart(rng: Rng, precision: Floats, *, is_centred: bool = False) -> Floats:
    """Means (3, n_features) whose distances are 3 to 4.5 standard deviations."""
    while True:
        means = rng.normal(0, 1.1, (3, len(precision)))
        if is_centred:
            means -= means.mean(axis=1, keepdims=True)
        gaps = means[[0, 0, 1]] - means[[1, 2, 2]]
        distances = np.sqrt(np.einsum("ij,jk,ik->i", gaps, precision, gaps))
        if distances.min() >= 3 and distances.max() <= 4.5:
            return np.asarray(means)


PLANTED: dict[str, Maker] = {
    **{f"clear-{k}": partial(clear, k) for k in range(2, 11)},
    "two-of-ten": two_of_ten,
    "rare": rare,
    "nested": nested,
    "vague": vague,
}
INSIDE: dict[str, Maker] = {
    "normal": partial(normal, 0.0),
    "correlated": partial(normal, 0.3),
    "dependent-pairs": dependent_pairs,
    "styled": styled,
}
UNEQUAL: dict[str, Maker] = {"six-features": partial(unequal, 6), "ten-features": partial(unequal, 10)}
STRANGERS: dict[str, Maker] = {
    "medium": partial(with_strangers, 0.5),
    "clear": partial(with_strangers, 0.7),
    "weak": partial(with_strangers, 0.35),
}
