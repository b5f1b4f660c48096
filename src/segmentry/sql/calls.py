"""Which functions the SQL of a recipe calls, and with what: only those of a list, and none that makes values of any length."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import Token, exp

from segmentry.errors import Place, RecipeError
from segmentry.sql.boundary import DIALECT, TRUST, shown
from segmentry.sql.functions import ALLOWED, SIZED
from segmentry.sql.growth import check_growth
from segmentry.sql.words import Call, calls_in

_AGE = "age"
_CLOCK = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})
_MACHINE = frozenset(
    {
        "user",
        "current_user",
        "session_user",
        "system_user",
        "current_role",
        "current_catalog",
        "current_schema",
    }
)
"""What databases take for names of the connection, its user and its place, wherever no column is called so."""
_RELATIVE = frozenset({"now", "today", "tomorrow", "yesterday", "allballs"})
"""Texts that PostgreSQL reads as days, or times, of the run."""
_TEMPORAL = ("DATE", "TIME", "TIMESTAMP")
_ROWS = frozenset(
    {"unnest", "explode", "generate_subscripts", "regexp_split_to_table", "json_each", "json_tree"}
)
_STATEMENTS = (
    exp.DDL,
    exp.DML,
    exp.Command,
    exp.Describe,
    exp.Show,
    exp.Pragma,
    exp.Set,
    exp.Into,
    exp.Summarize,
)


def check_calls(parsed: exp.Expr, place: Place) -> None:
    """Refuse what a recipe may not call, and whatever is no part of one query.

    Raises
    ------
    RecipeError
        Its name, and how to go on.
    """
    found = parsed.find(*_STATEMENTS, exp.TableSample, exp.Placeholder, exp.Parameter)
    if found is not None:
        raise RecipeError(f"{shown(found)!r} is no part of a query over columns", place=place, hint=TRUST)
    for name in _clocks(parsed):
        raise RecipeError(
            f"{name} is another one at each run",
            place=place,
            hint=f"write the day, such as DATE '2024-12-31'; {TRUST}",
        )
    calls = calls_in(_tokens(parsed))
    for call in calls:
        _check_call(call, place)
    check_growth(calls, place)


def _tokens(parsed: exp.Expr) -> list[Token]:
    """The words of the text that the database gets, without aliases that name columns: ``t(a, b)`` looks like a call."""
    copy = parsed.copy()
    for alias in copy.find_all(exp.TableAlias):
        alias.set("columns", None)
    return sqlglot.tokenize(copy.sql(DIALECT), read=DIALECT)


def _clocks(parsed: exp.Expr) -> Iterator[str]:
    """Names of the clock that are written without parentheses, in quotation marks or not, and texts that mean a day of the run."""
    is_query = isinstance(parsed, exp.Query)
    for node in parsed.walk():
        if isinstance(node, exp.Column) and is_query and not node.table and node.name.casefold() in _CLOCK:
            yield node.name
        elif isinstance(node, exp.Func) and next(node.iter_expressions(), None) is None:
            text = node.sql(DIALECT).casefold()
            if text in _CLOCK:
                yield text
        elif isinstance(node, (exp.Cast, exp.TryCast)) and node.args["to"].sql(DIALECT).startswith(_TEMPORAL):
            yield from (
                shown(node)
                for text in node.this.find_all(exp.Literal)
                if text.is_string and is_relative(text.name)
            )


def is_relative(text: str) -> bool:
    """Whether PostgreSQL would read a text as a day, or a time, of the run.

    >>> is_relative(" Now"), is_relative("2024-01-01"), is_relative("nowhere")
    (True, False, False)
    """
    return not _RELATIVE.isdisjoint(text.casefold().split())


def _check_call(call: Call, place: Place) -> None:
    name = call.name
    if name in _ROWS:
        raise RecipeError(f"{name}() makes several rows of one", place=place, hint=TRUST)
    if name == _AGE:
        if len(call.arguments) < 2:
            raise RecipeError(
                "age() of one day counts to the day of the run", place=place, hint="give it two days"
            )
    elif name not in ALLOWED | SIZED:
        raise RecipeError(
            f"{name}() is no function that a recipe may call",
            place=place,
            hint=f"allowed is what gives one value, the same at each run, out of columns; {TRUST}",
        )


def name_columns(query: exp.Query, place: Place) -> None:
    """Give columns that a database would take for the name of its user, or of itself, the name of their table.

    Raises
    ------
    RecipeError
        There are several tables, of which the recipe names none.
    """
    for func in query.find_all(exp.Func):
        if next(func.iter_expressions(), None) is None and func.sql(DIALECT).casefold() in _MACHINE:
            raise _of_the_machine(func.sql(DIALECT).lower(), place)
    for col in query.find_all(exp.Column):
        name = col.name.casefold()
        if col.table or name not in _MACHINE or isinstance(col.parent, exp.Star):
            continue
        select = col.find_ancestor(exp.Select)
        col.this.set("quoted", True)
        if select is None or name in (part.alias.casefold() for part in select.expressions):
            continue
        sources = [select.args.get("from_") or select.args.get("from"), *(select.args.get("joins") or ())]
        table = sources[0].this.alias_or_name if len(sources) == 1 and sources[0] else ""
        if not table or col.find_ancestor(exp.Pivot):
            raise _of_the_machine(col.name, place)
        col.set("table", exp.to_identifier(table, quoted=True))


def _of_the_machine(name: str, place: Place) -> RecipeError:
    return RecipeError(
        f"{name} alone may be the name of the database's user, or of the database",
        place=place,
        hint=f"write the table before it, such as data.{name}",
    )
