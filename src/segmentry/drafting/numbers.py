"""Numbers of a draft that are taken as numbers: modelled on fine levels, and shown by round edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.writing import Plan

_TAKEN = (
    "Numbers are taken as numbers (distribution): their order forms the segments, and the edges only show them, so none decides "
    "who belongs together. Alternative: leave distribution out, and every range is a level of its own."
)
_OFFERED = (
    'Edges decide here who is alike. Alternative, for numbers: distribution = "ordered" takes them as numbers, which the '
    "edges only show (`segmentry init --ordered`); a run then takes about twice as long."
)


def with_numbers(plan: Plan, *, ordered: bool) -> Plan:
    """Return the plan with its numbers as ordered features, or with a comment that offers it."""
    if not any(made.is_quantity for made in plan.features):
        return plan
    said = _TAKEN if ordered else _OFFERED
    features = [_as_number(made) if ordered else made for made in plan.features]
    return replace(plan, features=features, features_why=(*plan.features_why, said))


def _as_number(made: DraftedFeature) -> DraftedFeature:
    if not made.is_quantity:
        return made
    first: dict[str, Any] = {key: made.keys[key] for key in ("label", "column", "sql") if key in made.keys}
    return replace(made, keys={**first, "distribution": "ordered", **made.keys})
