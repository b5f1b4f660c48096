"""Cleaning steps for values that cannot be true; values that only stand out stay in their outer level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.numbers import FIRST_BIRTH_YEAR
from segmentry.auditing.session import Session
from segmentry.auditing.words import means
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.words import shortened_value, slug
from segmentry.sql.table import column

OLDEST = 110
MOST_DROPPED = 0.02
"""No step is drafted that would drop a larger share: then the column was misread."""
FAR = 3.0
"""A repeated digit is a placeholder where it is this many interquartile ranges above the upper quartile."""


@dataclass(frozen=True)
class DraftedStep:
    """A cleaning step: the condition of the rows to keep, and the number of rows that it drops."""

    name: str
    keep: str
    why: str
    n_rows: int


def draft_steps(session: Session, columns: Sequence[JudgedColumn]) -> list[DraftedStep]:
    """Draft the cleaning steps of a table, and count the rows that each would drop."""
    taken: set[str] = set()
    found = [
        _draft_step(session, judged.facts, *limit, taken)
        for judged in columns
        for limit in _plausible_limits(judged)
    ]
    return [step for step in found if step is not None]


_Limit = tuple[str, type[exp.Binary], int]
"""Why a value is implausible, and the comparison with a bound that plausible values pass."""


def _plausible_limits(judged: JudgedColumn) -> list[_Limit]:
    facts = judged.facts
    if facts.kind != "number" or judged.use == "unused":
        return []
    if judged.form == "birth" and facts.lowest < FIRST_BIRTH_YEAR:
        return [(f"born before {FIRST_BIRTH_YEAR}: typing errors or placeholders", exp.GTE, FIRST_BIRTH_YEAR)]
    if judged.use == "feature" and judged.form in ("age", "number") and means(facts.name, "age"):
        limits: list[_Limit] = []
        if facts.highest > OLDEST:
            limits.append((f"older than {OLDEST}: placeholders", exp.LTE, OLDEST))
        if facts.lowest < 0:
            limits.append(("a negative age: a code for missing, or a typing error", exp.GTE, 0))
        return limits
    if _is_placeholder(facts):
        why = f"{facts.highest:,.0f} is one digit repeated, far above all others: a placeholder"
        return [(why, exp.LT, int(facts.highest))]
    return []


def _is_placeholder(facts: ColumnFacts) -> bool:
    """Whether a maximum such as 666666 is one digit repeated, far above the other values."""
    digits = f"{facts.highest:.0f}"
    if not facts.is_whole or facts.quartiles is None or len(digits) < 3 or len(set(digits)) > 1:
        return False
    low, _, high = facts.quartiles
    return facts.highest > max(high + FAR * max(high - low, 1.0), 2 * facts.quantile(0.99))


def _draft_step(
    session: Session, facts: ColumnFacts, why: str, plausible: type[exp.Binary], bound: int, taken: set[str]
) -> DraftedStep | None:
    keep = plausible(this=plain_column(facts.name), expression=exp.convert(bound))
    implausible = exp.not_(plausible(this=column(facts.name), expression=exp.convert(bound)))
    asked = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_("data").where(implausible)
    found = session.ask(f"How many rows have an implausible {shortened_value(facts.name)}?", asked)
    n = int(found[0]["n"])
    if not 0 < n <= MOST_DROPPED * facts.n_rows:
        return None
    kept = exp.or_(keep, plain_column(facts.name).is_(exp.null()))
    return DraftedStep(
        slug(f"plausible {facts.name}", taken), recipe_sql(kept), f"{why[:1].upper()}{why[1:]}.", n
    )
