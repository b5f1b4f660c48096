"""Identity over time: a refit keeps the numbers and names of the segments that survive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.errors import DataError
from segmentry.patterns import FeatureLevels, PatternTable, as_codes
from segmentry.profile import unique_names
from segmentry.scoring import score
from segmentry.segmentation import Segmentation

SURVIVES = 0.5
"""A segment survives where its Jaccard similarity with its partner is at least this (Hennig 2007: less is
dissolved)."""
Integers = npt.NDArray[np.intp]


def keep_identity(result: Segmentation, previous: Segmentation) -> Segmentation:
    """Number and name the segments as in an earlier segmentation, and say who moves.

    Segments are matched one to one so that as many customers as possible of the earlier population stay
    where they were (Kuhn 1955), by the patterns that the earlier segmentation holds (a saved one holds those
    of five customers or more). Segments that nobody matches get numbers that it did not use.

    Raises
    ------
    DataError
        The features differ, so that no customer can be found in both.
    """
    overlap = _overlap(result, previous)
    partner = _partners(overlap)
    numbers = _numbers(partner, previous, len(result.segments))
    kept = {numbers[new]: previous.segments[old].name for old, new in partner.items()}
    fresh = [kept.get(n, s.name) for n, s in zip(numbers, result.segments, strict=True)]
    order = sorted(range(len(fresh)), key=lambda i: numbers[i] not in kept)
    named = dict(zip(order, unique_names([fresh[i] for i in order]), strict=True))
    segments = tuple(replace(s, id=numbers[i], name=named[i]) for i, s in enumerate(result.segments))
    tables = {n: _renumbered(getattr(result, n), numbers) for n in ("features", "outcomes", "targeting")}
    migration = _migration(overlap, previous, segments)
    stay = sum(overlap[old, new] for old, new in partner.items())
    text = _text(len(partner), previous, len(segments), float(overlap.sum() - stay), float(overlap.sum()))
    choice = replace(result.choice, reason=f"{result.choice.reason} {text}")
    changed: dict[str, Any] = {**tables, "segments": segments, "migration": migration, "choice": choice}
    return replace(result, **changed)


def _overlap(result: Segmentation, previous: Segmentation) -> npt.NDArray[np.float64]:
    """(previous, new) customers of then by their two segments."""
    now = result.patterns
    if now is None:
        raise DataError("--previous: the patterns of the new segmentation are not known")
    then, labels = previous.patterns, previous.labels
    if then is not None and labels is not None and then.n_patterns:
        codes = _translated(then, then.features, now.features)
        return _cross(labels, score(result.core, codes)[0], then, previous, result)
    raise DataError(
        "--previous: holds no patterns (there were too many to save, or all were withheld); segments cannot be "
        "matched: pass the segmentation that run returned in Python"
    )


def _cross(
    old: Integers, new: Integers, table: PatternTable, previous: Segmentation, result: Segmentation
) -> npt.NDArray[np.float64]:
    counts = np.zeros((len(previous.segments), len(result.segments)))
    np.add.at(counts, (old, new), table.sample_weight)
    return counts


def _translated(
    table: PatternTable, mine: tuple[FeatureLevels, ...], theirs: tuple[FeatureLevels, ...]
) -> Any:
    """The codes of a table in the levels of other features of the same names."""
    if [f.name for f in mine] != [f.name for f in theirs]:
        raise DataError(
            f"--previous: has the features {[f.name for f in mine]}, the recipe {[f.name for f in theirs]}; "
            "numbers are kept between recipes with the same features"
        )
    codes = np.asarray(table.codes).copy()
    for j, (own, other) in enumerate(zip(mine, theirs, strict=True)):
        position = {level: i for i, level in enumerate(other.levels)}
        used = np.unique(codes[:, j][codes[:, j] >= 0])
        unknown = [own.levels[i] for i in used if own.levels[i] not in position]
        if unknown:
            raise DataError(
                f"--previous: features.{own.name}: the level {unknown[0]!r} is not among {list(other.levels)}; "
                "numbers are kept between recipes with the same levels"
            )
        lookup = np.array([position.get(level, -1) for level in own.levels] + [-1], np.int32)
        codes[:, j] = lookup[codes[:, j]]
    return as_codes(codes)


def _partners(overlap: npt.NDArray[np.float64]) -> dict[int, int]:
    """Surviving segments: previous position to new position."""
    from scipy.optimize import linear_sum_assignment

    union = overlap.sum(axis=1)[:, None] + overlap.sum(axis=0)[None, :] - overlap
    jaccard = overlap / np.maximum(union, 1e-300)
    pairs = zip(*linear_sum_assignment(overlap, maximize=True), strict=True)
    return {int(old): int(new) for old, new in pairs if jaccard[old, new] >= SURVIVES}


def _numbers(partner: dict[int, int], previous: Segmentation, k: int) -> list[int]:
    of_new = {new: previous.segments[old].id for old, new in partner.items()}
    following = max(s.id for s in previous.segments) + 1
    numbers = []
    for i in range(k):
        if i not in of_new:
            of_new[i] = following
            following += 1
        numbers.append(of_new[i])
    return numbers


def _renumbered(table: Any, numbers: list[int]) -> Any:
    if not len(table):
        return table
    return table.assign(segment=np.asarray(numbers)[table["segment"].to_numpy() - 1])


def _migration(overlap: npt.NDArray[np.float64], previous: Segmentation, segments: tuple[Any, ...]) -> Any:
    import pandas as pd

    rows = [
        (then.id, then.name, now.id, now.name, overlap[i, j], overlap[i, j] / max(overlap[i].sum(), 1e-300), then.id != now.id)
        for i, then in enumerate(previous.segments)
        for j, now in enumerate(segments)
        if overlap[i, j] > 0
    ]  # fmt: skip
    names = ["previous_segment", "previous_name", "segment", "name", "customers", "share", "moves"]
    return pd.DataFrame(rows, columns=names)


def _text(n_kept: int, previous: Segmentation, k: int, moved: float, total: float) -> str:
    gone, new = len(previous.segments) - n_kept, k - n_kept
    parts = [f"{n_kept} of {len(previous.segments)} previous segments survive"]
    parts += [f"{new} new"] if new else []
    parts += [f"{gone} gone"] if gone else []
    share = moved / max(total, 1e-300)
    return f"{', '.join(parts)}; {moved:,.0f} of {total:,.0f} customers of then move ({share:.1%})."
