"""Shares of segments and of levels, then and now, beside what chance alone would do to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats
from segmentry.drift.draws import Redraws, drawn_p_value
from segmentry.profiling.intervals import CONFIDENCE, two_rates_p_value

_HALF = 0.5
"""Added to every count for the population stability index, which is infinite where a share is 0."""
WITHHELD = "levels of few customers"


@dataclass(frozen=True)
class ShareDistance:
    """A distance between the shares of then and now, beside what chance gives.

    `chance` is the value that 95 % of redraws stay below in which nothing has moved; `p_value` the share of
    redraws that reach `value`.
    """

    value: float
    chance: float
    p_value: float


@dataclass(frozen=True)
class Shift:
    """Shares of the segments, or of a feature's levels, then and now.

    `total_variation` is half the sum of the absolute differences: the smallest share of customers who would
    have to be elsewhere. `stability_index` is the population stability index, the sum of
    (new - old)·log(new / old). The first says how much has moved, the second, which sees small cells better,
    whether chance could have done it: the p-value is that of the index.
    """

    name: str
    label: str
    cells: tuple[str, ...]
    old: Floats
    new: Floats
    total_variation: ShareDistance
    stability_index: ShareDistance
    p_adjusted: float = float("nan")

    @property
    def p_value(self) -> float:
        """How often chance gives such an index."""
        return self.stability_index.p_value

    @property
    def largest(self) -> int:
        """Position of the cell whose share moved most."""
        return int(np.abs(self.new - self.old).argmax())


@dataclass(frozen=True)
class LeftOut:
    """A share of rows, or of customers, whom the segments do not cover, then and now."""

    name: str
    label: str
    old: float
    new: float
    n_new: int
    p_value: float
    p_adjusted: float = float("nan")


def shift(
    name: str,
    label: str,
    cells: tuple[str, ...],
    counts: tuple[Floats, Floats],
    n: tuple[float, float],
    redraws: Redraws,
    *,
    keep_empty: bool = False,
) -> Shift:
    """Compare shares; `counts` are the weights of the cells then and now, `n` the customers that they count as.

    Cells whose old count is withheld (not-a-number) are compared as one; cells that nobody ever was in are
    left out, unless they are to be kept. Redraws take both populations from their pooled shares.
    """
    cells, (old, new) = _comparable(cells, *counts, total=n[0], keep_empty=keep_empty)
    shares = old / old.sum(), new / new.sum()
    pooled = (shares[0] * n[0] + shares[1] * n[1]) / (n[0] + n[1])
    drawn = redraws.shares(n[0], pooled), redraws.shares(n[1], pooled)
    moved = _distance(float(total_variation(*shares)), total_variation(*drawn))
    index = _distance(float(stability_index(*shares, *n)), stability_index(*drawn, *n))
    return Shift(name, label, cells, *shares, moved, index)


def total_variation(old: Floats, new: Floats) -> Floats:
    """Half the sum of the absolute differences of shares (..., n_cells).

    Examples
    --------
    >>> float(total_variation(np.array([0.5, 0.5]), np.array([0.4, 0.6])).round(9))
    0.1
    """
    return np.asarray(np.abs(new - old).sum(axis=-1) / 2)


def stability_index(old: Floats, new: Floats, n_old: float, n_new: float) -> Floats:
    """Population stability index of shares (..., n_cells), half a customer added to every count.

    Examples
    --------
    >>> float(stability_index(np.array([0.5, 0.5]), np.array([0.4, 0.6]), 1e9, 1e9).round(6))
    0.040547
    """
    size = old.shape[-1]
    a = (old * n_old + _HALF) / (n_old + size * _HALF)
    b = (new * n_new + _HALF) / (n_new + size * _HALF)
    return np.asarray(((b - a) * np.log(b / a)).sum(axis=-1))


def left_out(name: str, label: str, old: tuple[float, float], new: tuple[float, float]) -> LeftOut:
    """Compare two shares, each given as customers, and of how many."""
    p = two_rates_p_value((float(round(old[0])), float(round(new[0]))), (round(old[1]), round(new[1])))
    return LeftOut(name, label, old[0] / max(old[1], 1), new[0] / max(new[1], 1), round(new[0]), p)


def _comparable(
    cells: tuple[str, ...], old: Floats, new: Floats, total: float, *, keep_empty: bool
) -> tuple[tuple[str, ...], tuple[Floats, Floats]]:
    hidden = np.isnan(old)
    if hidden.any():
        rest = max(total - float(old[~hidden].sum()), 0.0)
        cells = (*(c for c, h in zip(cells, hidden, strict=True) if not h), WITHHELD)
        old, new = np.append(old[~hidden], rest), np.append(new[~hidden], new[hidden].sum())
    kept = np.flatnonzero((old > 0) | (new > 0) | keep_empty)
    return tuple(cells[i] for i in kept), (old[kept], new[kept])


def _distance(value: float, drawn: Floats) -> ShareDistance:
    return ShareDistance(value, float(np.quantile(drawn, CONFIDENCE)), drawn_p_value(value, drawn))
