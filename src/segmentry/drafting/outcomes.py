"""Drafted groups of outcomes: columns whose names are alike form a group."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from segmentry.auditing.words import means, pieces, words_of
from segmentry.drafting.addable import Kindred, SharedWords, counts_again, is_ratio, of_one_unit
from segmentry.drafting.categories import place_in
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.scales import order_texts
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.targets import Target
from segmentry.drafting.words import is_code, phrase, readable, shortened_value, slug
from segmentry.text.levels import LevelNames

MOST_LONE = 8
"""Largest number of outcomes in groups of their own, per role; further ones are listed as left out."""


@dataclass(frozen=True)
class DraftedGroup:
    """A group of outcomes of the drafted recipe; `reads` are the columns of the table, where `columns` are others.

    `headline` is the outcome that stands for the group: by default its first column.
    """

    name: str
    label: str
    role: str
    columns: dict[str, Any]
    why: tuple[str, ...] = ()
    cost: float | None = None
    revenue: float | None = None
    campaign: bool = True
    reads: tuple[str, ...] = ()
    headline: str = ""

    def __post_init__(self) -> None:
        if not self.reads:
            object.__setattr__(self, "reads", tuple(self.columns))
        if not self.headline:
            object.__setattr__(self, "headline", next(iter(self.columns)))


def group_outcomes(
    columns: Sequence[JudgedColumn], money: Sequence[JudgedColumn], target: Target | None = None
) -> tuple[list[DraftedGroup], list[JudgedColumn]]:
    """Group outcomes by role and by name, the target alone and first; return also those for which there was no room."""
    taken: set[str] = set()
    named = target.name if target is not None else None
    made = [_draft_headline(c, target, taken) for c in columns if target is not None and c.name == named]
    columns = [c for c in columns if c.name != named]
    left: list[JudgedColumn] = []
    made += [_draft_choice(c, taken) for c in columns if c.form == "choice"]
    columns = [c for c in columns if c.form != "choice"]
    for battery in dict.fromkeys(c.battery for c in columns if c.battery):
        made.append(_draft_battery([c for c in columns if c.battery == battery], taken))
    columns = [c for c in columns if not c.battery]
    for role, is_wanted in (("amounts", True), ("counts", True), ("flags", True), ("flags", False)):
        of_role = [c for c in columns if c.use == role and (role != "flags" or is_wanted != _unwanted(c))]
        is_summed = role != "flags"
        apart = [c for c in of_role if counts_again(c.name) or (is_summed and is_ratio(c.name))]
        kindred, lone = _group_alike([c for c in of_role if c not in apart])
        kindred, split = of_one_unit(kindred) if is_summed else (kindred, [])
        lone = sorted([*lone, *split, *apart], key=of_role.index)
        drafted = [_draft_group(members, shared, role, taken) for members, shared in kindred]
        drafted += [_draft_lone(c, role, taken) for c in lone[:MOST_LONE]]
        made += drafted if is_wanted else [_excepted(group) for group in drafted]
        left += lone[MOST_LONE:]
    return _with_money(made, money), left


def _draft_headline(c: JudgedColumn, target: Target, taken: set[str]) -> DraftedGroup:
    group = _draft_choice(c, taken) if c.form == "choice" else _draft_lone(c, c.use, taken)
    yes = [f"{c.why}."] if c.use == "flags" and c.form == "category" else []
    group = replace(
        group, why=(f"The headline outcome, {target.why}: first, and never a feature.", *group.why, *yes)
    )
    is_asked = c.use == "flags" and group.campaign and not means(c.name, "response")
    return _excepted(group) if is_asked or (c.use == "flags" and _unwanted(c)) else group


def _draft_choice(c: JudgedColumn, taken: set[str]) -> DraftedGroup:
    """Draft a group with the share of each answer, in the order of their scale where there is one; the most frequent stands for it."""
    label = readable(c.name)
    answers = [value for value, _ in c.facts.top_values]
    names = LevelNames.of([[str(value) for value in answers]])
    columns = {
        f"{c.name}: {value}": {
            "label": names.level(label, shortened_value(value)),
            "sql": recipe_sql(exp.EQ(this=plain_column(c.name), expression=exp.convert(value))),
        }
        for value in _in_order(answers, c.order)
    }
    why = "An answer in words: the share of each answer is compared."
    first = f"{c.name}: {answers[0]}"
    return DraftedGroup(
        slug(c.name, taken), label, "flags", columns, (why,), campaign=False, reads=(c.name,), headline=first
    )


def _in_order(answers: list[Any], listed: Sequence[str]) -> list[Any]:
    """Answers in the order in which a file lists them, else of a known scale, else as they are."""
    if listed:
        return sorted(answers, key=place_in(listed))
    steps = order_texts(answers) if all(isinstance(value, str) for value in answers) else None
    return answers if steps is None else [value for step in steps for value in step]


def _draft_battery(members: list[JudgedColumn], taken: set[str]) -> DraftedGroup:
    """Draft a group of alike columns, whose names need not be alike."""
    shared = next((words for alike, words in _group_alike(members)[0] if len(alike) == len(members)), None)
    if shared is not None:
        return _excepted(_draft_group(members, shared, members[0].use, taken))
    label = f"{readable(members[0].name)} to {readable(members[-1].name)}"
    columns = {c.name: _column(c, readable(c.name)) for c in members}
    why = f"{len(members)} alike columns: all together, or none."
    return _excepted(DraftedGroup(slug(label, taken), label, members[0].use, columns, (why,)))


def _unwanted(c: JudgedColumn) -> bool:
    """Whether nobody is asked for the yes: complaints and cancellations, and what customers have."""
    return means(c.name, "unwanted") or c.sense != "happened"


def _excepted(group: DraftedGroup) -> DraftedGroup:
    """The group as no campaign, which only flags are."""
    if group.role != "flags":
        return group
    why = "No campaign: compared, but no segment is recommended for it. Alternative: remove campaign."
    return replace(group, campaign=False, why=(*group.why, why))


def _group_alike(
    columns: list[JudgedColumn],
) -> tuple[list[Kindred], list[JudgedColumn]]:
    """Group columns by the words that begin or end their names; the groups that share most come first."""
    found: list[Kindred] = []
    left = list(columns)
    while True:
        best = max(_alike(left), key=lambda g: (len(g[0]) * sum(g[1]), len(g[0])), default=None)
        if best is None:
            return found, left
        found.append(best)
        left = [c for c in left if c not in best[0]]


def _alike(columns: list[JudgedColumn]) -> list[Kindred]:
    by_signature: dict[tuple[tuple[str, ...], tuple[str, ...]], list[JudgedColumn]] = {}
    for c in columns:
        words = words_of(c.name)
        for i, j in itertools.product(range(len(words)), repeat=2):
            key = (words[:i], words[len(words) - j :])
            if 0 < i + j < len(words) and not all(w.isdecimal() for part in key for w in part):
                by_signature.setdefault(key, []).append(c)
    return [
        (members, (len(first), len(last)))
        for (first, last), members in by_signature.items()
        if len(members) > 1
    ]


def _draft_group(
    members: list[JudgedColumn], shared: SharedWords, role: str, taken: set[str]
) -> DraftedGroup:
    first, last = shared
    words = pieces(members[0].name)
    common = (*words[:first], *words[len(words) - last :])
    labels: dict[str, Any] = {}
    for c in sorted(members, key=lambda c: _number_in(pieces(c.name)[first : len(pieces(c.name)) - last])):
        own = pieces(c.name)[first : len(pieces(c.name)) - last]
        label = phrase((common[-1], *own)) if all(w.isdecimal() for w in own) else phrase(own)
        labels[c.name] = _column(c, shortened_value(c.name) if is_code(c.name) else label)
    label = phrase(common)
    why = [f"{len(members)} columns whose names are alike."]
    if role != "flags":
        why.append(
            "A mix is a column's share of their sum; give a column that counts the same again a group of its own."
        )
    why += [f"{shortened_value(c.name)}: {c.code.why}" for c in members if c.code is not None]
    why += dict.fromkeys(
        f"{c.why[:1].upper()}{c.why[1:]}." for c in members if c.sql is not None and c.use == "flags"
    )
    return DraftedGroup(slug(label, taken), label, role, labels, tuple(why))


def _number_in(words: Sequence[str]) -> int:
    """The number that distinguishes a column within its group; 0 where words do."""
    return int(words[0]) if len(words) == 1 and words[0].isdecimal() else 0


def _draft_lone(c: JudgedColumn, role: str, taken: set[str]) -> DraftedGroup:
    why = {
        "flags": "Yes or no: the rate of yes is compared.",
        "counts": "Counted things per customer.",
        "amounts": "The amount per customer is compared.",
    }[role]
    if c.is_unnamed:
        why = "A number whose name does not say what it is: its mean is compared. Alternative: a feature."
    lines = [why]
    if role != "flags" and is_ratio(c.name):
        lines.append("A group of its own: rates, averages and prices add up to nothing.")
    elif counts_again(c.name):
        lines.append("A group of its own: it may count what other columns count, too.")
    if c.sql is not None and c.form == "number":
        lines.append(c.code.why if c.code is not None else f"{c.why[:1].upper()}{c.why[1:]}.")
    if c.sql is not None and c.use == "flags":
        lines.append(f"{c.why[:1].upper()}{c.why[1:]}.")
    label = f"{readable(c.name)}: {shortened_value(c.yes)}" if c.yes else readable(c.name)
    return DraftedGroup(
        slug(c.name, taken), readable(c.name), role, {c.name: _column(c, label)}, tuple(lines)
    )


def _column(c: JudgedColumn, label: str) -> str | dict[str, str]:
    return label if c.sql is None else {"label": label, "sql": c.sql}


def _with_money(made: list[DraftedGroup], money: Sequence[JudgedColumn]) -> list[DraftedGroup]:
    """Give the group that answers a contact its cost and revenue, where constant columns hold them."""
    cost = next((c for c in money if means(c.name, "cost")), None)
    revenue = next((c for c in money if means(c.name, "revenue") and c is not cost), None)
    target = _find_answer(made)
    if cost is None or revenue is None or target is None:
        return made
    group = made[target]
    paid, earned = (c.facts.minimum for c in (cost, revenue))
    if not isinstance(paid, (int, float)) or not isinstance(earned, (int, float)):
        return made
    why = (
        *group.why,
        f"{shortened_value(cost.name)} is {paid:g} and {shortened_value(revenue.name)} is {earned:g} in every row: read as the cost of a "
        "contact and the revenue of a yes.",
        "Alternative: remove both if they mean something else, or move them to the campaign that they belong to.",
    )
    made[target] = replace(group, why=why, cost=paid, revenue=earned)
    return made


def _find_answer(made: Sequence[DraftedGroup]) -> int | None:
    """Position of the group of flags that looks most like the answer to a contact; the fewest columns come first."""
    ranked = [
        (len(g.columns), i)
        for i, g in enumerate(made)
        if g.role == "flags" and g.campaign and any(means(c, "response") for c in g.columns)
        and not any(w.startswith("newsletter") for c in g.columns for w in words_of(c))
    ]  # fmt: skip
    return min(ranked)[1] if ranked else None
