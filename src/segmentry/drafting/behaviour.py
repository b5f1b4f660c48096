"""Tables of what customers do that say little of who they are: there behaviour forms the segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from segmentry.auditing.words import means
from segmentry.drafting.judged_column import JudgedColumn

ENOUGH_WHO = 3
"""Columns of who the customers are, by their names, from which on these form the segments."""
FEWEST = 3
"""Fewest columns of what customers do that form segments."""
SMALL_TABLE = 6
"""With at most this many columns of use, and nothing to compare, all form segments."""
MOST_ITEMS = 40
"""A larger battery forms no segments."""
CUSTOMERS_PER_ITEM = 20
_DOES, _ITEM = 1.7, 1.6


def with_behaviour(columns: Sequence[JudgedColumn], target: str | None) -> tuple[JudgedColumn, ...]:
    """Return the columns in which what customers do is a feature, where that is what the table is about.

    A battery forms segments as a whole where little says who the customers are, and is else compared, if it is one of
    yes and no, or offered.
    """
    who = [
        c for c in columns if c.use == "feature" and c.sense == "who" and c.worth >= 1 and c.name != target
    ]
    does = {c.name for c in columns if _is_behaviour(c) and c.name != target}
    items = [c for c in columns if c.battery and c.name != target]
    usable = [c for c in columns if c.use not in ("id", "unused", "money") and c.name != target]
    others = [c for c in usable if c.is_compared and c.name not in does]
    is_small = len(usable) <= SMALL_TABLE and target is None and not others
    is_behaviour = (len(who) < ENOUGH_WHO and len(does) + len(items) >= FEWEST) or (is_small and bool(does))
    bears = columns[0].facts.n_rows >= CUSTOMERS_PER_ITEM * len(items) and len(items) <= MOST_ITEMS
    bears = bears and not any(means(c.name, "special") for c in items)  # protected: never unasked
    takes_items = bears and len(who) < ENOUGH_WHO + (len(items) >= 2 * len(who)) * ENOUGH_WHO
    counted = {c.battery for c in items if c.form != "yes_no"}
    return tuple(
        _settled(
            replace(c, form="scale") if c.battery in counted and c.form == "yes_no" else c,
            is_behaviour=is_behaviour and c.name in does,
            takes_items=takes_items,
        )
        for c in columns
    )


def _settled(c: JudgedColumn, *, is_behaviour: bool, takes_items: bool) -> JudgedColumn:
    if c.battery and c.use in ("feature", "amounts", "counts", "flags"):
        why = f"one of the alike columns {c.battery}"
        if takes_items:
            return replace(c, use="feature", why=why, worth=_ITEM)
        if c.form == "yes_no":
            return replace(c, use="flags", why=why)
        return c if _is_share(c) else c.unless_used(why)
    if is_behaviour:
        return replace(c, use="feature", why="what the customers do", worth=_DOES)
    return c


def _is_share(c: JudgedColumn) -> bool:
    """Whether the column is one of the amounts that add up to a whole."""
    return c.use == "amounts" and not c.facts.is_whole


def _is_behaviour(c: JudgedColumn) -> bool:
    """Whether the column is a number of what customers do, or one whose name does not say what it is."""
    if c.battery or (c.facts.kind == "text" and c.form != "number"):
        return False
    return (c.use in ("amounts", "counts") and c.sense == "does") or (c.use == "feature" and c.is_unnamed)
