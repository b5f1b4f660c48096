"""Roles of columns: as the recipe says, or guessed from their names and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segmentry.auditing.columns import ColumnFacts
from segmentry.recipe import Recipe

MAX_CATEGORIES = 50
LEAST_IDS = 100
"""Smallest number of values of an id that repeats: one with fewer may be that of a branch or a region."""
_MEANINGS = {
    "id": "id|key|uuid|guid|kundennummer|kundennr|"
    "(customer|client|cust|user|member|account|household|person|patient|subscriber|passenger|respondent|kunden|order|"
    "invoice)_?(id|no|number|nr)",
    "birth": "birth|born|dob|yob|geburt\\w*|geb|naissance|nacimiento|nascita|nascimento",
    "year": "year|yr|jahr|annee|ano|anno|vintage",
    "age": "age|alter|edad|idade|eta",
    "amount": "mnt|amt|amount|spend|spent|spending|revenue|sales|turnover|value|total|paid|payments?|"
    "umsatz|betrag|montant|importe|importo|valor|valore|gastos?|despesas?|depenses?|spesa|vendas|ventas|monetary|bill|fare",
    "count": "num|number|count|cnt|n|nb|nr|qty|quantity|visits|orders|items|anzahl|quantidade|qtde?|"
    "frequency|times|purchases",
    "purchases": "purchases?|orders?|transactions?|bookings?|bestellung\\w*|achats?|compras?|acquisti|"
    "pedidos?|invoices?",
    "deals": "deals?|discounts?|promo\\w*|coupons?|vouchers?|rabatt\\w*|offers?|descontos?|"
    "descuentos?|sconti",
    "young": "kids?|kid|baby|babies|infants?|toddlers?|small_?children",
    "teens": "teens?|teenagers?|adolescents?|youths?",
    "children": "child|children|childs|kinder|enfants?|hij[oa]s?|filh[oa]s?|figli|criancas?|dependents?|dependants?",
    "acceptance": "accept\\w*|cmp\\w*|campaigns?|respon\\w*|converted|conversion|clicked|opened|subscribed",
    "cost": "costs?|kosten|cout|coste|costo|custo",
    "revenue": "revenues?|earnings?|erloes|ertrag|receita|ricavo|recette|ingreso|income|profit",
}


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


def name_says(name: str, what: str) -> bool:
    """Whether a word of a column's name has a meaning.

    Examples
    --------
    >>> name_says("Year_Birth", "birth"), name_says("NumDealsPurchases", "deals"), name_says("Kidhome", "young")
    (True, True, True)
    >>> name_says("Orbit", "id"), name_says("customerId", "id")
    (False, True)
    """
    pattern = re.compile(f"(?:{_MEANINGS[what]})", re.IGNORECASE)
    return any(pattern.fullmatch(word) for word in words_in_name(name))


def is_called_id(name: str) -> bool:
    """Whether a column is called an id, as "paid" and "no_of_visits" are not.

    Examples
    --------
    >>> [is_called_id(n) for n in ("ID", "customerid", "Kunden_Nr", "nr", "paid", "no_of_visits")]
    [True, True, True, True, False, False]
    """
    return name_says(name, "id") or name.lower() in ("no", "nr")


def repeated_id(columns: Sequence[ColumnFacts]) -> ColumnFacts | None:
    """Find the first column that is called an id and whose values repeat, as in tables of transactions or of years."""
    found = (c for c in columns if c.kind in ("number", "text") and is_called_id(c.name))
    return next((c for c in found if LEAST_IDS <= c.n_distinct < 0.5 * c.n_present), None)


def words_in_name(name: str) -> list[str]:
    """Split a column's name into words, followed by the whole name as one word.

    Examples
    --------
    >>> words_in_name("MntFishProducts")[:3]
    ['mnt', 'fish', 'products']
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)", " ", name)
    found = [word.lower() for word in re.split(r"[\W_]+", spaced) if word]
    stems = [word.removesuffix("home") for word in found if word.endswith("home") and word != "home"]
    return [*found, *stems, "_".join(found), "".join(found)]


def guess_roles(columns: Sequence[ColumnFacts]) -> Roles:
    """Guess roles from names and values; a column has at most one role."""
    key = _guess_id(columns)
    left = [c for c in columns if c.name != key and c.n_present and not c.is_constant]
    births = [c for c in left if _is_birth_year(c)]
    years = [c for c in left if c not in births and _is_year(c)]
    left = [c for c in left if c not in births and c not in years]
    children = [c for c in left if _is_number_of_children(c)]
    left = [c for c in left if c not in children]
    flags = [c for c in left if is_flag(c) and name_says(c.name, "acceptance")]
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
    return _holds_years(c) and name_says(c.name, "birth")


def _is_year(c: ColumnFacts) -> bool:
    return _holds_years(c) and name_says(c.name, "year")


def _holds_years(c: ColumnFacts) -> bool:
    if c.kind != "number" or not c.is_whole or not c.quantiles:
        return False
    return c.quantile(0.05) >= 1850 and c.quantile(0.95) <= 2100


def _is_number_of_children(c: ColumnFacts) -> bool:
    is_small = c.kind == "number" and c.is_whole and c.n_negative == 0 and float(c.maximum or 0) <= 20
    return is_small and any(name_says(c.name, part) for part in ("young", "teens", "children"))


def _may_be_count(c: ColumnFacts) -> bool:
    is_whole = c.kind == "number" and c.is_whole and c.n_negative == 0 and not is_flag(c)
    return (
        is_whole and any(name_says(c.name, part) for part in ("count", "purchases")) and c.n_distinct <= 1_000
    )


def _is_amount(c: ColumnFacts) -> bool:
    return c.kind == "number" and c.n_distinct > 10 and name_says(c.name, "amount")


def _is_category(c: ColumnFacts) -> bool:
    is_repeated = 2 <= c.n_distinct <= MAX_CATEGORIES and c.n_distinct <= 0.5 * c.n_present
    return c.kind in ("text", "boolean") and is_repeated


def _families(columns: Sequence[ColumnFacts]) -> tuple[Family, ...]:
    """Group columns whose names begin with the same word, in the order of the numbers at their ends."""
    found: dict[str, list[str]] = {}
    for c in columns:
        found.setdefault(words_in_name(c.name)[0], []).append(c.name)
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
