"""audit.sql: all queries of an audit as one script that runs unchanged."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from segmentry.auditing.session import AskedQuery
from segmentry.sql.audit.columns import DATA_TABLE
from segmentry.sql.portable import render_sql

_NO_TABLES = ("spark", "databricks")


def audit_script(
    name: str, dialect: str, source: exp.Query, is_file: bool, steps: Sequence[AskedQuery]
) -> str:
    """Write the script: first the table under the name ``data``, then the numbered queries.

    A text file is read into a temporary table, any other table becomes a view. Results that later
    queries read are temporary tables.
    """
    head = [
        f"-- The audit of {_one_line(name)}, in the SQL of {dialect}.",
        "-- It runs as it stands; every figure of the audit comes from one of these queries.",
    ]
    parts = ["\n".join(head), _created(DATA_TABLE, source, dialect, is_table=is_file) + ";"]
    for i, step in enumerate(steps, 1):
        question = f"-- {i}. {_one_line(step.question)}"
        if step.keeps is None:
            parts.append(f"{question}\n{render_sql(step.expression, dialect)};")
        else:
            made = _created(step.keeps, step.expression, dialect, is_table=True)
            parts.append(f"{question}\n-- Later queries read the result as {step.keeps}.\n{made};")
    return "\n\n".join(parts) + "\n"


def _created(name: str, query: exp.Query, dialect: str, *, is_table: bool) -> str:
    kind = "TABLE" if is_table and dialect not in _NO_TABLES else "VIEW"
    return f"CREATE TEMPORARY {kind} {name} AS\n{render_sql(query, dialect)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
