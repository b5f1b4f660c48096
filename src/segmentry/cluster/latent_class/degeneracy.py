"""Signs that a mixture has fewer classes than were asked for, or estimates at the edge of what is possible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentry.arrays import Floats, Indices

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


def doubts_of_classes(duplicates: Pairs, empty: tuple[int, ...]) -> list[str]:
    """Say which classes coincide, and which class is no row's most probable one for another reason."""
    doubts = []
    if duplicates:
        shown = [f"{i} and {j}" for i, j in duplicates[:5]] + ["..."] * (len(duplicates) > 5)
        doubts.append(
            f"classes with the same response probabilities: {', '.join(shown)}; the data hold fewer classes "
            "than n_components, ask for fewer"
        )
    copies = {j for _, j in duplicates}
    rest = [c for c in empty if c not in copies]
    if rest:
        doubts.append(
            f"no row most probably belongs to class {', '.join(map(str, rest))}; labels_ leaves such a class out, ask "
            "for fewer classes, or use predict_proba"
        )
    return doubts
