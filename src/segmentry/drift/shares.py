"""Old and new shares of segments and of levels, compared with what chance alone would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from segmentry.arrays import Floats
from segmentry.drift.draws import Redraws, drawn_p_value
from segmentry.profiling.intervals import CONFIDENCE, two_rates_p_value

_HALF = 0.5
"""Number that is added to every count for the population stability index, which is infinite where a share is 0."""
WITHHELD = "levels of few customers"


@dataclass(frozen=True)
class ShareDistance:
    """A distance between old and new shares.

    `chance` is the 95 % quantile of redraws in which nothing has moved; `p_value` is the share of redraws that reach
    `value`.
    """

    value: float
    chance: float
    p_value: float


@dataclass(frozen=True)
class Shift:
    """Old and new shares of the segments, or of a feature's levels.

    `total_variation` is half the sum of the absolute differences: the smallest share of customers who must have
    moved. `stability_index` is the population stability index, the sum of
    (new - old)·log(new / old). The first measures how much has moved; the second, which is more sensitive in small
    cells, tests whether chance explains it: the p-value is that of the index.
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
        """P-value of the population stability index."""
        return self.stability_index.p_value

    @property
    def largest(self) -> int:
        """Position of the cell whose share changed most."""
        return int(np.abs(self.new - self.old).argmax())


@dataclass(frozen=True)
class LeftOut:
    """Old and new share of customers with a value in no level of a feature."""

    is_rows: ClassVar[bool] = False
    name: str
    label: str
    old: float
    new: float
    n_new: int
    p_value: float
    p_adjusted: float = float("nan")


class DroppedRows(LeftOut):
    """Old and new share of rows that cleaning drops."""

    is_rows: ClassVar[bool] = True


def compare_shares(
    name: str,
    label: str,
    cells: tuple[str, ...],
    counts: tuple[Floats, Floats],
    n: tuple[float, float],
    redraws: Redraws,
    *,
    keep_empty: bool = False,
) -> Shift:
    """Compare shares; redraws take both populations from their pooled shares.

    Parameters
    ----------
    name, label
        Name and label of the feature.
    cells
        Names of the cells. Cells whose old count is withheld (not-a-number) are compared as one.
    counts
        Old and new weights of the cells.
    n
        Old and new number of customers that intervals count on.
    redraws
        Source of the redraws.
    keep_empty
        Whether cells without any customer are kept.
    """
    cells, (old, new) = _comparable_cells(cells, *counts, total=n[0], keep_empty=keep_empty)
    shares = old / old.sum(), new / new.sum()
    pooled = (shares[0] * n[0] + shares[1] * n[1]) / (n[0] + n[1])
    drawn = redraws.shares(n[0], pooled), redraws.shares(n[1], pooled)
    moved = _distance(float(total_variation(*shares)), total_variation(*drawn))
    index = _distance(float(stability_index(*shares, *n)), stability_index(*drawn, *n))
    return Shift(name, label, cells, *shares, moved, index)


def total_variation(old: Floats, new: Floats) -> Floats:
    """Compute half the sum of the absolute differences of shares (..., n_cells).

    Examples
    --------
    >>> float(total_variation(np.array([0.5, 0.5]), np.array([0.4, 0.6])).round(9))
    0.1
    """
    return np.asarray(np.abs(new - old).sum(axis=-1) / 2)


def stability_index(old: Floats, new: Floats, n_old: float, n_new: float) -> Floats:
    """Compute the population stability index of shares (..., n_cells), with half a customer added to every count.

    Examples
    --------
    >>> float(stability_index(np.array([0.5, 0.5]), np.array([0.4, 0.6]), 1e9, 1e9).round(6))
    0.040547
    """
    size = old.shape[-1]
    a = (old * n_old + _HALF) / (n_old + size * _HALF)
    b = (new * n_new + _HALF) / (n_new + size * _HALF)
    return np.asarray(((b - a) * np.log(b / a)).sum(axis=-1))


def compare_left_out(name: str, label: str, old: tuple[float, float], new: tuple[float, float]) -> LeftOut:
    """Compare two shares of customers with a value in no level, each given as their number and that of all."""
    return LeftOut(name, label, *_two_shares(old, new))


def compare_dropped_rows(old: tuple[int, int], new: tuple[int, int]) -> LeftOut:
    """Compare two shares of dropped rows, each given as their number and that of all rows."""
    return DroppedRows("rows", "Rows", *_two_shares(old, new))


def _two_shares(old: tuple[float, float], new: tuple[float, float]) -> tuple[float, float, int, float]:
    """Compute both shares, the new number, and the p-value of equal shares."""
    p = two_rates_p_value((float(round(old[0])), float(round(new[0]))), (round(old[1]), round(new[1])))
    return old[0] / max(old[1], 1), new[0] / max(new[1], 1), round(new[0]), p


def _comparable_cells(
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
