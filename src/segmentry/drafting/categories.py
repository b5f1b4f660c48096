"""Levels of texts: spellings of a value are one level, scales get their order, rare values are grouped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from segmentry.drafting.scales import order_texts, spelling

RARE = 0.02
"""Smallest share of the customers in a level."""
MOST_LEVELS = 8
LARGE = 0.1
"""Share of the customers from which a value is too large for rare values to join it."""


@dataclass(frozen=True)
class GroupedValues:
    """Levels of a text.

    Attributes
    ----------
    groups
        Values of each level, by its label.
    is_scale
        Whether the levels are ordered.
    rest
        Label of the level for all other values; None where there is no such level.
    rare
        Values that were grouped because they are rare.
    joined
        Those of `rare` that are frequent enough, and joined the others because these are not.
    is_left
        Whether the rare values have no level.
    spellings
        Values that are spellings of another value.
    """

    groups: dict[str, list[str]]
    is_scale: bool = False
    rest: str | None = None
    rare: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    is_left: bool = False
    spellings: tuple[str, ...] = ()


def group_values(
    values: Sequence[tuple[str, int]],
    *,
    is_complete: bool = True,
    order: Sequence[str] = (),
    is_ordinal: bool = False,
) -> GroupedValues:
    """Group the values of a text into levels.

    Spellings that differ in case, spaces or accents are one value. A known scale, or ranges of numbers, give
    the order, and rare steps join a neighbour. Without an order, rare values are one level; where that level is rare
    too, the next rarest value joins it, or, if that value is large, the rare values get no level.

    Parameters
    ----------
    values
        Values with their number of customers, the most frequent first.
    is_complete
        Whether these are all values of the column.
    order
        Values in the order in which they are listed, where one is known.
    is_ordinal
        Whether that order is one of steps, which are then a scale.

    Examples
    --------
    >>> group_values([("Married", 864), ("Single", 480), ("Widow", 77), ("Alone", 3), ("YOLO", 2)]).groups
    {'Married': ['Married'], 'Single': ['Single'], 'Widow or other': ['Widow', 'Alone', 'YOLO']}
    >>> group_values([("high", 40), ("low", 30), ("LOW", 2), ("medium", 28)]).groups
    {'low': ['low', 'LOW'], 'medium': ['medium'], 'high': ['high']}
    """
    spelled = _by_spelling(values)
    spellings = tuple(v for group, _ in spelled.values() for v in group[1:])
    scale = None
    if is_ordinal and is_complete:
        scale = [[value] for value in sorted((m[0] for m, _ in spelled.values()), key=place_in(order))]
    elif is_complete:
        scale = order_texts([members[0] for members, _ in spelled.values()])
    if scale is not None:
        steps = _joined_steps([[spelled[spelling(value)] for value in step] for step in scale])
        return GroupedValues(
            {_joined_label(labels): members for labels, members, _ in steps}, True, spellings=spellings
        )
    found = _by_rarity(spelled, is_complete=is_complete, spellings=spellings)
    if not order:
        return found
    place = place_in(order)
    listed = sorted(found.groups.items(), key=lambda group: min(map(place, group[1])))
    return replace(found, groups=dict(listed))


def place_in(order: Sequence[str]) -> Callable[[str], int]:
    """Position of a value in an order; values that it lacks come last."""
    places = {value: i for i, value in enumerate(order)}
    return lambda value: places.get(value, len(places))


_Spelled = dict[str, tuple[list[str], int]]


def _by_spelling(values: Sequence[tuple[str, int]]) -> _Spelled:
    found: _Spelled = {}
    for value, n in values:
        key = spelling(value)
        members, count = found.get(key, ([], 0))
        found[key] = ([*members, value], count + n)
    return dict(sorted(found.items(), key=lambda item: -item[1][1]))


_Step = tuple[list[str], list[str], int]
"""Labels, values and customers of neighbouring values on a scale."""


def _joined_steps(scale: list[list[tuple[list[str], int]]]) -> list[_Step]:
    """The steps of a scale; rare steps join their rarer neighbour, and so do the rarest while there are too many."""
    steps = [
        ([_tidy(members[0]) for members, _ in step], [v for members, _ in step for v in members],
         sum(n for _, n in step))
        for step in scale
    ]  # fmt: skip
    least = RARE * sum(n for *_, n in steps)
    while len(steps) > MOST_LEVELS or (len(steps) > 2 and min(n for *_, n in steps) < least):
        at = min(range(len(steps)), key=lambda i: steps[i][2])
        left = at == len(steps) - 1 or (at > 0 and steps[at - 1][2] <= steps[at + 1][2])
        i = at - 1 if left else at
        (a, first, m), (b, second, n) = steps[i : i + 2]
        steps[i : i + 2] = [([*a, *b], [*first, *second], m + n)]
    return steps


def _joined_label(labels: Sequence[str]) -> str:
    """The label of joined neighbours on a scale."""
    return " or ".join(labels) if len(labels) < 3 else f"{labels[0]} to {labels[-1]}"


def _by_rarity(spelled: _Spelled, *, is_complete: bool, spellings: tuple[str, ...]) -> GroupedValues:
    """Levels without an order: the frequent values, and the rare ones together."""
    entries = list(spelled.values())
    least = RARE * sum(n for _, n in entries)
    kept = [e for e in entries[: MOST_LEVELS - (len(entries) > MOST_LEVELS)] if e[1] >= least]
    others = entries[len(kept) :]
    if others and is_complete and len(kept) > 1 and _is_lost(others, kept, least):
        rare = tuple(v for members, _ in others for v in members)
        return GroupedValues(_label_levels(kept), rare=rare, is_left=True, spellings=spellings)
    joined: list[str] = []
    while others and is_complete and len(kept) > 1 and sum(n for _, n in others) < least:
        joined = [*kept[-1][0], *joined]
        others = [kept.pop(), *others]
    groups = _label_levels(kept)
    if not others and is_complete:
        return GroupedValues(groups, spellings=spellings)
    rare = tuple(v for members, _ in others for v in members)
    if not is_complete or len(rare) > MOST_LEVELS:
        return GroupedValues(groups, rest=_free_label("Other", groups), rare=rare, spellings=spellings)
    first = others[0]
    if len(others) == 1:
        label = _tidy(first[0][0])
    else:
        label = f"{_tidy(first[0][0])} or other" if first[1] >= least else "Other"
    groups[_free_label(label, groups)] = list(rare)
    return GroupedValues(groups, rare=rare, joined=tuple(joined), spellings=spellings)


def _is_lost(
    others: Sequence[tuple[list[str], int]], kept: Sequence[tuple[list[str], int]], least: float
) -> bool:
    """Whether the rare values are too few for a level, and the next rarest value is too large to join them."""
    return sum(n for _, n in others) < least and kept[-1][1] >= LARGE / RARE * least


def _label_levels(entries: Sequence[tuple[list[str], int]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for members, _ in entries:
        groups[_free_label(_tidy(members[0]), groups)] = members
    return groups


def _free_label(label: str, groups: dict[str, list[str]]) -> str:
    while label in groups:
        label += " *"
    return label


def _tidy(value: str) -> str:
    """Make a label of a value: without outer spaces and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split()) or "(empty)"
