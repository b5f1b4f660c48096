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

MOST_CUSTOMERS = 5_000
"""Customers up to which a draft takes numbers as numbers without being asked: of fewer, bands hide segments that numbers show; of more, a run takes
two and a half times as long or more, and finds no better number of segments (README.md)."""
_TAKEN = (
    "Numbers are taken as numbers (distribution): their order forms the segments, and the edges only show them, so none decides "
    "who belongs together. Alternative: leave distribution out, and every range is a level of its own (`segmentry init "
    "--no-ordered`); a run is then faster, of some thousand customers in half the time."
)
_OFFERED = (
    'Edges decide here who is alike{why}. Alternative, for numbers: distribution = "ordered" takes them as numbers, which the '
    "edges only show (`segmentry init --ordered`); a run then takes {longer} as long."
)
_OF_MANY = f", because there are more than {MOST_CUSTOMERS:,} customers"


def with_numbers(plan: Plan, *, ordered: bool | None) -> Plan:
    """Return the plan with its numbers as ordered features, or with a comment that offers it.

    None decides by the number of customers, and leaves years of dates as they are: every dialect of SQL knows years, few know numbers of days.
    """
    if not any(made.is_quantity for made in plan.features):
        return plan
    has_few = plan.n_customers <= MOST_CUSTOMERS
    is_taken = has_few if ordered is None else ordered
    longer = "about twice" if has_few else "three times or more"
    said = _TAKEN if is_taken else _OFFERED.format(why=_OF_MANY if ordered is None else "", longer=longer)
    features = [_as_number(made, by_day=ordered is True) if is_taken else made for made in plan.features]
    return replace(plan, features=features, features_why=(*plan.features_why, said))


def _as_number(made: DraftedFeature, *, by_day: bool) -> DraftedFeature:
    if not made.is_quantity:
        return made
    keys = _days_of(made.keys) if by_day else made.keys
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
