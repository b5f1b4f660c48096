"""SQL as people write it: names are quoted only where they have to be."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


def spelled(name: str) -> exp.Column:
    """A column, quoted where its name is not a plain word.

    Examples
    --------
    >>> spelled("Income").sql("duckdb"), spelled("order").sql("duckdb"), spelled("a b").sql("duckdb")
    ('Income', '"order"', '"a b"')
    """
    return exp.column(name, quoted=not _is_plain(name))


def spell_sql(expression: exp.Expr) -> str:
    """An expression as DuckDB's SQL, the dialect of recipes."""
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
