"""From the segment of every pattern to a Segmentation: who the segments are and what they do."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata

import numpy as np
import numpy.typing as npt

from segmentry.engine import LoggedQuery
from segmentry.patterns import Floats, PatternTable
from segmentry.profile import (
    feature_table,
    insights_of,
    outcome_table,
    segment_names,
    spoken_level,
    targeting_table,
)
from segmentry.recipe import Recipe
from segmentry.segmentation import Segment, Segmentation
from segmentry.selection import Choice
from segmentry.sql.encode import feature_value
from segmentry.sql.expressions import columns_of

_VERSIONED = ("segmentry", "duckdb", "sqlglot", "numpy", "scikit-learn")


def assemble(
    recipe: Recipe,
    method: str,
    source: str,
    queries: tuple[LoggedQuery, ...],
    patterns: PatternTable,
    labels: npt.NDArray[np.intp],
    certainty: npt.NDArray[np.float64],
    choice: Choice,
    given: tuple[str, ...] = (),
    protected: Mapping[str, Floats] | None = None,
) -> Segmentation:
    """Profile the segments and put everything together; the model and the verdict come later."""
    import pandas as pd

    features = feature_table(patterns, labels, choice.k)
    outcomes = outcome_table(patterns, labels, choice.k)
    names = given or segment_names(features, choice.k, {f.name: f.label for f in patterns.features})
    targeting = targeting_table(patterns, labels, choice.k, outcomes)
    tables = {"features": features, "outcomes": outcomes, "targeting": targeting}
    return Segmentation(
        recipe=recipe,
        method=method,
        seed=recipe.model.seed,
        source=source,
        segments=_segments(patterns, labels, certainty, names, given),
        features=features,
        outcomes=outcomes,
        targeting=targeting,
        selection=pd.DataFrame({"k": pd.Series(dtype="int64")}),
        choice=choice,
        cleaning=patterns.cleaning,
        insights=insights_of(patterns, labels, names, tables, _sensitive(recipe, protected or {})),
        patterns=patterns,
        labels=labels,
        certainty=certainty,
        queries=queries,
        versions=_versions(),
    )


def _sensitive(recipe: Recipe, counted: Mapping[str, Floats]) -> dict[str, str | Floats | None]:
    """The feature that each protected column forms, else its counts by segment, else None."""
    reads = {f.name: columns_of(feature_value(f)) for f in recipe.features}
    return {
        column: next((name for name, columns in reads.items() if column in columns), counted.get(column))
        for column in recipe.sensitive
    }


def _segments(
    patterns: PatternTable,
    labels: npt.NDArray[np.intp],
    certainty: npt.NDArray[np.float64],
    names: tuple[str, ...],
    given: tuple[str, ...],
) -> tuple[Segment, ...]:
    weight = patterns.sample_weight
    made = []
    for s, name in enumerate(names):
        mine = np.flatnonzero(labels == s)
        total = float(weight[mine].sum())
        typical = _typical(patterns, int(mine[weight[mine].argmax()])) if len(mine) else ()
        made.append(
            Segment(
                id=s + 1,
                name=name,
                size=int(patterns.counts[mine].sum()),
                share=total / float(weight.sum()),
                certainty=float((certainty[mine] * weight[mine]).sum() / total) if total else 0.0,
                typical=typical,
                label=given[s] if given else None,
            )
        )
    return tuple(made)


def _typical(patterns: PatternTable, row: int) -> tuple[str, ...]:
    codes = patterns.codes[row].tolist()
    return tuple(
        f"{feature.label} unknown" if code < 0 else spoken_level(feature.label, feature.levels[code])
        for feature, code in zip(patterns.features, codes, strict=True)
    )


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in _VERSIONED}}
