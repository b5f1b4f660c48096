"""The package kluster-fudge, which compiles with numba at its first call."""

from __future__ import annotations

from typing import Any

import numpy as np
from common import Codes, Found, Task, main, missing_as_level


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    from kluster_fudge import KModes

    return KModes


def solve(library: Any, task: Task, k: int, codes: Codes, weights: Any) -> Found:  # noqa: ARG001
    model = library(n_clusters=k, n_init=task.starts, init_method="random", random_state=task.seed)
    model.fit(missing_as_level(codes))
    return {"modes": np.asarray(model.decoded_centroids).astype(np.int64), "labels": model.labels}


if __name__ == "__main__":
    main(load, solve, compiles=True)
