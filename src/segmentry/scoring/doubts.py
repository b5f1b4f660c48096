"""Doubts about scores: signs that the scored customers differ from those whom the segments were made of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Integers, Mask
from segmentry.recipe import Feature
from segmentry.recipe.levels import level_labels
from segmentry.segmentation import Segmentation
from segmentry.sql.formula import MISSING, UNSEEN
from segmentry.text.numbers import count, percent, percent_mark

MANY_UNFIT = 0.05
"""Share of customers who do not fit that is doubtful; at most 1 % of those who made the segments do not fit."""
MANY_UNSEEN = 0.05
"""Share of customers with a value in no level that is doubtful, beyond the share among those who made the segments."""
_LEAST_CUSTOMERS = 5
"""Fewer customers than this are never doubtful."""


def find_doubts(
    segmentation: Segmentation,
    codes: npt.NDArray[np.integer],
    counts: Integers,
    fits: Mask,
) -> tuple[str, ...]:
    """Write a sentence for each reason to doubt the scores, the gravest first.

    Parameters
    ----------
    segmentation
        Segmentation that the customers were assigned by.
    codes
        (n_patterns, n_features) patterns of the assigned customers.
    counts
        (n_patterns,) customers with each pattern.
    fits
        (n_patterns,) whether the pattern fits.
    """
    n = int(counts.sum())
    if n < _LEAST_CUSTOMERS:
        return ()
    said = [
        *_features_without_values(segmentation, codes, counts, n),
        *_many_unseen(segmentation, codes, counts, n),
    ]
    # a value in no level never fits, and has its own sentence where there are many
    n_unfit = int(counts[~fits & (codes != UNSEEN).all(axis=1)].sum())
    if n_unfit >= max(_LEAST_CUSTOMERS, MANY_UNFIT * n):
        said.append(
            f"{count(n_unfit)} customers ({percent(n_unfit / n)}) do not fit, where at most {percent_mark(0.01)} of those who made the segments do "
            "not: they are other customers, or their columns mean something else"
        )
    return tuple(said)


def _features_without_values(
    segmentation: Segmentation, codes: npt.NDArray[np.integer], counts: Integers, n: int
) -> Iterator[str]:
    for j, feature in enumerate(segmentation.recipe.features):
        before = _share_missing(segmentation, j)
        if before == 1 or int(counts[_is_missing(segmentation, feature, codes[:, j])].sum()) < n:
            continue
        then = "" if before is None else f"; {percent(before)} had none when the segments were made"
        yield (
            f"{_feature_text(feature)} has no value for any of the {count(n)} customers{then}: they were assigned without it. Is the "
            "column empty, or was it renamed or refilled?"
        )


def _many_unseen(
    segmentation: Segmentation, codes: npt.NDArray[np.integer], counts: Integers, n: int
) -> Iterator[str]:
    for j, feature in enumerate(segmentation.recipe.features):
        n_unseen = int(counts[codes[:, j] == UNSEEN].sum())
        if n_unseen >= max(_LEAST_CUSTOMERS, (MANY_UNSEEN + _share_unseen(segmentation, j)) * n):
            yield (
                f"{count(n_unseen)} customers ({percent(n_unseen / n)}) have a value of {_feature_text(feature)} that is in no level of the "
                "recipe: they were assigned without it"
            )


def _feature_text(feature: Feature) -> str:
    return f"{feature.title} (features.{feature.name})"


def _is_missing(segmentation: Segmentation, feature: Feature, codes: npt.NDArray[np.integer]) -> Mask:
    if feature.missing == "level":
        return np.asarray(codes == len(level_labels(feature, segmentation.recipe.locale)) - 1)
    return np.asarray(codes == MISSING)


def _share_missing(segmentation: Segmentation, position: int) -> float | None:
    """Share of those who made the segments that had no value; None where it is unknown."""
    if segmentation.population is None:
        return None
    feature = segmentation.recipe.features[position]
    cells = segmentation.population.levels[position]
    share = cells[-3 if feature.missing == "level" else -2] / np.nansum(cells)
    return None if np.isnan(share) else float(share)


def _share_unseen(segmentation: Segmentation, position: int) -> float:
    """Share of those who made the segments that had a value in no level; 0 where it is unknown."""
    cleaning = segmentation.cleaning
    found = cleaning.n_of("unseen", segmentation.recipe.features[position].name)
    n = cleaning.n_rows - cleaning.n_dropped
    return found / n if n else 0.0
