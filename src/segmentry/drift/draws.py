"""Redraws of two populations in which nothing has moved: exact arithmetic on counts."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats


class Redraws:
    """Draws counts of both populations from what they have in common.

    Parameters
    ----------
    n_draws
        How many.
    seed
        Of the draws.
    """

    def __init__(self, n_draws: int, seed: int) -> None:
        self.n_draws = n_draws
        self._rng = np.random.default_rng(seed)

    def shares(self, n: float, shares: Floats) -> Floats:
        """(n_draws, n_cells) shares among `n` customers drawn from the given shares."""
        size = max(round(n), 1)
        return self._rng.multinomial(size, shares / shares.sum(), size=self.n_draws) / size

    def normal(self) -> Floats:
        """(n_draws,) standard normal numbers."""
        return self._rng.standard_normal(self.n_draws)


def drawn_p_value(value: float, drawn: Floats) -> float:
    """How many draws reach a value, the value itself counted as one (Davison & Hinkley 1997, 4.11)."""
    return float((1 + (drawn >= value - 1e-12).sum()) / (len(drawn) + 1))
