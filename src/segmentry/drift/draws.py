"""Random redraws of populations in which nothing has moved."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats


class Redraws:
    """Random draws of populations.

    Parameters
    ----------
    n_draws
        Number of draws.
    seed
        Seed of the draws.
    """

    def __init__(self, n_draws: int, seed: int) -> None:
        self.n_draws = n_draws
        self._rng = np.random.default_rng(seed)

    def shares(self, n: float, shares: Floats) -> Floats:
        """Draw (n_draws, n_cells) shares of `n` customers from the given shares."""
        size = max(round(n), 1)
        return self._rng.multinomial(size, shares / shares.sum(), size=self.n_draws) / size

    def normal(self) -> Floats:
        """Draw (n_draws,) standard normal numbers."""
        return self._rng.standard_normal(self.n_draws)


def drawn_p_value(value: float, drawn: Floats) -> float:
    """Compute the share of draws that reach a value; the value counts as a draw (Davison & Hinkley 1997, 4.11)."""
    return float((1 + (drawn >= value - 1e-12).sum()) / (len(drawn) + 1))
