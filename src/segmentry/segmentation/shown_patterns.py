"""The patterns of a segmentation by the levels that are shown, where its model sees finer ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentry.patterns import as_codes, group_patterns
from segmentry.patterns.sums import Grouping
from segmentry.patterns.table import per_pattern

if TYPE_CHECKING:
    from segmentry.segmentation.result import Segmentation


def with_shown_patterns(result: Segmentation) -> Segmentation:
    """Return the segmentation with patterns of the recipe's levels, those added up that are equal and in one segment.

    Their certainty is the mean of what is added up. Unchanged where the model sees no finer levels.
    """
    patterns, labels = result.patterns, result.labels
    if patterns is None or labels is None or not any(f.shown for f in patterns.features):
        return result
    shown = patterns.as_shown()
    first, group = group_patterns(np.column_stack([np.asarray(shown.codes), labels]))
    grouping = Grouping(np.asarray(shown.codes)[first], group)
    arrays: dict[str, Any] = grouping.added_each(
        {name: values for name, values in per_pattern(shown).items() if name != "codes"}
    )
    folds = None if shown.folds is None else shown.folds.grouped(group, len(first))
    weight = patterns.sample_weight
    total = np.maximum(np.bincount(group, weight), 1e-300)
    certainty = result.certainty
    return replace(
        result,
        patterns=replace(shown, codes=as_codes(grouping.codes), folds=folds, **arrays),
        labels=labels[first],
        certainty=None if certainty is None else np.bincount(group, certainty * weight) / total,
        steadiness=None,
    )
