"""What says that customers who were scored are others than those who made the segments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from segmentry.recipe import Feature
from segmentry.recipe.levels import level_labels
from segmentry.segmentation import Segmentation
from segmentry.sql.formula import MISSING, UNSEEN

MANY_UNFIT = 0.05
"""Of those who made the segments at most 1 % do not fit."""
MANY_UNSEEN = 0.05
"""Share of customers with a value in no level, beyond the share of those who made the segments."""
_FEW = 5
"""Fewer customers than this are never said to be many."""


def unlike(
    segmentation: Segmentation,
    codes: npt.NDArray[np.integer],
    counts: npt.NDArray[np.int64],
    fits: npt.NDArray[np.bool_],
) -> tuple[str, ...]:
    """Return a sentence for everything that makes the scores doubtful, gravest first.

    Parameters
    ----------
    segmentation
        The segments that customers were assigned to.
    codes, counts
        The patterns of those who were assigned, and how many customers have each.
    fits
        Which of the patterns are like one that was seen.
    """
    n = int(counts.sum())
    if n < _FEW:
        return ()
    said = [*_without_values(segmentation, codes, counts, n), *_unseen(segmentation, codes, counts, n)]
    # a value in no level never fits, and has its own sentence where there are many
    n_unfit = int(counts[~fits & (codes != UNSEEN).all(axis=1)].sum())
    if n_unfit >= max(_FEW, MANY_UNFIT * n):
        said.append(
            f"{n_unfit:,} customers ({n_unfit / n:.1%}) do not fit, where at most 1% of those who made the segments do "
            "not: they are other customers, or their columns mean something else"
        )
    return tuple(said)


def _without_values(
    segmentation: Segmentation, codes: npt.NDArray[np.integer], counts: npt.NDArray[np.int64], n: int
) -> Iterator[str]:
    for j, feature in enumerate(segmentation.recipe.features):
        before = _share_missing(segmentation, j)
        if before == 1 or int(counts[_is_missing(segmentation, feature, codes[:, j])].sum()) < n:
            continue
        then = "" if before is None else f"; {before:.1%} had none when the segments were made"
        yield (
            f"{_place(feature)} has no value for any of the {n:,} customers{then}: they were assigned without it. Is the "
            "column empty, or was it renamed or refilled?"
        )


def _unseen(
    segmentation: Segmentation, codes: npt.NDArray[np.integer], counts: npt.NDArray[np.int64], n: int
) -> Iterator[str]:
    for j, feature in enumerate(segmentation.recipe.features):
        n_unseen = int(counts[codes[:, j] == UNSEEN].sum())
        if n_unseen >= max(_FEW, (MANY_UNSEEN + _share_unseen(segmentation, j)) * n):
            yield (
                f"{n_unseen:,} customers ({n_unseen / n:.1%}) have a value of {_place(feature)} that is in no level of the "
                "recipe: they were assigned without it"
            )


def _place(feature: Feature) -> str:
    return f"{feature.title} (features.{feature.name})"


def _is_missing(
    segmentation: Segmentation, feature: Feature, codes: npt.NDArray[np.integer]
) -> npt.NDArray[np.bool_]:
    if feature.missing == "level":
        return np.asarray(codes == len(level_labels(feature, segmentation.recipe.locale)) - 1)
    return np.asarray(codes == MISSING)


def _share_missing(segmentation: Segmentation, position: int) -> float | None:
    """Of those who made the segments, how many had no value; None where it is not known."""
    if segmentation.population is None:
        return None
    feature = segmentation.recipe.features[position]
    cells = segmentation.population.levels[position]
    share = cells[-3 if feature.missing == "level" else -2] / np.nansum(cells)
    return None if np.isnan(share) else float(share)


def _share_unseen(segmentation: Segmentation, position: int) -> float:
    """Of those who made the segments, how many had a value in no level; 0 where it is not known."""
    found = sum(
        step.n_rows
        for step in segmentation.cleaning.steps
        if step.what == "unseen" and step.step == segmentation.recipe.features[position].name
    )
    n = segmentation.cleaning.n_rows - segmentation.cleaning.n_dropped
    return found / n if n else 0.0
