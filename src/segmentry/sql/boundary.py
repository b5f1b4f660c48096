"""What the SQL of a recipe may do: compute with the columns of the tables that were named, and nothing else.

The check is made on the text that the database gets, so that it cannot be led astray by how an expression was parsed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import SqlglotError

from segmentry.errors import Place, RecipeError, nearest

DIALECT = "duckdb"
MAX_NESTING = 30
"""Parentheses, functions and cases inside each other; the parser needs a few dozen of Python's calls for each."""
MAX_TERMS = 300
"""Terms in a row: DuckDB's planner needs a time that grows with their cube."""
MAX_TOKENS = 20_000
TRUST = "a recipe that you trust as your own programs may do it with --trust-recipe; see docs/safety.md"


def parse(text: str, place: Place) -> exp.Expr:
    """Parse one piece of SQL whose nesting and length the machine can bear.

    Raises
    ------
    RecipeError
        It is no SQL, more than one piece, or too large.
    """
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
        _check_size(tokens, place)
        _check_words(tokens, place)
        parsed = sqlglot.parse(text, dialect=DIALECT)
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise RecipeError(f"not valid SQL: {first}", place=place) from None
    except RecursionError:
        raise _nested(place) from None
    if len(parsed) != 1 or parsed[0] is None:
        raise RecipeError(f"one piece of SQL is needed; got {len(parsed)}", place=place)
    if _depth(parsed[0]) > MAX_TERMS:
        raise RecipeError(
            f"more than {MAX_TERMS} terms in a row",
            place=place,
            hint="let a view of the database, or a column that is made before, hold the sum",
        )
    return parsed[0]


def _check_size(tokens: list[Token], place: Place) -> None:
    if len(tokens) > MAX_TOKENS:
        raise RecipeError(
            f"{len(tokens):,} words and signs; {MAX_TOKENS:,} are the most",
            place=place,
            hint="let a view of the database hold the query",
        )
    depth = signs = 0
    for token in tokens:
        if token.token_type in _OPENING:
            depth += 1
        elif token.token_type in _CLOSING:
            depth -= 1
        signs = signs + 1 if token.token_type in _SIGNS else 0
        if depth > MAX_NESTING or signs > MAX_NESTING:
            raise _nested(place)


def _check_words(tokens: list[Token], place: Place) -> None:
    """Refuse words with letters that nobody sees: a database may leave them out, and read another word than was checked."""
    for token in tokens:
        if token.token_type is TokenType.VAR and not token.text.replace("$", "_").isidentifier():
            raise RecipeError(
                f"the word {token.text!a} has other signs than letters, digits, _ and $",
                place=place,
                hint="put the name of a column into double quotation marks, or write the word again",
            )


def _nested(place: Place) -> RecipeError:
    return RecipeError(
        f"nested more than {MAX_NESTING} deep",
        place=place,
        hint="write cases beside each other: CASE WHEN a THEN 1 WHEN b THEN 2 END",
    )


_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END)
_SIGNS = (
    TokenType.NOT,
    TokenType.DASH,
    TokenType.PLUS,
    TokenType.TILDE,
    TokenType.ARROW,
    TokenType.LT,
    TokenType.CARET,
)


def _depth(tree: exp.Expr) -> int:
    """How many nodes stand below each other, counted without recursion."""
    deepest, pending = 0, [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending += [(child, depth + 1) for child in node.iter_expressions()]
    return deepest


def shown(node: exp.Expr) -> str:
    """The beginning of what a part of the SQL says."""
    text = node.sql(DIALECT)
    return text if len(text) <= 80 else f"{text[:77]}..."


def check_tables(query: exp.Query, tables: Collection[str], place: Place) -> None:
    """Refuse every table that is neither one of `tables` nor a part of the query that was named before it.

    Raises
    ------
    RecipeError
        Its name, and how to go on.
    """
    for cte in query.find_all(exp.With):
        if cte.args.get("recursive"):
            raise RecipeError("WITH RECURSIVE need not end", place=place, hint=TRUST)
    for table in query.find_all(exp.Table):
        is_plain = isinstance(table.this, exp.Identifier) and not table.db and not table.catalog
        if not is_plain:
            raise RecipeError(
                f"{shown(table)!r} is no table that was named",
                place=place,
                hint=f"name further files under [source.tables]; {TRUST}",
            )
        if table.name not in tables and not _is_named_before(table):
            raise RecipeError(f"unknown table {table.name!r}", place=place, hint=nearest(table.name, tables))
    if query.find(exp.Lateral) is not None:
        raise RecipeError("LATERAL makes rows", place=place, hint=TRUST)


def _is_named_before(table: exp.Table) -> bool:
    """Whether a WITH around the table names it, and not only after the table is read."""
    inside: Any = table
    while inside.parent is not None:
        parent: Any = inside.parent
        names = parent.args.get("with_") or parent.args.get("with")
        if names is not None and names is not inside:
            named = names.expressions
        else:
            named = (
                parent.expressions[: parent.expressions.index(inside)] if isinstance(parent, exp.With) else []
            )
        if table.name in (cte.alias for cte in named):
            return True
        inside = parent
    return False
