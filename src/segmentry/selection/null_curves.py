"""How elbow and BIC run where the features are independent: the bands beside the two curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster import one_thread
from segmentry.patterns import PatternTable
from segmentry.selection.count_tables import CountTables, from_mixture, observed_table
from segmentry.selection.refits import CostRefit, refit_of, table_of
from segmentry.system.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

N_TABLES_OF_GAINS = 20
N_TABLES_OF_COSTS = 10
MAX_PATTERNS_OF_CURVES = 2_000
"""Above so many patterns, a sample of so many customers: what is gained by chance does not grow with them."""
LEVELS_OF_CURVES = 5
"""Levels of an ordered feature with fine levels: what a centre and a spread gain by chance hardly hangs on their number."""
_STARTS, _STARTS_ORDERED, _TOLERANCE = 10, 3, 1e-5
"""Latent classes are fitted short, so the bands lie a little high. With a tolerance of 1e-4 the curves of independent
features ran out of them below, on average of eight tables."""


@dataclass(frozen=True)
class NullCurves:
    """What numbers of segments bring on drawn tables with the same margins and independent features.

    Attributes
    ----------
    numbers
        Numbers of segments, ascending.
    gains
        (n_numbers, n_tables) log-likelihood that so many latent classes gain over one.
    costs
        (n_numbers, n_tables) cost of so many segments of k-modes or k-means over that of one; None where it was not
        asked for.
    """

    numbers: tuple[int, ...]
    gains: Floats
    costs: Floats | None = None

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild the curves from plain values."""
        costs = content["costs"]
        return cls(
            tuple(content["numbers"]),
            np.array(content["gains"]),
            None if costs is None else np.array(costs),
        )


def draw_null_curves(
    patterns: PatternTable,
    method: str,
    numbers: list[int],
    *,
    seed: int = 0,
    costs: bool = False,
    progress: Progress = silent,
) -> NullCurves:
    """Draw tables of independent features, and fit so many segments to each.

    Parameters
    ----------
    patterns
        Pattern table that is scanned.
    method
        Method that it is scanned by.
    numbers
        Numbers of segments, ascending, from 1.
    seed
        Seed of the draws.
    costs
        Whether to fit k-modes or k-means to drawn tables, too, for the band of their own cost: half a minute.
    progress
        Function that is called with a line of text before each number of latent classes.
    """
    tables = DrawnTables(patterns, method, seed)
    return NullCurves(
        tuple(numbers), tables.gains(numbers, progress), tables.costs(numbers) if costs else None
    )


class DrawnTables:
    """Tables of independent features beside a pattern table; each number of classes has starts of its own, so numbers may be drawn in any order.

    Parameters
    ----------
    patterns, method, seed
        As for `draw_null_curves`.
    """

    def __init__(self, patterns: PatternTable, method: str, seed: int) -> None:
        self._seed, self._rng = seed, np.random.default_rng([seed, 1])
        with one_thread():
            patterns = table_of(method, patterns)
            self._table, _ = observed_table(patterns, self._rng, MAX_PATTERNS_OF_CURVES, LEVELS_OF_CURVES)
            self._margins = self._table.margins(self._rng)
            tables = from_mixture(self._table, self._margins, N_TABLES_OF_GAINS, self._rng)
            self._n_starts = _STARTS if tables.is_ordered is None else _STARTS_ORDERED
            self._data = tables.side_by_side()
        self._refit = refit_of(method, patterns)

    def gains(self, numbers: Sequence[int], progress: Progress = silent) -> Floats:
        """Return the log-likelihood (n_numbers, n_tables) that so many latent classes gain over one."""
        with one_thread():
            return np.array([self._gain(k, progress) for k in numbers])

    def _gain(self, k: int, progress: Progress) -> Floats:
        progress(f"Fitting tables without segments: {k} {'classes' if k > 1 else 'class'}")
        return np.maximum(self._likelihoods(k) - self._alone, 0.0) if k > 1 else 0.0 * self._alone

    @cached_property
    def _alone(self) -> Floats:
        return self._likelihoods(1)

    def _likelihoods(self, k: int) -> Floats:
        rng = np.random.default_rng([self._seed, 1, k])
        return self._data.fit(k, self._n_starts, rng, tolerance=_TOLERANCE).log_likelihoods

    def costs(self, numbers: Sequence[int]) -> Floats | None:
        """Return the cost (n_numbers, n_tables) of so many segments of k-modes or k-means over that of one; None for latent classes."""
        if not isinstance(self._refit, CostRefit):
            return None
        with one_thread():
            drawn = from_mixture(self._table, self._margins, N_TABLES_OF_COSTS, self._rng)
            return _costs(drawn, self._refit, numbers, self._rng)


def with_null_curves(table: pd.DataFrame, method: str, curves: NullCurves | None) -> pd.DataFrame:
    """Add to the table of a scan the bands in which its curves run where features are independent.

    A drawn table has another likelihood with one segment than the real one. So the gain over one segment is compared,
    taken from the real table's value.

    Parameters
    ----------
    table
        Table of a scan, with a row per k.
    method
        Method that was scanned.
    curves
        Null curves of the same numbers, one among them; None to add nothing.

    Returns
    -------
    DataFrame
        With ``bic_null_low``, ``bic_null_high``, ``elbow_null_low`` and ``elbow_null_high``: the middle 90 %.
        For k-modes and k-means the last two only where the curves have costs.
    """
    if curves is None:
        return table
    first = table[table["k"] == 1]
    bands = {"bic": _bic(table, curves.gains)}
    if method == "latent-class":
        bands["elbow"] = -2 * float(first["log_likelihood"].iloc[0]) - 2 * curves.gains
    elif curves.costs is not None:
        bands["elbow"] = float(first["cost"].iloc[0]) * curves.costs
    return table.assign(
        **{
            f"{name}_null_{end}": np.quantile(values, share, axis=1)
            for name, values in bands.items()
            for end, share in (("low", 0.05), ("high", 0.95))
        }
    )


def _bic(table: pd.DataFrame, gains: Floats) -> Floats:
    """Return the real table's BIC of one class, less twice the gains, plus the price of the parameters."""
    row = table[table["k"] == 1].iloc[0]
    price = (row["bic"] + 2 * row["log_likelihood"]) / row["n_parameters"]
    further = (table["n_parameters"] - row["n_parameters"]).to_numpy(float)
    return np.asarray(row["bic"] + price * further[:, None] - 2 * gains)


def _costs(tables: CountTables, refit: CostRefit, numbers: Sequence[int], rng: np.random.Generator) -> Floats:
    """Return the cost (n_numbers, n_tables) of k segments over that of one."""
    costs = np.ones((len(numbers), len(tables.weights)))
    for i, k in enumerate(numbers):
        if k > 1:
            costs[i] = refit.relative_costs(tables, refit(tables, k, rng))
    return costs
