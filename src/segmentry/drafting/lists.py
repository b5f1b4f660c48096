"""Drafted features that are lists of values: yes and no, codes, categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.drafting.categories import MOST_LEVELS, RARE, GroupedValues, group_values
from segmentry.drafting.codes import FEW_SHARE
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.nonresponse import is_off_scale, is_unknown
from segmentry.drafting.scales import order_texts
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.words import readable, shortened_value

_FEWEST_STEPS = 3
"""Fewest steps of a scale beside which a value has no place."""

_Counted = Sequence[tuple[str, int]]
"""Values with their number of customers."""


def draft_yes_no(judged: JudgedColumn, name: str) -> DraftedFeature:
    """Draft a feature from a column of yes and no."""
    keys = {"label": readable(judged.name), "column": judged.name, "yes_no": True}
    why = f"{_sentence(judged.why)} Alternative: an outcome with role flags, if it is something that they do."
    return DraftedFeature.of(judged, name, keys, why)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def draft_codes(judged: JudgedColumn, name: str) -> DraftedFeature:
    """Draft a feature from numbers that stand for categories."""
    facts = judged.facts
    groups = {str(v): [v] for v, _ in sorted(facts.top_values)}
    keys = {"label": readable(facts.name), **judged.reads, "unseen": "missing", "groups": groups}
    why = "Numbers that look like codes, so without an order. Give the levels their names."
    return DraftedFeature.of(judged, name, keys, why)


def draft_category(judged: JudgedColumn, name: str) -> DraftedFeature | None:
    """Draft a feature from a text: its values, with rare ones grouped; None where one level would be left."""
    facts = judged.facts
    known, unknown = _set_apart(facts)
    is_complete = facts.n_distinct <= len(facts.top_values)
    found = group_values(known, is_complete=is_complete, order=judged.order, is_ordinal=judged.is_ordinal)
    if len(found.groups) + (found.rest is not None) < 2:
        return None
    keys: dict[str, Any] = {"label": readable(facts.name)}
    keys |= _without_unknown([v for v, _ in unknown], facts)
    keys["scale"] = "ordinal" if found.is_scale else "nominal"
    if found.rest is not None:
        keys["rest"] = found.rest
    else:
        keys["unseen"] = "missing"
    keys["groups"] = found.groups
    order = "in the order below; check it" if found.is_scale else "no order is known between the values"
    if judged.order and not found.is_scale:
        order = 'listed in the order of the file\'s codes; "ordinal" if these are steps'
    why = _category_reasons(judged, found, known, unknown)
    return DraftedFeature.of(judged, name, keys, *why, notes={"scale": order})


def _set_apart(facts: ColumnFacts) -> tuple[_Counted, _Counted]:
    """Return the values of a text, and those that are read as missing: unknown ones, and those off the scale of the others."""
    values = [(str(v), n) for v, n in facts.top_values]
    is_complete = facts.n_distinct <= len(values)
    known = [(v, n) for v, n in values if not is_unknown(v)]
    on_scale = [(v, n) for v, n in known if not is_off_scale(v)]
    if is_complete and _FEWEST_STEPS <= len(on_scale) < len(known) and order_texts([v for v, _ in on_scale]):
        known = on_scale
    unknown = [entry for entry in values if entry not in known]
    is_few = sum(n for _, n in unknown) <= FEW_SHARE * facts.n_rows
    return (known, unknown) if is_few else (values, [])


def _without_unknown(unknown: Sequence[str], facts: ColumnFacts) -> dict[str, Any]:
    """Key for the column, or for an expression in which the unknown values are missing."""
    value: exp.Expr = plain_column(facts.name)
    for text in unknown:
        value = exp.Nullif(this=value, expression=exp.convert(text))
    return {"sql": recipe_sql(value)} if unknown else {"column": facts.name}


def _category_reasons(
    judged: JudgedColumn, found: GroupedValues, known: _Counted, unknown: _Counted
) -> list[str]:
    lines = [_sentence(f"{judged.why}: {judged.facts.n_distinct:,} different values")]
    lines += _rare_reasons(found, dict(known))
    if found.spellings:
        lines.append(f"Spellings of one value stand together: {_listed_values(found.spellings)}.")
    if unknown:
        names = ", ".join(f"{shortened_value(v, 20)!r} ({n:,})" for v, n in unknown)
        lines.append(f"Read as missing: {names}. Alternative: a level of its own.")
    return lines


def _rare_reasons(found: GroupedValues, counts: dict[str, int]) -> list[str]:
    """Comments on why values are grouped, or have no level."""
    if found.rest is not None:
        most = f"At most the {MOST_LEVELS - 1} most frequent values, each with {RARE:.0%} of the customers or more"
        return [f"{most}; the rest together."]
    if found.is_scale and len(found.groups) + len(found.spellings) < len(counts):
        return ["Neighbours stand together where one is rare, or where both are one step of the scale."]
    if not found.rare:
        return []
    few = [v for v in found.rare if v not in found.joined]
    n = sum(counts[v] for v in few)
    customers = "1 customer" if n == 1 else f"{n:,} customers"
    in_all = f"{customers} in all" if len(few) > 1 else customers
    if found.is_left:
        return [
            f"{_listed_values(few)}: {in_all}, too few for a level. Alternative: list {'them' if len(few) > 1 else 'it'}."
        ]
    move = f"Alternative: move {'each' if len(few) > 1 else 'it'} to the level that it belongs to."
    if found.joined:
        why = f"{in_all}, too few for a level; the next rarest, {_listed_values(found.joined)}, joins them."
    elif max(counts[v] for v in few) < RARE * sum(counts.values()):
        why = f"{'each ' if len(few) > 1 else ''}under {RARE:.0%} of the customers: {in_all}."
    else:
        why = f"{customers}, grouped because a feature has at most {MOST_LEVELS} levels."
    return [f"{_listed_values(few)}: {why} {move}"]


def _listed_values(values: Sequence[str]) -> str:
    return ", ".join(shortened_value(v, 20) for v in values)
