"""What a statistics file says of its columns: their labels, the labels of their values, sets of tick-boxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Codebook:
    """Labels of a file's columns and values.

    Attributes
    ----------
    labels
        Texts of columns, by their names.
    levels
        Labels of values, in the order of their codes, by columns whose values are these labels.
    ordered
        Columns whose labels the file calls ordinal.
    sets
        Columns of each set of tick-boxes, by the set's label.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ordered: frozenset[str] = frozenset()
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def codebook_of(engine: Any) -> Codebook | None:
    """Return the codebook of an engine's table; None where it is of no statistics file."""
    return getattr(engine, "codebook", None)
