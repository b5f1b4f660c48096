"""The headline outcome, and what it could be instead: columns in the order of rules and of words that analyses explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmentry.drafting.derived import without_twins
from segmentry.drafting.formula_words import explained
from segmentry.drafting.headline import with_dependents, with_headline
from segmentry.drafting.judged_column import MOST_CHOICES, JudgedColumn
from segmentry.drafting.targets import (
    MOST_MISSING,
    Target,
    Weighed,
    find_targets,
    is_nearly_constant,
    weigh_targets,
)
from segmentry.drafting.wishes import Wishes

SURE = 2.5
"""Evidence from which on the headline is named without others that it could be."""
_RULES = 0.3
"""Worth of evidence beside log odds in the order of what the headline could be."""
_MOST_OTHERS = 2


@dataclass(frozen=True)
class Headline:
    """The headline outcome, and what it could be instead.

    Attributes
    ----------
    target
        The headline outcome, if there is one.
    others
        Columns that it could be, the likeliest first; none where it is sure.
    """

    target: Target | None = None
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str | None:
        """Column of the headline outcome."""
        return None if self.target is None else self.target.name


def with_targets(
    columns: Sequence[JudgedColumn], wishes: Wishes, title: str, *, is_made: bool = False
) -> tuple[tuple[JudgedColumn, ...], Headline]:
    """Return the columns in which what the table is about is compared, and the headline outcome."""
    if wishes.target is not None:
        compared = without_twins(with_headline(columns, wishes.target), wishes.target)
        return compared, Headline(Target(wishes.target, "as asked"))
    weighed = weigh_targets(columns, title, is_made=is_made)
    found = [t for t in find_targets(weighed) if t.name not in wishes.features]
    others = _others(weighed, found[0].name if found else None, wishes)
    for name in (t.name for t in found):
        columns = with_dependents(without_twins(with_headline(columns, name), name), name)
    return tuple(columns), Headline(found[0] if found else None, others)


def _others(weighed: Sequence[Weighed], taken: str | None, wishes: Wishes) -> tuple[str, ...]:
    """The columns that are likeliest the headline beside the one that was taken; none where that one is sure."""
    if taken is not None and _named(weighed, taken).evidence >= SURE:
        return ()
    free = [w for w in weighed if _may_be_named(w) and w.column.name not in (taken, *wishes.features)]
    ranked = sorted(free, key=lambda w: explained(w.column.name) + _RULES * w.evidence, reverse=True)
    return tuple(w.column.name for w in ranked[:_MOST_OTHERS])


def _may_be_named(w: Weighed) -> bool:
    """Whether a column may be named: customers can be compared on it, it stands for itself, and it led to nothing."""
    c, facts = w.column, w.column.facts
    is_itself = not (c.again or c.battery or c.is_personal) and w.is_free
    is_used = c.use not in ("id", "money", "unused") and c.sense != "process"
    is_measured = facts.kind == "number" and facts.is_finite
    is_few = facts.kind in ("text", "boolean") and facts.n_distinct <= MOST_CHOICES
    is_known = facts.share_missing <= MOST_MISSING and facts.n_distinct > 1 and not is_nearly_constant(facts)
    return is_itself and is_used and (is_measured or is_few) and is_known


def _named(weighed: Sequence[Weighed], name: str) -> Weighed:
    return next(w for w in weighed if w.column.name == name)
