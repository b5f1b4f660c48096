"""The levels of a feature: their labels, and features whose edges or values a table has filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from segmentry.errors import LevelsError, RecipeError
from segmentry.recipe.features import Feature
from segmentry.recipe.values import Number
from segmentry.text.edges import edge_labels
from segmentry.text.levels import MISSING_LEVEL
from segmentry.text.locales import ENGLISH, format_number, writing_in


def level_labels(feature: Feature, locale: str = ENGLISH) -> tuple[str, ...]:
    """Write the labels of a feature's levels, in the order of their codes, with the numbers of edges in the locale.

    A feature with quantiles, equal widths or undeclared values has no levels before `with_edges` or `with_levels`.

    Examples
    --------
    >>> income = Feature(name="income", column="Income", edges=(25000, 40000))
    >>> level_labels(income)
    ('under 25,000', '25,000 to under 40,000', '40,000 and over')
    >>> level_labels(income, "de")
    ('under 25.000', '25.000 to under 40.000', '40.000 and over')
    """
    with writing_in(locale):
        labels = feature.labels or _own_labels(feature)
    return (*labels, MISSING_LEVEL) if feature.missing == "level" else labels


def _own_labels(feature: Feature) -> tuple[str, ...]:
    if feature.edges is not None:
        return edge_labels(feature.edges, feature.closed)
    if feature.yes_no:
        if isinstance(feature.yes_no, tuple):
            return feature.yes_no
        title = feature.title
        return (f"{title}: no", f"{title}: yes")
    if feature.groups is not None:
        named = tuple(feature.groups)
    elif feature.levels is not None:
        named = tuple(value_label(value) for value in feature.levels)
    else:
        raise RecipeError("its levels are not known before a table is read", place=("features", feature.name))
    return (*named, feature.rest) if feature.rest is not None else named


def value_label(value: Any) -> str:
    """Write a single value as a level.

    Examples
    --------
    >>> value_label(3.0), value_label(True), value_label("Single")
    ('3', 'yes', 'Single')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return format_number(value, "")
    return str(value) or "(empty)"


def with_edges(feature: Feature, edges: Sequence[Number]) -> Feature:
    """Return the feature with the edges that a table gives its quantiles or equal widths.

    Raises
    ------
    LevelsError
        The column has no values, or infinite ones where the edges fall.
    """
    distinct = tuple(sorted(set(edges)))
    if not distinct:
        raise LevelsError("the column has no values to take edges from", place=("features", feature.name))
    if not all(math.isfinite(edge) for edge in distinct):
        raise LevelsError(
            "edges would be infinite, because values of the column are",
            place=("features", feature.name),
            hint="replace or drop these values in a clean step",
        )
    labels = feature.labels if feature.labels and len(feature.labels) == len(distinct) + 1 else None
    changes = {"edges": distinct, "quantiles": None, "equal_widths": None, "labels": labels}
    return feature.model_copy(update=changes)


def with_levels(feature: Feature, values: Sequence[Any]) -> Feature:
    """Return the feature with the values that a table has of it as its levels."""
    return feature.model_copy(update={"levels": tuple(values)})


def is_resolved(feature: Feature) -> bool:
    """Whether the feature's levels are known without looking at a table."""
    return any(
        part not in (None, False) for part in (feature.edges, feature.groups, feature.levels, feature.yes_no)
    )


def replace_features(features: Sequence[Feature], changed: Mapping[str, Feature]) -> tuple[Feature, ...]:
    """Return the features with those in `changed` put in place of their namesakes."""
    return tuple(changed.get(f.name, f) for f in features)
