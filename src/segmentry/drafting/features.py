"""A column, or several, as a drafted feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.drafting import bins, lists, ranges
from segmentry.drafting.columns import Judged, share_missing
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.spelling import spell_sql, spelled
from segmentry.drafting.words import means, readable, shortened_value


def feature(judged: Judged, name: str, shares: Sequence[float] = bins.EDGE_SHARES) -> DraftedFeature | None:
    """Draft a feature from one column; None where the column cannot make two levels.

    Parameters
    ----------
    judged
        The column and what it is for.
    name
        The feature's key in the recipe.
    shares
        Shares of the customers below each edge of a number.
    """
    if judged.form == "number":
        made = ranges.number_range(judged, name, shares)
    else:
        made = _FORMS[judged.form or "category"](judged, name)
    return None if made is None else _with_missing(made, judged)


def children(columns: Sequence[Judged], name: str) -> DraftedFeature:
    """Draft one yes/no from counts of children: any child, however many."""
    count = _added([c.facts for c in columns])
    keys: dict[str, Any] = {"label": "Children at home" if len(columns) > 1 else readable(columns[0].name)}
    keys |= {"sql": spell_sql(exp.GT(this=count, expression=exp.convert(0)))}
    keys |= {"yes_no": ["no children", "children"]}
    many = [
        f"{_two_or_more(c.facts):,} customers have two or more in {shortened_value(c.name)}" for c in columns
    ]
    why = (
        f"Any child counts, however many: {'; '.join(many)}. Alternative: the number itself, edges = [1, 2] over the "
        "same sum."
    )
    made = DraftedFeature(name, tuple(c.name for c in columns), keys, (why,), worth=columns[0].worth)
    return _with_missing(made, max(columns, key=lambda c: c.facts.n_missing))


def _added(columns: Sequence[ColumnFacts]) -> exp.Expr:
    total: exp.Expr = spelled(columns[0].name)
    for facts in columns[1:]:
        total = exp.Add(this=total, expression=spelled(facts.name))
    return total


def _two_or_more(facts: ColumnFacts) -> int:
    ones = sum(n for value, n in facts.top_values if value == 1)
    return facts.n_rows - facts.n_missing - facts.n_zero - ones


def _with_missing(made: DraftedFeature, judged: Judged) -> DraftedFeature:
    """Say what happens to customers without a value, and which number is read as one."""
    if judged.code is not None:
        made = replace(made, why=(*made.why, judged.code.why))
    n = judged.facts.n_missing
    if not n:
        return made
    keys = {**made.keys}
    groups = keys.pop("groups", None)
    keys["missing"] = "keep"
    if groups is not None:
        keys["groups"] = groups
    share = share_missing(judged.facts)
    note = f'{n:,} without a value ({share:.1%}) stay; alternatives: "drop", "level"'
    return replace(made, keys=keys, notes={**made.notes, "missing": note})


def _scale_or_codes(judged: Judged, name: str) -> DraftedFeature | None:
    return (lists.code_list if means(judged.name, "code") else ranges.scale)(judged, name)


_FORMS: dict[str, Callable[[Judged, str], DraftedFeature | None]] = {
    "birth": ranges.birth,
    "age": ranges.age,
    "kids": lambda judged, name: children([judged], name),
    "yes_no": lists.yes_no,
    "scale": _scale_or_codes,
    "category": lists.category,
    "date": ranges.date,
}
