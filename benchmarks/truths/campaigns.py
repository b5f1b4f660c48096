"""Given segments with known rates of acceptance: what a campaign truly earns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from truths.tables import Codes, Floats, Rng

COST, REVENUE = 1.0, 20.0
BREAK_EVEN = COST / REVENUE


@dataclass(frozen=True)
class Rates:
    """Sizes (n_segments,) and true rates (n_campaigns, n_segments)."""

    sizes: Codes
    rates: Floats

    @property
    def profits(self) -> Floats:
        """True expected profits of contacting all of a segment (n_campaigns, n_segments)."""
        return np.asarray(self.sizes * (REVENUE * self.rates - COST))


def equal(n_segments: int, level: float, rng: Rng, n: int, n_campaigns: int = 1) -> Rates:
    """Segments of unequal sizes and one rate for all."""
    return Rates(_sizes(rng, n_segments, n), np.full((n_campaigns, n_segments), level * BREAK_EVEN))


def spread(rng: Rng, n: int) -> Rates:
    """Eight segments whose rates spread a little, about a mean 10 % below the break-even."""
    rates = 0.9 * BREAK_EVEN * np.exp(rng.normal(0, 0.15, (1, 8)) - 0.15**2 / 2)
    return Rates(_sizes(rng, 8, n), rates)


def halves(rng: Rng, n: int) -> Rates:
    """Eight segments, half with a rate of 3 %, half of 8 %."""
    return Rates(_sizes(rng, 8, n), rng.permutation([0.03] * 4 + [0.08] * 4)[None])


def one_good(rng: Rng, n: int) -> Rates:
    """Eight segments with a rate of 4 %, but one with 10 %."""
    return Rates(_sizes(rng, 8, n), rng.permutation([0.04] * 7 + [0.10])[None])


def all_pay(rng: Rng, n: int) -> Rates:
    """Six segments with rates of 6 to 12 %: everybody is to be contacted."""
    return Rates(_sizes(rng, 6, n), rng.uniform(0.06, 0.12, (1, 6)))


def _sizes(rng: Rng, n_segments: int, n: int) -> Codes:
    return np.asarray(
        20 + rng.multinomial(max(n - 20 * n_segments, 0), rng.dirichlet(np.full(n_segments, 3.0)))
    )


CAMPAIGNS: dict[str, Callable[[Rng, int], Rates]] = {
    "eight-below": partial(equal, 8, 0.9),
    "eight-at-break-even": partial(equal, 8, 1.0),
    "six-at-break-even": partial(equal, 6, 1.0),
    "five-campaigns-below": partial(equal, 8, 0.9, n_campaigns=5),
    "spread-below": spread,
    "halves": halves,
    "one-good": one_good,
    "all-pay": all_pay,
}
NOTHING_PAYS = ("eight-below", "eight-at-break-even", "six-at-break-even", "five-campaigns-below")
