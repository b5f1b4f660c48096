"""Compared columns that say the same as a column that forms the segments."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sqlglot import exp

from segmentry.auditing.session import Session
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.values import YES, is_yes_no
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column

SAME = 0.95
"""Size of the correlation from which two columns say the same."""
_MOST_PAIRS = 300
LARGEST = 1e150
"""Numbers up to this size have squares, which a correlation needs."""


def restated(
    session: Session, forming: Sequence[JudgedColumn], compared: Sequence[JudgedColumn]
) -> dict[str, str]:
    """Find the compared columns that restate one that forms segments, by name; this takes one scan."""
    pairs = [
        (f, c)
        for f, c in itertools.product(forming, compared)
        if _number(f) is not None and _number(c) is not None
    ][:_MOST_PAIRS]
    if not pairs:
        return {}
    parts = [
        exp.alias_(exp.Corr(this=_number(c), expression=_number(f)), f"r_{i}")
        for i, (f, c) in enumerate(pairs)
    ]
    row = session.ask("Which outcomes say the same as a feature?", exp.select(*parts).from_("data"))[0]
    found: dict[str, str] = {}
    for i, (f, c) in enumerate(pairs):
        r = row[f"r_{i}"]
        if r is not None and abs(r) >= SAME:
            found.setdefault(c.name, f.name)
    return found


def _number(c: JudgedColumn) -> exp.Expr | None:
    """The column as a number; None where it is none."""
    facts = c.facts
    double = exp.DataType.Type.DOUBLE
    if facts.n_distinct < 2 or c.sql is not None:
        return None
    if facts.kind == "number" and facts.is_finite:
        if max(abs(facts.lowest), abs(facts.highest)) > LARGEST:
            return None
        return exp.cast(column(c.name), double)
    if facts.kind == "boolean":
        return exp.cast(one_where(column(c.name)), double)
    if facts.kind == "text" and is_yes_no(facts):
        yes = [str(v) for v, _ in facts.top_values if str(v).strip().lower() in YES]
        return exp.cast(one_where(column(c.name).isin(*yes)), double)
    return None
