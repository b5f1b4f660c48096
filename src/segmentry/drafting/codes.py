"""Numbers that stand for a missing value, such as -1 and 999."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts, list_columns
from segmentry.auditing.findings.numbers import suspect_missing_codes
from segmentry.auditing.roles import Roles
from segmentry.auditing.session import Session
from segmentry.drafting.bins import quantile
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.text.words import counted

FEW_SHARE = 0.2
"""Codes, and texts such as "unknown", are read as missing where at most this share of the rows has them."""


@dataclass(frozen=True)
class MissingCode:
    """Numbers that are read as missing in a column, in order, and the number of rows that have one."""

    column: str
    values: tuple[int, ...]
    n: int

    @property
    def sql(self) -> str:
        """SQL of the column without the code."""
        value: exp.Expr = plain_column(self.column)
        for code in self.values:
            value = exp.Nullif(this=value, expression=exp.convert(code))
        return recipe_sql(value)

    @property
    def why(self) -> str:
        """Comment that says what is done, and the alternative."""
        return (
            f"Read as missing: {', '.join(map(str, self.values))} ({counted(self.n, 'row')}), which "
            f"{'stands' if len(self.values) == 1 else 'stand'} apart from all other values. "
            f"Alternative, if {'it is a true value' if len(self.values) == 1 else 'they are true values'}: the column as it is."
        )


def find_codes(session: Session, facts: Sequence[ColumnFacts]) -> dict[str, MissingCode]:
    """Find the numbers that look like codes for missing, by column; `facts` are those of the session's columns."""
    found: dict[str, MissingCode] = {}
    for suspicion in suspect_missing_codes(session, list_columns(session), facts, Roles(is_guess=True)):
        values = tuple(int(value) for value, _ in suspicion.values)
        found[suspicion.columns[0]] = MissingCode(
            suspicion.columns[0], values, sum(n for _, n in suspicion.values)
        )
    by_name = {f.name: f for f in facts}
    return {name: c for name, c in found.items() if c.n <= FEW_SHARE * by_name[name].n_rows}


def without_code(facts: ColumnFacts, code: MissingCode) -> ColumnFacts:
    """Return the facts of a column with the code read as missing; minimum, maximum and quantiles are approximate.

    Examples
    --------
    >>> known = ColumnFacts("days", "BIGINT", "number", 10, 0, 9, -1, 90, n_negative=1,
    ...                     quantiles=((0.1, -1.0), (0.55, 40.0)), top_values=((-1, 1), (40, 1)))
    >>> left = without_code(known, MissingCode("days", (-1,), 1))
    >>> left.n_missing, left.n_negative, left.minimum
    (1, 0, 40)
    """
    part = code.n / max(facts.n_present, 1)
    is_low = code.values[0] < 0
    known = [(s, q) for s, q in facts.quantiles if q not in code.values] or [(0.5, 0.0)]
    where = [(s, part + s * (1 - part) if is_low else s * (1 - part)) for s, _ in facts.quantiles]
    cuts = [(s, quantile(known, position)) for s, position in where]
    top = tuple((v, n) for v, n in facts.top_values if v not in code.values)
    inner = [float(v) for v, _ in top if isinstance(v, (int, float))] + [q for _, q in cuts]
    ends = (min(inner, default=0.0), max(inner, default=0.0))
    as_number = int if facts.is_whole or isinstance(facts.minimum, int) else float
    return replace(
        facts,
        n_missing=facts.n_missing + code.n,
        n_distinct=facts.n_distinct - len(code.values),
        minimum=as_number(ends[0]) if is_low else facts.minimum,
        maximum=facts.maximum if is_low else as_number(ends[1]),
        n_negative=facts.n_negative - code.n if is_low else facts.n_negative,
        quantiles=tuple(cuts),
        top_values=top,
    )
