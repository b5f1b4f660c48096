"""Identity over time: a refit keeps the numbers and names of the segments that survive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Indices
from segmentry.cluster import PatternModel
from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe
from segmentry.runs.common_levels import CommonLevels, Side
from segmentry.scoring import score_patterns
from segmentry.segmentation import Segment, Segmentation
from segmentry.selection import Choice
from segmentry.text.numbers import count, percent
from segmentry.text.words import listed

if TYPE_CHECKING:
    import pandas as pd

SURVIVES = 0.5
"""Smallest Jaccard similarity with its partner at which a segment survives (Hennig 2007 calls less dissolved)."""


@dataclass(frozen=True)
class PreviousMatch:
    """New segments matched with those of an earlier segmentation.

    Attributes
    ----------
    previous
        Earlier segmentation.
    model
        Fitted model with the new segments in the order of their numbers.
    partner
        Position of the new segment by the position of the earlier one, of segments that survive.
    overlap
        (n_previous, n_new) customers of the earlier population in both segments.
    coarser
        Labels of the numbers whose fine levels differ, so that both segmentations place customers by the cuts that they have in common.
    """

    previous: Segmentation
    model: PatternModel
    partner: dict[int, int]
    overlap: npt.NDArray[np.float64]
    coarser: tuple[str, ...] = ()

    @property
    def survivors(self) -> dict[int, Segment]:
        """Earlier segments that survive, by the position of the new segment."""
        return {new: self.previous.segments[old] for old, new in self.partner.items()}


def match_previous(
    model: PatternModel, patterns: PatternTable, recipe: Recipe, previous: Segmentation
) -> PreviousMatch:
    """Match new segments to earlier ones, and give those that survive their earlier numbers.

    Segments are matched one to one so that as many customers as possible of the earlier population stay
    where they were (Kuhn 1955), by the patterns that the earlier segmentation holds (a saved one holds those
    of five customers or more). Where fine levels of numbers differ, both models place these customers by the cuts that they have
    in common. Numbers stay 1 to k: a segment whose number is above k takes a free one.

    Raises
    ------
    DataError
        The features or their levels differ, so that customers cannot be compared; or there are no earlier patterns.
    """
    then, labels = previous.patterns, previous.labels
    if then is None or labels is None or not then.n_patterns:
        raise DataError(
            "holds no patterns (there were too many to save, or all were withheld)",
            source="--previous",
            hint="segments cannot be matched: pass the segmentation that run returned in Python",
        )
    side = Side(previous.recipe, then)
    common = CommonLevels.of(side, Side(recipe, patterns))
    if common.cuts and previous.core is not None:
        earlier = common.placing(previous.core, previous.recipe)
        labels = score_patterns(earlier, common.codes(side, is_now=False))[0]
    codes = common.codes(side, is_now=True)

    def overlap_with(model: PatternModel) -> npt.NDArray[np.float64]:
        now = score_patterns(common.placing(model, recipe), codes)[0]
        return _cross(labels, now, then, (len(previous.segments), model.n_found))

    order = _order(_partners(overlap_with(model)), [s.id for s in previous.segments], model.n_found)
    model = model.reordered(order)
    model.labels_ = score_patterns(model, patterns.codes)[0]
    overlap, coarser = overlap_with(model), tuple(patterns.features[j].label for j in common.cuts)
    return PreviousMatch(previous, model, _partners(overlap), overlap, coarser)


def with_migration_said(choice: Choice, found: PreviousMatch, least: int) -> Choice:
    """Return the choice with a reason that also says how many customers move; below `least` only that."""
    return replace(choice, reason=f"{choice.reason} {_text(found, choice.k, least)}")


def _order(partner: dict[int, int], ids: list[int], k: int) -> Indices:
    """Return the new segment of each number: survivors keep theirs where it is at most k, others get free ones."""
    taken = {ids[old] - 1: new for old, new in partner.items() if ids[old] <= k}
    displaced = [new for old, new in sorted(partner.items()) if ids[old] > k]
    fresh = [new for new in range(k) if new not in partner.values()]
    others = iter([*displaced, *fresh])
    return np.array([taken[number] if number in taken else next(others) for number in range(k)], np.intp)


def _cross(
    old: Indices, new: Indices, table: PatternTable, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    counts = np.zeros(shape)
    np.add.at(counts, (old, new), table.sample_weight)
    return counts


def _partners(overlap: npt.NDArray[np.float64]) -> dict[int, int]:
    """Return the surviving segments: new position by previous position."""
    from scipy.optimize import linear_sum_assignment

    union = overlap.sum(axis=1)[:, None] + overlap.sum(axis=0)[None, :] - overlap
    jaccard = overlap / np.maximum(union, 1e-300)
    pairs = zip(*linear_sum_assignment(overlap, maximize=True), strict=True)
    return {int(old): int(new) for old, new in pairs if jaccard[old, new] >= SURVIVES}


def migration_table(found: PreviousMatch, segments: tuple[Segment, ...]) -> pd.DataFrame:
    """Make a table of the earlier customers in each previous and new segment, and whether they move."""
    import pandas as pd

    overlap, partner = found.overlap, found.partner
    rows = [
        (then.id, then.name, now.id, now.name, overlap[i, j], overlap[i, j] / max(overlap[i].sum(), 1e-300), partner.get(i) != j)
        for i, then in enumerate(found.previous.segments)
        for j, now in enumerate(segments)
        if overlap[i, j] > 0
    ]  # fmt: skip
    names = ["previous_segment", "previous_name", "segment", "name", "customers", "share", "moves"]
    return pd.DataFrame(rows, columns=names)


def _text(found: PreviousMatch, k: int, least: int) -> str:
    before, n_kept = found.previous.segments, len(found.partner)
    parts = [f"{n_kept} of {len(before)} previous segments survive"]
    parts += [f"{k - n_kept} new"] if k > n_kept else []
    parts += [f"{len(before) - n_kept} gone"] if len(before) > n_kept else []
    changes = [
        f"previous segment {before[old].id} is now segment {new + 1}"
        for old, new in sorted(found.partner.items())
        if before[old].id != new + 1
    ]
    gone = {s.id for i, s in enumerate(before) if i not in found.partner}
    changes += [
        f"segment {number} is new and not the previous segment {number}"
        for number in range(1, k + 1)
        if number in gone and number - 1 not in found.partner.values()
    ]
    total = float(found.overlap.sum())
    moved = total - float(sum(found.overlap[old, new] for old, new in found.partner.items()))
    share = f"{count(moved)} of {count(total)} earlier customers move ({percent(moved / max(total, 1e-300))})"
    if not moved:
        share = f"none of {count(total)} earlier customers moves"
    elif moved < least:
        share = f"fewer than {least} of {count(total)} earlier customers move"
    if found.coarser:
        share += f", told by the cuts of {listed(found.coarser)} that both have"
    return f"{'; '.join([', '.join(parts), *changes, share])}."
