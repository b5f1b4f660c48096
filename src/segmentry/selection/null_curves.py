"""How elbow and BIC run where the features are independent: the bands beside the two curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    def joined(cls, parts: Sequence[NullCurves], numbers: Sequence[int]) -> Self:
        """Return the curves of some numbers, which were drawn in parts; without costs."""
        gains = {k: row for part in parts for k, row in zip(part.numbers, part.gains, strict=True)}
        return cls(tuple(numbers), np.array([gains[k] for k in numbers]))

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
    rng = np.random.default_rng([seed, 1])
    with one_thread():
        patterns = table_of(method, patterns)
        table, _ = observed_table(patterns, rng, MAX_PATTERNS_OF_CURVES, LEVELS_OF_CURVES)
        margins = table.margins(rng)
        gains = _gains(from_mixture(table, margins, N_TABLES_OF_GAINS, rng), numbers, seed, progress)
        refit = refit_of(method, patterns)
        if not costs or not isinstance(refit, CostRefit):
            return NullCurves(tuple(numbers), gains)
        drawn = from_mixture(table, margins, N_TABLES_OF_COSTS, rng)
        return NullCurves(tuple(numbers), gains, _costs(drawn, refit, numbers, rng))


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


def _gains(tables: CountTables, numbers: list[int], seed: int, progress: Progress) -> Floats:
    """Return the log-likelihood (n_numbers, n_tables) that k latent classes gain over one; each number has draws of its own."""
    data = tables.side_by_side()
    n_starts = _STARTS if tables.is_ordered is None else _STARTS_ORDERED

    def likelihoods(k: int) -> Floats:
        progress(f"Fitting tables without segments: {k} {'classes' if k > 1 else 'class'}")
        rng = np.random.default_rng([seed, 1, k])
        return data.fit(k, n_starts, rng, tolerance=_TOLERANCE).log_likelihoods

    alone = likelihoods(1)
    return np.maximum([likelihoods(k) - alone if k > 1 else alone * 0.0 for k in numbers], 0.0)


def _bic(table: pd.DataFrame, gains: Floats) -> Floats:
    """Return the real table's BIC of one class, less twice the gains, plus the price of the parameters."""
    row = table[table["k"] == 1].iloc[0]
    price = (row["bic"] + 2 * row["log_likelihood"]) / row["n_parameters"]
    further = (table["n_parameters"] - row["n_parameters"]).to_numpy(float)
    return np.asarray(row["bic"] + price * further[:, None] - 2 * gains)


def _costs(tables: CountTables, refit: CostRefit, numbers: list[int], rng: np.random.Generator) -> Floats:
    """Return the cost (n_numbers, n_tables) of k segments over that of one."""
    costs = np.ones((len(numbers), len(tables.weights)))
    for i, k in enumerate(numbers):
        if k > 1:
            costs[i] = refit.relative_costs(tables, refit(tables, k, rng))
    return costs
