"""The package StepMix, numbers as continuous ones; `categorical` of the options says how many of the last columns are categories."""

from __future__ import annotations

from typing import Any

from common import Found, Task, main


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    from stepmix.stepmix import StepMix

    return StepMix


def solve(library: Any, task: Task, k: int, values: Any, weights: Any) -> Found:
    n_categorical = task.options["categorical"]
    measured: dict[str, Any] = {
        "numbers": {"model": "gaussian_diag", "n_columns": values.shape[1] - n_categorical}
    }
    if n_categorical:
        measured["categories"] = {"model": "categorical", "n_columns": n_categorical}
    model = library(k, measurement=measured, n_init=task.starts, random_state=task.seed, progress_bar=0)
    model.fit(values.astype(float), sample_weight=weights)
    labels = model.predict(values) if task.needs_labels else []
    return {"labels": labels, "n_iter": model.n_iter_, "converged": model.converged_}


if __name__ == "__main__":
    main(load, solve)
