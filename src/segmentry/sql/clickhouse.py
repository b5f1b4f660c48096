"""How queries are written for ClickHouse, so that they mean what they mean elsewhere.

Its functions of text count bytes unless they are named for UTF-8, a condition is a number of 8 bits, a not-a-number is not
equal to itself, its plain dates begin in 1970, and it cannot name the code of a letter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias

from sqlglot import exp

from segmentry.sql.trees import nodes_of

Rewrites: TypeAlias = "dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]"  # no exp.Expr before sqlglot 30

OF_COLUMNS = ("toStringCutToZero", "toTimeZone", "toDate32", "toDateTime64")
"""Functions with which the engine reads columns of some types, and writes times."""


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _in_utf8(name: str) -> Callable[[exp.Expr], exp.Expr]:
    return lambda node: _call(name, node.this.copy())


def _part_of_text(node: exp.Expr) -> exp.Expr:
    given = (node.args.get("start"), node.args.get("length"))
    return _call("substringUTF8", node.this.copy(), *(part.copy() for part in given if part is not None))


def _missing_where(node: exp.Expr) -> exp.Expr:
    """A not-a-number is not equal to itself; isNaN would refuse decimals."""
    other = node.args["expression"]
    if not (isinstance(other, exp.Cast) and other.this.name == "NaN"):
        return node
    is_number = exp.EQ(this=node.this.copy(), expression=node.this.copy())
    return exp.paren(exp.Case(ifs=[exp.If(this=is_number, true=node.this.copy())]), copy=False)


def _cast(node: exp.Expr) -> exp.Expr:
    """Dates that reach back beyond 1970."""
    if node.args["to"].this != exp.DataType.Type.DATE:
        return node
    return exp.Cast(this=node.this.copy(), to=exp.DataType(this=exp.DataType.Type.DATE32))


def _code_of_letter(node: exp.Expr) -> exp.Expr:
    """The code of the first letter, made of its one to four bytes in UTF-8."""
    text = node.this

    def byte(i: int, less: int, times: int) -> exp.Expr:
        one = _call("ascii", _call("substring", text.copy(), exp.convert(i), exp.convert(1)))
        high = exp.paren(exp.Sub(this=one, expression=exp.convert(less)))
        return exp.Mul(this=high, expression=exp.convert(times))

    def total(*parts: exp.Expr) -> exp.Expr:
        found = parts[0]
        for part in parts[1:]:
            found = exp.Add(this=found, expression=part)
        return found

    first = _call("ascii", text.copy())
    lengths = [
        (128, first.copy()),
        (224, total(byte(1, 192, 64), byte(2, 128, 1))),
        (240, total(byte(1, 224, 4096), byte(2, 128, 64), byte(3, 128, 1))),
    ]
    ifs = [
        exp.If(this=exp.LT(this=first.copy(), expression=exp.convert(n)), true=code) for n, code in lengths
    ]
    longest = total(byte(1, 240, 262144), byte(2, 128, 4096), byte(3, 128, 64), byte(4, 128, 1))
    return exp.paren(exp.Case(ifs=ifs, default=longest), copy=False)


def _piece(node: exp.Expr) -> exp.Expr:
    """A part between marks; an empty text where there are fewer."""
    parts = _call("splitByString", node.args["delimiter"].copy(), _call("assumeNotNull", node.this.copy()))
    return _call("arrayElement", parts, node.args["part_index"].copy())


def _named(node: exp.Expr) -> exp.Expr:
    if node.name == "TRANSLATE":
        return _call("translateUTF8", *(part.copy() for part in node.expressions))
    return _quantile(node) if node.name == "quantile_disc" else node


def _quantile(node: exp.Expr) -> exp.Expr:
    """The smallest value that at least a share of the values does not exceed; of several shares a list."""
    if isinstance(node, exp.Anonymous):
        value, share = node.expressions
    else:
        value, share = node.expression.expressions[0].this, node.this.this
    ordered = _call("arraySort", _call("groupArray", value.copy()))
    shares = share.expressions if isinstance(share, exp.Array) else [share]
    found = [_at(ordered, _call("count", value.copy()), one) for one in shares]
    return _call("array", *found) if isinstance(share, exp.Array) else found[0]


def _at(ordered: exp.Expr, n_values: exp.Expr, share: exp.Expr) -> exp.Expr:
    place = _call("ceil", exp.Mul(this=share.copy(), expression=n_values.copy()))
    at = _call("toUInt64", _call("greatest", exp.convert(1), place))
    some = exp.GT(this=n_values.copy(), expression=exp.convert(0))
    return exp.Case(ifs=[exp.If(this=some, true=_call("arrayElement", ordered.copy(), at))])


REWRITES: Rewrites = {
    exp.Nullif: _missing_where,
    exp.Cast: _cast,
    exp.Length: _in_utf8("lengthUTF8"),
    exp.Lower: _in_utf8("lowerUTF8"),
    exp.Upper: _in_utf8("upperUTF8"),
    exp.Substring: _part_of_text,
    exp.Ascii: _code_of_letter,
    exp.SplitPart: _piece,
    exp.Anonymous: _named,
    exp.WithinGroup: _quantile,
}


_CONDITIONS = (exp.Predicate, exp.And, exp.Or, exp.Not)


def with_truth_values(tree: exp.Expr) -> None:
    """A condition that stands where a value is needed is true or false, and no number."""
    for node in list(tree.find_all(*_CONDITIONS))[::-1]:
        if _is_value(node):
            node.replace(exp.cast(node.copy(), exp.DataType.Type.BOOLEAN))


def without_missing_factors(tree: exp.Expr) -> None:
    """A number that is a factor of sums alone is 0 where it is missing: sums stay the same, and go by no mark of every row.

    Where every value is missing the sum is 0.
    """
    nodes = nodes_of(tree)
    columns: dict[str, list[exp.Expr]] = defaultdict(list)
    for node in nodes:
        if isinstance(node, exp.Column):
            columns[node.name].append(node)
    for cte in [node for node in nodes if isinstance(node, exp.CTE)]:
        for item in cte.this.selects:
            if _is_difference(item.unalias()) and _are_factors(columns[item.alias]):
                zero = exp.Literal.number("0e0")
                item.set("this", exp.Coalesce(this=item.this.copy(), expressions=[zero]))


def _is_difference(value: exp.Expr) -> bool:
    """A floating-point number, less one that is written out."""
    if isinstance(value, exp.Sub) and isinstance(value.expression.unnest(), (exp.Literal, exp.Neg)):
        value = value.this
    return isinstance(value, exp.Cast) and value.args["to"].this == exp.DataType.Type.DOUBLE


def _are_factors(columns: list[exp.Expr]) -> bool:
    return bool(columns) and all(_is_factor_of_sum(node) for node in columns)


def _is_factor_of_sum(node: exp.Expr) -> bool:
    above = node.parent
    while isinstance(above, (exp.Mul, exp.Paren)):
        above = above.parent
    return isinstance(above, exp.Sum)


def groups_alone(tree: exp.Expr) -> bool:
    """Whether all that a query aggregates is of groups, none of which is empty; by functions that give nothing of no values."""
    for node in nodes_of(tree):
        if isinstance(node, (exp.Anonymous, exp.GroupingSets, exp.WithinGroup)):
            return False
        is_sum = isinstance(node, (exp.Count, exp.Sum, exp.Avg))
        if isinstance(node, exp.AggFunc) and not (is_sum and _is_grouped(node)):
            return False
    return True


def _is_grouped(node: exp.Expr) -> bool:
    group = node.parent_select.args.get("group") if node.parent_select is not None else None
    return group is not None and bool(group.expressions)


def _is_value(node: exp.Expr) -> bool:
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    above, key = node.parent, node.arg_key
    if isinstance(above, exp.If):
        return key == "true"
    return isinstance(above, (exp.Alias, exp.Coalesce, exp.Nullif)) or (
        isinstance(above, exp.Case) and key == "default"
    )


def without_spaces(tree: exp.Expr) -> None:
    """A text that looks like a number is read as one without the spaces around it."""
    for case in tree.find_all(exp.If):
        looked, number = case.this, case.args.get("true")
        if (
            isinstance(looked, exp.RegexpLike)
            and isinstance(number, exp.Cast)
            and number.this == looked.this.this
        ):
            number.set("this", exp.Trim(this=looked.this.copy()))
