"""Roles of columns: as the recipe says, or guessed from their names and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import means, words_of
from segmentry.recipe import Recipe

MAX_CATEGORIES = 50
LEAST_IDS = 100
"""Smallest number of values of an id that repeats: one with fewer may be that of a branch or a region."""
_NUMBERED = re.compile(
    "(customer|client|cust|user|member|account|household|person|patient|subscriber|passenger|respondent|kunden|order|"
    "invoice)(id|no|number|nr|nummer)|no|nr"
)
"""Names of ids, their words joined."""


@dataclass(frozen=True)
class Family:
    """A group of outcome columns, with their labels."""

    name: str
    columns: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def pairs(self) -> Iterable[tuple[str, str]]:
        """Pairs of column and label."""
        return zip(self.columns, self.labels, strict=True)


@dataclass(frozen=True)
class Roles:
    """Columns by role; `is_guess` is true where no recipe declares them."""

    is_guess: bool
    id: str | None = None
    amounts: tuple[Family, ...] = ()
    counts: tuple[Family, ...] = ()
    flags: tuple[Family, ...] = ()
    categories: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


def is_called_id(name: str) -> bool:
    """Whether a column is called an id, as "paid" and "no_of_visits" are not.

    Examples
    --------
    >>> [is_called_id(n) for n in ("ID", "customerid", "Kunden_Nr", "nr", "paid", "no_of_visits")]
    [True, True, True, True, False, False]
    """
    return means(name, "key") or _NUMBERED.fullmatch("".join(words_of(name))) is not None


def repeated_id(columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """Find the first column that is called an id and whose values repeat, as in tables of transactions or of years."""
    found = (c for c in columns if c.kind in ("number", "text") and is_called_id(c.name))
    return next((c for c in found if LEAST_IDS <= c.n_distinct < 0.5 * c.n_present), None)


def guess_roles(columns: Sequence[ColumnFacts]) -> Roles:
    """Guess roles from names and values; a column has at most one role."""
    key = _guess_id(columns)
    left = [c for c in columns if c.name != key and c.n_present and not c.is_constant]
    births = [c for c in left if _is_birth_year(c)]
    years = [c for c in left if c not in births and _is_year(c)]
    left = [c for c in left if c not in births and c not in years]
    children = [c for c in left if _is_number_of_children(c)]
    left = [c for c in left if c not in children]
    flags = [c for c in left if is_flag(c) and means(c.name, "acceptance")]
    counts = [c for c in left if _may_be_count(c)]
    amounts = [c for c in left if c not in counts and _is_amount(c)]
    return Roles(
        is_guess=True,
        id=key,
        amounts=_families(amounts),
        counts=_families(counts),
        flags=_families(flags),
        categories=tuple(c.name for c in columns if _is_category(c)),
        dates=tuple(c.name for c in columns if c.kind == "date" and c.n_present),
        years=tuple(c.name for c in years),
        births=tuple(c.name for c in births),
        children=tuple(c.name for c in children),
    )


def declared_roles(recipe: Recipe, columns: Sequence[ColumnFacts]) -> Roles:
    """Take the id and the outcomes from the recipe, and guess the other roles."""
    guessed = guess_roles(columns)
    known = {c.name for c in columns}
    by_role: dict[str, list[Family]] = {"amounts": [], "counts": [], "flags": []}
    for group in recipe.outcomes:
        kept = [c for c in group.columns if c.sql is None and c.name in known]
        if kept:
            family = Family(group.title, tuple(c.name for c in kept), tuple(c.label for c in kept))
            by_role[group.role].append(family)
    families: dict[str, Any] = {role: tuple(found) for role, found in by_role.items()}
    return replace(guessed, is_guess=False, id=recipe.source.id or guessed.id, **families)


def is_flag(c: ColumnFacts) -> bool:
    """Whether a column holds only 0 and 1, or false and true."""
    if c.kind == "boolean":
        return True
    return c.kind == "number" and c.n_distinct == 2 and (c.minimum, c.maximum) == (0, 1)


def _guess_id(columns: Sequence[ColumnFacts]) -> str | None:
    """The column that identifies the customer: nearly unique and called an id; else the first column, if it is unique."""
    usable = [c for c in columns if c.kind in ("number", "text") and c.n_rows > 1 and not _has_fractions(c)]
    called = [c for c in usable if is_called_id(c.name)]
    for c in called:
        if c.n_distinct >= 0.5 * c.n_rows:
            return c.name
    unique = [c for c in usable if c.is_unique and c.n_rows >= 10]
    return unique[0].name if unique and unique[0] is columns[0] else None


def _has_fractions(c: ColumnFacts) -> bool:
    return c.kind == "number" and not c.is_whole


def _is_birth_year(c: ColumnFacts) -> bool:
    return _holds_years(c) and means(c.name, "birth")


def _is_year(c: ColumnFacts) -> bool:
    return _holds_years(c) and means(c.name, "year")


def _holds_years(c: ColumnFacts) -> bool:
    if c.kind != "number" or not c.is_whole or not c.quantiles:
        return False
    return c.quantile(0.05) >= 1850 and c.quantile(0.95) <= 2100


def _is_number_of_children(c: ColumnFacts) -> bool:
    is_small = c.kind == "number" and c.is_whole and c.n_negative == 0 and c.highest <= 20
    return is_small and any(means(c.name, part) for part in ("young", "teens", "children"))


def _may_be_count(c: ColumnFacts) -> bool:
    is_whole = c.kind == "number" and c.is_whole and c.n_negative == 0 and not is_flag(c)
    return (
        is_whole and any(means(c.name, part) for part in ("counted", "purchases")) and c.n_distinct <= 1_000
    )


def _is_amount(c: ColumnFacts) -> bool:
    return c.kind == "number" and c.n_distinct > 10 and means(c.name, "amount")


def _is_category(c: ColumnFacts) -> bool:
    is_repeated = 2 <= c.n_distinct <= MAX_CATEGORIES and c.n_distinct <= 0.5 * c.n_present
    return c.kind in ("text", "boolean") and is_repeated


def _families(columns: Sequence[ColumnFacts]) -> tuple[Family, ...]:
    """Group columns whose names begin with the same word, in the order of the numbers at their ends."""
    found: dict[tuple[str, ...], list[str]] = {}
    for c in columns:
        found.setdefault(words_of(c.name)[:1], []).append(c.name)
    families = []
    for names in found.values():
        ordered = tuple(sorted(names, key=_natural))
        stem = _common_start(ordered)
        families.append(Family(f"{stem}…" if len(names) > 1 and stem else names[0], ordered, ordered))
    return tuple(families)


def _natural(name: str) -> tuple[str, int]:
    digits = re.search(r"(\d+)$", name)
    return (name[: digits.start()], int(digits.group())) if digits else ("", 0)


def _common_start(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:same]
