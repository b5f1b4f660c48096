"""Cleaning steps for values that cannot be true; what only stands out is left to its outer level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.findings.numbers import FIRST_BIRTH_YEAR
from segmentry.auditing.session import Session
from segmentry.drafting.columns import Judged
from segmentry.drafting.spelling import spell_sql, spelled
from segmentry.drafting.words import means, shortened_value, slug
from segmentry.sql.table import column

OLDEST = 110
MOST_DROPPED = 0.02
"""A step that would drop a larger share is not drafted: then it is the reading of the column that is wrong."""
FAR = 3.0
"""A repeated digit is a placeholder if it is this many quartile ranges above the upper quartile."""


@dataclass(frozen=True)
class DraftedStep:
    """A cleaning step that keeps rows, with the number of rows that it drops."""

    name: str
    keep: str
    why: str
    n_rows: int


def steps(session: Session, columns: Sequence[Judged]) -> list[DraftedStep]:
    """Draft the cleaning steps of a table; each asks the table how many rows it would drop."""
    taken: set[str] = set()
    found = [_step(session, judged.facts, *limit, taken) for judged in columns for limit in _limits(judged)]
    return [step for step in found if step is not None]


Limit = tuple[str, type[exp.Binary], int]
"""Why a value is implausible, and the comparison that plausible ones pass."""


def _limits(judged: Judged) -> list[Limit]:
    facts = judged.facts
    if facts.kind != "number" or judged.use == "unused":
        return []
    lowest, highest = float(facts.minimum or 0), float(facts.maximum or 0)
    if judged.form == "birth" and lowest < FIRST_BIRTH_YEAR:
        return [(f"born before {FIRST_BIRTH_YEAR}: typing errors or placeholders", exp.GTE, FIRST_BIRTH_YEAR)]
    if judged.use == "feature" and judged.form in ("age", "number") and means(facts.name, "age"):
        limits: list[Limit] = []
        if highest > OLDEST:
            limits.append((f"older than {OLDEST}: placeholders", exp.LTE, OLDEST))
        if lowest < 0:
            limits.append(("a negative age: a code for missing, or a typing error", exp.GTE, 0))
        return limits
    if _is_placeholder(facts, highest):
        why = f"{highest:,.0f} is one digit repeated, far above all others: a placeholder"
        return [(why, exp.LT, int(highest))]
    return []


def _is_placeholder(facts: ColumnFacts, value: float) -> bool:
    digits = f"{value:.0f}"
    if not facts.is_whole or facts.quartiles is None or len(digits) < 3 or len(set(digits)) > 1:
        return False
    low, _, high = facts.quartiles
    return value > high + FAR * max(high - low, 1.0) and value > 2 * facts.quantile(0.99)


def _step(
    session: Session, facts: ColumnFacts, why: str, plausible: type[exp.Binary], bound: int, taken: set[str]
) -> DraftedStep | None:
    keep = plausible(this=spelled(facts.name), expression=exp.convert(bound))
    implausible = exp.not_(plausible(this=column(facts.name), expression=exp.convert(bound)))
    asked = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_("data").where(implausible)
    found = session.ask(f"How many rows have an implausible {shortened_value(facts.name)}?", asked)
    n = int(found[0]["n"])
    if not 0 < n <= MOST_DROPPED * facts.n_rows:
        return None
    kept = exp.or_(keep, spelled(facts.name).is_(exp.null()))
    return DraftedStep(
        slug(f"plausible {facts.name}", taken), spell_sql(kept), f"{why[:1].upper()}{why[1:]}.", n
    )
