"""scikit-learn's KMeans on one-hot columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from common import Codes, Found, Task, main, n_levels


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    from sklearn.cluster import KMeans

    return KMeans


def solve(library: Any, task: Task, k: int, codes: Codes, weights: Any) -> Found:
    columns = [codes[:, [j]] == np.arange(n) for j, n in enumerate(n_levels(codes))]
    model = library(n_clusters=k, n_init=task.starts, random_state=task.seed)
    model.fit(np.hstack(columns).astype(np.float32), sample_weight=weights)
    return {"labels": model.labels_, "n_iter": model.n_iter_}


if __name__ == "__main__":
    main(load, solve)
