"""A feature as the recipe will say it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from segmentry.drafting import bins
from segmentry.drafting.categories import RARE


@dataclass(frozen=True)
class DraftedFeature:
    """A feature as the recipe will say it, with its comments.

    Attributes
    ----------
    name
        Its key in the recipe.
    columns
        The columns that it reads.
    keys
        Keys and values as in the recipe's TOML.
    why
        Comment lines above it.
    notes
        Comments behind keys.
    worth
        Features of more worth are taken first.
    least
        Smallest share of the customers that a range may hold.
    years
        Whether its ranges are years.
    lowest
        Smallest value, where ranges are labelled as whole numbers.
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


def with_drafted_edges(made: DraftedFeature, edges: Sequence[bins.Number]) -> DraftedFeature:
    """The feature with other edges, its labels made anew."""
    keys = {**made.keys, "edges": list(edges)}
    if "labels" in keys and keys.get("closed") == "right":
        keys["labels"] = zero_labels(edges)
    elif "labels" in keys and made.lowest is None:
        keys["labels"] = _joined(made, edges)
    elif "labels" in keys:
        keys["labels"] = range_labels(edges, made.lowest or 0, years=made.years)
    return replace(made, keys=keys)


def _joined(made: DraftedFeature, edges: Sequence[bins.Number]) -> list[str]:
    """Labels of the ranges that are left: where ranges are joined, all their labels."""
    joined = [[made.keys["labels"][0]]]
    for edge, label in zip(made.keys["edges"], made.keys["labels"][1:], strict=True):
        if edge in edges:
            joined.append([label])
        else:
            joined[-1].append(label)
    return [" or ".join(labels) for labels in joined]


def range_labels(edges: Sequence[bins.Number], lowest: bins.Number, *, years: bool = False) -> list[str]:
    """Labels of whole-number ranges; see `bins.labels`."""
    return list(bins.labels(edges, lowest, years=years))


def zero_labels(edges: Sequence[bins.Number]) -> list[str]:
    """Labels of (edge, next edge] where the first range is zero."""
    texts = [f"{e:,}" for e in edges]
    inner = [f"over {a} to {b}" for a, b in itertools.pairwise(texts)]
    return ["0", *inner, f"over {texts[-1]}"]
