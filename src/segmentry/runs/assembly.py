"""From the segment of every pattern to a Segmentation: who the segments are and what they do."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.engine import LoggedQuery
from segmentry.errors import ModelError
from segmentry.patterns import PatternTable, ValueCounts
from segmentry.profiling import (
    feature_table,
    id_notes,
    insights_of,
    n_comparisons,
    outcome_notes,
    outcome_table,
    quartile_table,
    segment_names,
    spoken_level,
    strata_table,
    targeting_table,
    unique_names,
)
from segmentry.recipe import Recipe
from segmentry.recipe.timing import outcome_timing
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
    *,
    core: Any = None,
    counts: tuple[ValueCounts, ...] = (),
    protected: Mapping[str, Floats] | None = None,
    stratified: Sequence[tuple[PatternTable, npt.NDArray[np.intp]]] = (),
    kept: Mapping[int, str] | None = None,
) -> Segmentation:
    """Profile the segments and put everything together; the verdict comes later.

    `stratified` are the patterns with one further feature, the last, whose levels are strata, and their segments;
    `kept` are names that segments have from before, by the position of the segment.
    """
    import pandas as pd

    features = feature_table(patterns, labels, choice.k)
    outcomes = outcome_table(
        patterns,
        labels,
        choice.k,
        correction=_correction(core, patterns, labels, choice.k),
        quartiles=quartile_table(counts, choice.k) if counts else None,
        timing=outcome_timing(recipe),
    )
    strata = strata_table(patterns, labels, outcomes, recipe.named_strata)
    for table, segments in stratified:
        within = strata_table(table, segments, outcomes, (table.features[-1].name,))
        strata = pd.concat([strata, within], ignore_index=True) if len(strata) else within
    called = {f.name: f.label for f in patterns.features}
    strata_called = {**called, **{band.name: band.title for band in recipe.bands}}
    names = given or segment_names(features, choice.k, called)
    names = _with_kept(names, kept) if kept else names
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
        strata=strata,
        n_comparisons=n_comparisons(outcomes),
        notes=(
            *id_notes(patterns.cleaning),
            *outcome_notes(
                outcomes,
                strata,
                counts,
                {o.name: o.label for o in patterns.outcomes},
                strata_called,
                patterns.fold_share,
            ),
        ),
        core=core,
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


def _with_kept(names: tuple[str, ...], kept: Mapping[int, str]) -> tuple[str, ...]:
    """The names with those that are kept in their places; others that coincide with these are numbered."""
    order = sorted(range(len(names)), key=lambda i: i not in kept)
    unique = dict(zip(order, unique_names([kept.get(i, names[i]) for i in order]), strict=True))
    return tuple(unique[i] for i in range(len(names)))


def _correction(
    core: Any, patterns: PatternTable, labels: npt.NDArray[np.intp], n_segments: int
) -> npt.NDArray[np.float64] | None:
    """Row s: the weights of customers assigned to class s; None where there are no classes to correct for."""
    if n_segments < 2 or not hasattr(core, "bch_weights"):
        return None
    first = [int(np.argmax(labels == s)) for s in range(n_segments)]
    try:
        weights = core.bch_weights(patterns.codes)
    except ModelError:  # the classes overlap too much: the table then shows no corrected values
        return None
    return np.asarray(weights[first])


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
