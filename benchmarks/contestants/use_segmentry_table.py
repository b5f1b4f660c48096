"""segmentry's k-modes from a table on disk; with `labels` in the options, to the segment of every customer."""

from __future__ import annotations

from typing import Any

from common import Found, Task, main


def load(task: Task) -> Any:  # noqa: ARG001 - as all contestants
    # segmentry imports these when used; imports are not on the clock
    import duckdb  # noqa: F401
    import pyarrow  # noqa: F401
    import sqlglot.dialects.duckdb  # noqa: F401

    from segmentry import scoring
    from segmentry.cluster import KModes
    from segmentry.collecting import collection, pattern_segments
    from segmentry.recipe import Recipe

    return (collection, pattern_segments), scoring, KModes, Recipe


def solve(library: Any, task: Task, k: int, table: Any, weights: Any) -> Found:  # noqa: ARG001
    (collection, pattern_segments), scoring, k_modes, recipes = library
    recipe = recipes.load(task.options["recipe"])
    engine = scoring.open_data(table, recipe)
    collected = collection.collect_patterns(engine, recipe, outcomes=False)
    patterns = collected.patterns
    model = k_modes(n_clusters=k, random_state=task.seed, missing_value=-1)
    model.fit(patterns.codes, sample_weight=patterns.sample_weight)
    if task.options.get("labels"):
        labels, certainty = scoring.score_patterns(model, patterns.codes)
        pattern_segments.register_segments(engine, collected, labels, certainty)
        assigned = engine.query(pattern_segments.assignments_query(collected))
        assert assigned.num_rows == patterns.n_customers
    engine.close()
    return {"modes": model.cluster_modes_}


if __name__ == "__main__":
    main(load, solve)
