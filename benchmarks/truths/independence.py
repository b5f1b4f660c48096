"""Independent columns: any margins, survey weights, ties, missing values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from truths.tables import Codes, Rng, Table, coded, independent


def plain(rng: Rng, n: int) -> Table:
    """Five to seven features of two to six levels with uneven margins."""
    return coded(independent(rng, n, rng.integers(2, 7, int(rng.integers(5, 8)))), is_ordered=False)


def even(rng: Rng, n: int) -> Table:
    """All levels exactly as frequent: modes and medians are ties."""
    columns = [rng.permutation(np.arange(n) % m) for m in (2, 2, 3, 4, 5, 3)]
    return coded(np.column_stack(columns), is_ordered=True)


def lopsided(rng: Rng, n: int) -> Table:
    """Six features of which 99 in 100 customers have the same level."""
    return coded((rng.random((n, 6)) < 0.01).astype(np.int64), is_ordered=False)


def zipf(rng: Rng, n: int) -> Table:
    """Three features of 30 levels by Zipf's law, and two of few."""
    shares = 1 / np.arange(1, 31)
    wide = rng.choice(30, (n, 3), p=shares / shares.sum())
    return coded(np.hstack([wide, independent(rng, n, [2, 3])]), is_ordered=False)


def many(rng: Rng, n: int) -> Table:
    """Twenty features."""
    return coded(independent(rng, n, rng.integers(2, 5, 20)), is_ordered=True)


def gaps(rng: Rng, n: int) -> Table:
    """Three in ten values missing, in some columns more than in others, whatever the value."""
    codes = independent(rng, n, [5, 4, 4, 3, 2, 3])
    return coded(np.where(rng.random(codes.shape) < rng.uniform(0.1, 0.5, 6), -1, codes), is_ordered=False)


def weighted(rng: Rng, n: int) -> Table:
    """Survey weights, lognormal, whose mean is 1."""
    return _with_weights(plain(rng, n), rng, float(n))


def weighted_large(rng: Rng, n: int) -> Table:
    """The same weights, whose sum is a million whatever the number of customers."""
    return _with_weights(plain(rng, n), rng, 1e6)


def weighted_small(rng: Rng, n: int) -> Table:
    """The same weights, whose sum is 1."""
    return _with_weights(plain(rng, n), rng, 1.0)


def heaped(rng: Rng, n: int) -> Table:
    """Amounts with many zeros and round numbers, cut at quantiles that fall together."""
    spent = np.round(rng.lognormal(3, 1.2, (n, 5)), -1) * (rng.random((n, 5)) < rng.uniform(0.4, 0.9, 5))
    columns = {f"spent{j}": column for j, column in enumerate(spent.T)}
    features = {name: {"column": name, "quantiles": 5} for name in columns}
    return Table(np.zeros((n, 0), np.int64), (), columns=columns, features=features)


def _with_weights(table: Table, rng: Rng, total: float) -> Table:
    weights = rng.lognormal(0, 0.8, len(table.codes))
    return replace(table, columns={"w": total * weights / weights.sum()}, weight="w")


def in_other_unit(table: Table, factor: float) -> Table:
    """Return the table with its weights in another unit."""
    return replace(table, columns={**table.columns, "w": factor * table.columns["w"]})


def weighted_classes(rng: Rng, n: int) -> Table:
    """Three classes that can be told apart, with survey weights."""
    truth: Codes = rng.integers(0, 3, n)
    codes = independent(rng, n, [4] * 6)
    typical = rng.permuted(np.tile(np.arange(3), (6, 1)), axis=1).T[truth]
    codes = np.where(rng.random(codes.shape) < 0.4, typical, codes)
    return _with_weights(coded(codes, is_ordered=False, truth=truth), rng, float(n))


INDEPENDENT: dict[str, Callable[[Rng, int], Table]] = {
    "plain": plain,
    "even": even,
    "lopsided": lopsided,
    "zipf": zipf,
    "many": many,
    "gaps": gaps,
    "heaped": heaped,
    "weighted": weighted,
    "weighted-large": weighted_large,
    "weighted-small": weighted_small,
}
UNITS: dict[str, Callable[[Rng, int], Table]] = {"independent": weighted, "classes": weighted_classes}
