"""How often rows are assigned to another class than their own, and weights that make up for it."""

from __future__ import annotations

import numpy as np

from segmentry.arrays import Floats
from segmentry.errors import ModelError

_MAX_CONDITION = 1e8  # beyond this, weights would be in the tens of millions


def misclassify(taken: Floats) -> Floats:
    """Return P(assigned to s | truly in t), a row per t and a column per s, of weights; NaN for a class without weight.

    Vermunt (2010): the posteriors stand for the truth.
    """
    totals = taken.sum(axis=1, keepdims=True)
    return np.where(totals > 0, taken / np.where(totals > 0, totals, 1.0), np.nan)


def correct(misclassification: Floats, name: str) -> Floats:
    """Return the inverse of the misclassification: row s holds the weights of a row assigned to s.

    Bolck, Croon & Hagenaars (2004).
    """
    is_finite = bool(np.isfinite(misclassification).all())
    if not is_finite or not np.linalg.cond(misclassification) < _MAX_CONDITION:
        raise ModelError(
            "rows are assigned to classes so often wrongly, or to some class never, that "
            "misclassification_ has no inverse",
            source=name,
            hint="ask for fewer classes, or weigh by predict_proba instead",
        )
    return np.asarray(np.linalg.inv(misclassification), dtype=np.float64)
