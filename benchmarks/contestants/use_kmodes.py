"""The package kmodes."""

from __future__ import annotations

from typing import Any

from common import Codes, Found, Task, main, missing_as_level


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    from kmodes.kmodes import KModes

    return KModes


def solve(library: Any, task: Task, k: int, codes: Codes, weights: Any) -> Found:  # noqa: ARG001
    model = library(n_clusters=k, init="Huang", n_init=task.starts, random_state=task.seed)
    model.fit(missing_as_level(codes))
    return {"modes": model.cluster_centroids_, "labels": model.labels_, "n_iter": model.n_iter_}


if __name__ == "__main__":
    main(load, solve)
