"""Signs that a mixture has fewer classes than were asked for, or estimates at the edge of what is possible."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from segmentry.arrays import Floats, Indices
from segmentry.errors import SegmentryWarning

BOUNDARY = 1e-6
"""A probability this near to 0 or 1 is on the boundary."""
_ALIKE = 1e-3  # classes whose probabilities differ by no more than this are one class

Pairs = tuple[tuple[int, int], ...]


def count_boundary(response_proba: Sequence[Floats]) -> int:
    """Count the response probabilities on the boundary, in features with more than one level."""
    estimated = [p for p in response_proba if p.shape[1] > 1]
    return sum(int(((p <= BOUNDARY) | (p >= 1 - BOUNDARY)).sum()) for p in estimated)


def duplicate_classes(response_proba: Sequence[Floats]) -> Pairs:
    """Return the pairs of classes whose response probabilities are all alike."""
    table = np.concatenate(response_proba, axis=1)
    distances = np.abs(table[:, None, :] - table[None, :, :]).max(axis=2, initial=0.0)
    rows, columns = np.nonzero(np.triu(distances <= _ALIKE, k=1))
    return tuple((int(i), int(j)) for i, j in zip(rows, columns, strict=True))


def empty_classes(modal: Indices, n_classes: int) -> tuple[int, ...]:
    """Return the classes that are no pattern's most probable one."""
    return tuple(np.flatnonzero(np.bincount(modal, minlength=n_classes) == 0).tolist())


def warn_of_degeneracy(name: str, duplicates: Pairs, empty: tuple[int, ...], stacklevel: int) -> None:
    """Warn where classes coincide, and where a class is no row's most probable one for another reason."""
    if duplicates:
        shown = ", ".join(f"{i} and {j}" for i, j in duplicates[:5]) + (
            ", ..." if len(duplicates) > 5 else ""
        )
        warnings.warn(
            f"{name}: classes with the same response probabilities: {shown}; the data hold fewer classes "
            "than n_components, ask for fewer",
            SegmentryWarning,
            stacklevel=stacklevel + 1,
        )
    copies = {j for _, j in duplicates}
    rest = [c for c in empty if c not in copies]
    if rest:
        shown = ", ".join(str(c) for c in rest)
        warnings.warn(
            f"{name}: no row most probably belongs to class {shown}; labels_ leaves such a class out, ask for "
            "fewer classes, or use predict_proba",
            SegmentryWarning,
            stacklevel=stacklevel + 1,
        )
