"""segmentry on codes in memory."""

from __future__ import annotations

import sys
from typing import Any

from common import Codes, Found, Task, main


def load(task: Task) -> Any:
    from segmentry.cluster import KModes, LatentClass

    estimator = KModes if task.method == "k-modes" else LatentClass
    unknown = set(task.options) - set(estimator().get_params())
    if unknown:
        sys.exit(f"not available: {estimator.__name__} has no parameter {', '.join(sorted(unknown))}")
    return estimator


def solve(library: Any, task: Task, k: int, codes: Codes, weights: Any) -> Found:
    settings = {"random_state": task.seed, "n_init": task.starts, "missing_value": -1, **task.options}
    if task.method == "k-modes":
        return _modes(library(n_clusters=k, **settings), codes, weights)
    model = library(n_components=k, **settings).fit(codes, sample_weight=weights)
    return {
        "prior": model.class_prior_,
        "probabilities": list(model.response_proba_),
        "labels": model.labels_,
        "n_iter": model.n_iter_,
        "converged": model.converged_,
    }


def _modes(model: Any, codes: Codes, weights: Any) -> Found:
    model.fit(codes, sample_weight=weights)
    proof = {name: getattr(model, f"{name}_", None) for name in ("lower_bound", "gap")}
    known = {name: value for name, value in proof.items() if value is not None}
    return {"modes": model.cluster_modes_, "labels": model.labels_, **known}


if __name__ == "__main__":
    main(load, solve)
