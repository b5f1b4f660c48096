"""Dates that are written as text: one meaning in every dialect, by a pattern that only real days fit."""

from __future__ import annotations

import re

from sqlglot import exp

_DAYS = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29"
DATE_PATTERN = f"^([1-9][0-9]{{3}}-{_DAYS}|{_LEAP})([ T].*)?$"
"""What text is a date: ``TRY_CAST(... AS DATE)`` gives a missing value for any other, in every dialect."""
_WRITTEN = re.compile(r"%([dmY])([./ -])%([dmY])\2%([dmY])([ T]%H:%M(:%S)?)?")


def is_tested_format(node: exp.Expr) -> bool:
    """Whether ``TRY_STRPTIME`` is given day, month and year with one mark between them, and at most a time behind.

    Examples
    --------
    >>> import sqlglot
    >>> read = lambda written: sqlglot.parse_one(f"TRY_STRPTIME(joined, '{written}')", dialect="duckdb")
    >>> is_tested_format(read("%m/%d/%Y")), is_tested_format(read("%d.%m.%Y %H:%M")), is_tested_format(read("%d %b %y"))
    (True, True, False)
    >>> is_tested_format(read("%d/%d/%Y"))
    False
    """
    found = _WRITTEN.fullmatch(_format_of(node))
    return found is not None and {found[1], found[3], found[4]} == {"d", "m", "Y"}


def date_of_text(node: exp.Expr) -> exp.Expr:
    """Return the date where the text is one, else nothing, for ``TRY_CAST(... AS DATE)``; other casts as they are."""
    if node.args["to"].this != exp.DataType.Type.DATE:
        return node
    text = exp.Trim(this=exp.cast(node.this.copy(), exp.DataType.Type.VARCHAR))
    return _checked(text)


def date_of_format(node: exp.Expr) -> exp.Expr:
    """Return the date where the text is one of that format, else nothing, for ``TRY_STRPTIME``; the time is left out."""
    found = _WRITTEN.fullmatch(_format_of(node))
    if found is None or not is_tested_format(node):
        return node
    text: exp.Expr = exp.Trim(this=exp.cast(node.expressions[0].copy(), exp.DataType.Type.VARCHAR))
    if found[5]:
        text = _part(text, found[5][0], 1)
    order = (found[1], found[3], found[4])
    year, month, day = (_part(text, found[2], order.index(what) + 1) for what in "Ymd")
    pieces = [year, _two(month), _two(day)]
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = exp.DPipe(this=exp.DPipe(this=joined, expression=exp.Literal.string("-")), expression=piece)
    return _checked(exp.paren(joined))


def _format_of(node: exp.Expr) -> str:
    """The format of a call of ``TRY_STRPTIME``; empty for other functions."""
    if node.name.upper() != "TRY_STRPTIME" or len(node.expressions) != 2:
        return ""
    written = node.expressions[1]
    return str(written.name) if isinstance(written, exp.Literal) else ""


def _part(text: exp.Expr, mark: str, number: int) -> exp.Expr:
    return exp.SplitPart(
        this=text.copy(), delimiter=exp.Literal.string(mark), part_index=exp.Literal.number(number)
    )


def _two(number: exp.Expr) -> exp.Expr:
    """A number in two digits; longer ones stay as they are, and are no days."""
    is_short = exp.EQ(this=exp.Length(this=number.copy()), expression=exp.convert(1))
    padded = exp.DPipe(this=exp.Literal.string("0"), expression=number.copy())
    return exp.Case(ifs=[exp.If(this=is_short, true=padded)], default=number.copy())


def _checked(text: exp.Expr) -> exp.Expr:
    is_date = exp.RegexpLike(this=text, expression=exp.Literal.string(DATE_PATTERN))
    first = exp.Substring(this=text.copy(), start=exp.Literal.number(1), length=exp.Literal.number(10))
    day = exp.cast(first, exp.DataType.Type.DATE)
    return exp.paren(exp.Case(ifs=[exp.If(this=is_date, true=day)]), copy=False)
