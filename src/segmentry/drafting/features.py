"""Drafted features, each from one column, or from several columns of children."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import means, pieces
from segmentry.drafting import bins, lists, ranges
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.judged_column import ColumnForm, JudgedColumn
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.words import phrase, readable, shortened_value


def draft_feature(
    judged: JudgedColumn, name: str, shares: Sequence[float] = bins.EDGE_SHARES
) -> DraftedFeature | None:
    """Draft a feature from one column; None where the column cannot make two levels.

    Parameters
    ----------
    judged
        Column with its use.
    name
        Key of the feature in the recipe.
    shares
        Share of the customers below each edge of a number.
    """
    form = judged.form or _FORM_OF_KIND.get(judged.facts.kind, "category")
    made = ranges.draft_ranges(judged, name, shares) if form == "number" else _FORMS[form](judged, name)
    return None if made is None else _with_missing_note(made, judged)


def draft_children(columns: Sequence[JudgedColumn], name: str) -> DraftedFeature:
    """Draft a yes/no feature from counts of children: whether there is any child."""
    count = _sum_of_columns([c.facts for c in columns])
    keys: dict[str, Any] = {"label": "Children at home" if len(columns) > 1 else readable(columns[0].name)}
    keys |= {"sql": recipe_sql(exp.GT(this=count, expression=exp.convert(0)))}
    keys |= {"yes_no": ["no children", "children"]}
    many = [
        f"{_two_or_more(c.facts):,} customers have two or more in {shortened_value(c.name)}" for c in columns
    ]
    why = (
        f"Any child counts, however many: {'; '.join(many)}. Alternative: the number itself, edges = [1, 2] over the "
        "same sum."
    )
    made = DraftedFeature(name, tuple(c.name for c in columns), keys, (why,), worth=columns[0].worth)
    return _with_missing_note(made, max(columns, key=lambda c: c.facts.n_missing))


def draft_one_of(columns: Sequence[JudgedColumn], name: str) -> DraftedFeature | None:
    """Draft a category from columns of 0 and 1 of which no two are 1 in one row; a row with none has no level."""
    first = columns[0]
    shared = _shared_words([c.name for c in columns])
    own = [phrase(pieces(c.name)[len(shared) :]) for c in columns]
    values = own if shared and len(set(own)) == len(own) else [c.name for c in columns]
    counts = sorted(
        (
            (value, round((c.facts.mean or 0.0) * c.facts.n_present))
            for value, c in zip(values, columns, strict=True)
        ),
        key=lambda entry: -entry[1],
    )
    is_one = [
        exp.If(this=exp.EQ(this=plain_column(c.name), expression=exp.convert(1)), true=exp.convert(value))
        for value, c in zip(values, columns, strict=True)
    ]
    facts = replace(
        first.facts,
        name=phrase(shared) or first.whole,
        kind="text",
        n_distinct=len(counts),
        top_values=tuple(counts),
    )
    made = lists.draft_category(replace(first, facts=facts), name)
    if made is None:
        return None
    keys = {k: v for k, v in made.keys.items() if k not in ("label", "column", "sql")}
    keys = {"label": facts.name, "sql": recipe_sql(exp.Case(ifs=is_one)), **keys}
    made = replace(made, columns=tuple(c.name for c in columns), keys=keys)
    return _with_missing_note(made, first)


def _shared_words(names: Sequence[str]) -> tuple[str, ...]:
    """The words with which all names begin, as far as each has further ones."""
    split = [pieces(name) for name in names]
    n = 0
    while all(len(words) > n + 1 for words in split) and len({words[n] for words in split}) == 1:
        n += 1
    return split[0][:n]


def _sum_of_columns(columns: Sequence[ColumnFacts]) -> exp.Expr:
    total: exp.Expr = plain_column(columns[0].name)
    for facts in columns[1:]:
        total = exp.Add(this=total, expression=plain_column(facts.name))
    return total


def _two_or_more(facts: ColumnFacts) -> int:
    ones = sum(n for value, n in facts.top_values if value == 1)
    return facts.n_present - facts.n_zero - ones


def _with_missing_note(made: DraftedFeature, judged: JudgedColumn) -> DraftedFeature:
    """Add what happens to customers without a value, and which number is read as missing."""
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
    note = f'{n:,} without a value ({judged.facts.share_missing:.1%}) stay; alternatives: "drop", "level"'
    return replace(made, keys=keys, notes={**made.notes, "missing": note})


def _scale_or_codes(judged: JudgedColumn, name: str) -> DraftedFeature | None:
    return (lists.draft_codes if means(judged.name, "code") else ranges.draft_scale)(judged, name)


_FORM_OF_KIND: dict[str, ColumnForm] = {"number": "number", "date": "date"}
"""Form of a column that no rule gave one, because it is not used unless somebody asks for it."""
_FORMS: dict[str, Callable[[JudgedColumn, str], DraftedFeature | None]] = {
    "birth": ranges.draft_generations,
    "age": ranges.draft_ages,
    "kids": lambda judged, name: draft_children([judged], name),
    "yes_no": lists.draft_yes_no,
    "scale": _scale_or_codes,
    "category": lists.draft_category,
    "choice": lists.draft_category,
    "date": ranges.draft_years,
}
