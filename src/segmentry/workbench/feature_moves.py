"""Moves on how a feature is looked at: as names, in an order, or as a number; and the order of its levels."""

from __future__ import annotations

from typing import Any, Literal

from segmentry.errors import RecipeError, nearest
from segmentry.recipe import Feature
from segmentry.recipe.values import Declared
from segmentry.workbench.changes import Found, feature_of, with_feature
from segmentry.workbench.groups import groups_of
from segmentry.workbench.state import State

Scale = Literal["nominal", "ordinal", "ordered"]
SAID = {
    "nominal": "levels without an order",
    "ordinal": "levels in an order",
    "ordered": "modelled as a number",
}


def scale_of(feature: Feature) -> Scale:
    """Return how a feature is looked at."""
    if feature.distribution == "ordered":
        return "ordered"
    return "ordinal" if feature.is_ordinal else "nominal"


class SetScale(Declared):
    """Levels without an order, in an order (which k-modes and k-means see), or modelled as a number by latent classes."""

    kind: Literal["scale"]
    feature: str
    scale: Scale

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        feature = feature_of(state.whole, self.feature)
        known = found.features.get(self.feature, feature)
        scale = "nominal" if self.scale == "nominal" else "ordinal"
        made: dict[str, Any] = {
            "scale": None if feature.is_numeric and scale == "ordinal" else scale,
            "distribution": "ordered" if self.scale == "ordered" else "levels",
        }
        if (
            scale == "ordinal"
            and not feature.is_numeric
            and feature.groups is None
            and feature.levels is None
        ):
            made["levels"] = known.levels  # an order needs levels that are written down
        return state.changed(with_feature(state.whole, feature, made), f"{feature.title}: {SAID[self.scale]}")


class MoveLevel(Declared):
    """A level one place up or down among the levels of its feature."""

    kind: Literal["order"]
    feature: str
    level: str
    by: Literal[-1, 1]

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        feature = feature_of(state.whole, self.feature)
        groups = groups_of(found.features.get(self.feature, feature))
        order = list(groups)
        if self.level not in order:
            raise RecipeError(
                f"has no level {self.level!r} that could be moved",
                place=("features", self.feature),
                hint=nearest(self.level, order),
            )
        i = order.index(self.level)
        j = min(max(i + self.by, 0), len(order) - 1)
        order[i], order[j] = order[j], order[i]
        made = {"groups": {label: groups[label] for label in order}, "levels": None}
        where = "up" if self.by < 0 else "down"
        return state.changed(
            with_feature(state.whole, feature, made), f"{feature.title}: {self.level} {where}"
        )
