"""A fitted core with its clusters in another order."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import numpy.typing as npt


def reordered(core: Any, order: npt.NDArray[np.intp]) -> Any:
    """Return a fitted core of latent classes, k-modes or k-means whose cluster i is what was cluster `order[i]`.

    Rows that are equally near to two clusters belong to the first, so they can change.
    """
    changed = copy(core)
    for name in ("class_prior_", "mode_codes_", "cluster_modes_", "cluster_centers_"):
        if hasattr(core, name):
            setattr(changed, name, np.asarray(getattr(core, name))[order])
    if hasattr(core, "response_proba_"):
        changed.response_proba_ = [np.asarray(table)[order] for table in core.response_proba_]
    if hasattr(core, "misclassification_"):
        changed.misclassification_ = np.asarray(core.misclassification_)[np.ix_(order, order)]
    if hasattr(core, "labels_"):
        changed.labels_ = np.argsort(order)[core.labels_]
    return changed
