"""Which outcomes can be added up: those of one unit and one direction, and no rates."""

from __future__ import annotations

from collections.abc import Sequence

from segmentry.auditing.words import means, pieces, words_of
from segmentry.drafting.judged_column import JudgedColumn

SharedWords = tuple[int, int]
"""Number of words at the beginning and at the end that names have in common."""
Kindred = tuple[list[JudgedColumn], SharedWords]
"""Columns whose names are alike, and what they share."""
_TOTAL = frozenset({"total", "sum", "gesamt", "summe", "all", "overall", "tot", "gesamtumsatz"})
_UNITS = ("gain", "loss", "usage", "money", "count")


def counts_again(name: str) -> bool:
    """Whether a column may count what other columns count, as totals and deals do.

    Examples
    --------
    >>> counts_again("mnt_wine"), counts_again("Total spend")
    (False, True)
    """
    return bool(_TOTAL & set(words_of(name))) or means(name, "deal")


def is_ratio(name: str) -> bool:
    """Whether a name is that of a rate, an average, a share or a price.

    Examples
    --------
    >>> is_ratio("mnt_wine"), is_ratio("hourly_rate")
    (False, True)
    """
    return means(name, "ratio")


def of_one_unit(kindred: Sequence[Kindred]) -> tuple[list[Kindred], list[JudgedColumn]]:
    """Divide columns with names alike by what they measure; return also those that then have no others beside them."""
    groups, alone = [], []
    for members, shared in kindred:
        units = [_unit(c.name, shared) for c in members]
        if len({*units} - {""}) < 2:
            groups.append((members, shared))
            continue
        for unit in dict.fromkeys(units):
            same = [c for c, own in zip(members, units, strict=True) if own == unit]
            if len(same) > 1:
                groups.append((same, shared))
            else:
                alone += same
    return groups, alone


def _unit(name: str, shared: SharedWords) -> str:
    """What the words say that a name does not share: a direction, time, money, or the counted things; else nothing."""
    first, last = shared
    words = pieces(name)
    own = words[first : len(words) - last]
    unit = next((unit for unit in _UNITS for word in own if means(word, unit)), "")
    return own[-1].casefold() if unit == "count" else unit
