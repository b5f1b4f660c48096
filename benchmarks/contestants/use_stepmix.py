"""The package StepMix, its measurement model alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from common import Codes, Found, Task, main, n_levels


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    from stepmix.stepmix import StepMix

    return StepMix


def solve(library: Any, task: Task, k: int, codes: Codes, weights: Any) -> Found:
    has_missing = bool((codes < 0).any())
    table = np.where(codes < 0, np.nan, codes) if has_missing else codes
    model = library(
        n_components=k,
        measurement="categorical_nan" if has_missing else "categorical",
        n_init=task.starts,
        max_iter=task.max_iter,
        random_state=task.seed,
        progress_bar=0,
    )
    model.fit(table, sample_weight=weights)
    parameters = model.get_parameters()
    cube = parameters["measurement"]["pis"].reshape(k, codes.shape[1], -1)
    found = {
        "prior": parameters["weights"],
        "probabilities": [cube[:, j, :n] for j, n in enumerate(n_levels(codes))],
        "n_iter": model.n_iter_,
        "converged": model.converged_,
    }
    return {**found, "labels": model.predict(table)} if task.needs_labels else found


if __name__ == "__main__":
    main(load, solve)
