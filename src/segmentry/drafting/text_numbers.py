"""Facts of numbers that are stored as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from segmentry.auditing.columns import describe_columns
from segmentry.auditing.session import Session
from segmentry.drafting.columns import JudgedColumn, Use
from segmentry.engine import Engine
from segmentry.sql.expressions import expression

USES: tuple[Use, ...] = ("feature", "amounts", "counts")


def describe_as_numbers(
    engine: Engine, columns: Sequence[JudgedColumn], uses: Sequence[Use] = USES
) -> tuple[JudgedColumn, ...]:
    """Describe texts of these uses that are read as numbers as the numbers that they are; this takes one scan."""
    texts = [c for c in columns if c.use in uses and is_number_in_text(c)]
    if not texts:
        return tuple(columns)
    parts = [exp.alias_(expression(str(c.sql), (c.name,)), c.name, quoted=True) for c in texts]
    session = Session(engine, relation=exp.select(*parts).from_(engine.tables["data"].copy()))
    found = {f.name: f for f in describe_columns(session)}
    return tuple(replace(c, facts=found[c.name]) if c in texts else c for c in columns)


def is_number_in_text(c: JudgedColumn) -> bool:
    """Whether the column holds texts that are read as numbers."""
    return c.form == "number" and c.facts.kind == "text" and c.sql is not None
