"""Further queries about some columns: values of texts that hardly repeat, and facts of numbers stored as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts, describe_columns
from segmentry.auditing.session import Session
from segmentry.drafting.judged_column import JudgedColumn, Use
from segmentry.sql.expressions import expression
from segmentry.sql.table import column

EXAMPLE_ROWS = 50
NUMERIC_USES: tuple[Use, ...] = ("feature", "amounts", "counts")


def with_examples(session: Session, facts: Sequence[ColumnFacts]) -> tuple[ColumnFacts, ...]:
    """Add values of the first rows to texts without frequent values; this takes one query."""
    bare = [f for f in facts if f.kind == "text" and f.n_present and not f.top_values]
    if not bare:
        return tuple(facts)
    parts = [exp.alias_(column(f.name), f"text_{i}") for i, f in enumerate(bare)]
    rows = session.ask(
        "What do texts look like that hardly repeat?", exp.select(*parts).from_("data").limit(EXAMPLE_ROWS)
    )
    found = {}
    for i, f in enumerate(bare):
        values = dict.fromkeys(str(row[f"text_{i}"]) for row in rows if row[f"text_{i}"] is not None)
        found[f.name] = replace(f, top_values=tuple((value, 1) for value in values))
    return tuple(found.get(f.name, f) for f in facts)


def describe_as_numbers(
    session: Session, columns: Sequence[JudgedColumn], uses: Sequence[Use] = NUMERIC_USES
) -> tuple[JudgedColumn, ...]:
    """Describe texts of these uses that are read as numbers as the numbers that they are; this takes one scan."""
    texts = [c for c in columns if c.use in uses and _is_number_in_text(c)]
    if not texts:
        return tuple(columns)
    parts = [exp.alias_(expression(str(c.sql), (c.name,)), c.name, quoted=True) for c in texts]
    rows = session.relation or exp.select("*").from_(session.engine.tables["data"].copy())
    read = Session(session.engine, relation=exp.select(*parts).from_(rows.copy().subquery("texts")))
    found = {f.name: f for f in describe_columns(read)}
    return tuple(replace(c, facts=found[c.name]) if c in texts else c for c in columns)


def _is_number_in_text(c: JudgedColumn) -> bool:
    """Whether the column holds texts that are read as numbers."""
    return c.form == "number" and c.facts.kind == "text" and c.sql is not None
