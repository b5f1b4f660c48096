"""Likelihood-ratio tests whose null distribution is drawn, not assumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster.latent_class.replicates import Replicates
from segmentry.selection.count_tables import CountTables, from_mixture
from segmentry.selection.null_models import NullModel
from segmentry.selection.refits import REFIT_STARTS

SIGNIFICANCE_LEVEL = 0.05
"""Level of all tests: what is not below it is not claimed."""
_BATCH = 20
_ENOUGH_ABOVE = 5


@dataclass(frozen=True)
class NullTest:
    """A statistic beside its distribution where the null model holds.

    Attributes
    ----------
    statistic
        Value in the observed table.
    null_low, null_high
        Ends of the middle 90 % of the drawn values.
    p_value
        ``(1 + tables at or above the statistic) / (1 + tables)`` (Davison & Hinkley 1997, 4.2.5).
    n_tables
        Number of drawn tables.
    """

    statistic: float
    null_low: float
    null_high: float
    p_value: float
    n_tables: int

    @property
    def is_beyond(self) -> bool:
        """Return whether the statistic is beyond what the null model gives."""
        return self.p_value <= SIGNIFICANCE_LEVEL


def middle_90(values: Sequence[float] | Floats) -> tuple[float, float]:
    """Return the ends of the middle 90 % of drawn values."""
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)


def drawn_test(statistic: float, draw: Callable[[int], Floats], max_tables: int) -> NullTest:
    """Draw values of the statistic under the null model, until the decision is settled or `max_tables` are drawn.

    It is settled against the null model when the p-value is at the level without a single table above, and for it
    when five tables are above (Besag & Clifford 1991).
    """
    values = np.empty(0)
    while len(values) < max_tables:
        values = np.append(values, draw(min(_BATCH, max_tables - len(values))))
        n_above = int((values >= statistic).sum())
        if n_above >= _ENOUGH_ABOVE or (not n_above and 1 / (1 + len(values)) <= SIGNIFICANCE_LEVEL):
            break
    p_value = (1 + int((values >= statistic).sum())) / (1 + len(values))
    return NullTest(statistic, *middle_90(values), p_value, len(values))


def likelihood_ratio_test(
    table: CountTables, fewer: Floats, more: Floats, max_tables: int, rng: np.random.Generator
) -> NullTest:
    """Test a mixture of more classes against one of fewer (bootstrap likelihood-ratio test; McLachlan 1987).

    `fewer` and `more` are the mixtures (n_classes, 1 + n_columns) fitted to the table.
    """
    data = table.replicates()

    def draw(n_tables: int) -> Floats:
        drawn = from_mixture(table, fewer, n_tables, rng)
        if drawn.is_ordered is not None:
            return _gains(drawn.side_by_side(), fewer, len(more), rng)
        parts = [part.replicates() for _, part in drawn.parts()]
        return np.concatenate([_gains(part, fewer, len(more), rng) for part in parts])

    return drawn_test(float((data.values(more) - data.values(fewer))[0]), draw, max_tables)


def _gains(data: Replicates, fewer: Floats, n_more: int, rng: np.random.Generator) -> Floats:
    """Return the log-likelihood (n_replicates,) that the mixture of more classes gains."""
    warm = fewer if len(fewer) > 1 else None
    base = data.fit(len(fewer), REFIT_STARTS, rng, warm=warm)
    return np.maximum(data.fit(n_more, REFIT_STARTS, rng).log_likelihoods - base.log_likelihoods, 0.0)


def null_model_test(
    table: CountTables, classes: Floats, model: NullModel, max_tables: int, rng: np.random.Generator
) -> NullTest:
    """Test whether classes fit better than they would if a model without segments had made the table.

    The statistic is the log-likelihood of `classes` (n_classes, 1 + n_columns) less that of the model. Its null distribution
    comes from tables drawn from the fitted model; both are fitted to each (Williams 1970; Cox 1961, on tests of separate
    families).
    """
    data = table.replicates()

    def draw(n_tables: int) -> Floats:
        parts = model.draw(table, n_tables, rng).parts()
        return np.concatenate([lead(part) for _, part in parts])

    def lead(part: CountTables) -> Floats:
        fits = part.replicates().fit(len(classes), REFIT_STARTS, rng, warm=classes)
        return fits.log_likelihoods - model.refit(part)

    return drawn_test(float(data.values(classes)[0] - model.log_likelihood), draw, max_tables)
