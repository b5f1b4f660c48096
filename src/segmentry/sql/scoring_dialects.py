"""Dialects in which an assignment is written and no engine of segmentry runs: what of a recipe they admit, and how.

The tests execute SQLite's, MySQL's on MariaDB and Redshift's on PostgreSQL; of the others there are golden files
alone. So little is admitted of the recipe's own SQL: comparisons, arithmetic, AND/OR/NOT, CASE, COALESCE, NULLIF, ABS, LOWER, UPPER and TRIM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from sqlglot import exp

from segmentry.sql.trees import nodes_of

Rewrite: TypeAlias = "Callable[[exp.Expr], None]"  # no exp.Expr before sqlglot 30
_ADMITTED: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren,
    exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE,
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Div, exp.Abs,
    exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Lower, exp.Upper, exp.Trim,
)  # fmt: skip
_COMPARISONS = (
    exp.In, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.Case, exp.Nullif,
)  # fmt: skip
_CONDITIONS = (exp.Predicate, exp.And, exp.Or, exp.Not)
_TEXT_TYPES = exp.DataType.TEXT_TYPES


def check_further(
    nodes: Iterable[exp.Expr], parts: Iterable[exp.Expr], refuse: Callable[[exp.Expr], None]
) -> None:
    """Refuse what parts of the recipe say beyond the admitted expressions, and values compared as text anywhere."""
    for part in parts:
        for node in nodes_of(part):
            if not isinstance(node, _ADMITTED):
                refuse(node)
    for node in nodes:
        if not isinstance(node, exp.Cast) or node.to.this not in _TEXT_TYPES:
            continue
        if not isinstance(node.this, (exp.Literal, exp.Null)):
            refuse(node)


def _all_of(tree: exp.Expr, *kinds: type[exp.Expr]) -> list[exp.Expr]:
    return [node for node in nodes_of(tree) if isinstance(node, kinds)]


def _is_nan(node: exp.Expr) -> bool:
    """Whether the node makes a not-a-number of a column missing."""
    other = node.args.get("expression")
    return isinstance(node, exp.Nullif) and isinstance(other, exp.Cast) and other.this.name == "NaN"


def _without_nan(tree: exp.Expr) -> None:
    """These databases store no not-a-number; SQLite would read it as 0."""
    for node in _all_of(tree, exp.Nullif):
        if _is_nan(node):
            node.replace(node.this)


def _asked_for_nan(tree: exp.Expr) -> None:
    """In BigQuery and Trino a not-a-number is not equal to itself."""
    for node in _all_of(tree, exp.Nullif):
        if _is_nan(node):
            case = exp.Case(
                ifs=[exp.If(this=exp.IsNan(this=node.this.copy()), true=exp.null())], default=node.this.copy()
            )
            node.replace(case)


def _compared_exactly(exact: Callable[[exp.Expr], exp.Expr]) -> Rewrite:
    """Text is compared letter by letter, whatever collation the column has."""

    def change(tree: exp.Expr) -> None:
        for node in _all_of(tree, *_COMPARISONS):
            others = _compared_with(node)
            if others and all(other.is_string for other in others):
                node.set("this", exact(node.this.copy()))

    return change


def _compared_with(node: exp.Expr) -> list[exp.Expr]:
    """What the first part of a comparison is compared with."""
    if isinstance(node, exp.Case):
        return [case.this for case in node.args["ifs"]] if node.this is not None else []
    if isinstance(node, exp.Between):
        return [node.args["low"], node.args["high"]]
    return list(node.expressions) if isinstance(node, exp.In) else [node.args["expression"]]


def _collated(collation: str) -> Callable[[exp.Expr], exp.Expr]:
    return lambda value: exp.Collate(this=exp.paren(value), expression=exp.var(collation))


def _bytes_of_text(value: exp.Expr) -> exp.Expr:
    """The bytes of a text in UTF-8: MySQL and MariaDB have no exact collation in common."""
    text = exp.Cast(
        this=value, to=exp.DataType(this=exp.DataType.Type.CHARACTER_SET, kind=exp.var("utf8mb4"))
    )
    return exp.cast(text, exp.DataType.Type.BINARY)


def _unicode_text(tree: exp.Expr) -> None:
    """SQL Server's plain text literals lose letters beyond its code page."""
    for node in _all_of(tree, exp.Literal):
        if node.is_string:
            node.replace(exp.National(this=node.name))


def _no_truth_values(tree: exp.Expr) -> None:
    """SQL Server has conditions and values, and no value that is a condition: 1 and 0 stand for true and false."""
    for node in _all_of(tree, *_CONDITIONS)[::-1]:
        if _is_value(node):
            node.replace(_as_number(node))
    values = _all_of(tree, exp.Column, exp.Coalesce, exp.Boolean)
    for found in values[::-1]:
        is_literal = isinstance(found, exp.Boolean)
        if is_literal and not _is_condition(found):
            found.replace(exp.convert(int(found.this)))
        elif _is_condition(found):
            value: exp.Expr = exp.convert(int(found.this)) if is_literal else found.copy()
            found.replace(exp.EQ(this=value, expression=exp.convert(1)))


def _as_number(condition: exp.Expr) -> exp.Expr:
    inner = condition.copy()
    yes = exp.If(this=inner, true=exp.convert(1))
    if isinstance(inner, exp.Is):
        return exp.Case(ifs=[yes], default=exp.convert(0))
    opposite = inner.this.copy() if isinstance(inner, exp.Not) else exp.not_(inner.copy())  # no NOT NOT there
    no = exp.If(this=opposite, true=exp.convert(0))
    return exp.Case(ifs=[yes, no])


def _above(node: exp.Expr) -> tuple[exp.Expr | None, str | None]:
    """The next node above that is no parenthesis, and the place of this one in it."""
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    return node.parent, node.arg_key


def _is_value(node: exp.Expr) -> bool:
    """Whether a condition stands where a value is needed."""
    parent, key = _above(node)
    if isinstance(parent, exp.If):
        return key == "true"
    if isinstance(parent, exp.Case):
        return key in ("default", "this")
    if isinstance(parent, exp.Join):
        return False
    return not isinstance(parent, (exp.And, exp.Or, exp.Not, exp.Where))


def _is_condition(node: exp.Expr) -> bool:
    """Whether a value stands where a condition is needed."""
    parent, key = _above(node)
    if isinstance(parent, exp.If):
        case = parent.parent
        return key == "this" and not (isinstance(case, exp.Case) and case.this is not None)
    return isinstance(parent, (exp.And, exp.Or, exp.Not, exp.Where))


SCORING_DIALECTS: dict[str, tuple[Rewrite, ...]] = {
    "sqlite": (_without_nan,),
    "redshift": (),
    "snowflake": (),
    "bigquery": (_asked_for_nan,),
    "trino": (_asked_for_nan,),
    "mysql": (_without_nan, _compared_exactly(_bytes_of_text)),
    "tsql": (
        _without_nan,
        _compared_exactly(_collated("Latin1_General_100_BIN2")),
        _no_truth_values,
        _unicode_text,
    ),
}
