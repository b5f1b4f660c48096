"""Two populations: the one that a model was fitted to, and a later one that is the same, or is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from truths.tables import Codes, Rng, Table


@dataclass(frozen=True)
class Source:
    """Latent classes that customers are drawn from: shares (k,), and per feature (k, n_levels) probabilities."""

    shares: np.ndarray
    probabilities: list[np.ndarray]

    def draw(self, rng: Rng, n: int) -> Codes:
        """Draw codes (n, n_features)."""
        of = rng.choice(len(self.shares), n, p=self.shares)
        columns = []
        for p in self.probabilities:
            steps = np.cumsum(p, axis=1)[of, :-1]
            columns.append((rng.random(n)[:, None] > steps).sum(axis=1))
        return np.column_stack(columns)


@dataclass(frozen=True)
class Pair:
    """The old and the new customers, and the number of segments to fit."""

    old: Table
    new: Table
    k: int


def source(rng: Rng, n_levels: list[int], purity: float, k: int = 3) -> Source:
    """Draw classes, each of which mixes the margins of all with a typical level per feature, the latter by `purity`."""
    tables = []
    for m in n_levels:
        typical = np.eye(m)[rng.permutation(max(m, k))[:k] % m]
        tables.append((1 - purity) * rng.dirichlet(np.full(m, 3.0)) + purity * typical)
    return Source(rng.dirichlet(np.full(k, 10.0)), tables)


def same(purity: float, n_levels: tuple[int, ...], missing: float, rng: Rng, old: int, new: int) -> Pair:
    """Two draws from the same classes."""
    drawn = source(rng, list(n_levels), purity)
    return _pair(*(_with_gaps(drawn.draw(rng, n), missing, rng) for n in (old, new)))


def new_kind(rng: Rng, old: int, new: int) -> Pair:
    """Three in 100 of the new customers are of a kind that there was not: levels that exist, in a new combination."""
    drawn, other = source(rng, [4] * 6, 0.7), source(rng, [4] * 6, 0.95, k=1)
    codes = drawn.draw(rng, new)
    is_new = rng.random(new) < 0.03
    codes[is_new] = other.draw(rng, int(is_new.sum()))
    return _pair(drawn.draw(rng, old), codes)


def gone(rng: Rng, old: int, new: int) -> Pair:
    """A segment of 3 % of the old customers is gone."""
    drawn = source(rng, [4] * 6, 0.7, k=4)
    before = Source(np.array([0.45, 0.32, 0.20, 0.03]), drawn.probabilities)
    after = Source(np.array([0.45, 0.32, 0.20, 0.0]) / 0.97, drawn.probabilities)
    return _pair(before.draw(rng, old), after.draw(rng, new), k=4)


def weaker(rng: Rng, old: int, new: int) -> Pair:
    """Weak dependence weakens a little: two in 100 customers have each feature from somebody else."""
    drawn = source(rng, [4] * 6, 0.3)
    codes = drawn.draw(rng, new)
    chosen = np.flatnonzero(rng.random(new) < 0.02)
    for j in range(codes.shape[1]):
        codes[chosen, j] = codes[rng.permutation(chosen), j]
    return _pair(drawn.draw(rng, old), codes)


def _with_gaps(codes: Codes, missing: float, rng: Rng) -> Codes:
    return np.where(rng.random(codes.shape) < missing, -1, codes) if missing else codes


def _pair(old: Codes, new: Codes, k: int = 3) -> Pair:
    kinds = (False,) * old.shape[1]
    n_levels = tuple(int(m) + 1 for m in np.maximum(old.max(axis=0), new.max(axis=0)))
    return Pair(*(Table(codes, kinds, n_levels=n_levels) for codes in (old, new)), k)


@dataclass(frozen=True)
class Move:
    """How two populations are drawn, and how large they are."""

    make: Callable[[Rng, int, int], Pair]
    old: int
    new: int
    is_shift: bool = False


_FOUR, _MANY = (4,) * 6, (12, 10, 8, 8, 6, 6)
POPULATIONS: dict[str, Move] = {
    "few-levels-500-500": Move(partial(same, 0.7, _FOUR, 0.0), 500, 500),
    "many-levels-500-500": Move(partial(same, 0.7, _MANY, 0.0), 500, 500),
    "many-levels-500-20000": Move(partial(same, 0.7, _MANY, 0.0), 500, 20_000),
    "weak-500-20000": Move(partial(same, 0.3, _FOUR, 0.0), 500, 20_000),
    "weak-5000-5000": Move(partial(same, 0.3, _FOUR, 0.0), 5_000, 5_000),
    "gaps-1000-20000": Move(partial(same, 0.6, _FOUR, 0.25), 1_000, 20_000),
    "few-levels-4000-500": Move(partial(same, 0.7, _FOUR, 0.0), 4_000, 500),
    "new-kind-50000": Move(new_kind, 50_000, 50_000, is_shift=True),
    "gone-50000": Move(gone, 50_000, 50_000, is_shift=True),
    "weaker-1000000": Move(weaker, 50_000, 1_000_000),
}
"""A million customers whose dependence weakens by next to nothing is no shift that matters."""
