"""The package FasterKModes, which compiles with gcc at its first call."""

from __future__ import annotations

from typing import Any

import numpy as np
from common import Codes, Found, Task, main, missing_as_level


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    from FasterKModes import FasterKModes

    return FasterKModes


def solve(library: Any, task: Task, k: int, codes: Codes, weights: Any) -> Found:  # noqa: ARG001
    table = np.ascontiguousarray(missing_as_level(codes), dtype=np.uint8)
    model = library(n_clusters=k, n_init=task.starts, random_state=task.seed, print_log=False)
    model.fit(table)
    found = {"modes": model.C.astype(np.int64)}
    return {**found, "labels": model.predict(table)} if task.needs_labels else found


if __name__ == "__main__":
    main(load, solve, compiles=True)
