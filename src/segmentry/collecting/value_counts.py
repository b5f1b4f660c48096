"""How often values of amounts and counts occur in each segment, which quartiles are made from: one further scan, or fine levels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.collecting.collection import Collected
from segmentry.collecting.fine_levels import values_within
from segmentry.collecting.pattern_segments import register_segments
from segmentry.collecting.sampling import Sample
from segmentry.engine import Engine
from segmentry.patterns import PatternTable, ValueCounts
from segmentry.recipe import Recipe
from segmentry.recipe.levels import modelled_fine
from segmentry.sql.value_counts import (
    ValuesQuery,
    distinct_values_query,
    from_buckets,
    measured_outcomes,
    value_counts_query,
    with_numbers,
)

MAX_VALUES = 10_000
"""Largest number of different values that are counted one by one; more are put into buckets."""
_MARGIN = 1.2  # numbers of different values are approximate; just above the limit values are still counted one by one


def segment_value_counts(
    engine: Engine, collected: Collected, sample: Sample, labels: npt.NDArray[np.intp]
) -> tuple[ValueCounts, ...]:
    """Count the customers of every segment by the values of amounts and counts, and of ordered numbers, which come last.

    Parameters
    ----------
    engine
        Engine that reads the customers.
    collected
        Pattern table of the customers.
    sample
        Customers whose values are counted.
    labels
        (n_patterns,) segment of each pattern, counted from 0.
    """
    matched, numbers = with_numbers(sample.matched)
    outcomes = measured_outcomes(matched.recipe)
    if not outcomes:
        return ()
    in_buckets = [False] * len(outcomes)
    if collected.patterns.n_customers > MAX_VALUES:
        found = engine.query(distinct_values_query(matched, engine.dialect))
        in_buckets = [c[0].as_py() > MAX_VALUES * _MARGIN for c in found.columns]
    register_segments(engine, collected, labels, np.ones(len(labels)))
    query = value_counts_query(matched, in_buckets)
    result = engine.query(query.query)
    names = [*(outcome.name for outcome, _ in sample.matched.recipe.outcome_columns), *numbers]
    return tuple(
        _value_counts(result, query, column, names[outcome], in_buckets=rough, share=sample.share)
        for column, outcome, rough in zip(query.values, outcomes, in_buckets, strict=True)
    )


def pattern_value_counts(
    recipe: Recipe, patterns: PatternTable, labels: npt.NDArray[np.intp]
) -> tuple[ValueCounts, ...]:
    """Count the customers of every segment by the fine level of ordered numbers, where a pattern table has them.

    A level is known by a number in it, so quartiles are at most a fine level off; in the open ones they are infinite.
    """
    found, names = [], modelled_fine(recipe)
    for j, (feature, levels) in enumerate(zip(recipe.features, patterns.features, strict=True)):
        if feature.name in names and levels.shown:
            codes = np.asarray(patterns.codes[:, j])
            known = codes >= 0
            weights = None if patterns.weights is None else patterns.weights[known]
            counts = patterns.counts[known].astype(np.float64)
            values = values_within(feature)[codes[known]]
            found.append(
                ValueCounts(feature.name, labels[known] + 1, values, counts, weights, is_exact=False)
            )
    return tuple(found)


def _value_counts(
    result: Any, query: ValuesQuery, column: str, name: str, *, in_buckets: bool, share: float
) -> ValueCounts:
    """Gather the rows of one outcome: those in which only this outcome is not missing."""
    values = _floats(result.column(column))
    kept = ~np.isnan(values)
    found = values[kept]
    return ValueCounts(
        outcome=name,
        segments=_floats(result.column(query.segment))[kept].astype(np.intp),
        values=np.asarray(from_buckets(found.tolist())) if in_buckets else found,
        customers=_floats(result.column(query.customers))[kept],
        weights=None if query.weights is None else _floats(result.column(query.weights))[kept],
        is_exact=not in_buckets,
        share=share,
    )


def _floats(column: Any) -> npt.NDArray[np.float64]:
    import pyarrow as pa

    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)
