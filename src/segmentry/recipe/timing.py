"""When features and outcomes were measured, and whether an outcome came after the features."""

from __future__ import annotations

from datetime import date
from typing import Literal

from segmentry.recipe.models import RecipeModel
from segmentry.recipe.values import Period

Timing = Literal["after", "overlaps", "before", "unknown"]


def outcome_timing(recipe: RecipeModel) -> dict[str, Timing]:
    """Return for every outcome column whether it came after the features, before them, or overlaps them.

    ``after``: it began when every feature had been measured, or later. ``before``: it had ended before any
    feature was measured, so segments cannot predict it. ``overlaps``: neither, so the outcome may have influenced
    features. ``unknown``: the recipe does not say when both were measured.
    """
    formed = _features(recipe)
    return {
        column.name: _timing(formed, column.measured or group.measured)
        for group in recipe.outcomes
        for column in group.columns
    }


def _features(recipe: RecipeModel) -> Period | None:
    """Return the first and the last day on which features were measured; None unless all say when."""
    periods = [f.measured or recipe.source.measured for f in recipe.features]
    known = [p for p in periods if p is not None]
    if not known or len(known) < len(periods):
        return None
    return min(p[0] for p in known), max(p[1] for p in known)


def _timing(formed: tuple[date, date] | None, measured: tuple[date, date] | None) -> Timing:
    if formed is None or measured is None:
        return "unknown"
    if measured[0] >= formed[1]:
        return "after"
    return "before" if measured[1] < formed[0] else "overlaps"
