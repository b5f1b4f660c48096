"""SQL of recipes as people write it: names are quoted only where they have to be."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


def plain_column(name: str) -> exp.Column:
    """Return a column expression, quoted only where its name is not a plain word.

    Examples
    --------
    >>> plain_column("Income").sql("duckdb"), plain_column("order").sql("duckdb"), plain_column("a b").sql("duckdb")
    ('Income', '"order"', '"a b"')
    """
    return exp.column(name, quoted=not _is_plain(name))


def recipe_sql(expression: exp.Expr) -> str:
    """Write an expression in DuckDB's SQL, the dialect of recipes."""
    return expression.sql("duckdb")


def _is_plain(name: str) -> bool:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        return False
    try:
        parsed = sqlglot.parse_one(f"{name} + {name} > 0", dialect="duckdb")
    except SqlglotError:
        return False
    found = [c.name for c in parsed.find_all(exp.Column)]
    return isinstance(parsed, exp.GT) and found == [name, name] and not _is_reserved(name)


def _is_reserved(name: str) -> bool:
    from sqlglot.dialects.duckdb import DuckDB

    return name.upper() in DuckDB.Tokenizer.KEYWORDS
