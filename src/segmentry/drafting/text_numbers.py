"""Numbers that are stored as text, measured as the numbers that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from segmentry.auditing.columns import described
from segmentry.auditing.session import Session
from segmentry.drafting.columns import Judged, Use
from segmentry.engine import Engine
from segmentry.sql.expressions import expression

USES: tuple[Use, ...] = ("feature", "amounts", "counts")


def as_numbers(engine: Engine, columns: Sequence[Judged], uses: Sequence[Use] = USES) -> tuple[Judged, ...]:
    """Return the columns, with the facts of the numbers where texts of these uses are read as numbers; one scan more."""
    texts = [c for c in columns if c.use in uses and is_stored(c)]
    if not texts:
        return tuple(columns)
    parts = [exp.alias_(expression(str(c.sql), c.name), c.name, quoted=True) for c in texts]
    session = Session(engine, relation=exp.select(*parts).from_(engine.tables["data"].copy()))
    found = {f.name: f for f in described(session)}
    return tuple(replace(c, facts=found[c.name]) if c in texts else c for c in columns)


def is_stored(c: Judged) -> bool:
    """Whether the column holds texts that are read as numbers."""
    return c.form == "number" and c.facts.kind == "text" and c.sql is not None
