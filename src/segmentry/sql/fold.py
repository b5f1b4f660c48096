"""The fold of a customer, and parts of rows: hashes in whole numbers, the same in every SQL dialect."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.table import SourceTable, column

FOLDS = 2
PRIME = 2_147_483_647
MULTIPLIER = 1_583_458_089
_PLACES = (1_031, 1_062_961, 1_095_912_791)


def fold_of_id(recipe: Recipe, table: SourceTable) -> exp.Expr | None:
    """The fold of a row, 0 or 1; None where the recipe names no id, or the id is no whole number and no text.

    Whole numbers: ``|id mod p · m mod p| mod 2`` with p = 2³¹ - 1 and m = 1583458089; every product fits into 64
    bits. Text: the same of the number Σ code(c_i) · 1031^i of its last four characters c_0, c_1, ..., the last
    one first. A missing id is in fold 0.
    """
    mixed = _mixed(recipe, table)
    if mixed is None:
        return None
    return exp.Coalesce(this=exp.Abs(this=_modulo(mixed, FOLDS)), expressions=[exp.convert(0)])


def hash_of_id(recipe: Recipe, table: SourceTable) -> exp.Expr | None:
    """The number whose remainder is the fold: at least 0, below `PRIME`; missing where the id is."""
    mixed = _mixed(recipe, table)
    return None if mixed is None else exp.Abs(this=mixed)


def is_in_part(place: exp.Expr, every: int) -> exp.Expr:
    """Whether the row at a place is in the part that holds about one in so many rows.

    The third power of the mixed place, as a remainder, has no period that rows could share.
    """
    mixed = _mixed_number(_whole(_modulo(place, PRIME)))
    square = _modulo(exp.Mul(this=exp.paren(mixed), expression=exp.paren(mixed.copy())), PRIME)
    cube = _modulo(exp.Mul(this=exp.paren(square), expression=exp.paren(mixed.copy())), PRIME)
    return exp.LT(this=exp.paren(cube), expression=exp.convert(PRIME // every))


def _mixed(recipe: Recipe, table: SourceTable) -> exp.Expr | None:
    name = recipe.source.id
    kind = table.columns.get(name) if name is not None else None
    if name is None or kind not in ("integer", "text"):
        return None
    # the remainder comes first: whole numbers can be wider than 64 bits
    number = _whole(_modulo(column(name), PRIME)) if kind == "integer" else _of_text(column(name))
    return _mixed_number(number)


def _mixed_number(number: exp.Expr) -> exp.Expr:
    return _modulo(exp.Mul(this=number, expression=exp.convert(MULTIPLIER)), PRIME)


def _whole(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, exp.DataType.Type.BIGINT)


def _modulo(value: exp.Expr, by: int) -> exp.Expr:
    whole = value if isinstance(value, exp.Column) else exp.paren(value)
    return exp.Mod(this=whole, expression=exp.convert(by))


def _of_text(value: exp.Expr) -> exp.Expr:
    total = _code(value, 0)
    for i, place in enumerate(_PLACES, 1):
        total = exp.Add(this=total, expression=exp.Mul(this=_code(value, i), expression=exp.convert(place)))
    return _modulo(total, PRIME)


def _code(value: exp.Expr, i: int) -> exp.Expr:
    """Code of the character `i` places before the last; 0 where there is none."""
    length: exp.Expr = exp.Length(this=value.copy())
    at = exp.Sub(this=length.copy(), expression=exp.convert(i)) if i else length.copy()
    one = exp.Substring(this=value.copy(), start=at, length=exp.convert(1))
    is_there = exp.GT(this=length, expression=exp.convert(i))
    return exp.Case(ifs=[exp.If(this=is_there, true=_whole(exp.func("ASCII", one)))], default=exp.convert(0))
