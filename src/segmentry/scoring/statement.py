"""The assignment as one SELECT that needs no segmentry."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from sqlglot import exp

from segmentry.arrays import LevelCodes
from segmentry.errors import DataError, ModelError, nearest
from segmentry.scoring.placing import formula_of, id_column, place_patterns, write_reasons
from segmentry.segmentation import Segmentation
from segmentry.sql import MatchedTable, Query, SourceTable
from segmentry.sql.expressions import relation
from segmentry.sql.formula import MISSING, Formula
from segmentry.sql.lookup import UNITED, lookup_query
from segmentry.sql.ranked import INLINING, ranked_query
from segmentry.sql.score import Start, encoded_start, score_query
from segmentry.sql.table import column

SqlForm = Literal["arithmetic", "ranked", "lookup"]
EXECUTED = ("duckdb", "postgres", "sqlite", "spark", "clickhouse")
"""Dialects whose SQL is executed in segmentry's tests, on the same rows as Python."""
RELATED = {"mysql": "MariaDB", "redshift": "PostgreSQL"}
"""Dialects whose SQL is executed in the same tests, on another database that reads it."""
WRITTEN = ("bigquery", "snowflake", "trino", "tsql")
"""Dialects that are written by the same rules and compared with golden files, and executed nowhere."""
_ALIASES = {
    "postgresql": "postgres", "mssql": "tsql", "sqlserver": "tsql", "mariadb": "mysql", "databricks": "spark",
    "athena": "trino", "presto": "trino",
}  # fmt: skip
"""Other words for a dialect, and databases that read it."""
_NOTES = {
    "tsql": ("SQL Server 2022 or later (LEAST); its = ignores spaces at the end of a text.",),
    "mysql": ("MySQL 8.0.17 or later, or MariaDB 10.4 or later, over a connection in utf8mb4.",),
    "redshift": ("Redshift's = ignores spaces at the end of a text.",),
    "sqlite": (
        "SQLite 3.35 or later with its mathematical functions; its lower() changes the letters a to z alone.",
    ),
    "snowflake": ("Column names are quoted: in Snowflake they must be spelled as the table holds them.",),
}
MAX_LOOKUP = 5_000
"""Largest number of rows of a table of patterns."""
MAX_UNITED = 1_000
"""The same in dialects where every row is a SELECT, which query planners limit, or the length of a statement is limited."""
SHORT = (*UNITED, "clickhouse")


def to_sql(
    segmentation: Segmentation,
    dialect: str = "duckdb",
    *,
    table: str = "customers",
    form: SqlForm = "arithmetic",
    reason: bool = False,
) -> str:
    """Write the assignment as SQL; see `Segmentation.to_sql`."""
    return statement_text(segmentation, check_dialect(dialect), table, form, reason=reason)


def statement_text(
    segmentation: Segmentation,
    dialect: str,
    table: str,
    form: SqlForm,
    *,
    reason: bool,
    types: Mapping[str, exp.DataType] | None = None,
) -> str:
    """Write the assignment with its heading; of columns with `types`, values of these types."""
    formula = formula_of(segmentation)
    id_column(segmentation.recipe)
    start = encoded_start(_source_table(segmentation, table))
    query = assignment_query(start, formula, form, dialect, reason=reason)
    if types is not None:
        cast = [exp.alias_(exp.cast(column(n), to), n, quoted=True) for n, to in types.items()]
        query = Query(query.purpose, exp.select(*cast).from_(query.expression.subquery("assigned_customers")))
    return "\n".join((*_heading(segmentation, formula, dialect, table), query.text(dialect))) + ";\n"


def check_dialect(dialect: str) -> str:
    """Return the dialect's name; raise DataError where it is not known."""
    name = _ALIASES.get(dialect.lower(), dialect.lower())
    known = (*EXECUTED, *RELATED, *WRITTEN)
    if name not in known:
        raise DataError(nearest(dialect, known), source=f"dialect {dialect!r}")
    return name


def assignment_query(start: Start, formula: Formula, form: SqlForm, dialect: str, *, reason: bool) -> Any:
    """Write the query that assigns encoded customers.

    Raises
    ------
    DataError
        There is no such form.
    ModelError
        The table of patterns of the form ``lookup`` would be too long.
    """
    if form == "ranked" or (form == "arithmetic" and dialect in INLINING):
        return ranked_query(start, formula, dialect, reason=reason)
    if form == "arithmetic":
        return score_query(start, formula, dialect, reason=reason)
    if form != "lookup":
        raise DataError("must be 'arithmetic', 'ranked' or 'lookup'", source=f"form {form!r}")
    n_rows = np.prod([len(f.numbers) + 1.0 for f in formula.features])
    most = MAX_UNITED if dialect in SHORT else MAX_LOOKUP
    if n_rows > most:
        raise ModelError(
            f"the table of patterns would have {n_rows:,.0f} rows, and {most:,} are the most in "
            f"the dialect {dialect!r}",
            hint="take the arithmetic form",
        )
    codes = all_combinations([range(MISSING, len(f.numbers)) for f in formula.features])
    placed = place_patterns(_without_refusals(formula), codes)
    texts = write_reasons(formula, placed, codes)
    rows = []
    for i, pattern in enumerate(codes.tolist()):
        second = int(placed.second[i]) + 1 or None
        row = (*pattern, int(placed.segment[i]) + 1, float(placed.certainty[i]), second, int(placed.fits[i]))
        rows.append((*row, texts[i]) if reason else row)
    return lookup_query(start, formula, rows, dialect, reason=reason)


def _without_refusals(formula: Formula) -> Formula:
    """The formula that also assigns customers whom the recipe refuses."""
    return replace(formula, features=tuple(replace(f, refuses=()) for f in formula.features))


def _source_table(segmentation: Segmentation, table: str) -> MatchedTable:
    """The table that the SQL reads, with the kinds of its columns when the segments were made."""
    if not segmentation.kinds:
        raise ModelError(
            "the model does not know the types of the table's columns: it was made of a "
            "pattern file, or by an older segmentry",
            hint="run it on the table",
        )
    recipe = segmentation.recipe
    tables = {name: table_named(name) for name in recipe.source.tables} | {"data": table_named(table)}
    columns: Any = segmentation.kinds["columns"]
    kinds: Any = segmentation.kinds["features"]
    return MatchedTable(recipe, SourceTable(relation(recipe, tables), columns), kinds)


def table_named(name: str) -> exp.Expr:
    """Return a table by its name, which may have a schema and a catalog before it, with dots between."""
    parts = [exp.to_identifier(part, quoted=True) for part in name.split(".")]
    if not 1 <= len(parts) <= 3 or not all(name.split(".")):
        raise DataError("must be a name, or names joined by dots", source=f"table {name!r}")
    own, schema, catalog = (*parts[::-1], None, None)[:3]
    return exp.table_(own, db=schema, catalog=catalog)


def _heading(segmentation: Segmentation, formula: Formula, dialect: str, table: str) -> list[str]:
    status = _status(dialect)
    kind = {
        "likelihood": "certainty is the posterior probability",
        "distance": "certainty is 1 - distance to the segment / distance to the next",
        "squared": "certainty is 1 - distance to the segment / distance to the next",
    }[formula.kind]
    lines = [
        f"{segmentation.recipe.title or 'Segments'}: {formula.n_segments} segments by {segmentation.method}.",
        f"Reads {table}; one row per customer, but for rows that a cleaning step drops.",
        f"{kind}; fits is false for customers unlike those who made the segments.",
        *(f"  segment {i}: {name}" for i, name in enumerate(formula.segments, 1)),
        f"Dialect {dialect}: {status}.",
        *_NOTES.get(dialect, ()),
    ]
    if any(f.refuses for f in formula.features):
        lines.append(
            "A value that the recipe calls an error makes segment, certainty and second_segment NULL."
        )
    return [
        f"-- {' '.join(line.split()) if not line.startswith('  ') else line}" for line in _one_line(lines)
    ]


def _status(dialect: str) -> str:
    """What is known of a dialect's SQL."""
    if dialect in EXECUTED:
        return "executed in segmentry's tests on the same rows as Python"
    if dialect in RELATED:
        return f"executed in segmentry's tests on {RELATED[dialect]}, on the same rows as Python"
    return "written by tested rules, but executed nowhere: compare its counts before you rely on it"


def _one_line(lines: list[str]) -> list[str]:
    return [line.replace("\n", " ").replace("\r", " ") for line in lines]


def all_combinations(codes: list[range]) -> LevelCodes:
    """(n, n_features) every combination of the features' codes."""
    return np.asarray(list(itertools.product(*codes)), np.int32).reshape(-1, len(codes))
