"""Checks of hyper-parameters, shared by the estimators."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from segmentry.errors import ModelError

if TYPE_CHECKING:
    from segmentry.cluster.model import ClusterModel


def check_settings(model: ClusterModel) -> None:
    """Refuse hyper-parameters that are not the numbers which they have to be."""
    for name in model.whole_settings:
        value = getattr(model, name)
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ModelError(f"{_title(model, name)} must be a whole number of at least 1; got {value!r}")
    for name in model.positive_settings:
        value = getattr(model, name)
        if value is None and getattr(type(model), name) is None:  # the default
            continue
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < np.inf:
            raise ModelError(f"{_title(model, name)} must be a finite number of at least 0; got {value!r}")


def check_enough_patterns(model: ClusterModel, n_patterns: int) -> None:
    """Refuse more clusters than there are distinct patterns to put in them."""
    name = model.whole_settings[0]
    asked = getattr(model, name)
    if asked > n_patterns:
        raise ModelError(
            f"{_title(model, name)} is {asked}, but X has {n_patterns} distinct patterns of positive "
            f"weight; ask for at most {n_patterns}"
        )


def read_random_state(random_state: object) -> np.random.Generator:
    """Return a generator: from a seed, from a RandomState or Generator given, or from the system."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31))
    if random_state is None:
        return np.random.default_rng()
    if isinstance(random_state, Integral) and int(random_state) >= 0:
        return np.random.default_rng(int(random_state))
    raise ModelError(
        "random_state must be None, a whole number of at least 0, or numpy's RandomState or Generator; "
        f"got {random_state!r}"
    )


def _title(model: ClusterModel, name: str) -> str:
    return f"{model.estimator_name}: {name}"
