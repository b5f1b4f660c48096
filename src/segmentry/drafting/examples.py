"""A few values of texts that hardly repeat, to judge what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.session import Session
from segmentry.sql.table import column

ROWS = 50


def with_examples(session: Session, facts: Sequence[ColumnFacts]) -> tuple[ColumnFacts, ...]:
    """Add values of the first rows to texts without frequent values; this takes one query."""
    bare = [f for f in facts if f.kind == "text" and f.n_present and not f.top_values]
    if not bare:
        return tuple(facts)
    parts = [exp.alias_(column(f.name), f"text_{i}") for i, f in enumerate(bare)]
    rows = session.ask(
        "What do texts look like that hardly repeat?", exp.select(*parts).from_("data").limit(ROWS)
    )
    found = {}
    for i, f in enumerate(bare):
        values = dict.fromkeys(str(row[f"text_{i}"]) for row in rows if row[f"text_{i}"] is not None)
        found[f.name] = replace(f, top_values=tuple((value, 1) for value in values))
    return tuple(found.get(f.name, f) for f in facts)
