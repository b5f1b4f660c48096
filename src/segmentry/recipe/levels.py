"""The levels of a feature: their labels, and features whose edges or values a table has filled in."""

from __future__ import annotations

import bisect
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from segmentry.errors import LevelsError, RecipeError
from segmentry.recipe.features import Feature
from segmentry.recipe.models import RecipeModel
from segmentry.recipe.values import Number
from segmentry.text.edges import edge_labels
from segmentry.text.levels import MISSING_LEVEL
from segmentry.text.locales import ENGLISH, format_number, writing_in

RecipeT = TypeVar("RecipeT", bound=RecipeModel)


def level_labels(feature: Feature, locale: str = ENGLISH) -> tuple[str, ...]:
    """Write the labels of a feature's levels, in the order of their codes, with the numbers of edges in the locale.

    Where the feature has fine levels, these have the codes; `shown_labels` and `shown_codes` say what they are put together to. A feature with quantiles, equal widths or undeclared values has no levels before `with_edges` or `with_levels`.

    Examples
    --------
    >>> income = Feature(name="income", column="Income", edges=(25000, 40000))
    >>> level_labels(income)
    ('under 25,000', '25,000 to under 40,000', '40,000 and over')
    >>> level_labels(income, "de")
    ('under 25.000', '25.000 to under 40.000', '40.000 and over')
    """
    if feature.fine is None:
        return shown_labels(feature, locale)
    with writing_in(locale):
        labels = _fine_labels(feature)
    return (*labels, MISSING_LEVEL) if feature.missing == "level" else labels


def shown_labels(feature: Feature, locale: str = ENGLISH) -> tuple[str, ...]:
    """Write the labels of the levels that the recipe declares, whatever is coded."""
    with writing_in(locale):
        labels = feature.labels or _own_labels(feature)
    return _differing(feature, (*labels, MISSING_LEVEL) if feature.missing == "level" else labels)


def _differing(feature: Feature, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The labels, if no two levels are called the same: a reader could not tell them apart, nor could a table."""
    if len(set(labels)) == len(labels):
        return labels
    name = next(label for label in labels if labels.count(label) > 1)
    raise RecipeError(
        f"two levels are called {name!r}",
        place=("features", feature.name),
        hint='give rest, groups or labels other names; a text that means no value can be replaced in a clean step, or say missing = "keep"',
    )


def shown_codes(feature: Feature) -> tuple[int, ...]:
    """Return for each fine level the position of the declared level that it belongs to; empty where none are finer.

    Examples
    --------
    >>> shown_codes(Feature(name="income", column="Income", edges=(20, 40), fine=(10, 20, 30, 40)))
    (0, 0, 1, 1, 2)
    """
    if feature.fine is None:
        return ()
    codes = _shown_of_edges(feature) if feature.edges is not None else _shown_of_values(feature)
    return (*codes, max(codes) + 1) if feature.missing == "level" else codes


def _shown_of_edges(feature: Feature) -> tuple[int, ...]:
    return tuple(bisect.bisect_right(feature.edges or (), cut) for cut in (-math.inf, *coded_edges(feature)))


def _shown_of_values(feature: Feature) -> tuple[int, ...]:
    declared = _declared_groups(feature)
    place = {v: i for i, values in enumerate(declared) for v in values}
    codes = [place.get(values[0], len(declared)) for values in coded_groups(feature)]
    return (*codes, len(declared)) if feature.rest is not None else tuple(codes)


def coded_edges(feature: Feature) -> tuple[Number, ...]:
    """Return the cuts between the levels that have the codes."""
    return tuple(feature.fine or feature.edges or ())


def coded_groups(feature: Feature) -> tuple[tuple[Any, ...], ...]:
    """Return the values of each level that has a code, in their order; the rest has none."""
    if feature.fine is None:
        return _declared_groups(feature)
    own = [v for values in _declared_groups(feature) for v in values]
    return tuple((v,) for v in (*own, *(v for v in feature.fine if v not in own)))


def _declared_groups(feature: Feature) -> tuple[tuple[Any, ...], ...]:
    return tuple((feature.groups or {}).values()) or tuple((v,) for v in feature.levels or ())


def _fine_labels(feature: Feature) -> tuple[str, ...]:
    if feature.edges is not None:
        return edge_labels(coded_edges(feature), feature.closed, feature.sql)
    values = [group[0] for group in coded_groups(feature)]
    rest = (feature.rest,) if feature.rest is not None else ()
    labels = [*map(value_label, values), *rest]
    own = (repr(v) if labels.count(value_label(v)) > 1 else value_label(v) for v in values)
    return (*own, *rest)


def display(recipe: RecipeModel) -> dict[str, Any]:
    """Return what `PatternTable.roll_up` makes the declared levels of the fine ones by.

    It holds the features that have fine levels: a list of edges, or the fine levels of each declared one.
    """
    return {f.name: _display_of(f, recipe.locale) for f in recipe.features if f.fine is not None}


def _display_of(feature: Feature, locale: str) -> Any:
    if feature.edges is not None:
        return list(feature.edges)
    fine, shown = level_labels(feature, locale), shown_labels(feature, locale)
    together: dict[str, list[str]] = {}
    for label, code in zip(fine, shown_codes(feature), strict=True):
        together.setdefault(shown[code], []).append(label)
    if feature.missing == "level":
        together.popitem()
    return together


def modelled_fine(recipe: RecipeModel) -> tuple[str, ...]:
    """Return the names of the features whose fine levels a model sees: ordered numbers."""
    return tuple(f.name for f in recipe.features if f.distribution == "ordered" and f.is_numeric)


def without_fine(recipe: RecipeT, names: Collection[str] | None = None) -> RecipeT:
    """Return the recipe without the fine levels of its features, or of those in `names`."""
    features = (
        f.model_copy(update={"fine": None}) if f.fine and (names is None or f.name in names) else f
        for f in recipe.features
    )
    return recipe.model_copy(update={"features": tuple(features)})


def _own_labels(feature: Feature) -> tuple[str, ...]:
    if feature.edges is not None:
        return edge_labels(feature.edges, feature.closed, feature.sql)
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
