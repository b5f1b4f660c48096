"""Whether a set of segments may be named as one that pays, and what it earns, given that it was named.

The set that looks best is partly the luckiest one, and only lucky ones are told of. So a set is named where even the lower
end of its interval pays; and as that is passed by luck, too, its profit is estimated given that it passed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

LEVEL = 0.025
"""Largest probability, by the joint posterior, that the set does not pay: over all campaigns."""
REACH = float(special.ndtri(1 - LEVEL))
_TRUE = np.linspace(-8.0, 8.0, 1601)


@dataclass(frozen=True)
class Naming:
    """Whether a set is named, and by how many standard errors its profit and the ends of its interval are moved.

    `down` is subtracted from the expected profit; the ends lie `below` and `above` the profit before that.
    """

    is_named: bool
    down: float
    below: float
    above: float


NOT_NAMED = Naming(False, 0.0, REACH, REACH)


def naming_of(score: float, n_campaigns: int) -> Naming:
    """Judge the expected profit of the best set, in standard errors.

    Parameters
    ----------
    score
        Expected profit of the set over its standard error.
    n_campaigns
        Number of campaigns among which a set may be named.

    Notes
    -----
    A set is named where its score is above a limit. Given that, the score is a normal variable cut off at the limit,
    whose mean, the true score, is wanted: the ends are those that make such a score likely in 2.5 % from either side (Andrews,
    Kitagawa & McCloskey 2024 on conditional inference), and the estimate is the mean of the true score with a flat prior from 0 up.
    Far above the limit nothing changes.

    Examples
    --------
    >>> naming_of(1.9, 1).is_named, naming_of(2.2, 1).is_named
    (False, True)
    >>> near, far = naming_of(2.2, 1), naming_of(8.0, 1)
    >>> round(near.down, 1), round(far.down, 1)
    (0.8, 0.0)
    """
    limit = float(-special.ndtri(LEVEL / max(n_campaigns, 1)))
    if not score > limit:
        return NOT_NAMED
    true = score + _TRUE
    passed = special.log_ndtr(true - limit)
    tail = np.exp(
        special.log_ndtr(true - score) - passed
    )  # of scores above this one: rises with the true score
    low, high = np.interp([LEVEL, 1 - LEVEL], tail, true)
    log_weight = np.where(true >= 0, -((score - true) ** 2) / 2 - passed, -np.inf)
    weight = np.exp(log_weight - log_weight.max())
    mean = float(weight @ true / weight.sum())
    return Naming(True, score - mean, max(score - float(low), REACH), float(high) - score)
