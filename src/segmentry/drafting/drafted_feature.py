"""Drafted features: the keys and comments that the recipe gets for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from segmentry.drafting import bins
from segmentry.drafting.categories import RARE
from segmentry.drafting.judged_column import OFFERED, JudgedColumn


@dataclass(frozen=True)
class DraftedFeature:
    """A feature of the drafted recipe, with its comments.

    Attributes
    ----------
    name
        Key of the feature in the recipe.
    columns
        Columns that it reads.
    keys
        Keys and values of its TOML.
    why
        Comment lines above it.
    notes
        Comments behind keys.
    worth
        Worth for forming segments; the highest are taken first.
    least
        Smallest share of the customers in a range.
    years
        Whether the ranges are years.
    lowest
        Smallest value, where ranges are labelled as whole numbers.
    battery
        Name of the battery of alike columns that it is part of; empty where it is of none.
    reason
        Why it is offered only; empty where that depends on the other features.
    is_quantity
        Whether it is ranges of a number with many values, all of which are amounts or places of one scale.
    """

    name: str
    columns: tuple[str, ...]
    keys: dict[str, Any]
    why: tuple[str, ...]
    notes: dict[str, str] = field(default_factory=dict)
    worth: float = 0.0
    least: float = RARE
    years: bool = False
    lowest: int | None = None
    battery: str = ""
    reason: str = ""
    is_quantity: bool = False

    @classmethod
    def of(cls, judged: JudgedColumn, name: str, keys: dict[str, Any], *why: str, **others: Any) -> Self:
        """Make a feature of one column."""
        return cls(
            name,
            (judged.name,),
            keys,
            why,
            worth=judged.worth,
            battery=judged.battery,
            reason=judged.why if judged.worth <= OFFERED else "",
            **others,
        )


def with_drafted_edges(made: DraftedFeature, edges: Sequence[bins.EdgeValue]) -> DraftedFeature:
    """Return the feature with other edges, and labels that fit them."""
    keys = {**made.keys, "edges": list(edges)}
    if "labels" in keys and keys.get("closed") == "right":
        keys["labels"] = bins.zero_labels(edges)
    elif "labels" in keys and made.lowest is None:
        keys["labels"] = _joined_labels(made, edges)
    elif "labels" in keys:
        keys["labels"] = bins.range_labels(edges, made.lowest or 0, years=made.years)
    return replace(made, keys=keys)


def _joined_labels(made: DraftedFeature, edges: Sequence[bins.EdgeValue]) -> list[str]:
    """Labels of the remaining ranges; a joined range has the labels of all its parts."""
    joined = [[made.keys["labels"][0]]]
    for edge, label in zip(made.keys["edges"], made.keys["labels"][1:], strict=True):
        if edge in edges:
            joined.append([label])
        else:
            joined[-1].append(label)
    return [" or ".join(labels) for labels in joined]
