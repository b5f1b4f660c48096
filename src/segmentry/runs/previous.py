"""Identity over time: a refit keeps the numbers and names of the segments that survive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Indices
from segmentry.cluster import PatternModel
from segmentry.errors import DataError
from segmentry.patterns import FeatureLevels, PatternTable, as_codes
from segmentry.scoring import score_patterns
from segmentry.segmentation import Segment, Segmentation
from segmentry.selection import Choice
from segmentry.text.numbers import count, percent

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
    """

    previous: Segmentation
    model: PatternModel
    partner: dict[int, int]
    overlap: npt.NDArray[np.float64]

    @property
    def survivors(self) -> dict[int, Segment]:
        """Earlier segments that survive, by the position of the new segment."""
        return {new: self.previous.segments[old] for old, new in self.partner.items()}


def match_previous(model: PatternModel, patterns: PatternTable, previous: Segmentation) -> PreviousMatch:
    """Match new segments to earlier ones, and give those that survive their earlier numbers.

    Segments are matched one to one so that as many customers as possible of the earlier population stay
    where they were (Kuhn 1955), by the patterns that the earlier segmentation holds (a saved one holds those
    of five customers or more). Numbers stay 1 to k: a segment whose number is above k takes a free one.

    Raises
    ------
    DataError
        The features or their levels differ, so that customers cannot be compared; or there are no earlier patterns.
    """
    _check_levels(previous, patterns)
    then, labels = previous.patterns, previous.labels
    if then is None or labels is None or not then.n_patterns:
        raise DataError(
            "holds no patterns (there were too many to save, or all were withheld)",
            source="--previous",
            hint="segments cannot be matched: pass the segmentation that run returned in Python",
        )
    codes = _translated(then, then.features, patterns.features)
    k = model.n_found
    overlap = _cross(labels, score_patterns(model, codes)[0], then, (len(previous.segments), k))
    order = _order(_partners(overlap), [s.id for s in previous.segments], k)
    model = model.reordered(order)
    model.labels_ = score_patterns(model, patterns.codes)[0]
    overlap = _cross(labels, score_patterns(model, codes)[0], then, overlap.shape)
    return PreviousMatch(previous, model, _partners(overlap), overlap)


def _check_levels(previous: Segmentation, patterns: PatternTable) -> None:
    """Refuse fine levels: earlier customers are known by the levels that are shown, and the new model sees finer ones."""
    of_then = [f.name for f in previous.recipe.features if f.fine]
    names = of_then or [f.name for f in patterns.features if f.shown]
    if names:
        raise DataError(
            'numbers and names cannot be kept yet where distribution = "ordered" has a model see finer levels than are shown',
            source="--previous",
            place=("features", names[0]),
            hint="leave --previous out, or use method k-modes or distribution levels in both",
        )


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


def _translated(
    table: PatternTable, mine: tuple[FeatureLevels, ...], theirs: tuple[FeatureLevels, ...]
) -> Any:
    """Return the codes of a table in terms of the levels that other features of the same names have."""
    if [f.name for f in mine] != [f.name for f in theirs]:
        raise DataError(
            f"has the features {[f.name for f in mine]}, the recipe {[f.name for f in theirs]}",
            source="--previous",
            hint="numbers are kept between recipes with the same features",
        )
    codes = np.asarray(table.codes).copy()
    for j, (own, other) in enumerate(zip(mine, theirs, strict=True)):
        position = {level: i for i, level in enumerate(other.levels)}
        used = np.unique(codes[:, j][codes[:, j] >= 0])
        unknown = [own.levels[i] for i in used if own.levels[i] not in position]
        if unknown:
            raise DataError(
                f"the level {unknown[0]!r} is not among {list(other.levels)}",
                source="--previous",
                place=("features", own.name),
                hint="numbers are kept between recipes with the same levels",
            )
        lookup = np.array([position.get(level, -1) for level in own.levels] + [-1], np.int32)
        codes[:, j] = lookup[codes[:, j]]
    return as_codes(codes)


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
    return f"{'; '.join([', '.join(parts), *changes, share])}."
