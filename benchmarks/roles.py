"""The role that a draft gives to each column, beside those that an expert would give."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from tables import ExpertTable

_COMPARED = {
    "flag": {"flags"},
    "choice": {"flags"},
    "amount": {"amounts"},
    "rate": {"amounts"},
    "count": {"counts"},
    "answer": {"flags", "amounts", "counts"},
}
"""Ways to compare a column that are right, by its role."""
_OUTCOMES = {"flags", "amounts", "counts"}
_RIGHT = {
    "feature": {"feature", "offered"},
    "id": {"id"},
    "row number": {"id", "left out"},
    "weight": {"weight"},
    "summed up": {"summed up"},
    "left out": {"left out", "offered"},
} | dict.fromkeys(_COMPARED, _OUTCOMES)
"""What a draft may make of a column, by the role that an expert gives it."""


@dataclass(frozen=True)
class Judged:
    """A draft beside the expert's roles.

    Attributes
    ----------
    drafted
        What the draft makes of each column.
    wrong
        Columns whose role is wrong: what is right, and what the draft makes of it.
    has_headline, outcomes
        Whether the first outcome is a target; which targets are outcomes.
    kinds, orders, sensitive
        How many are right, of how many: ways of comparing, orders of levels, sensitive columns that are marked.
    is_one_row
        Whether there is one row per customer, by a query; None where there was one before.
    """

    drafted: dict[str, str]
    wrong: dict[str, tuple[str, str]]
    has_headline: bool
    outcomes: tuple[str, ...]
    kinds: tuple[int, int]
    orders: tuple[int, int]
    sensitive: tuple[int, int]
    is_one_row: bool | None


def judge(table: ExpertTable, columns: Sequence[str], recipe: Any) -> Judged:
    """Judge a drafted recipe of a table that has these columns."""
    drafted = drafted_roles(columns, recipe)
    right = {c: set().union(*(_RIGHT[role] for role in table.roles[c])) for c in columns}
    wrong = {c: (_words(table.roles[c]), drafted[c]) for c in columns if drafted[c] not in right[c]}
    for c in _broken(table, drafted):
        wrong.setdefault(c, ("battery, whole or not at all", drafted[c]))
    for c in _doubled(table, drafted):
        wrong.setdefault(c, ("restates another column", drafted[c]))
    compared = [c for c in columns if drafted[c] in _OUTCOMES and c not in wrong]
    return Judged(
        drafted,
        wrong,
        any(c in table.target for c in headline_columns(recipe)),
        tuple(c for c in table.target if drafted.get(c) in _OUTCOMES),
        (sum(drafted[c] in _kinds(table.roles[c]) for c in compared), len(compared)),
        _orders(table, recipe),
        _marked(table, drafted, recipe),
        _is_one_row(table, recipe) if table.is_repeated else None,
    )


def drafted_roles(columns: Sequence[str], recipe: Any) -> dict[str, str]:
    """Return what a draft makes of each column: the first that holds, as no column should be in two places."""
    places = [
        ("weight", {recipe.source.weight}),
        ("id", {recipe.source.id}),
        ("feature", {c for feature in recipe.features for c in _read(feature.column, feature.sql)}),
        *(
            (group.role, {c for column in group.columns for c in _read(column.name, column.sql)})
            for group in recipe.outcomes
        ),
        ("offered", {c for keys in offered_features(recipe.text) for c in _read(keys.get("column"), keys.get("sql"))}),
        ("summed up", _columns_of(recipe.source.sql)),
    ]  # fmt: skip
    return {c: next((role for role, found in places if c in found), "left out") for c in columns}


def offered_features(text: str) -> list[dict[str, Any]]:
    """Read the features that a draft offers as comments, as a user does who removes the # before their lines."""
    found = []
    for part in text.split("\n\n"):
        lines = part.splitlines()
        start = next((i for i, line in enumerate(lines) if line.startswith("# [features.")), None)
        if start is None or any(not line.startswith("#") for line in lines):
            continue
        block = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[start:])
        found += list(tomllib.loads(block)["features"].values())
    return found


def _read(column: str | None, sql: str | None) -> set[str]:
    return _columns_of(sql) if sql is not None else {column} if column else set()


def _columns_of(sql: str | None) -> set[str]:
    if sql is None:
        return set()
    return {c.name for c in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Column)}


def headline_columns(recipe: Any) -> set[str]:
    """Return the columns of the headline outcome: the one that is named, else the first."""
    named = getattr(recipe, "headline", None)
    compared = [(c, group) for group in recipe.outcomes for c in group.columns]
    chosen = [c for c, group in compared if named in (c.name, group.name)] or [c for c, _ in compared]
    return _read(chosen[0].name, chosen[0].sql) if chosen else set()


def _words(roles: Iterable[str]) -> str:
    return " or ".join(roles)


def _kinds(roles: Iterable[str]) -> set[str]:
    return set().union(*(_COMPARED.get(role, set()) for role in roles))


def _broken(table: ExpertTable, drafted: dict[str, str]) -> list[str]:
    """Return the columns of batteries of which some form segments and some do not."""
    forming = [[drafted[c] == "feature" for c in battery] for battery in table.batteries]
    halves = [battery for battery, is_forming in zip(table.batteries, forming, strict=True) if 0 < sum(is_forming) < len(battery)]  # fmt: skip
    return [c for battery in halves for c in battery]


def _doubled(table: ExpertTable, drafted: dict[str, str]) -> list[str]:
    """Return the columns that form segments beside another that says the same, whether that forms them or is compared."""
    found = []
    for same in table.restates:
        forming = [c for c in same if drafted[c] == "feature"]
        is_compared = any(drafted[c] in _OUTCOMES for c in same)
        found += forming if is_compared else forming[1:]
    return found


def _orders(table: ExpertTable, recipe: Any) -> tuple[int, int]:
    """Count the features, used or offered, whose levels are in order."""
    made = [f.model_dump() for f in recipe.features] + offered_features(recipe.text)
    judged = [
        _is_ordered(keys, levels)
        for column, levels in table.orders.items()
        for keys in made
        if column in _read(keys.get("column"), keys.get("sql"))
    ]
    return sum(judged), len(judged)


def _is_ordered(keys: dict[str, Any], levels: Sequence[str]) -> bool:
    groups = keys.get("groups") or {str(v): (v,) for v in keys.get("levels") or ()}
    place = {str(v).strip(): i for i, values in enumerate(groups.values()) for v in values}
    found = [place[level.strip()] for level in levels if level.strip() in place]
    return keys.get("scale") == "ordinal" and len(found) > 1 and found in (sorted(found), sorted(found)[::-1])


def _marked(table: ExpertTable, drafted: dict[str, str], recipe: Any) -> tuple[int, int]:
    used = [c for c in table.sensitive if drafted[c] in _OUTCOMES | {"feature"}]
    return sum(c in recipe.sensitive for c in used), len(used)


def _is_one_row(table: ExpertTable, recipe: Any) -> bool:
    key = next(c for c, roles in table.roles.items() if roles == ("id",))
    return recipe.source.sql is not None and recipe.source.id == key
