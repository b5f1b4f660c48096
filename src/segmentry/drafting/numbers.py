"""Numbers of a draft that are taken as numbers: modelled on fine levels, and shown by round edges."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any

from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.writing import Plan
from segmentry.text.edges import DAYS

_YEAR = re.compile(r"EXTRACT\(YEAR FROM (?P<date>.+)\)")

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
    keys = _days_of(made.keys)
    first: dict[str, Any] = {key: keys[key] for key in ("label", "column", "sql") if key in keys}
    return replace(made, keys={**first, "distribution": "ordered", **keys})


def _days_of(keys: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of years of dates for the dates themselves, shown by the same years; other keys as they are."""
    found = _YEAR.fullmatch(keys.get("sql", ""))
    if found is None:
        return keys
    edges = [datetime.date(year, 1, 1) for year in keys["edges"]]
    label = keys["label"].removesuffix(", year")
    return {**keys, "label": label, "sql": f"{DAYS}{found['date']})", "edges": edges}
