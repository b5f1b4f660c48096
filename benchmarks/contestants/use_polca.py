"""The package polca, a core in C++ behind a table of polars."""

from __future__ import annotations

from typing import Any

from common import Codes, Found, Task, main


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    import polars
    import pypolca

    return polars, pypolca


def solve(library: Any, task: Task, k: int, codes: Codes, weights: Any) -> Found:  # noqa: ARG001
    polars, pypolca = library
    names = [f"y{j}" for j in range(codes.shape[1])]
    table = polars.DataFrame({name: codes[:, j] + 1 for j, name in enumerate(names)})
    model = pypolca.fit(
        f"{' + '.join(names)} ~ 1",
        table,
        nclass=k,
        nrep=task.starts,
        maxiter=task.max_iter,
        seed=task.seed,
        na_rm=False,
        calc_se=False,
    )
    found = {"prior": model.P, "probabilities": model.probs}
    return {**found, "n_iter": model.iterations, "converged": model.converged, "labels": model.predclass - 1}


if __name__ == "__main__":
    main(load, solve)
