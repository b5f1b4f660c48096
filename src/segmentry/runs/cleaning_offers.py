"""Cleaning steps that follow from what an audit finds: rows whose values cannot be true are dropped, and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.simplify import simplify

from segmentry.auditing.findings import Finding
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.words import slug

DROPPED = ("implausible_year", "implausible_date", "far_outlier", "missing_code", "rare_negatives")
"""Findings of values whose rows a step can drop."""
_NAMES = {
    "implausible_year": "plausible", "implausible_date": "plausible", "far_outlier": "without far",
    "missing_code": "known", "rare_negatives": "not negative", "missing": "with",
}  # fmt: skip


@dataclass(frozen=True)
class CleaningOffer:
    """A finding, with the cleaning step that drops its rows; `step` is None where somebody has to decide otherwise."""

    title: str
    advice: str
    severity: str
    n_rows: int
    step: dict[str, Any] | None = None


def cleaning_offers(findings: Iterable[Finding], dialect: str) -> tuple[CleaningOffer, ...]:
    """Return the findings that are wrong or worth a look, each with its step where there is one."""
    taken: set[str] = set()
    return tuple(
        CleaningOffer(f.title, f.advice, f.severity, f.rows, _step(f, dialect, taken))
        for f in findings
        if f.severity != "know"
    )


def _step(finding: Finding, dialect: str, taken: set[str]) -> dict[str, Any] | None:
    if not finding.column:
        return None
    action = _action(finding, dialect)
    if action is None:
        return None
    name = slug(f"{_NAMES[finding.kind]} {finding.column}", taken)
    return {"step": name, **action, "why": finding.title}


def _action(finding: Finding, dialect: str) -> dict[str, Any] | None:
    if finding.kind == "missing":
        return {"drop_missing": [finding.column]}
    condition = _condition(finding.sql, dialect) if finding.kind in DROPPED else None
    if condition is None:
        return None
    plain = condition.transform(
        lambda node: plain_column(node.name) if isinstance(node, exp.Column) else node
    )
    unknown = exp.Is(this=plain_column(finding.column), expression=exp.null())
    return {"keep": recipe_sql(exp.or_(simplify(exp.not_(plain)), unknown))}


def _condition(sql: str, dialect: str) -> exp.Expr | None:
    """Return the condition of the query that returns a finding's rows; None where it has none of its own."""
    try:
        parsed = sqlglot.parse_one(sql, dialect=dialect)
    except SqlglotError:
        return None
    where = parsed.args.get("where")
    return None if where is None else where.this
