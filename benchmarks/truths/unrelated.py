"""Given segments, and outcomes that have nothing to do with them; and classes whose customers differ in their rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import special

from truths.planted import clear
from truths.tables import Columns, Floats, Rng, Table, coded, independent

N_AMOUNTS, N_FLAGS = 10, 6
RARE = (0.002, 0.003, 0.005, 0.01, 0.02, 0.03)
_ZEROS, _NEARLY_ALL = 0.7, 0.98


@dataclass(frozen=True)
class Survey:
    """Customers with a column ``segment``, outcomes, and what is true of them.

    Attributes
    ----------
    table
        The features.
    columns
        Segment and outcomes of each customer.
    outcomes
        The groups of outcomes, as a recipe says them.
    means
        True mean of each outcome, the same in all segments; empty where it differs.
    """

    table: Table
    columns: Columns
    outcomes: dict[str, dict[str, Any]]
    means: dict[str, float]


Quantiles = Callable[[Floats], Floats]


def lognormal(sigma: float, z: Floats) -> Floats:
    return np.exp(sigma * z)


def zero_inflated(z: Floats) -> Floats:
    return _above(_ZEROS, z)


def mostly_zeros(z: Floats) -> Floats:
    return _above(_NEARLY_ALL, z)


def pareto(z: Floats) -> Floats:
    return np.asarray(special.ndtr(-z) ** (-1 / 2.5))


def _above(zeros: float, z: Floats) -> Floats:
    """Zero below a quantile of z, lognormal amounts above."""
    rank = (special.ndtr(z) - zeros) / (1 - zeros)
    return np.where(rank > 0, np.exp(special.ndtri(np.clip(rank, 1e-12, 1 - 1e-12))), 0.0)


SHAPES: dict[str, tuple[Quantiles, float]] = {
    "lognormal": (partial(lognormal, 1.0), float(np.exp(0.5))),
    "lognormal-2": (partial(lognormal, 2.0), float(np.exp(2.0))),
    "zero-inflated": (zero_inflated, (1 - _ZEROS) * float(np.exp(0.5))),
    "pareto": (pareto, 2.5 / 1.5),
    "98-zeros": (mostly_zeros, (1 - _NEARLY_ALL) * float(np.exp(0.5))),
}
"""Amounts by their normal scores, and their true means."""


def amounts(shape: str, rng: Rng, n: int) -> Survey:
    """Ten amounts of one shape; who spends much on one spends much on all."""
    quantiles, mean = SHAPES[shape]
    table, segment = _segments(rng, n)
    scores = _scores(rng, len(segment), N_AMOUNTS)
    columns = {f"a{j}": quantiles(z) for j, z in enumerate(scores.T)}
    return Survey(table, {"segment": segment, **columns}, _groups(columns, {}), dict.fromkeys(columns, mean))


def rare_flags(rng: Rng, n: int) -> Survey:
    """Six flags of 2 in 1,000 to 3 in 100 customers."""
    table, segment = _segments(rng, n)
    scores = _scores(rng, len(segment), N_FLAGS)
    columns = {
        f"y{j}": (special.ndtr(z) < r).astype(np.int64)
        for j, (z, r) in enumerate(zip(scores.T, RARE, strict=True))
    }
    means = {f"y{j}": r for j, r in enumerate(RARE)}
    return Survey(table, {"segment": segment, **columns}, _groups({}, columns), means)


def mixed(rng: Rng, n: int) -> Survey:
    """Two amounts of each shape, and the six flags."""
    table, segment = _segments(rng, n)
    scores = _scores(rng, len(segment), N_AMOUNTS + N_FLAGS)
    shapes = [shape for shape in SHAPES.values() for _ in range(2)]
    spent = {f"a{j}": quantiles(scores[:, j]) for j, (quantiles, _) in enumerate(shapes)}
    ranks = special.ndtr(scores[:, N_AMOUNTS:])
    flags = {f"y{j}": (ranks[:, j] < r).astype(np.int64) for j, r in enumerate(RARE)}
    means = {f"a{j}": mean for j, (_, mean) in enumerate(shapes)} | {f"y{j}": r for j, r in enumerate(RARE)}
    return Survey(table, {"segment": segment, **spent, **flags}, _groups(spent, flags), means)


def class_rates(rng: Rng, n: int) -> Survey:
    """Four classes that are hard to tell apart, and flags whose rates differ between the classes, 5 to 50 %."""
    table = clear(4, rng, n, purity=0.5)
    assert table.truth is not None
    rates = rng.uniform(0.05, 0.5, (3, 4))
    flags = {f"y{j}": (rng.random(n) < rate[table.truth]).astype(np.int64) for j, rate in enumerate(rates)}
    columns = {
        "segment": table.truth,
        **flags,
        **{f"rate_y{j}": rate[table.truth] for j, rate in enumerate(rates)},
    }
    return Survey(table, columns, _groups({}, flags), {})


def _segments(rng: Rng, n: int) -> tuple[Table, Floats]:
    """Two to eight segments of 30 customers and more, in four features."""
    k = int(rng.integers(2, 9))
    sizes = 30 + rng.multinomial(max(n - 30 * k, 0), rng.dirichlet(np.full(k, 1.5)))
    segment = np.repeat(np.arange(k), sizes)
    codes = independent(rng, len(segment), [4, 4, 4, 3])
    modes = rng.integers(0, [4, 4, 4, 3], (k, 4))
    codes = np.where(rng.random(codes.shape) < 0.7, modes[segment], codes)
    return coded(codes, is_ordered=False, truth=segment), segment


def _scores(rng: Rng, n: int, number: int) -> Floats:
    """Normal scores (n, number) with correlation .36: the customers are eager, or not."""
    return 0.6 * rng.standard_normal((n, 1)) + 0.8 * rng.standard_normal((n, number))


def _groups(spent: Columns, flags: Columns) -> dict[str, dict[str, Any]]:
    roles = {"amounts": list(spent), "flags": list(flags)}
    return {role: {"role": role, "columns": names} for role, names in roles.items() if names}


UNRELATED: dict[str, Callable[[Rng, int], Survey]] = {
    **{shape: partial(amounts, shape) for shape in SHAPES},
    "rare-flags": rare_flags,
    "mixed": mixed,
}
