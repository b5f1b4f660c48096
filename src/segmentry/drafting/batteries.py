"""Batteries: alike columns, such as the answers to one set of questions, which are used all together or not at all."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import means
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.values import is_yes_no
from segmentry.drafting.words import shortened_value

FEWEST = 4
"""Smallest number of alike columns that are a battery."""
FEWEST_YES_NO = 6
"""Columns of yes and no are alike by nature: of them more have to follow each other."""
_MOST_ANSWERS = 11
"""Items have up to this many different answers, as from 0 to 10."""


def with_batteries(columns: Sequence[JudgedColumn]) -> tuple[JudgedColumn, ...]:
    """Return the columns with the name of the battery that each is part of.

    Answers from one list of values are a battery wherever they stand; columns of yes and no, and small counts, are one
    where they follow each other, and neither who the customers are nor what happened is among them.
    """
    found: dict[str, str] = {}
    for members in (*_of_answers(columns), *_of_yes_no(columns), *_of_counts(columns)):
        name = f"{shortened_value(members[0].name, 20)} to {shortened_value(members[-1].name, 20)}"
        found |= {c.name: name for c in members}
    return tuple(replace(c, battery=found.get(c.name, c.battery)) for c in columns)


def _of_answers(columns: Sequence[JudgedColumn]) -> list[list[JudgedColumn]]:
    by_values: dict[Hashable, list[JudgedColumn]] = {}
    for c in columns:
        if (
            c.sense in ("process", "happened")
            or c.use in ("id", "unused", "money")
            or c.whole
            or c.again
            or c.battery
            or means(c.name, "target")
        ):
            continue
        key = _answers(c.facts)
        if key is not None:
            by_values.setdefault(key, []).append(c)
    return [members for members in by_values.values() if len(members) >= FEWEST]


def _answers(facts: ColumnFacts) -> Hashable | None:
    """What alike items have in common: their texts, or the ends of their scale."""
    if not 3 <= facts.n_distinct <= _MOST_ANSWERS:
        return None
    if facts.kind == "text" and len(facts.top_values) == facts.n_distinct:
        return frozenset(str(v) for v, _ in facts.top_values)
    is_scale = facts.kind == "number" and facts.is_whole and facts.highest - facts.lowest < _MOST_ANSWERS
    return (
        (facts.minimum, facts.maximum)
        if is_scale and facts.highest - facts.lowest + 1 == facts.n_distinct
        else None
    )


def _of_counts(columns: Sequence[JudgedColumn]) -> list[list[JudgedColumn]]:
    """Runs of small counts from 0, which need not have the same ends; a yes or no among them is one that is rare."""
    runs: list[list[JudgedColumn]] = [[]]
    for c in columns:
        runs[-1].append(c) if _is_small_count(c) else runs.append([])
    return [run for run in runs if len(run) >= FEWEST_YES_NO and _are_counts(run)]


def _are_counts(run: Sequence[JudgedColumn]) -> bool:
    """Whether most of the columns are more than a yes or no, and most say nothing of who the customers are."""
    counts = [c for c in run if c.facts.n_distinct > 2]
    return 2 * len(counts) > len(run) and 2 * sum(c.sense != "who" for c in run) > len(run)


def _is_small_count(c: JudgedColumn) -> bool:
    facts = c.facts
    is_small = (
        facts.kind == "number" and facts.is_whole and facts.minimum == 0 and 0 < facts.highest < _MOST_ANSWERS
    )
    is_free = c.use in ("feature", "counts", "flags") and c.sense not in ("happened", "process")
    return is_small and is_free and not (c.battery or c.whole or c.again or means(c.name, "target"))


def _of_yes_no(columns: Sequence[JudgedColumn]) -> list[list[JudgedColumn]]:
    runs: list[list[JudgedColumn]] = [[]]
    for c in columns:
        if is_yes_no(c.facts) and c.sense in ("unknown", "holds") and not (c.whole or c.again):
            same = not runs[-1] or runs[-1][-1].facts.kind == c.facts.kind
            runs.append([c]) if not same else runs[-1].append(c)
        elif c.facts.n_distinct > 1:
            runs.append([])
    return [run for run in runs if len(run) >= FEWEST_YES_NO]
