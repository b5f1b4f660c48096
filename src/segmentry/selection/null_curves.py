"""How elbow and BIC run where the features are independent: the bands beside the two curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.cluster import one_thread
from segmentry.cluster.latent_class.replicates import Replicates
from segmentry.patterns import PatternTable
from segmentry.selection.draws import Cells, from_mixture, observed_cells
from segmentry.selection.refits import refit_of, standardised

if TYPE_CHECKING:
    import pandas as pd

N_CURVE_TABLES = 20
N_TABLES_OF_COSTS = 10
LARGE, N_CUSTOMERS_LARGE = 2_000, 2_000
"""Above so many patterns, a sample of so many customers: what is gained by chance does not grow with them."""
_STARTS, _TOLERANCE = 3, 1e-5
"""Fitted short, so the bands lie a little high. With a tolerance of 1e-4 the curves of independent features ran out of
them below, on average of eight tables."""


@dataclass(frozen=True)
class Curves:
    """What numbers of segments bring on drawn tables with the same margins and independent features.

    Attributes
    ----------
    numbers
        The numbers of segments, ascending.
    gains : ndarray (n_numbers, n_tables)
        The log-likelihood that so many latent classes gain over one.
    costs : ndarray (n_numbers, n_tables) or None
        The cost of so many groups of k-modes or k-means over that of one, where it was asked for.
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


def draw_curves(
    patterns: PatternTable, method: str, numbers: list[int], *, seed: int = 0, costs: bool = False
) -> Curves:
    """Draw tables of independent features, and fit so many segments to each.

    Parameters
    ----------
    patterns, method
        What is scanned, and by which method.
    numbers
        The numbers of segments, ascending, from 1.
    seed
        Of the draws.
    costs
        Whether to fit k-modes or k-means to drawn tables, too, for the band of their own cost: half a minute.
    """
    rng = np.random.default_rng([seed, 1])
    with one_thread():
        cells, _ = observed_cells(patterns, rng, LARGE, N_CUSTOMERS_LARGE)
        margins = Replicates(cells.codes, cells.n_levels, cells.weights).fit(1, 1, rng).parameters[:, 0]
        gains = _gains(from_mixture(cells, margins, N_CURVE_TABLES, rng), numbers, rng)
        if method == "latent-class" or not costs:
            return Curves(tuple(numbers), gains)
        drawn = from_mixture(cells, margins, N_TABLES_OF_COSTS, rng)
        return Curves(tuple(numbers), gains, _costs(drawn, patterns, method, numbers, rng))


def with_null_curves(table: pd.DataFrame, method: str, curves: Curves | None) -> pd.DataFrame:
    """Add to a scan what its curves are where features are independent.

    A drawn table has another likelihood with one segment than the real one; so what is compared is the gain
    over one segment, taken from the real table's value.

    Parameters
    ----------
    table
        A row per k, as `scan` returns it.
    method
        What was scanned.
    curves
        Of the same numbers, one among them; without any nothing is added.

    Returns
    -------
    DataFrame
        With ``bic_null_low``, ``bic_null_high``, ``elbow_null_low`` and ``elbow_null_high``: the middle 90 %.
        Of k-modes and k-means the last two only where the curves have costs.
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


def _gains(drawn: Cells, numbers: list[int], rng: np.random.Generator) -> Floats:
    """The log-likelihood that k latent classes gain over one, (n_numbers, n_tables)."""
    parts = [part for _, part in drawn.parts()]

    def likelihoods(k: int) -> Floats:
        return np.concatenate([p.fit(k, _STARTS, rng, tolerance=_TOLERANCE).log_likelihoods for p in parts])

    alone = likelihoods(1)
    return np.maximum([likelihoods(k) - alone if k > 1 else alone * 0.0 for k in numbers], 0.0)


def _bic(table: pd.DataFrame, gains: Floats) -> Floats:
    """The real table's BIC of one class, less twice the gains, plus the price of the parameters."""
    row = table[table["k"] == 1].iloc[0]
    price = (row["bic"] + 2 * row["log_likelihood"]) / row["n_parameters"]
    further = (table["n_parameters"] - row["n_parameters"]).to_numpy(float)
    return np.asarray(row["bic"] + price * further[:, None] - 2 * gains)


def _costs(
    drawn: Cells, patterns: PatternTable, method: str, numbers: list[int], rng: np.random.Generator
) -> Floats:
    """The cost of k groups over that of one, (n_numbers, n_tables)."""
    refit, made = refit_of(method, patterns), np.ones((len(numbers), len(drawn.weights)))
    steps = [] if method == "k-means" else _steps(drawn, patterns)
    for i, k in enumerate(numbers):
        if k < 2:
            continue
        for t, (weights, labels) in enumerate(zip(drawn.weights, refit(drawn, k, rng), strict=True)):
            if method == "k-means":
                points = standardised(drawn.codes, weights)
                made[i, t] = _inertia(points, weights, labels) / _inertia(points, weights, labels * 0)
            else:
                alone = _to_modes(drawn, steps, weights, labels * 0)
                made[i, t] = _to_modes(drawn, steps, weights, labels) / alone
    return made


def _inertia(points: Floats, weights: Floats, labels: npt.NDArray[np.intp]) -> float:
    """The weighted squared distances to the means of the groups."""
    sums = np.stack([np.bincount(labels, weights * column) for column in points.T])
    masses = np.maximum(np.bincount(labels, weights), 1e-300)
    return float((weights[:, None] * points**2).sum() - (sums**2 / masses).sum())


def _steps(drawn: Cells, patterns: PatternTable) -> list[Floats]:
    """Per feature the distance between every two levels (n_levels, n_levels)."""
    made = []
    for feature, n in zip(patterns.features, drawn.n_levels, strict=True):
        ranks = np.arange(n)
        apart = np.abs(ranks[:, None] - ranks)
        made.append(
            feature.weight * (apart / max(n - 1, 1) if feature.distance == "rank" else 1.0 * (apart > 0))
        )
    return made


def _to_modes(drawn: Cells, steps: list[Floats], weights: Floats, labels: npt.NDArray[np.intp]) -> float:
    """The weighted distances to the modes of the groups, each feature's mode being the level of least cost."""
    total, n_groups = 0.0, int(labels.max()) + 1
    for codes, distances in zip(drawn.codes.T, steps, strict=True):
        known, n = codes >= 0, len(distances)
        places = labels[known] * n + codes[known]
        counts = np.bincount(places, weights[known], minlength=n_groups * n).reshape(n_groups, n)
        total += float((counts @ distances).min(axis=1).sum()) if n else 0.0
    return max(total, 1e-300)
