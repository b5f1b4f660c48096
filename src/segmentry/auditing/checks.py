"""Checks of a table: what holds of it today, and what an audit found wrong."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings import Finding
from segmentry.auditing.findings.numbers import DEFAULT_DATES, FIRST_BIRTH_YEAR, outlier_limits
from segmentry.auditing.roles import Roles, is_flag
from segmentry.auditing.suite import Check, suite_text
from segmentry.recipe import Recipe
from segmentry.sql.encode import needed_columns
from segmentry.text.numbers import edge, percent
from segmentry.text.words import counted

if TYPE_CHECKING:
    from segmentry.auditing.result import Audit

LEAST_CUSTOMERS = 5
"""A level of fewer customers is not written."""
_TYPES = {
    "number": ["int", "float", "double", "decimal"],
    "text": ["str", "utf8", "char", "text", "categorical", "category", "enum", "object"],
    "date": ["date", "time", "object"],
    "boolean": ["bool", "object"],
}
"""Parts of the names that libraries and databases give to the types of a kind; pandas calls many an object."""
_MEANT = {"numbers_as_text": "number", "dates_as_text": "date", "mixed_dates": "date"}
_TODAY = {"python": "__import__('datetime').date.today()"}
_BEYOND = ("implausible_year", "far_outlier", "rare_negatives", "infinite")
_MOST_MISSING = 0.95

Found = Mapping[str, Sequence[Finding]]
"""Findings about a column by their kinds."""


def checks_text(audit: Audit, recipe: Recipe | None = None) -> str:
    """Write the suite of an audit; with a recipe, of the columns that it reads and with the levels that it lists."""
    read = None if recipe is None else {*needed_columns(recipe), recipe.source.id}
    columns = [c for c in audit.columns if read is None or c.name in read]
    known = {} if recipe is None else _listed_values(recipe)
    by_column = {c.name: _by_kind(audit.findings, c.name) for c in columns}
    checks = [_has_rows(audit.findings), *_types(columns, by_column)]
    for c in columns:
        if not _is_pattern(c.name):
            checks += _column_checks(c, by_column[c.name], audit.roles, known.get(c.name))
    checks += _equal_rows(audit) if read is None else []
    return suite_text(audit.name, checks, audit.findings, [c.name for c in columns if _is_pattern(c.name)])


def _is_pattern(name: str) -> bool:
    """Whether polars takes the name of a column for several columns: all, or those that an expression matches."""
    return name == "*" or (name.startswith("^") and name.endswith("$"))


def _listed_values(recipe: Recipe) -> dict[str, tuple[Any, ...]]:
    """Values by column that the recipe lists in levels or groups, of which others are an error or missing; none with a rest."""
    listed_: dict[str, tuple[Any, ...]] = {}
    for feature in recipe.features:
        values = feature.levels or tuple(v for group in (feature.groups or {}).values() for v in group)
        if feature.column is not None and values:
            rewritten = [
                s.replace.values for s in recipe.clean if s.replace and s.replace.column == feature.column
            ]
            before = [old for pairs in rewritten for old, _ in pairs]
            listed_[feature.column] = () if feature.rest else tuple(dict.fromkeys((*values, *before)))
    return listed_


def _by_kind(findings: Sequence[Finding], column: str) -> Found:
    found: dict[str, list[Finding]] = {}
    for f in findings:
        if f.column == column:
            found.setdefault(f.kind, []).append(f)
    return found


def _has_rows(findings: Sequence[Finding]) -> Check:
    none = tuple(f for f in findings if f.kind == "no_rows")
    return Check("row_count_match", {"count": 0, "inverse": True}, "The table has rows", none)


def _equal_rows(audit: Audit) -> list[Check]:
    equal = tuple(f for f in audit.findings if f.kind == "duplicate_rows")
    compared = [
        c.name
        for c in audit.columns
        if c.name != audit.roles.id and c.kind != "other" and not _is_pattern(c.name)
    ]
    return [Check("rows_distinct", {"columns_subset": compared}, "", equal)] if equal else []


def _types(columns: Sequence[ColumnFacts], by_column: Mapping[str, Found]) -> Iterator[Check]:
    """A check that all columns are there with their types; one for each whose values mean another type."""
    schema: list[list[Any]] = []
    loose = dict.fromkeys(("complete", "in_order", "case_sensitive_dtypes", "full_match_dtypes"), False)
    for c in columns:
        meant = next((kind for kind in _MEANT if kind in by_column[c.name]), None)
        types = _TYPES.get(c.kind if meant is None else _MEANT[meant]) if c.n_present else None
        place = [c.name, types] if types else [c.name]
        if meant is None:
            schema.append(place)
        else:
            takes = {"schema": {"columns": [place]}, **loose}
            yield Check("col_schema_match", takes, "", tuple(by_column[c.name][meant]))
    if schema:
        brief = f"{counted(len(schema), 'column')} and the kinds of their types"
        yield Check("col_schema_match", {"schema": {"columns": schema}, **loose}, brief)


def _column_checks(
    c: ColumnFacts, found: Found, roles: Roles, known: Sequence[Any] | None
) -> Iterator[Check]:
    if c.name == roles.id:
        yield from _id_checks(c, found)
        return
    yield from _missing(c)
    if c.is_withheld or not c.n_present or "leaks_id" in found:
        return
    yield from _codes(c, found)
    if known is not None and c.kind in ("text", "number"):
        takes = {"columns": [c.name], "set": [*known, None]}
        yield from (
            [Check("col_vals_in_set", takes, f"{c.name}: values that the recipe lists")] if known else []
        )
    elif c.kind == "number":
        yield from _range(c, found, roles)
    elif c.kind == "text" and c.name in roles.categories:
        yield from _levels(c, found)
    elif c.kind == "date":
        yield from _dates(c, found)


def _id_checks(c: ColumnFacts, found: Found) -> Iterator[Check]:
    at_once = {"error": 1}
    yield Check("col_vals_not_null", {"columns": [c.name]}, f"{c.name}: every row has one", (), at_once)
    if "several_rows_per_customer" not in found:
        twice = tuple(found.get("duplicated_id", ()))
        yield Check(
            "rows_distinct", {"columns_subset": [c.name]}, f"{c.name}: none occurs twice", twice, at_once
        )


def _missing(c: ColumnFacts) -> Iterator[Check]:
    takes = {"columns": [c.name]}
    if c.n_rows and not c.n_missing:
        yield Check("col_vals_not_null", takes, f"{c.name}: every row has a value")
    elif c.n_present:
        share = c.share_missing
        limit = _rounded_up(share + max(0.01, 3 * math.sqrt(share * (1 - share) / c.n_rows)))
        if limit < _MOST_MISSING:
            brief = f"{c.name}: fewer than {percent(limit)} without a value; {percent(share)} when this was written"
            yield Check(
                "col_vals_not_null", takes, brief, (), {"warning": limit, "error": min(2 * limit, 0.99)}
            )


def _codes(c: ColumnFacts, found: Found) -> Iterator[Check]:
    """Words and numbers that stand for missing; they are segmentry's own list, not values of customers."""
    for f in found.get("missing_code", ()):
        for value, _ in f.values:
            code = int(value) if c.kind == "number" else value
            yield Check("col_vals_ne", {"columns": [c.name], "value": code, "na_pass": True}, "", (f,))


def _range(c: ColumnFacts, found: Found, roles: Roles) -> Iterator[Check]:
    low, high = _usual(c)
    codes = [int(v) for f in found.get("missing_code", ()) for v, _ in f.values]
    low = None if c.lowest in codes else low
    high = None if c.highest in codes else high
    lower, upper = outlier_limits(c)
    if "far_outlier" in found or "infinite" in found:
        low = lower if lower is not None and c.lowest < lower else low
        high = upper if upper is not None and c.highest > upper else high
    if "rare_negatives" in found:
        low = 0
    if "implausible_year" in found:
        low = FIRST_BIRTH_YEAR if c.name in roles.births else low
        high = datetime.datetime.now(tz=datetime.UTC).year
    beyond = tuple(f for kind in _BEYOND for f in found.get(kind, ()))
    yield from _between(c.name, low, high, beyond)


def _between(
    name: str, low: float | None, high: float | None, findings: tuple[Finding, ...]
) -> Iterator[Check]:
    texts = {"from": low, "up to": high}
    brief = " ".join([f"{name}:", *(f"{word} {edge(end)}" for word, end in texts.items() if end is not None)])
    takes = {"columns": [name], "na_pass": True}
    if low is not None and high is not None:
        yield Check("col_vals_between", takes | {"left": low, "right": high}, brief, findings)
    elif low is not None:
        yield Check("col_vals_ge", takes | {"value": low}, brief, findings)
    elif high is not None:
        yield Check("col_vals_le", takes | {"value": high}, brief, findings)


def _usual(c: ColumnFacts) -> tuple[float | None, float | None]:
    """Smallest and largest number, each with a tenth of the spread beyond it, rounded outwards to two digits of the spread."""
    if is_flag(c):
        return 0, 1
    if not c.is_finite or c.is_constant:
        return None, None
    spread = max(c.quantile(0.99) - c.quantile(0.01), (c.highest - c.lowest) / 1_000)
    if math.isinf(spread):
        return None, None
    digits = 1 - math.floor(math.log10(spread))
    step = 10**-digits
    low = round(math.floor((c.lowest - spread / 10) / step) * step, digits)
    high = round(math.ceil((c.highest + spread / 10) / step) * step, digits)
    return (max(low, 0) if c.lowest >= 0 else low), (min(high, 0) if c.highest <= 0 else high)


def _levels(c: ColumnFacts, found: Found) -> Iterator[Check]:
    """Levels of enough customers; of others that nothing was found about, twice as many rows as today are let pass."""
    doubtful = tuple(
        f for kind in ("rare_categories", "near_duplicate_categories") for f in found.get(kind, ())
    )
    left_out = {v for f in doubtful for v, _ in f.values}
    codes = {v for f in found.get("missing_code", ()) for v, _ in f.values}
    usual = [v for v, n in c.top_values if v in codes or (n >= LEAST_CUSTOMERS and v not in left_out)]
    few = sum(n for v, n in c.top_values if n < LEAST_CUSTOMERS and v not in left_out and v not in codes)
    let_pass = _rounded_up(2 * few / c.n_rows + 0.001)
    if usual and let_pass < 1:
        brief = f"{c.name}: one of {counted(len(usual), 'level')}"
        thresholds = {"warning": let_pass, "error": min(2 * let_pass, 0.99)} if few and not doubtful else {}
        yield Check(
            "col_vals_in_set", {"columns": [c.name], "set": [*usual, None]}, brief, doubtful, thresholds
        )


def _dates(c: ColumnFacts, found: Found) -> Iterator[Check]:
    first, last = str(c.minimum)[:10], str(c.maximum)[:10]
    codes, takes = tuple(found.get("missing_code", ())), {"columns": [c.name], "na_pass": True}
    for end, method in ((first, "col_vals_gt"), (last, "col_vals_lt")):
        if codes and end in DEFAULT_DATES:
            yield Check(method, takes | {"value": datetime.date.fromisoformat(end)}, "", codes)
    future = tuple(found.get("implausible_date", ()))
    if future or (len(last) == 10 and last <= datetime.datetime.now(tz=datetime.UTC).date().isoformat()):
        yield Check("col_vals_le", takes | {"value": _TODAY}, f"{c.name}: none after today", future)


def _rounded_up(share: float) -> float:
    return math.ceil(round(share * 1_000, 6)) / 1_000
